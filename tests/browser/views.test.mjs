// A reader chooses: tracks, a day, a time zone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dayName, event } from "./event.mjs";
import { Store, openBrowser, openPage, until } from "./house.mjs";

const browser = await openBrowser();

/** What is seen of the board of swift and nova alone. */
async function onlySwiftAndNova(page, now) {
  await until("the filter", async () => !(await page.locator("main").innerText()).includes("Application credentials"));
  const seen = await page.locator("main").innerText();
  assert.ok(seen.includes("Ring placement") && seen.includes("Live migration of large guests"), seen);
  for (const other of ["Application credentials", "תרגום"]) assert.ok(!seen.includes(other), other);
  for (const track of ["swift", "nova"]) assert.equal(await page.locator(`[id="${track}"]`).isVisible(), true, track);
  for (const track of ["keystone", "cinder", "oslo.config"]) {
    assert.equal(await page.locator(`[id="${track}"]`).filter({ visible: true }).count(), 0, track);
  }
  // Slots of others are not in the schedule, those of the two are.
  const schedule = (await page.getByRole("table").filter({ visible: true }).allInnerTexts()).join("\n");
  assert.ok(schedule.includes("Ballroom A") && !/keystone|cinder|neutron/.test(schedule), schedule);
  assert.ok(schedule.includes(`${dayName(now).slice(0, 3)}A2`), schedule);
}

/** Addresses of the calendar and the feed of what is shown. */
const subscriptions = (page) => page.locator("main a[href]").evaluateAll((links) => links.map((link) => decodeURIComponent(link.href))
  .filter((href) => /ptg\.ics|feed\.atom/.test(href)));

for (const javaScriptEnabled of [true, false]) {
  test(`?track= filters the page of the web server, its calendar and its feed, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async (t) => {
    const now = new Date();
    const server = await new Store(t, event(now)).serve();
    const page = await openPage(browser, t, `${server.url}?track=swift,nova`, { javaScriptEnabled });
    await onlySwiftAndNova(page, now);
    const links = await subscriptions(page);
    assert.ok(links.some((href) => href.includes("ptg.ics")) && links.some((href) => href.includes("feed.atom")), String(links));
    for (const href of links) assert.match(href, /track=(nova,swift|swift,nova)/);
    const calendar = links.find((href) => href.startsWith("http") && href.startsWith(server.url) && href.includes("ptg.ics"));
    const text = await (await fetch(calendar)).text();
    assert.deepEqual([...new Set(text.match(/^CATEGORIES:.*$/gm).map((line) => line.trim()))].sort(), ["CATEGORIES:nova", "CATEGORIES:swift"]);
    // Back to all with one tap.
    await page.getByRole("link", { name: /all tracks|show all|everything|whole/i }).first().click();
    await page.getByText("Application credentials").first().waitFor();
  });
}

test("?track= filters the page in a static folder, too, and says what its links give", async (t) => {
  const now = new Date();
  const site = await new Store(t, event(now)).still(now);
  const page = await openPage(browser, t, `${site.url}?track=swift,nova`);
  await onlySwiftAndNova(page, now);
  // A folder cannot filter a calendar: whatever is offered for the two tracks exists and holds them.
  for (const href of await page.locator("main a[href$='.ics']:visible").evaluateAll((links) => links.map((link) => link.href))) {
    const answer = await fetch(href.replace(/^webcal:/, "http:"));
    assert.equal(answer.status, 200, href);
  }
});

test("a filtered page stays filtered when the board changes", async (t) => {
  const now = new Date();
  const store = new Store(t, event(now));
  const server = await store.serve();
  const page = await openPage(browser, t, `${server.url}?track=swift,nova`);
  const bot = store.bot();
  await bot.say("#cinder now not for this reader");
  await bot.say("#nova next for this reader");
  await page.getByText("for this reader").first().waitFor();
  await onlySwiftAndNova(page, now);
  assert.ok(!(await page.locator("main").innerText()).includes("not for this reader"));
  assert.doesNotMatch(await page.locator("[aria-live=polite]").first().textContent(), /cinder/);
});

test("a track has an address of its own", async (t) => {
  const server = await new Store(t, event()).serve();
  const page = await openPage(browser, t, `${server.url}#oslo.config`, { viewport: { width: 360, height: 740 } });
  await page.locator('[id="oslo.config"]').waitFor({ state: "visible" });
  const box = await page.locator('[id="oslo.config"]').boundingBox();
  assert.ok(box.y >= 0 && box.y < 740, `at ${box.y}`);
});

