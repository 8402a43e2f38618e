// The schedule: rooms down, slots across, however many there are.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { dayName, event, large, sharing } from "./event.mjs";
import { Store, openBrowser, openPage, until } from "./house.mjs";

const browser = await openBrowser();
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const NOW = new Date("2026-10-20T10:24:00Z");
const [DESKTOP, PHONE] = [{ width: 1440, height: 900 }, { width: 360, height: 800 }];

/** The board as a folder, at `NOW` by the browser's clock. */
async function opened(t, data, options = {}, hash = "") {
  const site = await new Store(t, data).still(NOW);
  const page = await openPage(browser, t, null, options);
  await page.clock.install({ time: NOW });
  await page.goto(site.url + hash);
  page.day = page.locator(".day:visible");
  return page;
}

const box = (part) => part.evaluate((one) => one.getBoundingClientRect().toJSON());
const chosen = (page) => page.locator("[role=tab][aria-selected=true]").textContent();

for (const [viewport, rooms] of [[DESKTOP, 23], [DESKTOP, 60], [PHONE, 60]]) {
  test(`slots and rooms stay in sight while ${rooms} rooms are scrolled, ${viewport.width} px wide`, async (t) => {
    const page = await opened(t, large(NOW, rooms), { viewport });
    const room = page.day.getByRole("rowheader", { name: `Cabin ${rooms - 1}` });
    const slot = page.day.getByRole("columnheader").last();
    await room.evaluate((one) => one.scrollIntoView({ block: "end" }));
    await slot.evaluate((one) => { one.closest(".grid").scrollLeft = 10_000; });
    const [head, side] = [await box(slot), await box(room)];
    assert.ok(head.top >= 0 && head.bottom < side.top && side.bottom <= viewport.height + 1, JSON.stringify({ head, side }));
    assert.ok(side.left >= 0 && side.right < head.left && head.right <= viewport.width, JSON.stringify({ head, side }));
    // Neither is covered by what moves below it.
    for (const part of [slot, room]) {
      assert.ok(await part.evaluate((one) => {
        const { left, top, width, height } = one.getBoundingClientRect();
        return one.contains(document.elementFromPoint(left + width / 2, top + height / 2));
      }));
    }
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth));
    assert.deepEqual(page.faults, []);
  });
}

/** Where the line at now stands: the heads of the columns that have it, each with how far it is from their left. */
const line = (page) => page.day.locator("thead th").evaluateAll((heads) => heads.flatMap((head) => {
  const { content, left } = getComputedStyle(head, "::before");
  return content === "none" ? [] : [[head.querySelector("a").textContent, Math.round(100 * parseFloat(left) / head.clientWidth)]];
}));

test("a line stands at now, moves with the clock, and waits between two slots at the later one", async (t) => {
  const data = large(NOW);
  const today = dayName(NOW);
  const [third, fourth] = data.slots[today].slice(2, 4);
  third.duration = 50;
  const page = await opened(t, data, { viewport: DESKTOP });
  assert.deepEqual(await line(page), [[third.name, 60]]);
  const cell = page.day.locator("tbody tr").first().locator("td").nth(2);
  assert.notEqual(await cell.evaluate((one) => getComputedStyle(one, "::before").content), "none");
  const at = async (minutes, wanted) => {
    await page.clock.setSystemTime(new Date(NOW.getTime() + minutes * 60e3));
    await page.clock.runFor(6_000);
    await until(`the line at ${wanted}`, async () => JSON.stringify(await line(page)) === JSON.stringify(wanted), 5_000)
      .catch(async (error) => { throw new Error(`${error.message}: ${JSON.stringify(await line(page))}`); });
  };
  await at(10, [[third.name, 80]]);
  await at(25, [[fourth.name, 0]]);
  await at(60, [[fourth.name, 50]]);
  await at(-200, []);
  assert.deepEqual(page.faults, []);
});

test("on a phone the column that runs is seen first", async (t) => {
  const page = await opened(t, large(NOW), { viewport: PHONE });
  const [room, running] = [page.day.getByRole("columnheader").first(), page.day.locator("thead .running")];
  assert.ok(Math.abs((await box(running)).left - (await box(room)).right) < 2);
});

test("rooms that nobody booked are folded, one press opens them and their codes", async (t) => {
  for (const javaScriptEnabled of [true, false]) {
    const page = await opened(t, large(NOW, 60), { viewport: DESKTOP, javaScriptEnabled });
    const day = page.locator(".day", { has: page.locator("#_vacant2") });
    const room = day.locator("tr", { has: page.locator("th", { hasText: /^Cabin 4 / }) });
    assert.equal(await room.isVisible(), false);
    await day.getByText("15 free rooms").click();
    await room.waitFor({ state: "visible" });
    const code = `#track book Cabin 4-${dayName(NOW).slice(0, 3)}9`;
    if (javaScriptEnabled) await room.getByRole("button", { name: code }).waitFor({ state: "visible" });
    else await room.getByText(code).waitFor({ state: "visible" });
  }
});

