// An open page follows the board and leaves its reader in peace.

import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { dayName, event } from "./event.mjs";
import { Store, openBrowser, openPage, until } from "./house.mjs";

const browser = await openBrowser();
const PHONE = { viewport: { width: 360, height: 740 } };
const revision = (page) => page.locator("main").getAttribute("data-revision").then(Number);

/** Waits until the page shows a revision. */
const shows = (page, wanted) => until(`revision ${wanted}`, async () => await revision(page) >= wanted);

test("a change appears by itself", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  const bot = store.bot();
  const page = await openPage(browser, t, server.url, PHONE);
  const times = [];
  for (const topic of ["tape and its uses", "disks that hum", "drives made of glass"]) {
    await bot.say(`#swift now ${topic}`);
    const begin = Date.now();
    await page.getByText(topic).first().waitFor();
    times.push(Date.now() - begin);
  }
  t.diagnostic(`after ${times.join(", ")} ms`);
  assert.deepEqual(page.faults, []);
});

test("a topic that names another track comes and goes at that track, too", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  const bot = store.bot();
  const page = await openPage(browser, t, server.url, PHONE);
  const [card, named] = [page.locator("#_now .card[data-key=keystone] .also"), page.locator("#_now .named > li[data-key=cinder]")];
  await bot.say("#swift now tokens with #keystone and #cinder");
  for (const there of [card, named]) {
    await there.waitFor();
    assert.match(await there.innerText(), /also at #swift, Ballroom A: tokens with #keystone and #cinder/);
  }
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth));
  await bot.say("#swift now tokens");
  for (const there of [card, named]) await there.waitFor({ state: "detached" });
  assert.deepEqual(page.faults, []);
});

test("a page that was told of a change asks until a replica or a cache that lags has it, and never goes back", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  const bot = store.bot();
  await bot.say("#swift now what is known");
  const old = await (await fetch(server.url)).text();
  await bot.say("#swift now what is shown");
  // What a service worker asks for is no request of the page: none is on its way here.
  const page = await openPage(browser, t, server.url, { ...PHONE, serviceWorkers: "block" });
  await page.getByText("what is shown").first().waitFor();
  let lags = 2;
  await page.route(server.url, (route) => {
    lags -= 1;
    return lags < 0 ? route.continue() : route.fulfill({ body: old, contentType: "text/html; charset=utf-8" });
  });
  await page.evaluate(() => {
    const topics = () => [...document.querySelectorAll(".card > .topic")].map((topic) => topic.textContent);
    const seen = () => { if (topics().some((topic) => topic.includes("what is known"))) document.body.dataset.wentBack = "yes"; };
    new MutationObserver(seen).observe(document.getElementById("_main"), { subtree: true, childList: true, characterData: true });
  });
  await bot.say("#swift now what is new");
  await page.getByText("what is new").first().waitFor();
  assert.ok(lags < 0);
  assert.equal(await page.locator("body").getAttribute("data-went-back"), null);
  assert.deepEqual(page.faults, []);
});

test("a page says while the store is away that it may be out of date, and no longer", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  const [file, aside] = ["board.sqlite", "aside.sqlite"].map((name) => join(store.folder, name));
  const pages = await Promise.all([
    openPage(browser, t, server.url, PHONE),
    openPage(browser, t, `${server.url}signage.html`, { viewport: { width: 1920, height: 1080 } }),
  ]);
  renameSync(file, aside);
  for (const page of pages) {
    const told = page.getByRole("status").filter({ hasText: "out of date" });
    await told.waitFor();
    assert.match(await told.textContent(), /^No news of the board since \w{3} \d\d:\d\d \S+\. What you see may be out of date\.$/);
  }
  renameSync(aside, file);
  for (const page of pages) {
    await until("a page that is up to date", async () => await page.locator("#_stale").textContent() === "");
    assert.deepEqual(page.faults, []);
  }
});

