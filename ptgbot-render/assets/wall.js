// The big screen: more rooms than fit are shown in turns, and without a network it still goes from slot to slot.
"use strict";

(() => {
  const root = document.documentElement;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const SECOND = 1000;

  let screens = [];
  let [screen, paused] = [0, false];

  // Finds how many rooms fit at a time, spreads them evenly, and writes larger where there is space.
  function layOut() {
    const cards = all(".wall:not([hidden])");
    const [walls, pager] = [cards[0]?.parentNode, document.querySelector(".pager")];
    if (!walls) return;
    const fit = (part) => {
      cards.forEach((card) => card.classList.toggle("off", !part.includes(card)));
      return root.scrollHeight <= root.clientHeight;
    };
    const parts = (size) => Array.from({ length: Math.ceil(cards.length / size) }, (_, n) => cards.slice(n * size, (n + 1) * size));
    walls.classList.remove("big");
    pager.hidden = true;
    screens = [cards];
    // Who holds it in the hand scrolls.
    if (!fit(cards) && innerWidth >= 700 && cards.length > 1) {
      pager.hidden = false;
      let size = cards.length;
      while (size > 1 && !parts(size).every(fit)) size -= 1;
      screens = parts(Math.ceil(cards.length / parts(size).length));
    }
    walls.classList.add("big");
    if (innerWidth < 700 || !screens.every(fit)) walls.classList.remove("big");
    turn(0);
  }

  function turn(by) {
    screen = (screen + by) % screens.length || 0;
    screens.forEach((cards, number) => cards.forEach((card) => card.classList.toggle("off", number !== screen)));
    const pager = document.querySelector(".pager");
    if (!pager) return;
    put(pager.firstElementChild, paused ? "Go on" : "Pause");
    put(pager.lastElementChild, `${screen + 1} of ${screens.length}`);
  }

  // What runs now by this machine's clock. With a network the server says the same.
  function proceed() {
    const now = Date.now();
    let changed = false;
    for (const slot of all(".wall li[data-key]")) {
      const time = slot.querySelector("time[data-until]");
      if (!time) continue;
      const phase = now >= Date.parse(time.dataset.until) ? "past" : now >= Date.parse(time.dateTime) ? "running" : "ahead";
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
  proceed();
  layOut();
})();
