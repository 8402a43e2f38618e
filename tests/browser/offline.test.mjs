// A hall whose network comes and goes: what was looked at stays readable, says from when it is, and catches up.

import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { event } from "./event.mjs";
import { Store, openBrowser, openPage, until } from "./house.mjs";

const browser = await openBrowser("--host-resolver-rules=MAP lan.example 127.0.0.1");
const PHONE = { viewport: { width: 360, height: 740 } };

/** The page is kept by a worker that answers for it from now on. */
const keeping = (page) => until("the worker", () => page.evaluate(() => Boolean(navigator.serviceWorker.controller)));
const status = (page) => page.locator("#_status").textContent();
/** What is kept, by the names of the caches. */
const kept = (page) => page.evaluate(async () => {
  const found = {};
  for (const name of await caches.keys()) found[name] = (await (await caches.open(name)).keys()).map(({ url }) => url);
  return found;
});

/** What is kept under an address. */
const textKept = (page, url) => page.evaluate(async (url) => await (await caches.match(url))?.text() ?? "", url);

test("reloaded without a network, the last board is there with its time, and follows again when the network is back", async (t) => {
  const store = new Store(t, event());
  const server = await store.serve();
  const bot = store.bot();
  const page = await openPage(browser, t, server.url, PHONE);
  await keeping(page);
  await bot.say("#swift now before the cable was cut");
  await page.getByText("before the cable was cut").first().waitFor();
  await page.goto(`${server.url}?track=nova`);
  await until("the part to be kept", async () => (await textKept(page, `${server.url}?track=nova`)).includes("_filtered"));
  await page.goto(server.url);
  await until("the board to be kept", async () => (await textKept(page, server.url)).includes("before the cable was cut"));
  await server.stop();
  await page.reload();
  await page.getByText("before the cable was cut").first().waitFor();
  assert.equal(await page.locator("#_now").evaluate((now) => getComputedStyle(now).display), "block");
  assert.notEqual(await page.locator(".top").evaluate((top) => getComputedStyle(top).backgroundColor), "rgba(0, 0, 0, 0)", "the style is there");
  await until("from when the board is", async () => /^No connection since \d\d:\d\d \S+\. What you see may be out of date\.$/.test(await status(page)));
  // A part that was looked at, and one that was not: the whole has it.
  await page.goto(`${server.url}?track=nova`);
  await page.locator("#_filtered").waitFor();
  await page.goto(`${server.url}index.html?track=keystone`);
  await page.getByText("before the cable was cut").first().waitFor();
  const other = await page.context().newPage();
  await assert.rejects(other.goto(`${server.url}etherpads.html`), /ERR_/, "what nobody looked at is not made up");
  await page.goto(server.url);
  await bot.say("#swift now after it was mended");
  await server.restart();
  await page.getByText("after it was mended").first().waitFor();
  await until("that all is well", async () => await status(page) === "");
});

test("what is of this moment is never kept, nor what is for programs", async (t) => {
  const server = await new Store(t, event()).serve();
  const page = await openPage(browser, t, server.url);
  await keeping(page);
  const ask = (path) => page.evaluate((path) => fetch(path, { cache: "no-store" }).then(({ status }) => status, () => "nothing"), path);
  const paths = ["healthz", "readyz", "metrics", "ptg.json", "ptg.ics", "sw.js"];
  for (const path of paths) assert.equal(await ask(path), 200, path);
  await until("the board to be kept", async () => Object.values(await kept(page)).flat().includes(server.url));
  const urls = Object.values(await kept(page)).flat();
  assert.deepEqual(urls.filter((url) => /\/(events|healthz|readyz|metrics|sw\.js|.*\.(json|ics))/.test(url)), []);
  await server.stop();
  // Nor is a page told old news that asks for new ones.
  for (const path of [...paths, "", "index.html"]) assert.equal(await ask(path), "nothing", path);
});

