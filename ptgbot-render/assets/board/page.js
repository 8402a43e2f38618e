// Keeps an open page up to date and fits it to its reader. The page is complete without it.
//
// The files of this folder are one script: `src/asset.rs` puts them together, in one scope.

const root = document.documentElement;
const wall = document.body.classList.contains("signage");
const live = root.hasAttribute("data-live");
const at = (id) => document.getElementById(id);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
// Only what differs is written: a screen reader and a text selection notice every write.
const put = (node, text) => { if (node && node.textContent !== text) node.textContent = text; };

// A reader's choices: for this visit, and for later ones where the browser allows it.
const choices = {};
const kept = {
  read(name) { try { return choices[name] ?? localStorage.getItem(name) ?? ""; } catch { return ""; } },
  write(name, value) { choices[name] = value; try { localStorage.setItem(name, value); } catch { /* This visit only. */ } },
};

// Fits a page to its reader. Works alike on the page that is shown and on a newer one that has just come, before the
// two are compared: so nothing that is done here looks like a difference.
function dress(page) {
  filter(page);
  days(page);
  booking(page);
  search(page);
  messages(page);
  saying(page);
  mine(page);
  subscribing(page);
  pausing(page);
  times(page);
  relative(page);
}

