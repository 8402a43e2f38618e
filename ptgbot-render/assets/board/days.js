// Days as tabs (the ARIA pattern: arrows go, Home and End, one stop for the tab key).

let chosenDay = "";

function days(page) {
  const tabs = all(".tabs a", page);
  const panel = (tab) => page.getElementById(tab.getAttribute("href").slice(1));
  const chosen = tabs.find((tab) => tab.getAttribute("href") === chosenDay) ?? tabs.find((tab) => panel(tab).classList.contains("first"));
  for (const tab of tabs) {
    const [day, selected] = [panel(tab), tab === chosen];
    const told = { role: "tab", "aria-controls": day.id, "aria-selected": selected, tabindex: selected ? 0 : -1 };
    for (const [name, value] of Object.entries(told)) tab.setAttribute(name, value);
    tab.parentNode.setAttribute("role", "tablist");
    day.setAttribute("role", "tabpanel");
    day.setAttribute("aria-labelledby", tab.id);
    day.hidden = !selected;
  }
}

function choose(tab) {
  chosenDay = tab.getAttribute("href");
  days(document);
  tab.focus();
  tab.scrollIntoView({ block: "nearest", inline: "nearest" });
}
