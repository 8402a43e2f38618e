// The board at a glance: forty tracks on a screen, what one looks for, messages that were read, one track.

import assert from "node:assert/strict";
import { test } from "node:test";
import { event } from "./event.mjs";
import { gathering } from "./gathering.mjs";
import { Store, openBrowser, openPage, until } from "./house.mjs";

const browser = await openBrowser();

for (const [name, viewport, screens] of [["one screen of a desktop", { width: 1440, height: 900 }, 1], ["four of a phone", { width: 360, height: 800 }, 4]]) {
  test(`what 44 tracks discuss stands on ${name}, and every topic can be read`, async (t) => {
    const data = gathering();
    const server = await new Store(t, data).serve();
    for (const javaScriptEnabled of [true, false]) {
      const page = await openPage(browser, t, server.url, { viewport, javaScriptEnabled });
      const bar = await page.locator(".bar").boundingBox();
      const section = await page.locator("#_now").boundingBox();
      assert.ok(section.height + bar.height <= viewport.height * screens, `${section.height} and ${bar.height}`);
      const text = await page.locator("#_now").textContent();
      for (const topic of Object.values(data.now)) assert.ok(text.includes(topic.slice(0, 40)), topic);
      const row = page.locator(".rows > .card", { hasText: "what the audit should say" }).first();
      const short = (await row.locator(".topic").boundingBox()).height;
      await row.locator("summary").click();
      assert.ok((await row.locator(".topic").boundingBox()).height >= short);
      assert.equal(await row.locator(".topic").evaluate((one) => one.scrollHeight - one.clientHeight), 0, "nothing is cut off");
    }
  });
}

test("those that meet now come first, and what has no room or is over is folded", async (t) => {
  const now = new Date();
  const server = await new Store(t, gathering(now)).serve();
  const page = await openPage(browser, t, server.url);
  const folded = page.locator("#_roomless .card");
  assert.ok(await folded.count() > 0 && !await folded.first().isVisible());
  await page.locator("#_roomless > summary").click();
  assert.ok(await folded.first().isVisible());
});

test("what one looks for stays, in the address, over changes and a reload, and Escape brings all back", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  const page = await openPage(browser, t, server.url);
  const [swift, keystone] = ["swift", "keystone"].map((track) => page.locator(`#_now [data-key=${track}]`).first());
  await page.keyboard.press("/");
  await page.keyboard.type("PARTITIONS ring");
  await until("the rest to go", async () => !await keystone.isVisible());
  assert.ok(await swift.isVisible());
  await until("the address", () => new URL(page.url()).searchParams.get("q") === "PARTITIONS ring");
  const { revision } = await store.bot().say("#keystone now another matter");
  await until("the change", async () => Number(await page.locator("main").getAttribute("data-revision")) >= revision);
  assert.ok(!await keystone.isVisible() && await swift.isVisible());
  await page.reload();
  await until("the rest to go", async () => !await keystone.isVisible());
  assert.equal(await page.locator("#_search").inputValue(), "PARTITIONS ring");
  await page.locator("#_search").press("Escape");
  assert.ok(await keystone.isVisible());
  await page.locator("#_search").fill("nobody says this");
  await page.getByText("Nothing found").waitFor();
  assert.deepEqual(page.faults, []);
});

test("tracks are chosen without a reload, in the address, and the way back undoes it", async (t) => {
  const server = await new Store(t, event()).serve();
  const page = await openPage(browser, t, server.url);
  await page.evaluate(() => { window.stays = true; });
  await page.locator("#_filter > summary").click();
  await page.locator("#_filter .t-swift").click();
  const keystone = page.locator("#_now [data-key=keystone]");
  await until("the choice", async () => await keystone.count() === 0);
  assert.equal(new URL(page.url()).search, "?track=swift");
  await page.goBack();
  await until("all", async () => await keystone.count() > 0);
  assert.ok(await page.evaluate(() => window.stays));
});

test("a message that was put away stays away until it changes, and can be brought back", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  const bot = store.bot();
  const page = await openPage(browser, t, server.url);
  const lunch = page.locator(".message", { hasText: "Lunch" });
  await lunch.getByRole("button").click();
  await until("it to go", async () => !await lunch.isVisible());
  await page.reload();
  assert.ok(!await lunch.isVisible() && await page.locator(".message", { hasText: "microphone" }).isVisible());
  await page.getByRole("button", { name: "1 message put away" }).click();
  assert.ok(await lunch.isVisible());
  await lunch.getByRole("button").click();
  await bot.say("~motd del 1");
  await bot.say("~motd add info Lunch is late");
  await page.getByText("Lunch is late").waitFor();
});

test("one track has all of it on a page, and its line is copied with one press", async (t) => {
  const data = event();
  const server = await new Store(t, data).serve();
  const page = await openPage(browser, t, `${server.url}?track=swift`, { permissions: ["clipboard-read", "clipboard-write"] });
  const one = page.locator("#_now");
  const text = await one.innerText();
  for (const words of [data.now.swift, ...data.next.swift, "Ballroom A", "Jane", "Join", "Pad", "Calendar"]) assert.ok(text.includes(words), words);
  assert.equal(await one.locator(".slots > li").count(), 6);
  await one.getByRole("button", { name: "Copy #swift now" }).first().click();
  await until("the line", async () => await page.evaluate(() => navigator.clipboard.readText()) === "#swift now ");
});

test("what a link leads to is not hidden by the bar", async (t) => {
  const server = await new Store(t, gathering()).serve();
  const page = await openPage(browser, t, server.url, { viewport: { width: 360, height: 800 } });
  for (const place of ["_next", "_schedule", "_tracks"]) {
    await page.locator(`.jump a[href="#${place}"]`).click();
    await until(place, () => page.evaluate((id) => {
      const { top } = document.getElementById(id).getBoundingClientRect();
      return top >= document.querySelector(".bar").getBoundingClientRect().bottom - 1 && top < innerHeight;
    }, place));
  }
});
