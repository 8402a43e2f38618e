// The tables of the schedule: the line at now, what of a wide one is seen first, and what a booked cell opens.

// A sheet of its own: the policy of the page forbids styles in its elements.
const lines = new CSSStyleSheet();
document.adoptedStyleSheets.push(lines);
let drawn = "";

// Where now is in a day's columns: in the one that runs, as far as it has run; between two, at the beginning of the later.
function nowLines() {
  const now = eventTime();
  const rules = all(".day").map((day) => {
    const spans = all("thead th", day).map((head) => head.querySelector("time")).map((time) => [Date.parse(time?.dateTime), Date.parse(time?.dataset.until)]);
    const begun = spans.some(([from]) => from <= now);
    const next = Math.min(...spans.map(([from]) => from).filter((from) => from > now));
    const running = spans.some(([from, until]) => from <= now && now < until);
    return spans.map(([from, until], column) => {
      const share = from <= now && now < until ? (now - from) / (until - from) : !running && begun && from === next ? 0 : -1;
      return share < 0 ? "" : `#${day.id} tr>:nth-child(${column + 1})::before{content:"";left:${(100 * share).toFixed(1)}%}`;
    }).join("");
  }).join("");
  if (rules !== drawn) lines.replaceSync(rules);
  drawn = rules;
}

// Of a table that is wider than its frame, what runs or comes next; of a chosen slot, its column.
function reveal(day, head = day?.querySelector("thead .running, thead .ahead")) {
  const first = day?.querySelector(".grid th");
  if (head) first.closest(".grid").scrollLeft += head.getBoundingClientRect().left - first.getBoundingClientRect().right;
}

// Who goes to the row of the track leaves what led there.
document.addEventListener("click", ({ target }) => {
  if (target.matches(".meeting [href^='#']")) target.closest(".meeting").hidePopover();
});
