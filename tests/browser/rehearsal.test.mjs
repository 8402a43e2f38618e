// A rehearsal: its clock goes faster than that of the machine on which somebody looks at it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dayName, event } from "./event.mjs";
import { Store, openBrowser, openPage, until } from "./house.mjs";

const browser = await openBrowser();

/** A rehearsal that starts a quarter of an hour before the end of the first slot of today; the second begins half an hour later. */
async function rehearsal(t) {
  const [data, day] = [event(), dayName(new Date())];
  const [first, second] = data.slots[day];
  const start = new Date(Date.parse(first.realtime) + 90 * 60e3);
  const { url } = await new Store(t, data).rehearse("--at", start.toISOString(), "--speed", "240");
  return { url, first: first.name, second: second.name };
}

test("an open page goes from slot to slot by the rehearsed clock, and says that it is a rehearsal", async (t) => {
  const { url, first, second } = await rehearsal(t);
  const page = await openPage(browser, t, url);
  await page.evaluate(() => { window.isTheSame = true; });
  const [notice, strip] = [page.locator(".rehearsal"), page.locator("#_now .strip")];
  assert.match(await notice.innerText(), /Rehearsal.*240 times as fast/s);
  assert.match(await strip.innerText(), new RegExp(`${first} is on.*min left`));
  const shown = await notice.locator("[data-now]").innerText();
  assert.match(shown, /^\w{3} \d+ \w{3}, \d\d:\d\d/);
  await until("a later time", async () => await notice.locator("[data-now]").innerText() !== shown);
  await until("the second slot", async () => (await strip.innerText()).includes(`${second} is on`));
  assert.ok(await page.evaluate(() => window.isTheSame), "the page was not loaded again");
  assert.deepEqual(page.faults, []);
});

test("the big screen goes by it, too, also when nobody answers", async (t) => {
  const { url, first, second } = await rehearsal(t);
  const page = await openPage(browser, t, `${url}signage.html`, { viewport: { width: 1920, height: 1080 } });
  const line = page.locator("p.ahead");
  assert.match(await line.innerText(), new RegExp(`${first} until`));
  assert.match(await page.locator(".rehearsal").innerText(), /Nothing of this is the event/);
  await page.context().setOffline(true);
  await until("the second slot", async () => (await line.innerText()).includes(`${second} until`));
});

test("a rehearsal is not kept for those who are offline", async (t) => {
  const { url } = await rehearsal(t);
  const page = await openPage(browser, t, url);
  await page.waitForLoadState("load");
  await until("a time", async () => await page.locator("[data-now]").innerText() !== "");
  assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
});
