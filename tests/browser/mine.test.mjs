// A reader's own tracks: starred, first, alone, in a calendar, and told by the browser when they change.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { event } from "./event.mjs";
import { Store, openBrowser, openPage, until } from "./house.mjs";

const browser = await openBrowser();
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PHONE = { viewport: { width: 360, height: 740 } };

const star = (page, track) => page.locator(`.tracks .star[data-star="${track}"]`);
const order = (page) => page.locator("#_now ul").first().locator("> .card").evaluateAll((cards) => cards.map((card) => card.dataset.key));
const shown = (page) => page.locator("#_now .card:visible, .tracks > li:visible").evaluateAll((all) => [...new Set(all.map((one) => one.dataset.key ?? one.id))].sort());

/** Notes what the page has the browser tell, as the browser was told it. */
const listening = (context) => context.addInitScript(() => {
  window.told = [];
  const show = ServiceWorkerRegistration.prototype.showNotification;
  ServiceWorkerRegistration.prototype.showNotification = function (title, options) {
    window.told.push([title, options.body]);
    return show.call(this, title, options);
  };
});
const told = (pages) => Promise.all(pages.map((page) => page.evaluate(() => window.told))).then((all) => all.flat());

/** A page that has a worker to tell things, and may. */
async function granted(t, server) {
  const page = await openPage(browser, t);
  await page.context().grantPermissions(["notifications"], { origin: server.url });
  await listening(page.context());
  await page.goto(server.url);
  await until("the worker", () => page.evaluate(() => Boolean(navigator.serviceWorker.controller)));
  return page;
}

test("a starred track comes first, stays so, and can be shown alone under an address of its own", async (t) => {
  const now = new Date();
  const store = new Store(t, event(now));
  for (const { url } of [await store.serve(), await store.still(now)]) {
    const page = await openPage(browser, t, url, PHONE);
    const before = await order(page);
    const last = before.at(-1);
    await star(page, last).click();
    await star(page, "nova").click();
    assert.equal(await star(page, last).getAttribute("aria-pressed"), "true");
    assert.deepEqual(await order(page), [last, ...before.slice(0, -1)]);
    await page.getByRole("button", { name: "★ Mine", exact: true }).click();
    assert.deepEqual(await shown(page), [last, "nova"].sort());
    assert.match(page.url(), /\?mine$/);
    const rows = page.locator("#_schedule .day:visible tbody tr:visible");
    assert.ok(await rows.count() > 0, "the rooms of these tracks");
    for (const row of await rows.all()) assert.match(await row.innerText(), new RegExp(`#(${last}|nova)`));
    await page.reload();
    assert.deepEqual(await shown(page), [last, "nova"].sort());
    await page.getByRole("button", { name: "★ Mine", exact: true }).click();
    assert.equal(page.url(), url);
    await star(page, last).click();
    assert.deepEqual(await order(page), before, "back in its place");
    assert.deepEqual(page.faults, []);
  }
});

test("the starred tracks have a calendar and an address for others", async (t) => {
  const now = new Date();
  const store = new Store(t, event(now));
  for (const [{ url }, calendars] of [[await store.serve(), ["ptg.ics?track=cinder,nova"]], [await store.still(now), ["cinder.ics", "nova.ics"]]]) {
    const page = await openPage(browser, t, url);
    await star(page, "nova").click();
    await star(page, "cinder").click();
    const links = await page.locator("#_starred a").evaluateAll((all) => all.map(({ href }) => href));
    assert.deepEqual(links, [...calendars, "?track=cinder,nova"].map((path) => new URL(path, url).href));
    for (const link of links) assert.equal((await fetch(link)).status, 200, link);
  }
});

test("a change leaves stars, their order and the choice of them alone as they are, on every page of the reader", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  const bot = store.bot();
  const page = await openPage(browser, t, server.url);
  const other = await page.context().newPage();
  await other.goto(server.url);
  await star(page, "i18n").click();
  await until("the star on the other page", async () => (await order(other))[0] !== undefined && await star(other, "i18n").getAttribute("aria-pressed") === "true");
  await page.getByRole("button", { name: "★ Mine", exact: true }).click();
  await bot.say("#swift now something else altogether");
  await bot.say("#i18n now a second language");
  await page.getByText("a second language").first().waitFor();
  assert.deepEqual(await shown(page), ["i18n"]);
  await other.getByText("a second language").first().waitFor();
  assert.equal((await order(other))[0], "i18n");
});

