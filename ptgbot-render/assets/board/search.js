// What the reader looks for: tracks, topics, rooms and people whose words hold it stay, the rest goes out of sight. The
// address keeps it, so that a page that is sent on or loaded anew shows the same.

const FOUND = "main :is(.card, .named > li, .tracks > li, .places > div, .pair, #_more .chips a, #_schedule tbody tr)";
let sought = new URLSearchParams(location.search).get("q") ?? "";
let writing = 0;
// Folds that were opened to show what they hold.
const unfolded = new Set();

// Signs above and below letters make no difference. What is there to be copied is no text of the place.
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const wordsOf = (item) => plain([...item.childNodes].map((part) => (part.matches?.("code, button") ? "" : part.childElementCount ? wordsOf(part) : part.textContent)).join(" "));

function search(page) {
  const box = page.getElementById("_search");
  if (!box) return;
  box.parentNode.hidden = false;
  const words = plain(sought).split(/\s+/).filter(Boolean);
  let found = 0;
  for (const item of all(FOUND, page)) {
    const text = words.length ? wordsOf(item) : "";
    const holds = words.every((word) => text.includes(word));
    item.classList.toggle("miss", !holds);
    found += holds;
  }
  put(page.getElementById("_found"), words.length && !found ? "Nothing found" : "");
}

// On the page that is shown: what is found opens, and closes when nothing is looked for any more.
function lookFor(text) {
  sought = text;
  holding(() => {
    search(document);
    for (const fold of all(".fold:not([open])")) {
      if (!sought.trim() || !fold.querySelector(".card:not(.miss)")) continue;
      fold.open = true;
      unfolded.add(fold);
    }
    if (sought.trim()) return;
    for (const fold of unfolded) fold.open = false;
    unfolded.clear();
  });
  // Browsers take a hundred addresses in half a minute.
  clearTimeout(writing);
  writing = setTimeout(() => history.replaceState(null, "", withSought(location.href)), 300);
}

function withSought(href) {
  const url = new URL(href);
  const rest = url.search.slice(1).split("&").filter((pair) => pair && !/^q(=|$)/.test(pair));
  if (sought.trim()) rest.push("q=" + encodeURIComponent(sought));
  url.search = rest.join("&");
  return url.href;
}

document.addEventListener("input", ({ target }) => { if (target.id === "_search") lookFor(target.value); });
document.addEventListener("keydown", (event) => {
  const box = at("_search");
  if (!box || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "/" && !event.target.closest?.("input, select, textarea")) {
    event.preventDefault();
    box.focus();
    box.select();
  } else if (event.key === "Escape" && event.target === box && sought) {
    box.value = "";
    lookFor("");
  }
});
