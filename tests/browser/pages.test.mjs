// Every page, however it is looked at: by axe, in the dark, on paper, on a small phone, in large letters, without JavaScript.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { get } from "node:http";
import { createRequire } from "node:module";
import { test } from "node:test";
import { date, dayName, event, large } from "./event.mjs";
import { Store, openBrowser, openPage } from "./house.mjs";

const browser = await openBrowser();
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PAGES = ["", "?track=swift,nova", "etherpads.html", "links.html", "signage.html", "signage.html?room=ballroom-a", "nobody.ics", "record/", `record/${date(new Date())}.html`];
const SCREENS = [{ width: 360, height: 740 }, { width: 1280, height: 800 }];

/** An event with the longest words that people come up with. */
function wordy(now) {
  const long = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen".repeat(2);
  const data = event(now);
  data.eventid = long;
  data.now.swift = long;
  data.next.nova = [long, `https://example.org/${long}`];
  data.location.interop = long;
  data.links[long] = `https://example.org/${long}`;
  data.motd.push({ level: "danger", message: long });
  data.last_check_in.mira.nick = long.slice(0, 100);
  data.last_check_in.mira.location = long;
  data.tracks.push("x".repeat(50));
  data.schedule[long] = { ...data.schedule.Garden, desc: long };
  data.etherpads.nova = `https://example.org/${long}`;
  return data;
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing on any page, ${colorScheme}`, async (t) => {
    for (const [kind, data] of [["a full board", event()], ["an empty board", { eventid: "empty" }]]) {
      const server = await new Store(t, data).serve();
      for (const path of PAGES) {
        for (const viewport of kind === "a full board" ? SCREENS : SCREENS.slice(0, 1)) {
          const page = await openPage(browser, t, server.url + path, { colorScheme, viewport });
          await page.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
          await page.evaluate(AXE);
          const { violations } = await page.evaluate(() => window.axe.run(document, { rules: { "target-size": { enabled: true } } }));
          const found = violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}: ${node.failureSummary}`));
          assert.deepEqual(found, [], `${kind}, /${path}, ${viewport.width} px`);
          await page.context().close();
        }
      }
    }
  });
}

test("in the dark the pages are dark, and light otherwise", async (t) => {
  const server = await new Store(t, event()).serve();
  const page = await openPage(browser, t);
  const brightness = () => page.evaluate(() => {
    const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number);
    return (red + green + blue) / 3;
  });
  for (const path of PAGES.slice(0, 4)) {
    await page.emulateMedia({ colorScheme: "dark" });
    await page.goto(server.url + path);
    assert.ok(await brightness() < 60, `/${path}`);
    await page.emulateMedia({ colorScheme: "light" });
    assert.ok(await brightness() > 200, `/${path}`);
  }
});

test("nothing is wider than a small phone, also with very long words and with letters twice as large", async (t) => {
  const now = new Date();
  for (const data of [event(now), wordy(now)]) {
    const server = await new Store(t, data).serve();
    for (const path of PAGES) {
      const page = await openPage(browser, t, server.url + path, { viewport: SCREENS[0] });
      for (const size of ["100%", "200%"]) {
        const wide = await page.evaluate((size) => {
          document.documentElement.style.fontSize = size;
          document.querySelectorAll("details").forEach((part) => { part.open = true; });
          const { scrollWidth, clientWidth } = document.documentElement;
          if (scrollWidth <= clientWidth) return [];
          return [...document.body.querySelectorAll("*")].filter((part) => part.getBoundingClientRect().right > clientWidth + 1)
            .map((part) => part.outerHTML.slice(0, 120)).slice(0, 5);
        }, size);
        assert.deepEqual(wide, [], `/${path} at ${size}, ${data.eventid.slice(0, 20)}`);
      }
    }
  }
});

test("letters twice as large are not cut off", async (t) => {
  const server = await new Store(t, event()).serve();
  for (const path of PAGES.slice(0, 4)) {
    const page = await openPage(browser, t, server.url + path, { viewport: SCREENS[1] });
    const cut = await page.evaluate(() => {
      document.documentElement.style.fontSize = "200%";
      const hides = (part) => ["hidden", "clip"].includes(getComputedStyle(part).overflowY) && getComputedStyle(part).clipPath === "none";
      return [...document.querySelectorAll("main *")].filter((part) => hides(part) && part.scrollHeight > part.clientHeight + 2 && part.textContent.trim())
        .map((part) => part.outerHTML.slice(0, 120));
    });
    assert.deepEqual(cut, [], `/${path}`);
  }
});