test("a free cell has one button, which copies its line for the chosen track", async (t) => {
  const page = await opened(t, event(NOW), { viewport: DESKTOP, permissions: ["clipboard-read", "clipboard-write"] });
  await page.locator("#_book").selectOption({ label: "#swift" });
  const line = `#swift book Garden-${dayName(NOW).slice(0, 3)}P1`;
  const cell = page.day.locator("td", { has: page.getByRole("button", { name: line }) });
  assert.equal(await cell.innerText(), "free");
  assert.equal(await cell.getByRole("button").count(), 1);
  await cell.getByRole("button").click();
  await until("the line in the clipboard", async () => await page.evaluate(() => navigator.clipboard.readText()) === line);
  await until("what a screen reader is told", async () => (await page.locator("#_news").textContent()).includes(line));
  assert.equal(await cell.innerText(), "Copied");
  await page.clock.runFor(3_000);
  assert.equal(await cell.innerText(), "free");
});

for (const viewport of [DESKTOP, { width: 390, height: 844 }]) {
  test(`tracks that share a slot each open their meeting, and another may join, ${viewport.width} px wide`, async (t) => {
    const page = await opened(t, sharing(NOW), { viewport, permissions: ["clipboard-read", "clipboard-write"] });
    const line = `#track book Hall-${dayName(NOW).slice(0, 3)}A2`;
    const cell = page.day.locator("td.running", { has: page.getByRole("button", { name: line }) });
    const tracks = cell.locator("button[popovertarget]");
    assert.deepEqual(await tracks.allTextContents(), ["#swift", "#nova"]);
    const boxes = await cell.getByRole("button").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()));
    boxes.slice(1).forEach((box, place) => assert.ok(box.top >= boxes[place].bottom, "one below the other"));
    for (const track of ["#swift", "#nova"]) {
      await cell.getByRole("button", { name: track }).click();
      const meeting = page.locator(".meeting:popover-open");
      await meeting.waitFor({ state: "visible" });
      const links = await meeting.getByRole("link").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
      assert.deepEqual([links[0], links.at(-1)], [track, `${track.slice(1)}.ics`]);
      assert.ok((await meeting.innerText()).includes("Hall"));
      await page.keyboard.press("Escape");
    }
    const join = cell.getByRole("button", { name: line });
    assert.equal(await join.innerText(), "join");
    await join.click();
    await until("the line in the clipboard", async () => await page.evaluate(() => navigator.clipboard.readText()) === line);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth));
    assert.deepEqual(page.faults, []);
  });
}

test("the rules for booking are folded above the schedule", async (t) => {
  const page = await opened(t, { ...event(NOW), policy: { day_hours: 4, clashes: [["nova", "swift"]], enforce: true } }, { viewport: DESKTOP });
  const rules = page.locator("#_rules li");
  assert.equal(await rules.first().isVisible(), false);
  await page.getByText("Rules for booking", { exact: true }).click();
  assert.deepEqual(await rules.allInnerTexts(), ["At most 4 h a day and track.", "#nova and #swift do not meet at once.", "What is against a rule is refused."]);
  assert.equal(await (await opened(t, event(NOW))).locator("#_rules").count(), 0);
});

