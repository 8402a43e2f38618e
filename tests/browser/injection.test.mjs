// Whatever people and data files say: no new element, attribute, style rule or request, on any page, now or later.

import assert from "node:assert/strict";
import { test } from "node:test";
import { date, event } from "./event.mjs";
import { Store, openBrowser, openPage, until } from "./house.mjs";

const browser = await openBrowser();

/** Each would leave a trace: an element or attribute `x-evil`, a style rule, a request, a dialogue. */
const ATTACKS = [
  `"><x-evil></x-evil><img src=//evil.example/a.png onerror=alert(1)>`,
  `'><x-evil onclick=alert(1)>`,
  `" x-evil="1" onmouseover="alert(1)" style="background:url(//evil.example/b.png)`,
  `</script></style></title></textarea></bdi><script>x_evil=1;alert(1)</script>`,
  `<svg onload=alert(1)><x-evil>`,
  `<!--<x-evil>--!><x-evil>`,
  `;}*{background:url(https://evil.example/c.png)}.x-evil{`,
  `&lt;x-evil&gt;&#60;x-evil&#62;`,
  `{{7*7}}\${alert(1)}<x-evil>`,
  `<meta http-equiv=refresh content=0;url=//evil.example/d><base href=//evil.example/><x-evil>`,
  `<template><x-evil></template><iframe srcdoc="<script>parent.x_evil=1</script>"></iframe>`,
];
const ADDRESSES = [
  "javascript:alert(1)//", "JaVaScRiPt:alert(1)", "\tjavascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:alert(1)",
  "//evil.example/x", "https://evil.example/\"><x-evil>", "https://evil.example/' onclick='alert(1)", "https://user:secret@evil.example/<x-evil>",
  "mailto:a@b.example?subject=<x-evil>", "file:///etc/passwd",
];
const TODAY = date(new Date());
const PAGES = ["", "etherpads.html", "links.html", "signage.html", "record/", `record/${TODAY}.html`];
const PICTURE = `record/${TODAY}.svg`;

/** The event with `text` in all that holds words and `address` in all that should hold a link or a colour. */
function filled(now, text, address) {
  const data = event(now);
  const days = Object.entries(data.slots);
  const names = (word) => `${word} ${text}`;
  const slots = Object.fromEntries(days.map(([day, slots]) => [names(day), slots.map((slot, place) => ({
    ...slot, name: names(slot.name), desc: place % 2 ? names(slot.desc) : text,
  }))]));
  const schedule = Object.fromEntries(Object.entries(data.schedule).map(([room, details]) => [names(room), {
    ...Object.fromEntries(Object.entries(details).map(([key, value]) => [/^\w{3}[AP]\d$/.test(key) ? names(key) : key, value])),
    url: address, desc: text, cap_icon: text, cap_desc: text,
  }]));
  const all = (value) => Object.fromEntries(data.tracks.map((track) => [track, value]));
  return {
    ...data, slots, schedule, eventid: text || "x",
    now: { swift: text || "x", keystone: text || "x", interop: text || "x" }, next: { swift: [text || "x", text || "x"], nova: [text || "x"] },
    etherpads: all(address), urls: all(address), colors: { swift: text, cinder: address, nova: `red${text}` },
    location: { interop: text || "x" },
    links: { [names("a")]: address, [names("b")]: "https://example.org/" }, motd: [{ level: "danger", message: text || "x" }],
    last_check_in: Object.fromEntries(["jane", "mira"].map((key, place) => [key, {
      nick: text || "x", location: place ? text || "x" : "#swift", in: data.now_since.swift, out: null,
    }])),
  };
}

/** A page whose requests, dialogues and breaches of the policy are kept. */
async function watched(t, options) {
  const page = await openPage(browser, t, null, options);
  page.asked = [];
  page.breaches = [];
  page.on("request", (request) => page.asked.push(request.url()));
  page.on("dialog", (dialog) => { page.breaches.push(`a dialogue: ${dialog.message()}`); dialog.dismiss(); });
  await page.exposeFunction("breach", (what) => page.breaches.push(what));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => window.breach(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
  });
  return page;
}