test("on paper: black on white, every day, no buttons to press", async (t) => {
  const now = new Date();
  const server = await new Store(t, event(now)).serve();
  const page = await openPage(browser, t, server.url, { colorScheme: "dark" });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const paper = await page.evaluate(() => ({
    ink: getComputedStyle(document.querySelector("main")).color,
    ground: getComputedStyle(document.body).backgroundColor,
    seen: document.body.innerText,
  }));
  assert.equal(paper.ink, "rgb(0, 0, 0)");
  assert.match(paper.ground, /rgb\(255, 255, 255\)|rgba\(0, 0, 0, 0\)/);
  for (const offset of [-1, 0, 1]) assert.ok(paper.seen.includes(`${dayName(now, offset).slice(0, 3)}P2`), `the slots of ${dayName(now, offset)}`);
  assert.equal(await page.locator("nav").filter({ visible: true }).count(), 0);
  // What a booked cell says is on the paper, without the look of a button.
  assert.equal(await page.locator("button:not(td > button)").filter({ visible: true }).count(), 0);
  const pdf = await page.pdf({ format: "A4" });
  const sheets = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
  t.diagnostic(`${sheets} sheets of A4`);
  assert.ok(sheets >= 1 && sheets <= 6, `${sheets} sheets`);
});

test("in forced colours only links are underlined, and the bar of the slot is seen", async (t) => {
  const server = await new Store(t, event()).serve();
  const page = await openPage(browser, t, server.url, { forcedColors: "active" });
  const lines = await page.locator(".top nav a").evaluateAll((links) => links.map((link) => getComputedStyle(link).borderBottomWidth));
  assert.deepEqual(lines, ["3px", "0px", "0px", "0px", "0px"]);
  const bar = await page.locator("progress").evaluate((bar) => {
    const style = getComputedStyle(bar);
    return { edge: style.borderTopWidth, height: bar.getBoundingClientRect().height, ground: style.backgroundColor, ink: style.borderTopColor };
  });
  assert.ok(bar.edge === "1px" && bar.height > 5 && bar.ground !== bar.ink, JSON.stringify(bar));
});

test("a white or black badge has an edge", async (t) => {
  const data = event();
  Object.assign(data.colors, { swift: "white", keystone: "black" });
  const server = await new Store(t, data).serve();
  for (const colorScheme of ["light", "dark"]) {
    const page = await openPage(browser, t, server.url, { colorScheme });
    for (const part of ["[id=swift] .badge", "[id=keystone] .badge", ".chips .t-swift"]) {
      assert.notEqual(await page.locator(part).first().evaluate((one) => getComputedStyle(one).boxShadow), "none", part);
    }
    for (const card of await page.locator("#_now .card").all()) {
      assert.equal(await card.evaluate((one) => getComputedStyle(one).outlineStyle), "solid");
    }
  }
});

test("a preview of a link knows what the page is", async (t) => {
  const server = await new Store(t, event()).serve();
  for (const path of PAGES.slice(0, 6)) {
    const page = await openPage(browser, t, server.url + path);
    const meta = (name) => page.locator(`meta[name="${name}"], meta[property="${name}"]`).getAttribute("content");
    assert.match(await meta("description"), /spring-gathering/);
    assert.equal(await meta("og:description"), await meta("description"));
    assert.equal(await meta("og:title"), await page.title());
    assert.equal(await meta("og:type"), "website");
  }
});

test("without JavaScript the pages say all", async (t) => {
  const now = new Date();
  const data = event(now);
  const store = new Store(t, data);
  for (const { url } of [await store.serve(), await store.still(now)]) {
    const page = await openPage(browser, t, url, { javaScriptEnabled: false, viewport: SCREENS[0] });
    const text = await page.locator("main").textContent();
    const words = [
      data.now.swift, data.next.swift[1], data.motd[1].message, "Jane", "the quiet room", "Lobby, the sofas",
      ...Object.values(data.slots).flat().map((slot) => slot.name), ...Object.keys(data.schedule), ...data.tracks,
      `Garden-${dayName(now, 1).slice(0, 3)}P1`, "#TRACK book ROOM-SLOT",
    ];
    for (const word of words) assert.ok(text.includes(word), `${word} is not on the page`);
    const tomorrow = page.getByText(`${dayName(now, 1).slice(0, 3)}P2`).first();
    if (!await tomorrow.isVisible()) await page.getByText(dayName(now, 1)).first().click();
    await tomorrow.waitFor({ state: "visible", timeout: 2000 });
    // What only works with JavaScript is not offered.
    for (const button of await page.locator("button:not([popovertarget])").filter({ visible: true }).all()) {
      assert.fail(`a button that does nothing: ${await button.textContent()}`);
    }
    await page.goto(`${url}etherpads.html`);
    assert.ok((await page.locator("main").textContent()).includes("https://pad.example.org/p/cinder-spring"));
    await page.goto(`${url}signage.html`);
    assert.ok((await page.locator("main").textContent()).includes("Pike's Peak"));
  }
});