test("a change keeps focus, scroll position, the chosen day, opened parts and a selected text", async (t) => {
  const now = new Date();
  const store = new Store(t, event(now));
  const server = await store.serve();
  const bot = store.bot();
  const page = await openPage(browser, t, server.url, PHONE);
  await page.getByRole("tab", { name: dayName(now, 1) }).click();
  await page.locator("details:not([open]) > summary:visible").last().click();
  const before = await page.evaluate(() => {
    const link = document.querySelector("#keystone a[href]");
    link.focus();
    const text = [...document.querySelectorAll("bdi")].find((bdi) => bdi.textContent.startsWith("Application credentials"));
    getSelection().selectAllChildren(text);
    scrollTo(0, 900);
    window.focused = link;
    window.opened = [...document.querySelectorAll("details[open]")];
    return { selected: String(getSelection()), scrolled: scrollY };
  });
  assert.equal(before.selected, "Application credentials that outlive their owner");
  assert.ok(before.scrolled > 100);
  const { revision: changed } = await bot.say("#swift now a much longer topic ".padEnd(300, "that fills several lines of a phone "));
  await bot.say(`#nova book Garden-${dayName(now).slice(0, 3)}P1`);
  await shows(page, changed + 1);
  const after = await page.evaluate(() => ({
    selected: String(getSelection()), scrolled: scrollY, focused: document.activeElement === window.focused,
    opened: window.opened.every((part) => part.open && part.isConnected),
    // A shift above may move what is read, but what is read must stay in place on the screen.
    place: window.focused.getBoundingClientRect().top,
  }));
  assert.equal(after.selected, before.selected);
  assert.ok(after.focused, "the focus is elsewhere");
  assert.ok(after.opened, "an opened part was closed");
  assert.ok(Math.abs(after.scrolled - before.scrolled) < 250, `scrolled from ${before.scrolled} to ${after.scrolled}`);
  assert.equal(await page.getByRole("tab", { selected: true }).textContent().then((name) => name.includes(dayName(now, 1))), true);
});

test("a new topic is announced politely, once, and nothing is announced when only a colour changes", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  const bot = store.bot();
  const page = await openPage(browser, t, server.url);
  const news = page.locator("[aria-live=polite]");
  const { revision: painted } = await bot.say("#swift color teal");
  await shows(page, painted);
  assert.equal((await news.textContent()).trim(), "");
  await bot.say("#nova now live migration");
  await until("the announcement", async () => /nova.*live migration/.test(await news.textContent()));
  assert.doesNotMatch(await news.textContent(), /swift|keystone/);
});

test("a change that arrives while the page is open changes the badge's colour, too", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  const bot = store.bot();
  const page = await openPage(browser, t, server.url);
  await bot.say("#swift color #123456");
  await until("the colour", () => page.evaluate(() => [...document.querySelectorAll("#swift, #swift *")].some(
    (part) => getComputedStyle(part).backgroundColor === "rgb(18, 52, 86)")));
});

test("a connection lost for long is told, and the page resumes with what it has missed", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  const page = await openPage(browser, t);
  await page.clock.install();
  await page.goto(server.url);
  const status = page.getByRole("status").filter({ hasText: /connection|offline|out of date/i });
  // It must have listened before: a page that never could is another matter.
  const bot = store.bot();
  await shows(page, (await bot.say("#nova now before")).revision);
  await server.stop();
  assert.equal(await status.count(), 0, "a short loss is not worth a word");
  const { revision: missed } = await bot.say("#nova now while nobody could see it");
  await until("the word about the connection", async () => {
    await page.clock.fastForward(5_000);
    return await status.count() > 0 && await status.isVisible();
  });
  await server.restart();
  await until("the missed change", async () => {
    await page.clock.fastForward(1_000);
    return await revision(page) >= missed;
  });
  await page.getByText("while nobody could see it").first().waitFor();
  await until("the end of the warning", async () => await status.count() === 0 || !await status.isVisible());
  const { revision: later } = await bot.say("#nova now and on it goes");
  await shows(page, later);
});

test("on a host without events the page asks for news with conditional requests", async (t) => {
  const now = new Date();
  const store = new Store(t, event(now));
  const site = await store.still(now);
  const page = await openPage(browser, t);
  await page.clock.install();
  await page.goto(site.url);
  site.requests.length = 0;
  const asked = (status) => site.requests.some((one) => one.conditional && one.status === status && /html$/.test(one.name));
  await until("a request that finds nothing new", async () => {
    await page.clock.fastForward(10_000);
    return asked(304);
  });
  await store.bot().say("#nova now drawn on the wall");
  site.renderAgain();
  await until("the news", async () => {
    await page.clock.fastForward(10_000);
    return await page.getByText("drawn on the wall").count() > 0;
  });
  assert.ok(asked(200));
  assert.ok(!site.requests.some((one) => one.name.includes("events")), "a folder has no events");
  assert.deepEqual(page.faults, []);
});

