// A reader's own tracks: a star each, kept in the browser. They come first, may be shown alone, and have a calendar.

const home = new URL(root.dataset.root || ".", location.href);
// More boards than one may stand on a server.
const STARS = "stars " + home.pathname;
// As many as the server takes in an address.
const MOST_TRACKS = 50;
const onlyMine = () => /[?&]mine\b/.test(location.search);

function stars() {
  try { return new Set(JSON.parse(kept.read(STARS)).filter((track) => typeof track === "string")); } catch { return new Set(); }
}

function mine(page) {
  const jump = page.querySelector(".jump");
  if (!jump) return;
  const starred = stars();
  const known = all(".tracks > li, #_more a", page).map(({ id }) => id);
  const own = known.filter((track) => starred.has(track));
  for (const item of all("#_now .card[data-key], .tracks > li", page)) star(page, item, starred);
  for (const list of all("#_now ul:has(> .card)", page)) first(list, starred);
  const alone = onlyMine() && own.length > 0;
  const others = (item, track) => item.classList.toggle("others", alone && !starred.has(track));
  for (const item of all("#_now [data-key], .tracks > li", page)) others(item, item.dataset.key ?? item.id);
  for (const row of all("#_schedule tbody tr", page)) {
    row.classList.toggle("others", alone && !all("[popovertarget]", row).some((button) => starred.has(button.textContent.slice(1))));
  }
  ways(page, jump, own);
}

// The button that makes a track the reader's, beside its name.
function star(page, item, starred) {
  const track = item.dataset.key ?? item.id;
  let button = item.querySelector(".star");
  if (!button) {
    button = page.createElement("button");
    button.type = "button";
    button.className = "star";
    button.dataset.star = track;
    button.setAttribute("aria-label", `Mine: #${track}`);
    item.querySelector(".badge").after(button);
  }
  button.setAttribute("aria-pressed", starred.has(track));
  put(button, starred.has(track) ? "★" : "☆");
}

// The reader's tracks go before the others of their list; all keep the order that they came in.
function first(list, starred) {
  const items = [...list.children];
  items.forEach((item, place) => { item.dataset.place ??= place; });
  const sorted = [...items].sort((one, other) => starred.has(other.dataset.key) - starred.has(one.dataset.key) || one.dataset.place - other.dataset.place);
  if (sorted.some((item, place) => item !== items[place])) list.append(...sorted);
}

// To one's own tracks alone, to their calendar, and to an address of them for others.
function ways(page, jump, own) {
  let [button, line] = ["_mine", "_starred"].map((id) => page.getElementById(id));
  if (!button) {
    button = page.createElement("button");
    line = page.createElement("p");
    [button.id, button.type, button.textContent] = ["_mine", "button", "★ Mine"];
    [line.id, line.className] = ["_starred", "hint"];
    jump.before(button);
    page.getElementById("_now").before(line);
  }
  button.setAttribute("aria-pressed", onlyMine());
  line.hidden = !own.length && !onlyMine();
  if (!own.length) return put(line, "A star beside a track’s name makes it yours.");
  const names = own.map(encodeURIComponent).join();
  const link = (words, address) => Object.assign(page.createElement("a"), { textContent: words, href: address });
  const together = live && own.length <= MOST_TRACKS;
  // The files of a folder are calendars of one track each.
  const calendars = together ? [link("Calendar", "./ptg.ics?track=" + names)]
    : own.map((track) => link(`Calendar of #${track}`, "./" + encodeURIComponent(track + ".ics")));
  const parts = [own.length > 1 ? `Your ${own.length} tracks:` : "Your track:", ...calendars];
  if (own.length <= MOST_TRACKS) parts.push(link("Address for others", "?track=" + names));
  const fresh = page.createElement("p");
  fresh.append(...parts.flatMap((part) => [part, " "]), bell(page), told(page));
  if (line.innerHTML !== fresh.innerHTML) line.replaceChildren(...fresh.childNodes);
}

function showMine() {
  holding(() => mine(document));
  remember();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".star, #_mine");
  if (!button) return;
  if (button.id === "_mine") {
    const rest = location.search.slice(1).split("&").filter((pair) => pair && !/^mine\b/.test(pair));
    const query = onlyMine() ? rest : [...rest, "mine"];
    history.replaceState(null, "", location.pathname + (query.length ? "?" + query.join("&") : "") + location.hash);
  } else {
    const starred = stars();
    const { star: track } = button.dataset;
    if (!starred.delete(track)) starred.add(track);
    kept.write(STARS, JSON.stringify([...starred]));
  }
  showMine();
});

// Another page of the same reader has changed them.
addEventListener("storage", ({ key }) => {
  if (key !== STARS) return;
  delete choices[STARS];
  showMine();
});