test("days are chosen with the keyboard, and one day is shown", async (t) => {
  const now = new Date();
  const server = await new Store(t, event(now)).serve();
  const page = await openPage(browser, t, server.url);
  const tab = (offset) => page.getByRole("tab", { name: dayName(now, offset) });
  const shown = async () => {
    const panels = page.getByRole("tabpanel").filter({ visible: true });
    assert.equal(await panels.count(), 1);
    const text = await panels.innerText();
    return [-1, 0, 1].filter((offset) => text.includes(`${dayName(now, offset).slice(0, 3)}P2`));
  };
  assert.equal(await tab(0).getAttribute("aria-selected"), "true");
  assert.deepEqual(await shown(), [0]);
  await tab(0).focus();
  for (const [key, offset] of [["ArrowRight", 1], ["ArrowRight", -1], ["ArrowLeft", 1], ["Home", -1], ["End", 1]]) {
    await page.keyboard.press(key);
    await until(`${key} to choose the day`, async () => await tab(offset).getAttribute("aria-selected") === "true");
    assert.ok(await tab(offset).evaluate((tab) => tab === document.activeElement), `${key} moves the focus`);
    assert.deepEqual(await shown(), [offset], key);
  }
  // Only the chosen tab is on the way of the Tab key, and the panel comes next.
  const stops = await page.getByRole("tab").evaluateAll((tabs) => tabs.filter((tab) => tab.tabIndex === 0).length);
  assert.equal(stops, 1);
});

// The Sunday in between is the end of summer time in Berlin; New York goes back a week later.
const SATURDAY = "2026-10-24T07:00:00Z";
const MONDAY = "2026-10-26T08:00:00Z";
const autumn = {
  eventid: "autumn", timezone: "Europe/Berlin", tracks: ["swift"],
  slots: {
    Saturday: [{ name: "Sat1", desc: "09:00-10:00", realtime: SATURDAY, duration: 60 }],
    Monday: [{ name: "Mon1", desc: "09:00-10:00", realtime: MONDAY, duration: 60 }],
  },
  schedule: { Hall: { Sat1: "swift", Mon1: "swift" } },
  now: { swift: "clocks" }, now_since: { swift: "2026-10-24T07:05:00Z" },
};

/** Texts of the times that stand for a moment, on all days. */
const times = (page, moment) => page.locator("main time").evaluateAll((all, moment) => all
  .filter((one) => Math.abs(Date.parse(one.dateTime) - Date.parse(moment)) < 1000).map((one) => one.textContent), moment);

/** Chooses among event, mine and UTC. */
async function choose(page, name) {
  const zones = page.getByRole("combobox", { name: /time/i });
  const option = zones.locator("option").filter({ hasText: name }).first();
  await zones.selectOption(await option.getAttribute("value") ?? await option.textContent());
}

test("times are shown in the event's zone, the reader's or UTC, with the right summer time, and the choice is kept", async (t) => {
  const site = await new Store(t, autumn).still(new Date("2026-10-24T07:30:00Z"));
  const page = await openPage(browser, t, null, { timezoneId: "America/New_York" });
  await page.clock.install({ time: new Date("2026-10-24T07:30:00Z") });
  await page.goto(site.url);
  const show = async (saturday, monday, zone) => {
    for (const [moment, wanted] of [[SATURDAY, saturday], [MONDAY, monday]]) {
      await until(`${wanted} for ${moment}`, async () => (await times(page, moment)).some((text) => text.includes(wanted)), 3000)
        .catch(async (error) => { throw new Error(`${error.message}: ${await times(page, moment)}`); });
      for (const text of await times(page, moment)) assert.match(text, zone);
    }
  };
  await show("09:00", "09:00", /CES?T|Berlin|GMT\+[12]|UTC\+[12]/);
  await choose(page, /my|mine|your|local/i);
  await show("03:00", "04:00", /EDT|New York|GMT-4|UTC[-−]4/);
  await page.reload();
  await show("03:00", "04:00", /EDT|New York|GMT-4|UTC[-−]4/);
  await choose(page, /utc/i);
  await show("07:00", "08:00", /UTC|Z/);
  await page.goto(`${site.url}signage.html`);
  await page.goto(site.url);
  await show("07:00", "08:00", /UTC|Z/);
  await choose(page, /event/i);
  await show("09:00", "09:00", /CES?T|Berlin|GMT\+[12]|UTC\+[12]/);
  assert.deepEqual(page.faults, []);
});

test("a reader whose browser keeps nothing reads the event's zone and can still choose", async (t) => {
  const site = await new Store(t, autumn).still(new Date("2026-10-24T07:30:00Z"));
  const page = await openPage(browser, t, null, { timezoneId: "America/New_York" });
  await page.addInitScript(() => {
    Object.defineProperty(window, "localStorage", { get() { throw new DOMException("denied", "SecurityError"); } });
  });
  await page.goto(site.url);
  assert.ok((await times(page, SATURDAY)).every((text) => text.includes("09:0")), String(await times(page, SATURDAY)));
  await choose(page, /utc/i);
  await until("UTC", async () => (await times(page, SATURDAY)).some((text) => text.includes("07:00")));
  assert.deepEqual(page.faults, []);
});

