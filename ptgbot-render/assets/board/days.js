// Days as tabs (the ARIA pattern: arrows go, Home and End, one stop for the tab key), and by [ and ] from anywhere.

let chosenDay = "";
const panelOf = (tab, page = document) => page.getElementById(tab.getAttribute("href").slice(1));

function days(page) {
  const tabs = all(".tabs a", page);
  const chosen = tabs.find((tab) => tab.getAttribute("href") === chosenDay) ?? tabs.find((tab) => panelOf(tab, page).classList.contains("first"));
  for (const tab of tabs) {
    const [day, selected] = [panelOf(tab, page), tab === chosen];
    const told = { role: "tab", "aria-controls": day.id, "aria-selected": selected, tabindex: selected ? 0 : -1 };
    for (const [name, value] of Object.entries(told)) tab.setAttribute(name, value);
    tab.parentNode.setAttribute("role", "tablist");
    day.setAttribute("role", "tabpanel");
    day.setAttribute("aria-labelledby", tab.id);
    day.hidden = !selected;
  }
}

function choose(tab, head) {
  const first = panelOf(tab).hidden;
  chosenDay = tab.getAttribute("href");
  days(document);
  tab.parentNode.scrollLeft += tab.getBoundingClientRect().left - tab.parentNode.getBoundingClientRect().left - tab.offsetWidth;
  if (first || head) reveal(panelOf(tab), head);
}

// To the day before or after. The focus goes along where it was in the day that is left.
function turnDay(step) {
  const tabs = all("[role=tab]");
  const here = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
  const tab = tabs[here + step];
  if (!tab) return;
  const leaves = document.activeElement.closest(".day, .tabs");
  choose(tab);
  if (leaves) tab.focus({ preventScroll: true });
  say(tab.textContent);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey !== event.altKey || event.metaKey) return;
  const tab = event.target.closest?.("[role=tab]");
  const tabs = all("[role=tab]");
  const here = tabs.indexOf(tab);
  const to = tab ? { ArrowRight: here + 1, ArrowLeft: here - 1 + tabs.length, Home: 0, End: tabs.length - 1, " ": here }[event.key] : undefined;
  const step = { "[": -1, "]": 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    choose(tabs[to % tabs.length]);
    tabs[to % tabs.length].focus();
  } else if (step && !event.target.closest?.("input, select, textarea, [contenteditable]")) {
    turnDay(step);
  }
});