test("without a clipboard a line is copied all the same", async (t) => {
  const page = await opened(t, event(NOW), { viewport: DESKTOP });
  await page.evaluate(() => {
    Object.defineProperty(navigator, "clipboard", { value: undefined });
    document.addEventListener("copy", () => { document.documentElement.dataset.copied = document.activeElement.value; });
  });
  await page.day.getByRole("button", { name: "copy" }).first().press("Enter");
  await until("the line", async () => /^#track book .+-/.test(await page.locator("html").getAttribute("data-copied") ?? ""));
  assert.equal(await page.locator("textarea").count(), 0);
});

for (const javaScriptEnabled of [true, false]) {
  test(`a booked cell opens room, meeting, pad and calendar where it stands, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async (t) => {
    const page = await opened(t, event(NOW), { viewport: DESKTOP, javaScriptEnabled });
    const cell = page.locator("td.running").getByRole("button", { name: "#keystone" }).first();
    const meeting = page.locator(".meeting:popover-open");
    await cell.press("Enter");
    await meeting.waitFor({ state: "visible" });
    assert.ok((await meeting.innerText()).includes("Pike's Peak"));
    const links = await meeting.getByRole("link").evaluateAll((all) => all.map((one) => [one.textContent, one.getAttribute("href")]));
    assert.deepEqual(links, [
      ["#keystone", "#keystone"], ["Join", "https://meet.example.org/pikes?room=1&x=y"],
      ["Etherpad", "https://etherpad.opendev.org/p/spring-gathering-keystone"], ["Calendar", "keystone.ics"],
    ]);
    const [button, opened_] = [await box(cell), await box(meeting)];
    assert.ok(Math.abs(opened_.top - button.bottom) < 40 || Math.abs(opened_.bottom - button.top) < 40, JSON.stringify([button, opened_]));
    // The first thing that the key reaches is in it, and Escape goes back to the cell.
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "#keystone");
    await page.keyboard.press("Escape");
    await meeting.waitFor({ state: "hidden" });
    assert.equal(await cell.evaluate((one) => one === document.activeElement), true);
  });
}

test("the name of the track in an opened cell leads to its row", async (t) => {
  const page = await opened(t, event(NOW), { viewport: DESKTOP });
  await page.locator("td.running").getByRole("button", { name: "#keystone" }).first().click();
  await page.locator(".meeting:popover-open").getByRole("link", { name: "#keystone" }).click();
  assert.equal(await page.locator(".meeting:popover-open").count(), 0);
  const row = await box(page.locator("[id=keystone]"));
  assert.ok(row.top >= 0 && row.bottom <= DESKTOP.height, JSON.stringify(row));
});

test("what is open stays open while the board changes", async (t) => {
  const now = new Date();
  const store = new Store(t, event(now));
  const server = await store.serve();
  const page = await openPage(browser, t, server.url);
  await page.locator("td.running").getByRole("button", { name: "#keystone" }).first().click();
  const { revision } = await store.bot().say("#swift book Garden-" + dayName(now).slice(0, 3) + "P1");
  await until("the change", async () => Number(await page.locator("main").getAttribute("data-revision")) >= revision);
  await page.locator(".day:visible").getByRole("row", { name: "Garden" }).getByRole("button", { name: "#swift" }).waitFor({ state: "attached" });
  assert.equal(await page.locator(".meeting:popover-open").count(), 1);
});

test("the days turn with [ and ], but not while somebody types", async (t) => {
  const page = await opened(t, event(NOW), { viewport: DESKTOP });
  const [before, today, after] = [-1, 0, 1].map((offset) => dayName(NOW, offset));
  const turned = async (key, day) => {
    await page.keyboard.press(key);
    assert.ok((await chosen(page)).startsWith(day), `${key}: ${await chosen(page)}`);
    assert.equal(await page.day.count(), 1);
    assert.ok((await page.day.locator("h3").textContent()).startsWith(day));
  };
  await turned("]", after);
  assert.ok((await page.locator("#_news").textContent()).startsWith(after));
  await turned("]", after);
  await turned("[", today);
  await turned("[", before);
  await turned("[", before);
  await page.locator("#_book").focus();
  await turned("]", before);
  await page.evaluate(() => { document.querySelector("#_main").append(document.createElement("input")); document.querySelector("#_main > input").focus(); });
  await turned("]", before);
  assert.equal(await page.locator("#_main > input").inputValue(), "]");
  // The focus goes along where its day is left.
  await page.day.getByRole("button").first().focus();
  await turned("]", today);
  assert.ok((await page.evaluate(() => document.activeElement.textContent)).startsWith(today));
  await turned("ArrowRight", after);
  await turned("ArrowRight", before);
  assert.deepEqual(page.faults, []);
});

test("a slot has an address, which opens its day and shows its column", async (t) => {
  const [day, code] = [dayName(NOW, 1), dayName(NOW, 1).slice(0, 3)];
  const hash = `#slot/${day.toLowerCase()}/${code.toLowerCase()}8`;
  for (const viewport of [DESKTOP, PHONE]) {
    const page = await opened(t, large(NOW), { viewport }, hash);
    assert.ok((await chosen(page)).startsWith(day));
    const head = page.locator("thead :target");
    assert.equal(await head.locator("a").textContent(), `${code}8`);
    const { top, bottom, left, right } = await box(head);
    assert.ok(top >= 0 && bottom <= viewport.height && left >= 0 && right <= viewport.width + 1, JSON.stringify({ top, bottom, left, right }));
  }
  // Each column leads to itself, and no id stands twice.
  const page = await opened(t, large(NOW), { viewport: DESKTOP });
  const ids = await page.locator("[id]").evaluateAll((all) => all.map((one) => one.id));
  assert.equal(new Set(ids).size, ids.length);
  const link = page.day.locator("thead a").nth(3);
  await link.click();
  assert.equal(decodeURIComponent(new URL(page.url()).hash), await link.getAttribute("href"));
});

test("slots without a time, rooms that differ by case and a slot over midnight have their places", async (t) => {
  const slot = (name, more) => ({ name, ...more });
  const data = {
    eventid: "odd", timezone: "UTC", tracks: ["swift", "slot"],
    slots: {
      Monday: [slot("Night", { realtime: "2026-10-19T23:00:00Z", duration: 840 }), slot("Any", { desc: "when we like" })],
      Tuesday: [slot("Late", { realtime: "2026-10-20T20:00:00Z" })],
    },
    schedule: { Hall: { Night: "swift", Any: "" }, hall: { Any: "slot", Late: "" }, HALL: { Night: "swift" } },
  };
  const page = await opened(t, data, { viewport: DESKTOP });
  assert.ok((await chosen(page)).startsWith("Monday"), "what runs is shown");
  assert.deepEqual(await line(page), [["Night", 81]]);
  assert.deepEqual(await page.day.getByRole("rowheader").allTextContents(), ["Hall", "hall", "HALL"]);
  assert.ok((await page.day.getByRole("columnheader", { name: "Any" }).textContent()).includes("when we like"));
  assert.deepEqual(page.faults, []);
});

test("a view keeps the rooms and slots of its tracks, of a room all that can be booked, in a folder as on the server", async (t) => {
  const now = new Date();
  const data = large(now);
  const slots = Object.values(data.slots).flat().map(({ name }) => name);
  data.schedule.Hall = { ...Object.fromEntries(slots.map((slot) => [slot, ["storage-1", "compute-2", "storage-4"]])), shared: true };
  const store = new Store(t, data);
  const seen = async (page) => page.locator(".day:visible tbody tr:visible").evaluateAll((rows) => rows.map((row) => [...row.cells].filter((cell) => cell.checkVisibility()).map((cell) => cell.innerText.replace(/\s+/g, " ").trim())));
  for (const query of ["?track=storage-1", "?room=cabin-4", "?track=compute-2,storage-4&room=cabin-2"]) {
    const [server, site] = [await openPage(browser, t, (await store.serve()).url + query), await openPage(browser, t, (await store.still(now)).url + query)];
    const rows = await seen(server);
    assert.ok(rows.length >= 1 && rows.every((cells) => cells.length > 1), JSON.stringify(rows));
    assert.deepEqual(await seen(site), rows, query);
  }
});

for (const rooms of [23, 60]) {
  test(`all ${rooms} rooms with all their slots are on the paper`, async (t) => {
    const data = large(NOW, rooms);
    // A4 with margins of one centimetre.
    const page = await opened(t, data, { viewport: { width: 718, height: 1000 } });
    await page.emulateMedia({ media: "print" });
    const cut = await page.evaluate(() => [...document.querySelectorAll(".grid :is(td, th)")].filter((cell) => {
      const { left, right, height } = cell.getBoundingClientRect();
      return !cell.closest(".fold") && (height === 0 || left < 0 || right > innerWidth + 1 || cell.scrollWidth > cell.clientWidth + 1);
    }).map((cell) => cell.textContent));
    assert.deepEqual(cut, []);
    const pdf = join(tmpdir(), `ptgbot-paper-${process.pid}-${rooms}.pdf`);
    t.after(() => rmSync(pdf, { force: true }));
    await page.emulateMedia({ media: null });
    await page.pdf({ path: pdf, format: "A4" });
    const { status, stdout } = spawnSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8" });
    if (status !== 0) return t.diagnostic("pdftotext is not installed: the paper was measured, not read");
    const count = (word) => stdout.match(new RegExp(`^ *${word} `, "gm"))?.length ?? 0;
    for (const room of Object.keys(data.schedule)) assert.ok(count(room) >= 3, `${room}: ${count(room)} of 3 days`);
    // A table that goes on has its heads again.
    const heads = stdout.split("\f").filter((sheet) => /^ *Cabin \d+ Level \d +\S/m.test(sheet)).map((sheet) => /^ *Room /m.test(sheet));
    t.diagnostic(`${heads.length} sheets with rooms`);
    assert.ok(heads.length >= 3 && heads.every(Boolean), String(heads));
  });
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing in a large schedule, with letters twice as large, ${colorScheme}`, async (t) => {
    for (const viewport of [DESKTOP, PHONE]) {
      const page = await opened(t, large(NOW), { viewport, colorScheme });
      await page.evaluate(() => {
        document.documentElement.style.fontSize = "200%";
        document.querySelectorAll(".fold details").forEach((part) => { part.open = true; });
      });
      await page.day.locator("td.running button[popovertarget]").first().press("Enter");
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => window.axe.run("#_schedule", { rules: { "target-size": { enabled: true } } }));
      const found = violations.flatMap(({ id, help, nodes }) => nodes.slice(0, 3).map((node) => `${id}: ${help}: ${node.html}: ${node.failureSummary}`));
      assert.deepEqual(found, [], `${viewport.width} px`);
    }
  });
}
