// What changes on the reader's tracks is told by the browser while a page is open, if the reader wants it.

const [WANTED, TOLD] = ["notify", "told " + home.pathname];
const canNotify = () => isSecureContext && "Notification" in window && Notification.permission !== "denied";
const notifies = () => canNotify() && Notification.permission === "granted" && kept.read(WANTED) === "on" && stars().size > 0;
// What the page showed when it was looked at last, of each track that is the reader's.
let remembered = new Map();
let refused = false;

function bell(page) {
  const button = page.createElement("button");
  button.type = "button";
  button.dataset.bell = "";
  button.hidden = !canNotify();
  button.setAttribute("aria-pressed", notifies());
  button.textContent = "Notify me of changes";
  return button;
}

function told(page) {
  const words = page.createElement("span");
  words.setAttribute("role", "status");
  if (refused) words.textContent = "This browser does not notify you. All else works as before.";
  return words;
}

// Topic and room of a track, as the page says them; nothing of one that it does not show.
function factsOf(track) {
  const row = at(track);
  if (!row) return null;
  const card = document.querySelector(`#_now .card:not(.over)[data-key="${CSS.escape(track)}"]`);
  const words = (node) => node?.textContent.trim() ?? "";
  return {
    topic: words(card?.querySelector(".topic")),
    place: words(card?.querySelector(".place bdi") ?? row.querySelector(".place")),
  };
}

function remember() {
  remembered = new Map([...stars()].map((track) => [track, factsOf(track)]).filter(([, facts]) => facts));
}

// Each page sees the change; the first of them tells it, and keeps for the others that it did.
function tellChanges() {
  const before = remembered;
  remember();
  if (!notifies()) return;
  for (const [track, facts] of remembered) {
    const old = before.get(track);
    const news = old ? changes(old, facts) : "";
    if (!news) continue;
    const once = async () => { if (!await isTold(track, JSON.stringify(facts))) await notify(track, news); };
    navigator.locks ? navigator.locks.request(TOLD, once) : once();
  }
}

// Whether another page has told it; from now on it is told. What a page writes into its local storage, others may read a
// moment later; what it writes into a cache, at once.
async function isTold(track, facts) {
  try {
    const cache = await caches.open(TOLD);
    const place = new URL("?told=" + encodeURIComponent(track), home);
    const last = await cache.match(place);
    if (last && await last.text() === facts) return true;
    await cache.put(place, new Response(facts));
  } catch { /* Then each page tells it, and the browser shows the last of them. */ }
  return false;
}

function changes(old, facts) {
  const words = [["Now", "topic"], ["Place", "place"]].map(([name, part]) => {
    if (!facts[part] || facts[part] === old[part]) return "";
    return `${name}: ${facts[part]}${old[part] ? ` (before: ${old[part]})` : ""}`;
  });
  return words.filter(Boolean).join("\n");
}

async function notify(track, body) {
  const options = { body, tag: `${home.pathname} ${track}`, renotify: true, icon: new URL("icon.svg", home).href, data: new URL("#" + track, home).href };
  const registration = await navigator.serviceWorker?.getRegistration(home);
  // A phone's browser shows none but a worker's.
  if (registration?.active) return registration.showNotification("#" + track, options);
  new Notification("#" + track, options).addEventListener("click", () => focus());
}

document.addEventListener("shown", tellChanges);
document.addEventListener("click", async (event) => {
  if (!event.target.closest("[data-bell]")) return;
  const wanted = !notifies();
  if (wanted && Notification.permission !== "granted") await Notification.requestPermission();
  refused = wanted && Notification.permission !== "granted";
  kept.write(WANTED, wanted && !refused ? "on" : "");
  showMine();
});
