// Hearing of changes: a web server tells of them, and where it does not, the page asks by itself.

const [SECOND, MINUTE] = [1000, 60000];
// A file on a disk has nobody to ask.
const follows = location.protocol !== "file:";
let [seen, timer] = [{}, 0];
let [busy, again, streaming] = [false, false, false];
// Of the last two: the newest revision that was told of or shown, and how often an answer did not have it yet.
let [lostSince, failures, pausedSince, newest, late] = [0, 0, 0, 0, 0];
// A page that the service worker kept is of an earlier time.
if (root.dataset.kept) lostSince = Number(root.dataset.kept);
const revision = (page) => Number(page.getElementById("_main")?.dataset.revision);

// One request at a time; a change that comes meanwhile asks once more.
async function refresh() {
  again = true;
  if (busy) return;
  busy = true;
  while (again) {
    again = false;
    await ask();
  }
  busy = false;
  clearTimeout(timer);
  const pause = lostSince ? Math.min(MINUTE, SECOND * 2 ** failures) : late ? SECOND / 4 * 2 ** late
    : streaming ? MINUTE : MINUTE / 2;
  // Not all at once after an outage.
  timer = setTimeout(changed, pause * (1 + Math.random() / 4));
}

// A page that is paused waits, and one that nobody sees and that is to notify nobody.
const waits = () => pausedSince || (document.hidden && !notifies());
const changed = () => { if (!waits()) refresh(); };

async function ask() {
  try {
    // A connection that died in silence must not keep the page waiting.
    const signal = AbortSignal.timeout(15 * SECOND);
    const answer = await fetch(location.pathname + location.search, { cache: "no-store", headers: seen, signal });
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (pausedSince) return;
      if (!lags(revision(fresh))) {
        const [tag, changed] = [answer.headers.get("ETag"), answer.headers.get("Last-Modified")];
        seen = tag ? { "If-None-Match": tag } : changed ? { "If-Modified-Since": changed } : {};
        show(fresh);
      }
    } else if (answer.status === 304) {
      lags(revision(document));
    } else {
      throw new Error(answer.statusText);
    }
    [lostSince, failures] = [0, 0];
  } catch {
    lostSince ||= Date.now();
    failures += 1;
  }
  warn();
}

// Of many servers one may lag, and a cache on the way may be a second old: what is older than what is known is not
// shown, and asked for again. A few times: a board may have been replaced by one with fewer changes.
function lags(found) {
  late = found < newest && late < 5 ? late + 1 : 0;
  if (!late) newest = found || 0;
  return late;
}

// --- the stream of changes
//
// A browser opens six connections to a server at most, so its pages share one stream: the page that holds a lock
// listens and tells the others. Hidden pages take no part. Where the browser cannot share, each page listens.

const events = new URL(`${root.dataset.root ?? ""}events`, location.href).href;
const channel = live && navigator.locks && window.BroadcastChannel ? new BroadcastChannel(events) : null;
let part = null;

// Takes part in following, and catches up with what was missed.
function join() {
  if (waits()) return;
  if (live && !part) {
    part = new AbortController();
    const { signal } = part;
    if (channel) {
      channel.onmessage = ({ data }) => hear(data);
      const held = () => {
        listen(signal);
        return new Promise((resolve) => signal.addEventListener("abort", resolve));
      };
      // A page that leaves before its turn has come is no fault.
      navigator.locks.request(events, { signal }, held).catch(() => {});
    } else {
      listen(signal);
    }
  }
  refresh();
}

// The browser knows first that there is no network, and that there is one again.
addEventListener("offline", () => {
  lostSince ||= Date.now();
  streaming = false;
  warn();
  changed();
});
addEventListener("online", changed);

function leave() {
  part?.abort();
  part = null;
  streaming = false;
  if (channel) channel.onmessage = null;
}

function listen(signal, wait = 5 * SECOND) {
  if (signal.aborted) return;
  const source = new EventSource(events);
  signal.addEventListener("abort", () => source.close());
  const pass = ({ type, data }) => {
    hear({ type, data });
    channel?.postMessage({ type, data });
  };
  for (const type of ["open", "revision", "clock", "error"]) source.addEventListener(type, pass);
  source.addEventListener("open", () => { wait = 5 * SECOND; });
  source.addEventListener("error", () => {
    // The browser comes back by itself, but not after a refusal.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, wait, signal, Math.min(2 * wait, MINUTE));
  });
}

// What the stream says, here or in the page that listens. When it opens, something may have changed since the page was
// made. When a slot began or a day turned, the revision is the same and the page is not.
function hear({ type, data }) {
  streaming = type !== "error";
  if (type === "revision") {
    if (data <= revision(document)) return;
    newest = Number(data);
  }
  changed();
}

// --- a page that stands still

function pause() {
  pausedSince = pausedSince ? 0 : Date.now();
  if (pausedSince) leave();
  else join();
  pausing(document);
  warn();
}

function pausing(page) {
  for (const button of all("[data-pause]", page)) {
    button.hidden = !follows;
    button.toggleAttribute("data-paused", Boolean(pausedSince));
    put(button, pausedSince ? "Resume updates" : "Pause updates");
  }
}

function warn() {
  const zone = zones[choice]();
  const day = (time) => date(zone, time) === date(zone, eventTime()) ? "" : weekday(zone, time) + " ";
  const shown = (time) => `since ${day(time)}${clock(zone, time)} ${abbreviation(zone, time)}`;
  const since = (moment) => shown(eventTime(moment));
  const lost = lostSince && (!navigator.onLine || Date.now() - lostSince >= 10 * SECOND);
  put(at("_status"), pausedSince ? `Updates are paused ${since(pausedSince)}.`
    : lost ? `No connection ${since(lostSince)}. What you see may be out of date.` : "");
}

function tick() {
  relative(document);
  nowLines();
  warn();
  // For the script of the big screen.
  document.dispatchEvent(new Event("tick"));
}
