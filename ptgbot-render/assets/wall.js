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
    const slots = all(".wall li[data-key]").map((slot) => ({ slot, time: slot.querySelector("time[data-until]") })).filter(({ time }) => time);
    for (const { slot, time } of slots) {
      const phase = now >= Date.parse(time.dataset.until) ? "past" : now >= Date.parse(time.dateTime) ? "running" : "ahead";
      changed ||= slot.className !== phase;
      slot.className = phase;
    }
    for (const line of all(".ahead .live")) line.hidden = now >= Date.parse(line.querySelector("time").dateTime);
    const soon = document.querySelector(".soon");
    if (soon && now >= Date.parse(soon.querySelector("time").dateTime)) {
      const ahead = slots.filter(({ time }) => now < Date.parse(time.dateTime));
      const next = ahead.sort((one, other) => Date.parse(one.time.dateTime) - Date.parse(other.time.dateTime))[0];
      soon.hidden = !next;
      if (next) {
        put(soon.querySelector("bdi"), next.slot.dataset.key);
        soon.querySelector("time").replaceWith(next.time.cloneNode(true));
        soon.querySelector("[data-in]").dataset.in = next.time.dateTime;
      }
    }
    return changed;
  }

  document.addEventListener("shown", () => {
    proceed();
    layOut();
  });
  document.addEventListener("tick", () => { if (proceed()) layOut(); });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-pause]")) return;
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
