// Keeps an open page up to date and fits it to its reader. The page is complete without it.
"use strict";

(() => {
  const root = document.documentElement;
  const wall = document.body.classList.contains("signage");
  const live = root.hasAttribute("data-live");
  const at = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  // Only what differs is written: a screen reader and a text selection notice every write.
  const put = (node, text) => { if (node && node.textContent !== text) node.textContent = text; };

  // A reader's choices, kept where the browser allows it.
  const kept = {
    read(name) { try { return localStorage.getItem(name) ?? ""; } catch { return ""; } },
    write(name, value) { try { localStorage.setItem(name, value); } catch { /* Then for this visit only. */ } },
  };

  // --- fitting a page to its reader ---------------------------------------------------------------------------
  // Works alike on the page that is shown and on a newer one that has just come, before the two are compared: so
  // nothing that is done here looks like a difference.

  function dress(page) {
    filter(page);
    days(page);
    booking(page);
    subscribing(page);
    times(page);
    relative(page);
  }

  // --- times

  const formats = new Map();
  function format(locale, zone, options) {
    const key = locale + zone + JSON.stringify(options);
    if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }));
    return formats.get(key);
  }

  function known(zone) {
    try { return format("en", zone, {}) && zone; } catch { return "UTC"; }
  }

  const zones = {
    event: () => known(root.dataset.zone),
    mine: () => known(Intl.DateTimeFormat().resolvedOptions().timeZone),
    utc: () => "UTC",
  };
  let choice = kept.read("zone") in zones ? kept.read("zone") : "event";

  // CEST, EDT, AEST: every English knows other abbreviations. Where none does, the offset.
  function abbreviation(zone, time) {
    let name = "";
    for (const locale of ["en-US", "en-GB", "en-AU", "en-NZ", "en-IN", "en-ZA"]) {
      name = format(locale, zone, { timeZoneName: "short" }).formatToParts(time).find((part) => part.type === "timeZoneName").value;
      if (!/^(GMT|UTC)[+-]/.test(name)) break;
    }
    return name.replace(/^GMT([+-])(\d):?(?!\d)/, "UTC$10$2").replace(/^GMT(?=[+-])/, "UTC");
  }

  const clock = (zone, time) => format("en-GB", zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(time);
  const weekday = (zone, time) => format("en-US", zone, { weekday: "short" }).format(time);
  const date = (zone, time) => `${format("en-US", zone, { day: "numeric" }).format(time)} ${format("en-US", zone, { month: "short" }).format(time)}`;

  // What the server printed, in another zone. A day is the event's: where the other zone has another date, the
  // weekday says so.
  function inZone(time, zone) {
    const [from, until] = [Date.parse(time.dateTime), Date.parse(time.dataset.until)];
    const away = date(zone, from) !== date(zones.event(), from);
    const day = time.dataset.shape || away ? weekday(zone, from) + " " : "";
    const month = time.dataset.shape === "date" ? date(zone, from) + ", " : "";
    const end = until ? "–" + clock(zone, until) : "";
    return `${day}${month}${clock(zone, from)}${end} ${abbreviation(zone, until || from)}`;
  }

  function times(page) {
    const zone = zones[choice]();
    for (const time of all("time", page)) {
      time.dataset.said ??= time.textContent;
      put(time, choice === "event" ? time.dataset.said : inZone(time, zone));
    }
    put(page.getElementById("_in"), choice === "event" ? root.dataset.zone : zone);
  }

  function duration(minutes) {
    if (minutes < 60) return `${minutes} min`;
    const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
    if (hours < 48) return rest && hours < 12 ? `${hours} h ${rest} min` : `${hours} h`;
    return `${Math.floor(hours / 24)} days`;
  }

  function relative(page) {
    const minutes = (from, to) => (to - from) / 60000;
    const now = Date.now();
    for (const node of all("[data-ago]", page)) {
      const ago = Math.floor(minutes(Date.parse(node.dataset.ago), now));
      put(node, ago < 1 ? "just now" : ago < 1440 ? duration(ago) : "");
    }
    for (const node of all("[data-in], [data-left]", page)) {
      const left = Math.ceil(minutes(now, Date.parse(node.dataset.in ?? node.dataset.left)));
      put(node, left <= 0 ? "" : node.dataset.in ? `in ${duration(left)}` : `${duration(left)} left`);
    }
    for (const bar of all("progress", page)) {
      const [from, to] = [Date.parse(bar.dataset.from), Date.parse(bar.dataset.to)];
      bar.hidden = false;
      bar.setAttribute("value", Math.min(1, Math.max(0, (now - from) / (to - from))).toFixed(2));
    }
    const zone = zones[choice]();
    for (const face of all("[data-clock]", page)) put(face, `${clock(zone, now)} ${abbreviation(zone, now)}`);
  }

  // --- days as tabs (the ARIA pattern: arrows go, Home and End, one stop for the tab key)

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

  // --- a part of the board: a folder cannot look at the query, so the script does what the web server would do

  function wanted() {
    const tracks = new Set();
    let room = "";
    for (const pair of location.search.slice(1).split("&")) {
      const [name, value = ""] = pair.split("=");
      let words = value;
      try { words = decodeURIComponent(value); } catch { /* Then as it stands. */ }
      if (name === "track") words.split(",").forEach((word) => tracks.add(word.trim().replace(/^#/, "").toLowerCase()));
      if (name === "room") room ||= words.replace(/\+/g, " ").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
    }
    tracks.delete("");
    return { tracks, room };
  }

  function filter(page) {
    const { tracks, room } = wanted();
    if (live || (!tracks.size && !room) || !page.querySelector(".jump, .wallhead")) return;
    const shows = (track) => !tracks.size || tracks.has(track);
    for (const item of all(".card, .tracks li, .pair a", page)) {
      const track = item.dataset.key ?? (item.id || item.hash.slice(1));
      (item.closest(".pair") ?? item).hidden = !shows(track);
    }
    for (const place of all(".places div", page)) place.hidden = !shows(place.dataset.key.slice(1));
    for (const table of all("table", page)) keep(table, shows, room);
    for (const card of all(".wall", page)) {
      card.hidden = (room && card.dataset.room !== room) || !all(".badge", card).some((badge) => shows(badge.textContent.slice(1)));
    }
    all(".walls", page).forEach((walls) => walls.classList.toggle("single", Boolean(room)));
    for (const chip of all(".chips a", page)) {
      const others = new Set(tracks);
      if (!others.delete(chip.textContent.slice(1))) others.add(chip.textContent.slice(1));
      else chip.setAttribute("aria-current", "true");
      chip.setAttribute("href", others.size ? "?track=" + [...others].map(encodeURIComponent).join() : "index.html");
    }
    all(".filter", page).forEach((details) => { details.open = true; });
    all(".count, .choices", page).forEach((free) => { free.hidden = Boolean(tracks.size); });
    const empty = !all(".wall:not([hidden]), .tracks li:not([hidden])", page).length;
    if (!page.getElementById("_filtered") && (!wall || tracks.size || empty)) {
      const [note, link] = [page.createElement("p"), page.createElement("a")];
      note.id = "_filtered";
      note.className = "filtered";
      link.setAttribute("href", "./" + location.pathname.replace(/.*\//, ""));
      link.textContent = "Show everything";
      const names = [...tracks].map((track) => "#" + track).concat(room || []).join(", ");
      note.append(empty ? `Nothing here is called ${names}. ` : `Only ${names}. `, link);
      page.querySelector(".jump, .walls")?.before(note);
    }
    const calendar = page.querySelector("[data-calendar]");
    if (!calendar) return;
    // Whoever made the address of this page may have written anything into it.
    const [name] = empty || tracks.size > 1 ? [] : tracks.size ? tracks : [room];
    const one = name && `${name}.ics`;
    if (one) calendar.setAttribute("href", (tracks.size ? "./" : "./room/") + encodeURIComponent(one));
    put(calendar, one || "ptg.ics");
    put(page.getElementById("_holds"), one ? "The calendar holds what this page shows, the feed all tracks." : "These hold all tracks: take the calendars of yours in their rows.");
  }

  // Leaves in a day's table what is wanted, and the rows and columns that have any of it.
  function keep(table, shows, room) {
    const heads = all("thead th", table);
    const columns = new Set([0]);
    for (const row of all("tbody tr", table)) {
      row.hidden = true;
      [...row.cells].forEach((cell, column) => {
        if (!column) return;
        const track = cell.querySelector(".badge")?.hash.slice(1);
        if ((room && heads[column].dataset.room !== room) || (track ? !shows(track) : !shows("") || cell.classList.contains("closed"))) {
          cell.className = "closed";
          cell.replaceChildren();
        } else {
          row.hidden = false;
          columns.add(column);
        }
      });
    }
    for (const row of table.rows) [...row.cells].forEach((cell, column) => { cell.hidden = !columns.has(column); });
  }

  // --- lines to copy

  function booking(page) {
    const [select, track] = [page.getElementById("_book"), kept.read("book")];
    if (!select) return;
    const names = all(".chips a", page).map((chip) => chip.textContent);
    select.replaceChildren(...["your track", ...names].map((name) => new Option(name, name, name === track)));
    select.parentNode.hidden = false;
    for (const code of all("code.book", page)) {
      put(code, code.textContent.replace(/^#\S+/, names.includes(track) ? track : "#track"));
      if (!code.nextElementSibling) code.after(" ", page.createElement("button"));
      const button = code.nextElementSibling;
      button.type = "button";
      button.textContent ||= "Copy";
      button.setAttribute("aria-label", "Copy " + code.textContent);
    }
  }

  async function copy(button) {
    const code = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      // Only secure pages have a clipboard; the older way works on others.
      getSelection().selectAllChildren(code);
      if (!document.execCommand("copy")) return;
    }
    put(button, "Copied");
    say("Copied " + code.textContent);
    setTimeout(put, 2000, button, "Copy");
  }

  // --- subscribing: where the server does not know its own address, the page does

  function subscribing(page) {
    if (location.protocol === "file:") return;
    const [calendar, webcal, google] = ["calendar", "webcal", "google"].map((name) => page.querySelector(`[data-${name}]`));
    if (!calendar || !webcal.hidden) return;
    webcal.href = new URL(calendar.getAttribute("href"), location.href).href.replace(/^https?:/, "webcal:");
    webcal.hidden = false;
    // Google's machines cannot reach one in a local network.
    if (/^(localhost|127\.|10\.|192\.168\.|\[)|\.local$/.test(location.hostname)) return;
    google.href = "https://calendar.google.com/calendar/r?cid=" + encodeURIComponent(webcal.href);
    google.hidden = false;
  }

  // --- taking over a newer page -------------------------------------------------------------------------------

  const key = (node) => node.id || node.dataset?.key || "";

  // Makes `old` like `fresh` and touches only what differs, so that scroll position, focus, a selected text and
  // opened parts stay as the reader left them.
  function morph(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.nodeValue = fresh.nodeValue;
      return;
    }
    // What is open is the reader's.
    const ours = (name) => name !== "open" || old.localName !== "details";
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && ours(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value && ours(name)) old.setAttribute(name, value);

    const wanted = new Set([...fresh.children].map(key));
    for (const child of [...old.children]) if (key(child) && !wanted.has(key(child))) child.remove();
    const named = new Map([...old.children].filter(key).map((child) => [key(child), child]));
    const used = new Set();
    let here = old.firstChild;
    for (const child of fresh.childNodes) {
      let same = key(child) ? named.get(key(child)) : here;
      while (same && !key(child) && (key(same) || same.nodeName !== child.nodeName)) same = same.nextSibling;
      if (same && !used.has(same) && same.nodeName === child.nodeName) {
        if (same === here) here = here.nextSibling;
        else old.insertBefore(same, here);
        morph(same, child);
      } else {
        same = document.importNode(child, true);
        old.insertBefore(same, here);
      }
      used.add(same);
    }
    for (const child of [...old.childNodes]) if (!used.has(child)) child.remove();
  }

  // Moving a node takes focus and selection away from it.
  function holding(change) {
    const [focus, picked] = [document.activeElement, getSelection()];
    const { anchorNode, anchorOffset, focusNode, focusOffset, isCollapsed } = picked;
    change();
    if (focus !== document.activeElement && focus?.isConnected) focus.focus({ preventScroll: true });
    if (isCollapsed || !anchorNode.isConnected || !focusNode.isConnected) return;
    if (picked.anchorNode === anchorNode && picked.focusNode === focusNode && !picked.isCollapsed) return;
    try { picked.setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset); } catch { /* The words are gone. */ }
  }

  const topics = () => new Map(all("#_now .card:not(.over, [hidden])").map((card) => [card.dataset.key, card.querySelector(".topic").textContent]));
  const say = (text) => put(at("_news"), text);
  function show(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    if (!fresh.getElementById("_main")) return;
    const before = topics();
    root.dataset.zone = fresh.documentElement.dataset.zone;
    dress(fresh);
    holding(() => {
      for (const part of [".event", "#_main", ".foot"]) {
        const old = document.querySelector(part);
        if (old) morph(old, fresh.querySelector(part));
      }
    });
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
    next.href = "colors.css?" + at("_main").dataset.revision;
    if (next.href === sheet.href) return;
    next.addEventListener("load", () => sheet.remove(), { once: true });
    next.addEventListener("error", () => next.remove(), { once: true });
    sheet.after(next);
  }

  // --- hearing of changes -------------------------------------------------------------------------------------

  const [SECOND, MINUTE] = [1000, 60000];
  let [seen, timer] = [{}, 0];
  let [busy, again, streaming] = [false, false, false];
  let [lostSince, failures] = [0, 0];

  // One request at a time; a change that comes meanwhile asks once more.
  async function refresh() {
    again = true;
    if (busy) return;
    busy = true;
    while (again) {
      again = false;
      await ask();
    }
    busy = false;
    clearTimeout(timer);
    const pause = lostSince ? Math.min(MINUTE, SECOND * 2 ** failures) : streaming ? MINUTE : MINUTE / 2;
    // Not all at once after an outage.
    timer = setTimeout(() => document.hidden || refresh(), pause * (1 + Math.random() / 4));
  }

  async function ask() {
    try {
      // A connection that died in silence must not keep the page waiting.
      const signal = AbortSignal.timeout(15 * SECOND);
      const answer = await fetch(location.pathname + location.search, { cache: "no-store", headers: seen, signal });
      if (answer.ok) {
        const text = await answer.text();
        const [tag, changed] = [answer.headers.get("ETag"), answer.headers.get("Last-Modified")];
        seen = tag ? { "If-None-Match": tag } : changed ? { "If-Modified-Since": changed } : {};
        show(text);
      } else if (answer.status !== 304) {
        throw new Error(answer.statusText);
      }
      [lostSince, failures] = [0, 0];
    } catch {
      lostSince ||= Date.now();
      failures += 1;
    }
    warn();
  }

  // A web server tells of changes; where it does not, the page asks by itself.
  function listen(wait = 5 * SECOND) {
    const events = new EventSource("events");
    events.addEventListener("open", () => {
      streaming = true;
      wait = 5 * SECOND;
      // Something may have changed since the page was made or the connection was lost.
      refresh();
    });
    events.addEventListener("revision", (event) => {
      if (!(Number(event.data) <= Number(at("_main").dataset.revision))) changed();
    });
    // A slot began or a day turned: the revision is the same, the page is not.
    events.addEventListener("clock", changed);
    events.addEventListener("error", () => {
      streaming = false;
      refresh();
      // The browser comes back by itself, but not after a refusal.
      if (events.readyState === EventSource.CLOSED) setTimeout(listen, wait, Math.min(2 * wait, MINUTE));
    });
  }

  // A page that nobody sees waits until somebody does.
  const changed = () => { if (!document.hidden) refresh(); };

  function warn() {
    const [out, zone] = [lostSince && Date.now() - lostSince >= 10 * SECOND, zones[choice]()];
    put(at("_status"), out ? `No connection since ${clock(zone, lostSince)} ${abbreviation(zone, lostSince)}. What you see may be out of date.` : "");
  }

  function tick() {
    relative(document);
    warn();
    // For the script of the big screen.
    document.dispatchEvent(new Event("tick"));
  }

  // --- what a reader does -------------------------------------------------------------------------------------

  function offerZones() {
    const select = at("_zone");
    if (!select) return;
    const names = { event: "Event", mine: "Mine", utc: "" };
    const options = Object.entries(names).map(([value, name]) => {
      const short = abbreviation(zones[value](), Date.now());
      return new Option(name ? `${name} (${short})` : short, value, false, value === choice);
    });
    if (options.some((option, n) => option.text !== select.options[n]?.text)) select.replaceChildren(...options);
    select.parentNode.hidden = false;
  }

  document.addEventListener("change", ({ target }) => {
    if (target.id === "_zone") {
      choice = target.value;
      kept.write("zone", choice);
      times(document);
      tick();
    } else if (target.id === "_book") {
      kept.write("book", target.value);
      booking(document);
    }
  });

  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    const button = event.target.closest("button");
    if (tab && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      choose(tab);
    } else if (button?.previousElementSibling?.matches("code")) {
      copy(button);
    }
  });

  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[role=tab]");
    if (!tab || event.ctrlKey || event.altKey || event.metaKey) return;
    const tabs = all("[role=tab]");
    const here = tabs.indexOf(tab);
    const to = { ArrowRight: here + 1, ArrowLeft: here - 1 + tabs.length, Home: 0, End: tabs.length - 1, " ": here }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(tabs[to % tabs.length]);
  });

  function followHash() {
    if (location.hash === "#_filter") at("_filter")?.setAttribute("open", "");
    const tab = document.querySelector(`.tabs a[href="${CSS.escape(location.hash).replace("\\#", "#")}"]`);
    if (tab) choose(tab);
  }

  dress(document);
  offerZones();
  followHash();
  root.classList.add("ready");
  tick();
  setInterval(() => { if (wall || !document.hidden) tick(); }, wall ? SECOND : 5 * SECOND);
  addEventListener("hashchange", followHash);
  if (location.protocol !== "file:") {
    if (live) listen();
    else refresh();
    addEventListener("online", refresh);
    addEventListener("pageshow", (event) => { if (event.persisted) refresh(); });
    document.addEventListener("visibilitychange", () => {
      tick();
      changed();
    });
  }
})();