test("a folder below an address keeps its board, and leaves its neighbour alone", async (t) => {
  const now = new Date();
  const site = await new Store(t, event(now)).still(now, "spring");
  const page = await openPage(browser, t, `${site.url}spring/`);
  await keeping(page);
  assert.equal(await page.evaluate(() => navigator.serviceWorker.getRegistration().then(({ scope }) => scope)), `${site.url}spring/`);
  site.away = true;
  await page.reload();
  await page.getByText("Ring placement").first().waitFor();
  await until("from when the board is", async () => (await status(page)).startsWith("No connection since"));
  const other = await page.context().newPage();
  await assert.rejects(other.goto(site.url), /ERR_/);
  site.away = false;
  await page.goto(`${site.url}spring/index.html`);
  await until("that all is well", async () => await status(page) === "");
});

test("a new version's worker takes over, throws away what the old one kept, and keeps the new board", async (t) => {
  const now = new Date();
  const site = await new Store(t, event(now)).still(now);
  const page = await openPage(browser, t, site.url);
  await keeping(page);
  const [before] = Object.keys(await kept(page));
  const version = before.split(" ").at(-1);
  for (const name of readdirSync(site.path).filter((name) => /\.(html|js)$/.test(name))) {
    const file = join(site.path, name);
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(version, "0badcafe").replaceAll("Ring placement", "After the upgrade"));
  }
  await page.reload();
  assert.ok((await page.locator("main").textContent()).includes("After the upgrade"), "the network goes first");
  await until("the new worker alone", async () => {
    const found = await kept(page);
    return Object.keys(found).join() === before.replace(version, "0badcafe") && Object.values(found)[0].length >= 5;
  });
  site.away = true;
  await page.reload();
  assert.ok((await page.locator("main").textContent()).includes("After the upgrade"));
  assert.notEqual(await page.locator(".top").evaluate((top) => getComputedStyle(top).backgroundColor), "rgba(0, 0, 0, 0)", "the style is there");
});

test("a server that answers with a fault, or not in time, is stood in for", async (t) => {
  const now = new Date();
  const site = await new Store(t, event(now)).still(now);
  const page = await openPage(browser, t, site.url);
  await keeping(page);
  for (const fault of ["status", "silence"]) {
    site.fault = fault;
    await page.reload();
    await page.getByText("Ring placement").first().waitFor();
  }
});

test("however many pages are looked at, some forty are kept", async (t) => {
  const server = await new Store(t, event()).serve();
  const page = await openPage(browser, t, server.url);
  await keeping(page);
  await page.evaluate(async () => {
    for (let number = 0; number < 60; number++) await (await fetch(`?track=swift&n=${number}`)).text();
  });
  const pages = async () => Object.values(await kept(page)).flat().filter((url) => url.includes("&n="));
  await until("the last of them", async () => (await pages()).some((url) => url.endsWith("n=59")));
  await until("no more than forty", async () => (await pages()).length <= 40);
});

test("where there can be no worker all is as without one", async (t) => {
  const now = new Date();
  const site = await new Store(t, event(now)).still(now);
  const page = await openPage(browser, t, site.url.replace("127.0.0.1", "lan.example"));
  assert.equal(await page.evaluate(() => isSecureContext || "serviceWorker" in navigator), false);
  assert.ok((await page.locator("main").textContent()).includes("Ring placement"));
  assert.deepEqual(page.faults, []);
  const file = await openPage(browser, t, pathToFileURL(join(site.path, "index.html")).href);
  assert.ok((await file.locator("main").textContent()).includes("Ring placement"));
  assert.deepEqual(file.faults, []);
});

test("the board can be kept beside a phone's apps, under the event's name", async (t) => {
  const server = await new Store(t, event()).serve();
  const page = await openPage(browser, t, server.url);
  await keeping(page);
  const session = await page.context().newCDPSession(page);
  const { url, errors, data } = await session.send("Page.getAppManifest");
  assert.deepEqual([url, errors], [`${server.url}manifest.webmanifest`, []]);
  const manifest = JSON.parse(data);
  assert.deepEqual([manifest.name, manifest.start_url, manifest.display], ["spring-gathering", ".", "standalone"]);
  assert.deepEqual(manifest.icons.map(({ purpose }) => purpose), ["any", "maskable"]);
  for (const { src } of manifest.icons) assert.equal((await fetch(server.url + src)).status, 200);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // A browser without a window installs nothing, whatever the page says.
  assert.deepEqual(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito"), []);
});
