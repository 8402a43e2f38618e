// Takes the pictures in docs/src/images/: `PTGBOT=$PWD/target/debug/ptgbot node tests/browser/screenshots.mjs`.
//
// The event, its time and the browser's clock are always the same, so a picture changes only when the page does. For
// letters as phones have them: Debian's fonts-roboto-unhinted. Smaller files with pngquant, paper with poppler-utils.

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { event } from "./event.mjs";
import { gathering } from "./gathering.mjs";
import { Store, openBrowser, openPage } from "./house.mjs";

const IMAGES = new URL("../../docs/src/images/", import.meta.url).pathname;
const NOW = new Date("2026-10-19T09:30:00Z");

process.env.FONTCONFIG_FILE = join(tmpdir(), `ptgbot-fonts-${process.pid}.conf`);
writeFileSync(process.env.FONTCONFIG_FILE, `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include>/etc/fonts/fonts.conf</include>
<match target="pattern"><test name="family"><string>system-ui</string></test><edit name="family" mode="prepend" binding="strong"><string>Roboto</string></edit></match>
<match target="pattern"><test name="family"><string>sans-serif</string></test><edit name="family" mode="prepend" binding="strong"><string>Roboto</string></edit></match>
</fontconfig>`);

// What some tracks had discussed before, and how many minutes ago.
const EARLIER = {
  swift: [[150, "Erasure coding: what the tests have shown"], [115, "Cold storage tiers"], [16, "Ring placement: which partitions move, and how operators learn of it before they do"]],
  nova: [[160, "Retrospective of the last cycle"], [100, "Live migration of large guests"], [21, "Application credentials that outlive their owner, and what the audit should say about them"]],
  cinder: [[140, "Attached volumes of #nova guests"], [27, "Cross-project: removing the last users of the old client libraries"]],
  keystone: [[155, "Federation without tears"], [80, "Quotas, once more"], [11, "Onboarding: first patches"]],
  ironic: [[130, "Firmware updates in place"], [10, "Cross-project: removing the last users of the old client libraries"]],
};

const PHONE = { viewport: { width: 360, height: 800 }, deviceScaleFactor: 2 };
const DESKTOP = { viewport: { width: 1440, height: 900 } };
const WALL = { viewport: { width: 1920, height: 1080 } };
// An event of 44 tracks, and a small one.
const LARGE = [
  { name: "desktop", ...DESKTOP },
  { name: "dark", ...DESKTOP, colorScheme: "dark" },
  { name: "phone", ...PHONE },
  { name: "phone-schedule", ...PHONE, at: "#_schedule" },
  { name: "schedule", ...DESKTOP, at: "#_schedule" },
  { name: "signage", path: "signage.html", ...WALL },
  { name: "record", path: `record/${NOW.toISOString().slice(0, 10)}.html`, viewport: { width: 1440, height: 1100 } },
];
const SMALL = [
  { name: "cards", viewport: { width: 1280, height: 1000 } },
  { name: "door", path: "signage.html?room=ballroom-a", ...WALL },
];

const browser = await openBrowser();

test("pictures of a large event", async (t) => {
  const site = await told(t, gathering(NOW), async (bot) => {
    for (const [track, topics] of Object.entries(EARLIER)) {
      for (const [minutes, topic] of topics) await bot.say(`#${track} now ${topic}`, { at: before(minutes) });
    }
  });
  for (const shot of LARGE) await take(t, site, shot);
});

test("pictures of a small event", async (t) => {
  // The last change, too, is always at the same time.
  const last = (bot) => bot.say("#swift next Tiering to colder disks", { at: before(1) });
  const site = await told(t, { ...event(NOW), timezone: "Europe/Berlin" }, last);
  for (const shot of SMALL) await take(t, site, shot);
  const page = await opened(t, site.url, {});
  const pdf = join(tmpdir(), `ptgbot-print-${process.pid}.pdf`);
  await page.pdf({ path: pdf, format: "A4", margin: { top: "12mm", bottom: "12mm", left: "12mm", right: "12mm" } });
  const drawn = spawnSync("pdftoppm", ["-png", "-r", "90", "-f", "1", "-singlefile", pdf, join(IMAGES, "print")]);
  if (drawn.status !== 0) throw new Error("the paper needs pdftoppm (poppler-utils)");
  rmSync(pdf);
  shrink("print", t);
});

after(() => rmSync(process.env.FONTCONFIG_FILE));

const before = (minutes) => new Date(NOW - minutes * 60e3).toISOString();

/** A site with a data file, after somebody has said more. */
async function told(t, data, saying) {
  const store = new Store(t, data);
  await saying(store.bot());
  mkdirSync(IMAGES, { recursive: true });
  return store.still(NOW);
}

async function take(t, site, { name, path = "", at, ...options }) {
  const page = await opened(t, site.url + path, options);
  if (at) await page.locator(at).evaluate((part) => part.scrollIntoView());
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
  shrink(name, t);
}

async function opened(t, url, options) {
  const page = await openPage(browser, t, null, { locale: "en-GB", timezoneId: "Europe/Berlin", ...options });
  await page.clock.install({ time: NOW });
  await page.goto(url);
  await page.clock.runFor(2_000);
  await page.evaluate(() => document.fonts.ready.then(() => new Promise(requestAnimationFrame)));
  return page;
}

function shrink(name, t) {
  const file = join(IMAGES, `${name}.png`);
  spawnSync("pngquant", ["--force", "--ext", ".png", "--quality", "80-98", "--strip", file]);
  t.diagnostic(`${name}.png: ${statSync(file).size} bytes`);
}
