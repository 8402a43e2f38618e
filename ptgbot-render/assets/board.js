// Keeps an open page up to date. The page is complete without it.
"use strict";

(() => {
  const root = document.documentElement;
  const wall = document.body.classList.contains("signage");
  const at = (id) => document.getElementById(id);

  // --- taking over a newer page -------------------------------------------------------------------------------

  // Makes `old` like `fresh` and touches only what differs, so that scroll position, focus, a selected text and
  // opened days stay as the reader left them.
  function morph(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.nodeValue = fresh.nodeValue;
      return;
    }
    const kept = old.localName === "details" ? ["open"] : [];
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !kept.includes(name)) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value && !kept.includes(name)) old.setAttribute(name, value);
    }
    let here = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      let same = here;
      while (same && !alike(same, child)) same = same.nextSibling;
      if (same) {
        while (here !== same) here = drop(here);
        here = same.nextSibling;
        morph(same, child);
      } else {
        old.insertBefore(child, here);
      }
    }
    while (here) here = drop(here);
  }

  function drop(node) {
    const next = node.nextSibling;
    node.remove();
    return next;
  }

  const key = (node) => node.id || node.dataset?.key || "";
  const alike = (a, b) => a.nodeName === b.nodeName && key(a) === key(b);

  const topics = () => new Map([...document.querySelectorAll("#_now .card")].map((card) =>
    [card.dataset.key, card.querySelector(".topic").textContent]));

  function show(page) {
    const fresh = new DOMParser().parseFromString(page, "text/html");
    if (!fresh.getElementById("_main")) return;
    const before = topics();
    morph(at("_main"), fresh.getElementById("_main"));
    morph(document.querySelector(".foot"), fresh.querySelector(".foot"));
    const news = [...topics()].filter(([track, topic]) => before.get(track) !== topic);
    if (news.length) at("_news").textContent = news.map(([track, topic]) => `#${track} now: ${topic}`).join(". ");
    restyle();
    dress();
  }

  // A colour may have changed with the board.
  function restyle() {
    const sheet = document.querySelector('link[href^="colors.css"]');
    const next = sheet.cloneNode();
    next.href = "colors.css?" + at("_main").dataset.revision;
    if (next.getAttribute("href") === sheet.getAttribute("href")) return;
    next.addEventListener("load", () => sheet.remove(), { once: true });
    next.addEventListener("error", () => next.remove(), { once: true });
    sheet.after(next);
  }

  // --- hearing of changes -------------------------------------------------------------------------------------

  let busy = false;
  let again = false;
  let failing = 0;

  async function refresh() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const answer = await fetch(location.pathname, { cache: "no-cache" });
      if (answer.ok) show(await answer.text());
      failing = 0;
    } catch {
      failing += 1;
    }
    busy = false;
    warn();
    if (again) {
      again = false;
      refresh();
    }
  }

  let lost = 0;

  function listen() {
    const events = new EventSource("events");
    // Also the first time: something may have changed since the page was loaded.
    events.addEventListener("open", () => {
      refresh();
      lost = 0;
      warn();
    });
    events.addEventListener("revision", (event) => {
      if (!(Number(event.data) <= Number(at("_main").dataset.revision))) refresh();
    });
    // A slot began or a day turned: the revision is the same, the page is not.
    events.addEventListener("clock", () => refresh());
    events.addEventListener("error", () => {
      lost = lost || Date.now();
      setTimeout(warn, PATIENCE);
      if (events.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
    });
  }

  function warn() {
    const out = failing > 1 || (lost && Date.now() - lost >= PATIENCE);
    const text = out ? "No connection. What you see may be out of date." : "";
    if (at("_status").textContent !== text) at("_status").textContent = text;
  }

  // --- clocks -------------------------------------------------------------------------------------------------

  function wallClock(timeZone) {
    return new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
  }

  let clock;
  try {
    clock = wallClock(root.dataset.zone);
  } catch {
    // A browser may not know the event's zone by this name.
    clock = wallClock("UTC");
  }

  function tick() {
    const now = Date.now();
    for (const face of document.querySelectorAll("[data-clock]")) put(face, clock.format(now));
    for (const left of document.querySelectorAll("[data-left]")) {
      const minutes = Math.ceil((Date.parse(left.dataset.left) - now) / 60000);
      const text = minutes > 0 && minutes < 600 ? (minutes < 60 ? `in ${minutes} min` : `in ${Math.floor(minutes / 60)} h ${minutes % 60} min`) : "";
      put(left, text);
    }
  }

  function put(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  // A page opened over http knows where the calendar stands.
  function dress() {
    tick();
    if (location.protocol === "file:") return;
    for (const link of document.querySelectorAll("a[data-webcal]")) {
      if (!link.href.startsWith("webcal:")) link.href = new URL("ptg.ics", location.href).href.replace(/^https?:/, "webcal:");
    }
  }

  // A wall with more rooms than fit shows them one screen after the other.
  function turn() {
    const bottom = root.scrollHeight - root.clientHeight;
    const next = scrollY >= bottom - 4 ? 0 : Math.min(bottom, scrollY + root.clientHeight * 0.85);
    scrollTo({ top: next });
  }

  const PATIENCE = 15000;

  dress();
  setInterval(tick, 1000);
  if (wall) setInterval(turn, 15000);
  if (location.protocol !== "file:") {
    if (root.hasAttribute("data-live")) {
      listen();
      if (wall) setInterval(refresh, 60000);
    } else {
      setInterval(() => document.hidden || refresh(), 30000);
    }
    document.addEventListener("visibilitychange", () => document.hidden || refresh());
  }
})();
