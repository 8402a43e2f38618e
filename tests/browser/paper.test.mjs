// The book on paper: what is meant to be printed fits.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { openBrowser, openPage } from "./house.mjs";

const browser = await openBrowser();

test("the page for moderators is one sheet, A4 or Letter", async (t) => {
  const site = book(t);
  const page = await openPage(browser, t, pathToFileURL(join(site, "moderators.html")).href);
  const words = await page.locator("main").innerText();
  for (const said of ["For moderators", "#swift now", "all commands"]) assert.ok(words.includes(said), said);
  for (const format of ["A4", "Letter"]) assert.equal(sheets(await page.pdf({ format })), 1, format);
});

/** The site that mdBook makes of the documents. */
function book(t) {
  const site = mkdtempSync(join(tmpdir(), "ptgbot-book-"));
  t.after(() => rmSync(site, { recursive: true, force: true }));
  const documents = fileURLToPath(new URL("../../docs", import.meta.url));
  const { status, stderr } = spawnSync(process.env.MDBOOK, ["build", documents, "--dest-dir", site], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return site;
}

/** How many sheets a PDF has: Chromium writes an object in plain text for each. */
const sheets = (pdf) => pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g).length;
