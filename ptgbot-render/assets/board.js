// Keeps an open page up to date. The page is complete without it.
"use strict";

(function () {
  const live = document.documentElement.hasAttribute("data-live");
  const main = () => document.getElementById("_main");
  const revision = () => Number(main().dataset.revision);
  let busy = false;
  let again = false;

  // Takes over the new page's main part where it differs, and leaves the reader's place, focus and open days alone.
  function show(page) {
    const next = new DOMParser().parseFromString(page, "text/html").getElementById("_main");
    const old = main();
    if (!next || next.outerHTML === old.outerHTML) return;
    for (const day of old.querySelectorAll("details[id]")) {
      const same = next.querySelector("#" + CSS.escape(day.id));
      if (same) same.open = day.open;
    }
    const focus = document.activeElement && document.activeElement.id;
    const top = window.scrollY;
    old.replaceChildren(...next.childNodes);
    old.dataset.revision = next.dataset.revision;
    window.scrollTo(0, top);
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
  }

  async function refresh() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.pathname, { cache: "no-cache" });
      if (answer.ok) show(await answer.text());
      say("");
    } catch {
      say("No connection: this page may be out of date.");
    }
    busy = false;
    if (again) { again = false; refresh(); }
  }

  function say(text) {
    const status = document.getElementById("_status");
    if (status.textContent !== text) status.textContent = text;
  }

  function listen() {
    const events = new EventSource("events");
    events.addEventListener("revision", (event) => {
      if (!(Number(event.data) <= revision())) refresh();
    });
    events.addEventListener("error", () => {
      if (events.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
    });
  }

  if (location.protocol !== "file:") {
    if (live) listen(); else setInterval(refresh, 30000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  }
})();
