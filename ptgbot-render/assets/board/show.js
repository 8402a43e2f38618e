// A newer page takes the place of the one that is shown, and what is new in it is said.

const topics = () => new Map(all("#_now .card:not(.over, [hidden]):has(> .topic)").map((card) => [card.dataset.key, card.querySelector(".topic").textContent]));
const say = (text) => put(at("_news"), text);

function show(fresh) {
  if (isNaN(revision(fresh))) return;
  const before = topics();
  root.dataset.zone = fresh.documentElement.dataset.zone;
  dress(fresh);
  holding(() => {
    for (const part of [".event", "#_stale", "#_main", ".foot"]) {
      const old = document.querySelector(part);
      if (old) morph(old, fresh.querySelector(part));
    }
  });
  booking(document);
  document.title = fresh.title;
  offerZones();
  restyle();
  document.dispatchEvent(new Event("shown"));
  const news = [...topics()].filter(([track, topic]) => before.get(track) !== topic);
  for (const [track] of news) document.querySelector(`#_now [data-key="${track}"]`).classList.add("new");
  if (news.length) say(news.length > 3 ? `${news.length} new topics` : news.map(([track, topic]) => `#${track} now: ${topic}`).join(". "));
}

// A colour may have changed with the board.
function restyle() {
  const sheet = document.querySelector('link[href^="colors.css"]');
  const next = sheet.cloneNode();
  next.href = "colors.css?" + revision(document);
  if (next.href === sheet.href) return;
  next.addEventListener("load", () => sheet.remove(), { once: true });
  next.addEventListener("error", () => next.remove(), { once: true });
  sheet.after(next);
}
