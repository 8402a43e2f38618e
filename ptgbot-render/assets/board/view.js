// A part of the board: a folder cannot look at the query, so the script does what the web server would do.

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
  for (const item of all(".card, .named > li[data-key], .tracks > li, .pair a", page)) {
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

// Leaves in a day's table what is wanted, and the rows and columns that have any of it. Of a room alone, all.
function keep(table, shows, room) {
  const columns = new Set([0]);
  for (const row of all("tr[data-room]", table)) {
    row.hidden = true;
    [...row.cells].forEach((cell, column) => {
      if (!column) return;
      const buttons = all("[popovertarget]", cell);
      const wanted = buttons.filter((button) => shows(button.getAttribute("popovertarget").split("/")[1]));
      if ((room && row.dataset.room !== room) || cell.matches(".closed") || !(wanted.length || (!buttons.length && shows("")))) {
        cell.className = "closed";
        cell.replaceChildren();
      } else {
        if (!shows("")) cell.replaceChildren(...wanted);
        row.hidden = false;
        columns.add(column);
      }
    });
  }
  for (const part of all(".fold, .vacant", table)) {
    if (part.matches(".fold")) part.hidden = room || !shows("");
    else if (room) part.classList.remove("vacant");
  }
  for (const row of all("thead tr, tr[data-room]", table)) [...row.cells].forEach((cell, column) => { cell.hidden = !columns.has(column); });
}