test("a day's boundary is the event's, not the reader's", async (t) => {
  // In Berlin it is Monday already, in New York still Sunday.
  const data = { ...autumn, slots: {
    Sunday: [{ name: "Sun1", realtime: "2026-10-18T08:00:00Z" }], Monday: [{ name: "Mon1", realtime: "2026-10-19T08:00:00Z" }],
  } };
  const at = new Date("2026-10-18T22:30:00Z");
  const site = await new Store(t, data).still(at);
  const page = await openPage(browser, t, null, { timezoneId: "America/New_York" });
  await page.clock.install({ time: at });
  await page.goto(site.url);
  assert.equal(await page.getByRole("tab", { name: "Monday" }).getAttribute("aria-selected"), "true");
});

test("a booking command is copied with one press", async (t) => {
  const now = new Date();
  const server = await new Store(t, event(now)).serve();
  const page = await openPage(browser, t, server.url, { permissions: ["clipboard-read", "clipboard-write"] });
  const copy = page.getByRole("tabpanel").getByRole("button", { name: /copy/i });
  const code = `Garden-${dayName(now).slice(0, 3)}P1`;
  await copy.and(page.getByRole("button", { name: code })).or(page.locator("li", { hasText: code }).getByRole("button", { name: /copy/i })).first().click();
  await until("the command in the clipboard", async () => (await page.evaluate(() => navigator.clipboard.readText())).endsWith(`book ${code}`));
});

test("the track that one books for stays chosen while the board changes, and can be taken back", async (t) => {
  const now = new Date();
  const store = new Store(t, event(now));
  const server = await store.serve();
  const bot = store.bot();
  const page = await openPage(browser, t, server.url);
  const select = page.locator("#_book");
  const free = page.locator(".day:visible").getByRole("button", { name: "copy" }).first();
  const chosen = () => select.evaluate((one) => one.selectedOptions[0].text);
  const after = async (line) => {
    const { revision } = await bot.say(line);
    await until("the change", async () => Number(await page.locator("main").getAttribute("data-revision")) >= revision);
  };
  await select.selectOption({ label: "#swift" });
  for (const line of ["#nova now a change", "~add zaqar"]) {
    await after(line);
    assert.equal(await chosen(), "#swift");
    assert.match(await free.getAttribute("title"), /^#swift book /);
  }
  await select.selectOption({ label: "your track" });
  await after("#nova now another change");
  assert.equal(await chosen(), "your track");
  assert.match(await free.getAttribute("title"), /^#track book /);
});

test("a slot over the end of summer time names both zones, in every choice of zone", async (t) => {
  const data = { ...autumn, slots: { Night: [{ name: "N1", desc: "01:30-02:30", realtime: "2026-10-24T23:30:00Z", duration: 120 }] }, schedule: { Hall: { N1: "swift" } } };
  const site = await new Store(t, data).still(new Date("2026-10-24T07:30:00Z"));
  const page = await openPage(browser, t, null, { timezoneId: "Europe/Berlin" });
  await page.clock.install({ time: new Date("2026-10-24T07:30:00Z") });
  await page.goto(site.url);
  const span = page.locator("th time").first();
  assert.equal(await span.textContent(), "01:30 CEST\u201302:30 CET");
  await choose(page, /mine/i);
  assert.equal(await span.textContent(), "01:30 CEST\u201302:30 CET");
});

test("addresses in topics are links, long ones short for the eye alone, and a track that is named leads to it", async (t) => {
  const now = new Date();
  const long = `https://example.org/${"a-long-way/".repeat(20)}`;
  const data = { ...event(now), motd: [{ level: "info", message: "Questions? mailto:help@example.org" }] };
  data.now.swift = `With #Nova, see ${long}.`;
  const server = await new Store(t, data).serve();
  const page = await openPage(browser, t, server.url, { viewport: { width: 360, height: 740 } });
  const link = page.locator("#_now .topic a.out");
  assert.equal(await link.getAttribute("href"), long);
  assert.equal(await link.textContent(), long);
  assert.ok((await link.boundingBox()).height < 60, "a long address takes one line");
  assert.equal(await page.locator(".message a").getAttribute("href"), "mailto:help@example.org");
  await page.locator("#_now .topic a.mention").click();
  const row = await page.locator("[id=nova]").boundingBox();
  assert.ok(row.y >= 0 && row.y < 740, `at ${row.y}`);
});