/** Pages of one browser, all of them in sight. */
async function tabs(t, url, count, script) {
  const context = await browser.newContext();
  t.after(() => context.close());
  context.streams = 0;
  context.on("request", (request) => { context.streams += request.url().endsWith("/events"); });
  if (script) await context.addInitScript(script);
  const pages = await Promise.all(Array.from({ length: count }, () => context.newPage()));
  for (const page of pages) await page.goto(url);
  return { context, pages };
}

const allShow = (pages, { revision }) => Promise.all(pages.map((page) => shows(page, revision)));

test("twelve tabs of one browser follow, with one stream, also when the one that listens is closed", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  const bot = store.bot();
  const { context, pages } = await tabs(t, server.url, 12);
  await allShow(pages, await bot.say("#nova now heard by all"));
  assert.equal(context.streams, 1);
  await pages.shift().close();
  await allShow(pages, await bot.say("#nova now heard by the others"));
  await until("the second stream", () => context.streams === 2);
});

test("a hidden page lets go of the stream and catches up when it is seen again", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  const bot = store.bot();
  const { context, pages: [first, second] } = await tabs(t, server.url, 2, () => {
    let hidden = false;
    Object.defineProperty(document, "hidden", { get: () => hidden });
    window.hide = (now) => { hidden = now; document.dispatchEvent(new Event("visibilitychange")); };
  });
  await allShow([first, second], await bot.say("#nova now in sight"));
  await first.evaluate(() => window.hide(true));
  const change = await bot.say("#nova now out of sight");
  await shows(second, change.revision);
  await until("another page listens", () => context.streams === 2);
  assert.ok(await revision(first) < change.revision);
  await first.evaluate(() => window.hide(false));
  await shows(first, change.revision);
});

test("where pages cannot share a stream, each has its own", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  for (const missing of ["locks", "BroadcastChannel"]) {
    const script = missing === "locks" ? () => Object.defineProperty(Navigator.prototype, "locks", { value: undefined })
      : () => { window.BroadcastChannel = undefined; };
    const { context, pages } = await tabs(t, server.url, 3, script);
    await allShow(pages, await store.bot().say(`#nova now without ${missing}`));
    assert.equal(context.streams, 3, missing);
  }
});

test("updates can be paused and resumed with the keyboard, and the page says so", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  const bot = store.bot();
  const page = await openPage(browser, t, server.url);
  await shows(page, (await bot.say("#nova now it moves")).revision);
  const button = (name) => page.getByRole("button", { name });
  await button("Pause updates").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: /paused since \d\d:\d\d/ }).waitFor();
  const { revision: missed } = await bot.say("#nova now it moves on");
  await page.reload();
  await shows(page, missed);
  await button("Pause updates").press("Space");
  const { revision: later } = await bot.say("#nova now once more");
  assert.ok(await revision(page) < later);
  await button("Resume updates").press("Enter");
  await shows(page, later);
  assert.equal(await page.getByRole("status").filter({ hasText: /paused/ }).count(), 0);
  assert.deepEqual(page.faults, []);
});

test("what one reads stays in place when rows above it go, change and come", async (t) => {
  const now = new Date();
  const data = event(now);
  const tracks = Array.from({ length: 12 }, (_, number) => `track${number + 10}`);
  data.tracks.push(...tracks);
  for (const track of tracks) {
    data.now[track] = `What ${track} has to say`;
    data.now_since[track] = data.now_since.swift;
    data.location[track] = "Hall 7";
  }
  const store = new Store(t, data);
  const server = await store.serve();
  const bot = store.bot();
  const page = await openPage(browser, t, server.url, PHONE);
  const card = page.locator('#_now [data-key="track18"]');
  await card.evaluate((one) => scrollBy(0, one.getBoundingClientRect().top - 20));
  const place = () => card.evaluate((one) => one.getBoundingClientRect().top);
  const before = await place();
  for (const line of [
    "#track12 clean", "#track13 now A topic of many words that takes more lines than the one before it took on a phone", "#track14 clean",
    "~motd add info More to read above", "#cinder now A row that comes", "#track17 clean",
  ]) {
    await shows(page, (await bot.say(line)).revision);
    const after = await place();
    assert.ok(Math.abs(after - before) < 2, `${line}: from ${before} to ${after}`);
  }
});
