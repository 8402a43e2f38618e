// The last board, for a hall without a network: a service worker keeps the pages that were looked at, with their styles
// and scripts. While the network answers, it alone does. `src/asset.rs` puts VERSION before this.

const SECOND = 1000;
const root = new URL(registration.scope);
const prefix = `ptgbot ${root.pathname} `;
const name = prefix + VERSION;
// Pages, oldest first out; what they need besides is a handful of files.
const MOST_PAGES = 40;
// What every page needs, and the board.
const CORE = ["./", "colors.css", ...["style.css", "board.js", "icon.svg"].map((path) => `${path}?${VERSION}`)];
// When the network gave a file, in milliseconds.
const KEPT = "x-kept-at";

const below = (url) => url.pathname.slice(root.pathname.length);
// The colours come under a new address at each change, and the newest are right for every page. The board has three names.
const key = (url) => {
  const path = below(url);
  if (path === "colors.css") return new URL(path, root).href;
  if (/^(index|ptg)\.html$/.test(path)) return new URL("./" + url.search, root).href;
  return url.origin + url.pathname + url.search;
};
const never = /^(events|metrics|healthz|readyz|sw\.js)$/;
const kinds = /^(text\/html|text\/css|text\/javascript|image\/svg\+xml|application\/manifest\+json)\b/;

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(Promise.all(CORE.map((path) => ask(event, new Request(new URL(path, root), { cache: "no-cache" })))));
});

// A version's files are of no use to another one.
addEventListener("activate", (event) => {
  const old = async () => {
    const others = (await caches.keys()).filter((other) => other.startsWith(prefix) && other !== name);
    await Promise.all(others.map((other) => caches.delete(other)));
    await clients.claim();
  };
  event.waitUntil(old());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== root.origin || never.test(below(url))) return;
  // A page that asks for news of itself is answered by the network or not at all.
  const patience = request.mode === "navigate" ? 3 * SECOND : request.destination ? SECOND : 0;
  const network = ask(event, request);
  event.waitUntil(network.catch(() => {}));
  event.respondWith(patience ? soon(network, url, patience) : network);
});

// The network's answer; what is kept where it fails, or takes too long.
async function soon(network, url, patience) {
  const late = new Promise((resolve) => setTimeout(resolve, patience));
  const first = await Promise.race([network.catch(() => {}), late]);
  if (first?.status < 500) return first;
  return await kept(url) ?? network;
}

// What a page had the browser tell leads to it.
addEventListener("notificationclick", (event) => {
  event.notification.close();
  const open = async () => {
    const [page] = await clients.matchAll({ type: "window" });
    return page ? page.focus() : clients.openWindow(event.notification.data);
  };
  event.waitUntil(open());
});

// Asks the network, and keeps what it gives where there is space.
async function ask(event, request) {
  const answer = await fetch(request);
  const url = new URL(request.url);
  const { status, redirected, headers } = answer;
  if (status === 304) event.waitUntil(find(url).then((same) => same && keep(url, same)).catch(() => {}));
  if (status === 200 && !redirected && kinds.test(headers.get("Content-Type"))) event.waitUntil(keep(url, answer.clone()).catch(() => {}));
  return answer;
}

async function find(url) {
  return (await caches.open(name)).match(key(url), { ignoreVary: true });
}

async function keep(url, answer) {
  const headers = new Headers(answer.headers);
  for (const header of ["Content-Encoding", "Content-Length"]) headers.delete(header);
  headers.set(KEPT, Date.now());
  const cache = await caches.open(name);
  await cache.put(key(url), new Response(await answer.arrayBuffer(), { headers }));
  const pages = (await cache.keys()).filter((request) => request.url !== root.href && !/\.(css|js|svg|webmanifest)(\?|$)/.test(request.url));
  await Promise.all(pages.slice(0, -MOST_PAGES).map((page) => cache.delete(page)));
}

// A page that was kept says since when, for the script of the pages to tell. A part of the board that was never looked at
// is in the whole: the address says so, too, where it is the server that finds the part.
async function kept(url) {
  const isBoard = new URL(key(url)).pathname === root.pathname;
  const own = await find(url);
  if (!own && isBoard && /[?&](track|room)=/.test(url.search)) return Response.redirect(root.href);
  const found = own ?? await find(isBoard ? root : url);
  if (!found?.headers.get("Content-Type").startsWith("text/html")) return found;
  const text = await found.text();
  return new Response(text.replace("<html ", `<html data-kept="${Number(found.headers.get(KEPT))}" `), { headers: found.headers });
}
