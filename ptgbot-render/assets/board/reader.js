// What a reader does, and the start.

function offerZones() {
  const select = at("_zone");
  if (!select) return;
  const names = { event: "Event", mine: "Mine", utc: "" };
  const options = Object.entries(names).map(([value, name]) => {
    const short = abbreviation(zones[value](), eventTime());
    return new Option(name ? `${name} (${short})` : short, value, false, value === choice);
  });
  if (options.some((option, n) => option.text !== select.options[n]?.text)) select.replaceChildren(...options);
  select.parentNode.hidden = false;
}

document.addEventListener("change", ({ target }) => {
  if (target.id === "_zone") {
    choice = target.value;
    kept.write("zone", choice);
    times(document);
    tick();
  } else if (target.id === "_book") {
    kept.write("book", target.value);
    booking(document);
  }
});

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab]");
  const button = event.target.closest("button");
  if (tab && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    choose(tab);
  } else if (button?.matches("[data-pause]")) {
    pause();
  } else if (button?.matches(".book, code + button")) {
    copy(button);
  }
});

function followHash() {
  let id = location.hash.slice(1);
  try { id = decodeURIComponent(id); } catch { /* Then as it stands. */ }
  const target = at(id);
  // What is folded opens for whoever was sent there.
  const fold = target?.closest("details");
  if (fold && !fold.open) {
    fold.open = true;
    target.scrollIntoView();
  }
  const day = target?.closest(".day");
  if (!day) return;
  choose(all(".tabs a").find((tab) => panelOf(tab) === day), target.matches("th") && target);
  day.scrollIntoView();
}

if (at("_search")) at("_search").value = sought;
dress(document);
remember();
offerZones();
reveal(document.querySelector(".day:not([hidden])"));
followHash();
root.classList.add("ready");
tick();
setInterval(() => { if (wall || !document.hidden) tick(); }, Math.max((wall ? SECOND : 5 * SECOND) / speed, SECOND / 4));
addEventListener("hashchange", followHash);
if (follows) {
  join();
  addEventListener("load", keepOffline);
  addEventListener("online", changed);
  addEventListener("pagehide", () => leave());
  addEventListener("pageshow", (event) => { if (event.persisted) join(); });
  document.addEventListener("visibilitychange", () => {
    tick();
    if (waits()) leave();
    else join();
  });
}