test("what changes on a starred track is told once, with old and new, however many pages are open", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  const bot = store.bot();
  const page = await granted(t, server);
  const other = await page.context().newPage();
  await other.goto(server.url);
  await star(page, "swift").click();
  await page.getByRole("button", { name: "Notify me of changes" }).click();
  await until("that it is on", async () => await page.getByRole("button", { name: "Notify me of changes" }).getAttribute("aria-pressed") === "true");
  const attack = "<img src=x onerror=alert(1)> & the rest";
  await bot.say(`#swift now ${attack}`);
  await bot.say("#keystone now nobody asked");
  for (const one of [page, other]) await one.getByText("nobody asked").first().waitFor();
  const was = "Ring placement: which partitions move, and how operators learn of it";
  await until("a notification", async () => (await told([page, other])).length > 0);
  const first = ["#swift", `Now: ${attack} (before: ${was})`];
  assert.deepEqual(await told([page, other]), [first]);
  await bot.say("#swift location the roof");
  for (const one of [page, other]) await one.getByText("the roof").first().waitFor();
  await until("a second one", async () => (await told([page, other])).length > 1);
  // Any of the pages may have been the first to see it.
  assert.deepEqual((await told([page, other])).sort(), [first, ["#swift", "Place: the roof (before: Ballroom A)"]].sort());
  assert.equal(await page.locator("img").count(), 0);
  await page.getByRole("button", { name: "Notify me of changes" }).click();
  await bot.say("#swift now told to nobody");
  await page.getByText("told to nobody").first().waitFor();
  assert.equal((await told([page, other])).length, 2);
  assert.deepEqual(page.faults, []);
});

test("nobody is asked without a click, and a refusal leaves all as it was and is told once", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  const bot = store.bot();
  const page = await openPage(browser, t);
  await page.addInitScript(() => {
    window.asked = 0;
    let permission = "default";
    Object.defineProperty(Notification, "permission", { get: () => permission });
    Notification.requestPermission = async () => { window.asked += 1; permission = "denied"; return permission; };
  });
  await page.goto(server.url);
  await star(page, "swift").click();
  assert.equal(await page.evaluate(() => window.asked), 0);
  await page.getByRole("button", { name: "Notify me of changes" }).click();
  const words = page.locator("#_starred [role=status]");
  await until("the words", async () => await words.textContent() === "This browser does not notify you. All else works as before.");
  assert.equal(await page.evaluate(() => window.asked), 1);
  assert.equal(await page.locator("[data-bell]").isVisible(), false);
  await bot.say("#swift now all else works");
  await page.getByText("all else works").first().waitFor();
  assert.equal((await order(page))[0], "swift");
  await page.reload();
  await star(page, "nova").click();
  assert.deepEqual(page.faults, []);
});

test("a reader whose browser keeps nothing has stars for the visit", async (t) => {
  const server = await new Store(t, event()).serve();
  const page = await openPage(browser, t);
  await page.addInitScript(() => {
    Object.defineProperty(window, "localStorage", { get() { throw new DOMException("denied", "SecurityError"); } });
  });
  await page.goto(server.url);
  await star(page, "i18n").click();
  assert.equal((await order(page))[0], "i18n");
  await page.getByRole("button", { name: "★ Mine", exact: true }).click();
  assert.deepEqual(await shown(page), ["i18n"]);
  assert.deepEqual(page.faults, []);
});

test("what is kept as stars and is none, changes nothing", async (t) => {
  const server = await new Store(t, event()).serve();
  for (const kept of ["{", "null", "7", "[7, null, \"<b>\", \"../x\"]"]) {
    const page = await openPage(browser, t);
    await page.addInitScript((kept) => localStorage.setItem("stars /", kept), kept);
    await page.goto(`${server.url}?mine`);
    assert.ok((await shown(page)).length > 5, kept);
    assert.equal(await page.locator("#_starred").textContent(), "A star beside a track’s name makes it yours.");
    assert.deepEqual(page.faults, []);
  }
});

test("a screen on the wall has no stars, nor has a page without its script", async (t) => {
  const server = await new Store(t, event()).serve();
  for (const [path, javaScriptEnabled] of [["signage.html", true], ["", false]]) {
    const page = await openPage(browser, t, server.url + path, { javaScriptEnabled });
    assert.equal(await page.locator(".star, #_mine, #_starred").count(), 0, path);
  }
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing on a board with stars, ${colorScheme}`, async (t) => {
    const server = await new Store(t, event()).serve();
    for (const options of [PHONE, { viewport: { width: 1280, height: 800 } }]) {
      const page = await openPage(browser, t, server.url, { colorScheme, ...options });
      for (const track of ["swift", "nova", "i18n"]) await star(page, track).click();
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => window.axe.run(document, { rules: { "target-size": { enabled: true } } }));
      assert.deepEqual(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}: ${node.failureSummary}`)), []);
      for (const size of ["100%", "200%"]) {
        const wide = await page.evaluate((size) => {
          document.documentElement.style.fontSize = size;
          return document.documentElement.scrollWidth - document.documentElement.clientWidth;
        }, size);
        assert.ok(wide <= 0, `${wide} px too wide at ${size}`);
      }
    }
  });
}
