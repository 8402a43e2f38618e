// What the browser tests stand on: a store, the real programs on it, a folder behind a plain web server, a browser.
// Everything ends with the test that started it.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { chromium } from "playwright-core";

const PROGRAM = process.env.PTGBOT ?? fail("PTGBOT names the program; tests/tests/browser.rs sets it");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--font-render-hinting=none",
];

function fail(why) {
  throw new Error(why);
}

/** One browser for the tests of a file, where need be with more flags. */
export async function openBrowser(...flags) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...flags] });
  after(() => browser.close());
  return browser;
}

/** A page in a context of its own; any fault in its script fails the test that looks at `faults`. */
export async function openPage(browser, t, url, options = {}) {
  const context = await browser.newContext(options);
  t.after(() => context.close());
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(String(error)));
  page.on("console", (message) => message.type() === "error" && page.faults.push(message.text()));
  if (url) await page.goto(url);
  return page;
}

/** A store with a data file in it. */
export class Store {
  constructor(t, document) {
    this.t = t;
    this.folder = mkdtempSync(join(tmpdir(), "ptgbot-browser-"));
    this.address = `sqlite:${join(this.folder, "board.sqlite")}`;
    t.after(() => rmSync(this.folder, { recursive: true, force: true }));
    if (document) this.load(document);
  }

  /** Loads a data file, as `ptgbot import` does. */
  load(document) {
    const file = join(this.folder, "import.json");
    writeFileSync(file, JSON.stringify(document));
    run(["import", "--store", this.address, file]);
  }

  /** The bot, to talk to; lines happen at the system's time. */
  bot() {
    return new Bot(this.t, this.address);
  }

  /** The web server. */
  serve(port = 0) {
    return Server.start(this.t, this.address, port);
  }

  /** A rehearsal of it by its own clock, with nobody at the terminal. */
  async rehearse(...args) {
    const options = { stdio: ["ignore", "pipe", "ignore"] };
    const rehearsal = spawn(PROGRAM, ["rehearse", "--store", this.address, "--listen", "127.0.0.1:0", ...args], options);
    this.t.after(() => rehearsal.kill("SIGKILL"));
    for await (const line of createInterface({ input: rehearsal.stdout })) {
      const found = line.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) return { url: `${found[0]}/` };
    }
    fail("no rehearsal");
  }

  /** The static site as of a time, behind a plain web server, where need be in a folder of its own. */
  async still(at = new Date(), below = "") {
    const folder = new Folder(join(this.folder, "site"), () => this.render(join(folder.path, below), at));
    folder.renderAgain();
    await folder.listen(this.t);
    return folder;
  }

  render(path, at) {
    run(["render", "--store", this.address, "--out", path, "--at", at.toISOString()]);
  }
}

function run(args) {
  const { status, stderr } = spawnSync(PROGRAM, args, { encoding: "utf8" });
  if (status !== 0) fail(`ptgbot ${args.join(" ")}: ${stderr}`);
}

/** `ptgbot stdio`. */
class Bot {
  #answers;
  #process;

  constructor(t, address) {
    this.#process = spawn(PROGRAM, ["stdio", "--store", address], { stdio: ["pipe", "pipe", "ignore"] });
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
    t.after(() => this.#process.kill("SIGKILL"));
  }

  /** Says a line as an op in the channel and waits until it is done; anything but a change is an error. */
  async say(text, more = {}) {
    this.#process.stdin.write(JSON.stringify({ room: "#ptg", from: "gibi", role: "op", text, ...more }) + "\n");
    for (const said = []; ;) {
      const { value, done } = await this.#answers.next();
      if (done) fail(`the bot ended at ${text}`);
      const answer = JSON.parse(value);
      said.push(answer.text ?? answer.outcome);
      if (answer.type === "error") fail(answer.text);
      if (answer.type === "done" && answer.outcome !== "changed") fail(`${text}: ${said.join("; ")}`);
      if (answer.type === "done") return answer;
    }
  }
}

/** `ptgbot serve`. */
class Server {
  static async start(t, address, port) {
    const server = new Server();
    Object.assign(server, { store: address, port });
    await server.restart();
    t.after(() => server.process.kill("SIGKILL"));
    return server;
  }

  async restart() {
    const env = { ...process.env, PTGBOT_LOG: "info", NO_COLOR: "1" };
    const args = ["serve", "--store", this.store, "--listen", `127.0.0.1:${this.port}`];
    this.process = spawn(PROGRAM, args, { stdio: ["ignore", "ignore", "pipe"], env });
    const said = [];
    for await (const line of createInterface({ input: this.process.stderr })) {
      said.push(line);
      const found = line.match(/http:\/\/127\.0\.0\.1:(\d+)/);
      if (!found) continue;
      this.port = Number(found[1]);
      this.url = `${found[0]}/`;
      this.process.stderr.resume();
      return;
    }
    fail(`no server: ${said.join("\n")}`);
  }

  /** As a crash would. */
  async stop() {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGKILL");
    await ended;
  }
}

/** A folder behind a web server that knows nothing of the bot: no events, tags and dates for conditional requests. */
class Folder {
  requests = [];
  /** Whether nobody is there to answer. */
  away = false;
  /** How it fails: `status`, or `silence` where somebody opens a page. */
  fault = "";

  constructor(path, again) {
    this.path = path;
    this.renderAgain = again;
  }

  async listen(t) {
    const server = createServer((request, response) => this.#answer(request, response));
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => { server.closeAllConnections(); server.close(); });
    this.url = `http://127.0.0.1:${server.address().port}/`;
  }

  #answer(request, response) {
    const { pathname } = new URL(request.url, this.url);
    const name = normalize(decodeURIComponent(pathname.replace(/\/$/, "/index.html")));
    if (this.away) return request.destroy();
    if (this.fault === "silence" && request.headers["sec-fetch-mode"] === "navigate") return;
    if (this.fault === "status") return response.writeHead(502).end("bad gateway");
    const answer = (status, headers, body) => {
      this.requests.push({ name, status, conditional: "if-none-match" in request.headers });
      response.writeHead(status, headers).end(body);
    };
    let body;
    try {
      body = readFileSync(join(this.path, name));
    } catch {
      return answer(404, {}, "no such file");
    }
    const etag = `"${createHash("sha256").update(body).digest("hex").slice(0, 16)}"`;
    const headers = { etag, "content-type": TYPES[extname(name)] ?? "application/octet-stream", "cache-control": "no-cache" };
    return request.headers["if-none-match"] === etag ? answer(304, headers) : answer(200, headers, body);
  }
}

const TYPES = {
  ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
  ".json": "application/json", ".ics": "text/calendar; charset=utf-8", ".svg": "image/svg+xml", ".atom": "application/atom+xml",
  ".webmanifest": "application/manifest+json",
};

/** Waits until `condition` gives something; never longer than `patience` milliseconds. */
export async function until(what, condition, patience = 20_000) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) fail(`${what} did not come within ${patience} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
