// Times in the zone that the reader chose, and how long it is until then.

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
  const [name, later] = [from, until || from].map((moment) => abbreviation(zone, moment));
  const begin = `${day}${month}${clock(zone, from)}${name === later ? "" : " " + name}`;
  return `${begin}${until ? "–" + clock(zone, until) : ""} ${later}`;
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
  const now = eventTime();
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
  const time = `${clock(zone, now)} ${abbreviation(zone, now)}`;
  for (const face of all("[data-clock]", page)) put(face, time);
  for (const face of all("[data-now]", page)) put(face, `${weekday(zone, now)} ${date(zone, now)}, ${time}`);
}
