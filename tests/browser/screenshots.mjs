// Takes the pictures in docs/: `PTGBOT=$PWD/target/debug/ptgbot node tests/browser/screenshots.mjs`.
//
// The event, its time and the browser's clock are always the same, so a picture changes only when the page does. For
// letters as phones have them: Debian's fonts-roboto-unhinted. Smaller files with pngquant, paper with poppler-utils.

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { event } from "./event.mjs";
import { Store, openBrowser, openPage } from "./house.mjs";

const DOCS = new URL("../../docs/", import.meta.url).pathname;
const NOW = new Date("2026-10-19T09:30:00Z");

process.env.FONTCONFIG_FILE = join(tmpdir(), `ptgbot-fonts-${process.pid}.conf`);
writeFileSync(process.env.FONTCONFIG_FILE, `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include>/etc/fonts/fonts.conf</include>
<match target="pattern"><test name="family"><string>system-ui</string></test><edit name="family" mode="prepend" binding="strong"><string>Roboto</string></edit></match>
<match target="pattern"><test name="family"><string>sans-serif</string></test><edit name="family" mode="prepend" binding="strong"><string>Roboto</string></edit></match>
</fontconfig>`);

const SHOTS = [
  { name: "phone", viewport: { width: 360, height: 760 }, deviceScaleFactor: 2 },
  { name: "phone-schedule", viewport: { width: 360, height: 760 }, deviceScaleFactor: 2, at: "#_schedule" },
  { name: "desktop", viewport: { width: 1280, height: 1400 } },
  { name: "dark", viewport: { width: 1280, height: 1400 }, colorScheme: "dark" },
  { name: "signage", path: "signage.html", viewport: { width: 1920, height: 1080 } },
  { name: "door", path: "signage.html?room=ballroom-a", viewport: { width: 1920, height: 1080 } },
];

const browser = await openBrowser();

test("pictures of the board", async (t) => {
  const data = { ...event(NOW), timezone: "Europe/Berlin" };
  const store = new Store(t, data);
  // The last change, too, is always at the same time.
  await store.bot().say("#swift next Tiering to colder disks", { at: new Date(NOW - 60e3).toISOString() });
  const site = await store.still(NOW);
  mkdirSync(DOCS, { recursive: true });
  for (const { name, path = "", at, ...options } of SHOTS) {
    const page = await opened(t, site.url + path, options);
    if (at) await page.locator(at).evaluate((part) => part.scrollIntoView());
    await page.screenshot({ path: join(DOCS, `${name}.png`) });
    shrink(name, t);
  }
  const page = await opened(t, site.url, {});
  const pdf = join(tmpdir(), `ptgbot-print-${process.pid}.pdf`);
  await page.pdf({ path: pdf, format: "A4", margin: { top: "12mm", bottom: "12mm", left: "12mm", right: "12mm" } });
  const drawn = spawnSync("pdftoppm", ["-png", "-r", "90", "-f", "1", "-singlefile", pdf, join(DOCS, "print")]);
  if (drawn.status !== 0) throw new Error("the paper needs pdftoppm (poppler-utils)");
  rmSync(pdf);
  rmSync(process.env.FONTCONFIG_FILE);
  shrink("print", t);
});

async function opened(t, url, options) {
  const page = await openPage(browser, t, null, { locale: "en-GB", timezoneId: "Europe/Berlin", ...options });
  await page.clock.install({ time: NOW });
  await page.goto(url);
  await page.clock.runFor(2_000);
  await page.evaluate(() => document.fonts.ready.then(() => new Promise(requestAnimationFrame)));
  return page;
}

function shrink(name, t) {
  const file = join(DOCS, `${name}.png`);
  spawnSync("pngquant", ["--force", "--ext", ".png", "--quality", "80-98", "--strip", file]);
  t.diagnostic(`${name}.png: ${statSync(file).size} bytes`);
}