/** What a document is made of: elements with the names of their attributes, selectors with their properties, schemes of links. */
const parts = (page) => page.evaluate(() => {
  const elements = [...document.querySelectorAll("*")].map((one) => `<${[one.localName, ...[...one.attributes].map(({ name }) => name).sort()].join(" ")}>`);
  const rules = [...document.styleSheets].flatMap(({ cssRules }) => [...cssRules]).map((rule) => rule.cssText.replace(/#[0-9a-f]+/gi, "#"));
  const links = [...document.querySelectorAll("[href],[src],[action],[data]")].map((one) => new URL(one.getAttribute("href") ?? one.getAttribute("src") ?? "", document.baseURI).protocol);
  return { elements: [...new Set(elements)], rules: [...new Set(rules)], links: [...new Set(links)], evil: "x_evil" in window || "x-evil" in window };
});

function sound(page, found, benign, origin, where) {
  const fresh = (kind) => found[kind].filter((one) => !benign[kind].has(one));
  assert.deepEqual(fresh("elements"), [], `${where}: elements that only an attack has`);
  assert.deepEqual(fresh("rules"), [], `${where}: style rules that only an attack has`);
  assert.ok(found.links.every((scheme) => ["http:", "https:", "mailto:", "webcal:", "file:"].includes(scheme) && scheme !== "file:"), `${where}: ${found.links}`);
  assert.equal(found.evil, false, where);
  assert.deepEqual(page.breaches, [], where);
  assert.deepEqual(page.asked.filter((url) => !url.startsWith(origin) && url !== "about:blank"), [], `${where}: requests to others`);
}

/** What honest boards of the same form are made of, by page. */
async function honest(t, now) {
  const benign = Object.fromEntries([...PAGES, PICTURE].map((path) => [path, nothing()]));
  const page = await watched(t);
  for (const [text, address] of [["word", "https://example.org/"], ["word https://example.org/ #swift", "https://example.org/"], ["", "none"], ["word", ""], ["red", "mailto:a@b.example"], ["09:00-10:45", "#fff"]]) {
    const server = await new Store(t, filled(now, text, address)).serve();
    for (const path of [...PAGES, PICTURE]) {
      await page.goto(server.url + path);
      learn(benign[path], await parts(page));
      await touch(page);
      learn(benign[path], await parts(page));
    }
  }
  return benign;
}

const nothing = () => ({ elements: new Set(), rules: new Set() });

function learn(benign, found) {
  for (const kind of ["elements", "rules"]) found[kind].forEach((one) => benign[kind].add(one));
}

/** What a pointer or a key would do anywhere. */
const touch = (page) => page.evaluate(() => {
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  const events = ["mouseover", "focus", "keydown"];
  document.querySelectorAll("main *").forEach((one) => events.forEach((name) => one.dispatchEvent(new Event(name, { bubbles: true }))));
});

test("a data file full of attacks adds nothing to any page", async (t) => {
  const now = new Date();
  const benign = await honest(t, now);
  for (const [place, text] of ATTACKS.entries()) {
    const server = await new Store(t, filled(now, text, ADDRESSES[place])).serve();
    const page = await watched(t);
    for (const path of [...PAGES, PICTURE]) {
      await page.goto(server.url + path);
      await touch(page);
      sound(page, await parts(page), benign[path], server.url, `/${path} with ${text}`);
    }
    await page.context().close();
  }
});

test("attacks that are said in the chat while a page is open add nothing to it", async (t) => {
  const now = new Date();
  const store = new Store(t, event(now));
  const server = await store.serve();
  const bot = store.bot();
  const page = await watched(t);
  await page.goto(server.url);
  const benign = nothing();
  const all = async (text, address, name) => {
    let last;
    for (const line of [
      `#swift now ${text}`, `#swift next ${text}`, `#nova location ${text}`, `~motd add danger ${text}`, `#swift url https://evil.example/${address}`,
      `#swift etherpad https://evil.example/${address}`,
    ]) last = await bot.say(line);
    last = await bot.say(`+in ${text}`, { from: name, name: text, role: "member" });
    await until("the change", async () => Number(await page.locator("main").getAttribute("data-revision")) >= last.revision);
    return last;
  };
  for (const [place, text] of ["word", "word https://example.org/ #swift"].entries()) {
    await all(text, `word${place}`, "honest");
    learn(benign, await parts(page));
  }
  for (const [place, text] of ATTACKS.entries()) {
    await all(text, encodeURIComponent(text), `liar${place}`);
    sound(page, await parts(page), benign, server.url, text);
    assert.ok((await page.locator("main").textContent()).includes(text.replaceAll(/\s+/g, " ").slice(0, 20)), `${text} is not shown as it was said`);
  }
});

test("attacks in the address of a page add nothing to it, on the server and in a folder", async (t) => {
  const now = new Date();
  const store = new Store(t, event(now));
  for (const { url } of [await store.serve(), await store.still(now)]) {
    const page = await watched(t);
    // Leaving the page by its hash alone would not load it anew.
    const open = async (address) => { await page.goto("about:blank"); await page.goto(url + address); };
    for (const path of ["", "signage.html"]) {
      const benign = nothing();
      for (const query of ["", "?track=word", "?track=swift,word", "?room=word", "?room=ballroom-a", "#word", "?track=swift&room=ballroom-a", "?track=word&room=word"]) {
        await open(path + query);
        learn(benign, await parts(page));
      }
      // The two pages read their address with the same words; a few attacks show that for the second.
      const attacks = path ? [ATTACKS[0], ATTACKS[3], ADDRESSES[0]] : [...ATTACKS, ...ADDRESSES.slice(0, 3)];
      for (const attack of attacks.map(encodeURIComponent)) {
        for (const query of [`?track=swift,${attack}`, `?track=${attack}&room=${attack}#${attack}`]) {
          await open(path + query);
          sound(page, await parts(page), benign, url, path + query);
        }
      }
    }
    await page.context().close();
  }
});

test("the pages use nothing that their policy forbids", async (t) => {
  const server = await new Store(t, event()).serve();
  for (const path of PAGES) {
    const page = await watched(t);
    const answer = await page.goto(server.url + path);
    const policy = answer.headers()["content-security-policy"];
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll("script:not([src]), style, [style]")].map((one) => one.outerHTML.slice(0, 80))), []);
    assert.deepEqual([page.breaches, page.faults], [[], []]);
  }
});
