// The big screen: more rooms than fit are shown in turns, and without a network it still goes from slot to slot.
"use strict";

(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const SECOND = 1000;

  // As on the other pages: of a rehearsal what its clock shows.
  const speed = Number(root.dataset.speed ?? 1);
  const [begun, start] = [root.dataset.begun, root.dataset.start].map((time) => time ? Date.parse(time) : 0);
  const eventTime = () => start + (Date.now() - begun) * speed;

  let screens = [];
  let [screen, paused] = [0, false];
  // The policy of the pages forbids styles in attributes: how many rows a screen has stands in a sheet of its own.
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

  // About how many letters wide the name of a room is: those of East Asia are as wide as two.
  const letters = (row) => [...row.querySelector("h2 > bdi").textContent].reduce((sum, letter) => sum + (letter < "\u2e80" ? 1 : 2), 0);

  // Spreads the rooms evenly over as few screens as the least height of a row allows. The list is as high as the space
  // that is left for it, whatever is in it, so a single look at the page says all.
  function layOut() {
    const rows = all(".wall:not([hidden])");
    const walls = rows[0]?.parentNode;
    // Where rows have no least height, as on a phone, the reader scrolls.
    const least = walls ? parseFloat(getComputedStyle(rows[0]).minHeight) : 0;
    const most = least ? Math.max(1, Math.floor(walls.clientHeight / least)) : Math.max(1, rows.length);
    const turns = Math.max(1, Math.ceil(rows.length / most));
    const size = Math.ceil(rows.length / turns);
    screens = Array.from({ length: turns }, (_, turn) => rows.slice(turn * size, (turn + 1) * size));
    // Of a room alone, each slot has a row.
    const lines = walls?.matches(".single") ? all("ol > li", walls).length : size;
    sheet.replaceSync(`main{--rows:${lines};--letters:${Math.max(1, ...rows.map(letters))}}`);
    root.classList.toggle("roomy", 1.8 * size <= most);
    turn(0);
  }

  function turn(by) {
    screen = (screen + by) % screens.length;
    screens.forEach((rows, number) => rows.forEach((row) => row.classList.toggle("off", number !== screen)));
    const pager = document.querySelector(".pager");
    pager.hidden = screens.length < 2;
    put(pager.firstElementChild, paused ? "Go on" : "Pause");
    put(pager.lastElementChild, `${screen + 1} of ${screens.length}`);
  }

  // What runs now by the event's clock. With a network the server says the same.
  function proceed() {
    const now = eventTime();
    let changed = false;
    for (const slot of all(".wall li[data-key]")) {
      const [from, until] = all(".from time, .until time", slot).map((time) => Date.parse(time.dateTime));
      if (!until) continue;
      const phase = now >= until ? "past" : now >= from ? "running" : "ahead";
      changed ||= slot.className !== phase;
      slot.className = phase;
    }
    let next = true;
    for (const slot of all(".ahead [data-from]")) {
      const [begun, over] = [now >= Date.parse(slot.dataset.from), now >= Date.parse(slot.dataset.until)];
      slot.hidden = slot.className === "live" ? !begun || over : begun || !next;
      if (slot.className === "soon" && !begun) next = false;
    }
    return changed;
  }

  document.addEventListener("shown", () => {
    proceed();
    layOut();
  });
  document.addEventListener("tick", () => { if (proceed()) layOut(); });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-hold]")) return;
    paused = !paused;
    turn(0);
  });
  // It must not fall asleep, where the browser lets a page ask for that.
  const stayAwake = () => navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", stayAwake);
  stayAwake();
  addEventListener("resize", layOut);
  setInterval(() => { if (!paused) turn(1); }, 12 * SECOND);
  root.classList.add("fits");
  proceed();
  layOut();
})();