test("no link of ours leads nowhere, on the server and in a folder", async (t) => {
  const now = new Date();
  const store = new Store(t, event(now));
  for (const { url } of [await store.serve(), await store.still(now)]) {
    const page = await openPage(browser, t);
    const answers = new Map();
    for (const path of PAGES.slice(0, 6)) {
      await page.goto(url + path);
      const links = await page.locator("a[href], link[href]").evaluateAll((all) => all.filter((one) => !one.hidden).map((one) => one.href));
      for (const link of new Set(links.map((link) => link.replace(/^webcal:/, "http:")))) {
        if (!link.startsWith(url)) continue;
        const [address, place] = link.split("#");
        if (!answers.has(address)) answers.set(address, await fetch(address));
        const answer = answers.get(address);
        assert.equal(answer.status, 200, `/${path} → ${link}`);
        if (place === undefined) continue;
        const body = answer.body_ ??= await answer.text();
        assert.ok(body.includes(`id="${decodeURIComponent(place)}"`), `/${path} → ${link}: nothing is called so there`);
      }
    }
    assert.ok([...answers.keys()].some((address) => address.endsWith("swift.ics")) && answers.size > 12, `${[...answers.keys()]}`);
  }
});

test("right-to-left topics do not turn what stands around them", async (t) => {
  const server = await new Store(t, event()).serve();
  const page = await openPage(browser, t, server.url);
  const loose = await page.evaluate(() => {
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const isolated = ["isolate", "plaintext"].includes(getComputedStyle(walker.currentNode.parentElement).unicodeBidi);
      if (/[\u0590-\u05ff]/.test(walker.currentNode.data) && !isolated) found.push(walker.currentNode.data);
    }
    return found;
  });
  assert.deepEqual(loose, []);
});

test("the styles that are sent say what their sources say", async (t) => {
  const site = await new Store(t, event()).still();
  const page = await openPage(browser, t);
  const rules = (text) => page.evaluate((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    // A value with a variable in it is told as it was written.
    return [...sheet.cssRules].map((rule) => rule.cssText.replaceAll(/, +/g, ","));
  }, text);
  const assets = new URL("../../ptgbot-render/assets/", import.meta.url);
  const read = (name) => readFileSync(new URL(name, assets), "utf8");
  const style = readdirSync(new URL("style", assets)).map((name) => read(`style/${name}`)).join("\n");
  for (const name of ["style.css", "wall.css"]) {
    const sent = await rules(await (await fetch(site.url + name)).text());
    assert.deepEqual(sent.sort(), (await rules(name === "style.css" ? style : read(name))).sort(), name);
  }
});

/** How many bytes of a file travel. */
const weigh = (url) => new Promise((resolve, reject) => get(url, { headers: { "accept-encoding": "gzip" } }, async (answer) => {
  let bytes = 0;
  for await (const chunk of answer) bytes += chunk.length;
  resolve(bytes);
}).on("error", reject));

test("a first visit to a board of 44 tracks takes less than 60 KB, and the first words are there soon on a slow phone", async (t) => {
  const server = await new Store(t, large()).serve();
  const page = await openPage(browser, t);
  const asked = new Set();
  page.on("request", (request) => asked.add(request.url()));
  await page.goto(server.url, { waitUntil: "load" });
  const parts = {};
  for (const url of [...asked].filter((url) => !url.endsWith("/events"))) parts[url.replace(server.url, "/")] = await weigh(url);
  const weight = Object.values(parts).reduce((sum, part) => sum + part);
  t.diagnostic(`weight of 44 tracks: ${weight} bytes (${Object.entries(parts).map(([path, bytes]) => `${path} ${bytes}`).join(", ")})`);
  assert.ok(Object.keys(parts).length >= 4 && weight < 60_000, `${weight} bytes`);

  // Slow 4G as Lighthouse has it: 150 ms there and back, 1.6 Mbit/s; a processor four times as slow; nothing cached.
  const times = [];
  for (let round = 0; round < 5; round++) {
    const page = await openPage(browser, t, null, { viewport: SCREENS[0], deviceScaleFactor: 2 });
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    await session.send("Network.setCacheDisabled", { cacheDisabled: true });
    await session.send("Network.emulateNetworkConditions", { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 });
    await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await page.goto(server.url);
    times.push(await page.evaluate(() => new Promise((resolve) => {
      new PerformanceObserver((list) => resolve(list.getEntriesByName("first-contentful-paint")[0].startTime))
        .observe({ type: "paint", buffered: true });
    })));
    await page.context().close();
  }
  times.sort((a, b) => a - b);
  t.diagnostic(`first render on slow 4G with a slow processor: ${Math.round(times[2])} ms (${times.map(Math.round).join(", ")})`);
});
