// A made-up event. Its middle day is the day of `now` in its zone, and at `now` the second slot of four runs.

const HOUR = 3600e3;

/** A data file as of `now` (a Date): `A2` began 30 minutes ago. */
export function event(now = new Date()) {
  const { zone, days } = slotsOf(now);
  const rooms = {
    "Ballroom A": { url: "https://meet.example.org/ballroom-a", desc: "Level 2", cap_desc: "160 seats, projector" },
    "Pike's Peak": { url: "https://meet.example.org/pikes?room=1&x=y", desc: "Level 3, by the stairs" },
    "Missouri": { url: "https://meet.example.org/missouri", desc: "Level 1" },
    "Garden": { desc: "Outside" },
  };
  const holders = {
    "Ballroom A": ["swift", "swift", "", "nova"],
    "Pike's Peak": ["cinder", "keystone", "cinder", ""],
    "Missouri": ["neutron", "", "interop", "neutron"],
    "Garden": ["", "i18n", "", ""],
  };
  for (const offset of [-1, 0, 1]) {
    for (const [room, tracks] of Object.entries(holders)) {
      days[dayName(now, offset)].forEach((slot, place) => { rooms[room][slot.name] = tracks[(place + 4 + offset) % 4]; });
    }
  }
  const ago = (minutes) => new Date(now.getTime() - minutes * 60e3).toISOString();
  return {
    eventid: "spring-gathering", timezone: zone, slots: days, schedule: rooms,
    tracks: ["cinder", "i18n", "interop", "keystone", "neutron", "nova", "oslo.config", "swift"],
    now: {
      swift: "Ring placement: which partitions move, and how operators learn of it",
      keystone: "Application credentials that outlive their owner",
      i18n: "שלום עולם: תרגום ממשק המשתמש",
    },
    now_since: { swift: ago(12), keystone: ago(25), i18n: ago(3) },
    next: { swift: ["Erasure coding with fewer disks", "S3: versioning and object locks"], nova: ["Live migration of large guests"] },
    etherpads: { cinder: "https://pad.example.org/p/cinder-spring" },
    urls: { nova: "https://meet.example.org/nova" },
    colors: { swift: "rebeccapurple", cinder: "yellow", nova: "#0a7d4f", keystone: "navy", neutron: "darkorange" },
    location: { interop: "Lobby, the sofas near the bar" },
    links: { "How to find us": "https://example.org/way", "Help desk": "mailto:help@example.org" },
    motd: [
      { level: "info", message: "Lunch is at 12:30 in the courtyard." },
      { level: "warning", message: "Pike's Peak has no microphone until noon." },
    ],
    last_check_in: {
      jane: { nick: "Jane", location: "#swift", in: ago(20), out: null },
      mira: { nick: "mira", location: "the quiet room", in: ago(9), out: null },
    },
  };
}

/** The event with a hall that tracks share: swift and nova hold its second slot of each day. */
export function sharing(now = new Date()) {
  const data = event(now);
  const hall = { desc: "Level 0", url: "https://meet.example.org/hall", shared: true };
  for (const slots of Object.values(data.slots)) {
    slots.forEach((slot, place) => { hall[slot.name] = [["cinder"], ["swift", "nova"], "", "oslo.config"][place]; });
  }
  data.schedule.Hall = hall;
  return data;
}

/** As many tracks and rooms as large events have; every fourth room is free all day. The third of nine slots began 30 minutes ago. */
export function large(now = new Date(), rooms = 23) {
  const data = event(now);
  const tracks = Array.from({ length: 44 }, (_, number) => `${["storage", "compute", "documentation"][number % 3]}-${number + 1}`);
  const names = Array.from({ length: rooms }, (_, number) => `Cabin ${number + 1}`);
  data.slots = Object.fromEntries([-1, 0, 1].map((offset) => [dayName(now, offset), Array.from({ length: 9 }, (_, place) => {
    const begin = new Date(now.getTime() - 150 * 60e3 + (offset * 24 + place) * HOUR);
    return { name: `${dayName(now, offset).slice(0, 3)}${place + 1}`, realtime: begin.toISOString() };
  })]));
  const slots = Object.values(data.slots).flat().map((slot) => slot.name);
  const holder = (number, place) => number % 4 === 3 || (number + place) % 7 === 0 ? "" : tracks[(number * 2 + Math.floor(place % 9 / 4)) % 44];
  data.schedule = Object.fromEntries(names.map((room, number) => [room, {
    url: `https://meet.example.org/j/${number * 7919}`, desc: `Level ${number % 4}`,
    ...Object.fromEntries(slots.map((slot, place) => [slot, holder(number, place)])),
  }]));
  const topics = tracks.slice(0, 36).map((track, number) => [track, `Item ${number * 7919} of the coming months, and who does it`]);
  const [color, ago] = [(number) => `#${(number * 379_191).toString(16).padStart(6, "0")}`, new Date(now.getTime() - 20 * 60e3).toISOString()];
  return {
    ...data, tracks, colors: Object.fromEntries(tracks.map((track, number) => [track, color(number)])), location: {}, etherpads: {}, urls: {},
    now: Object.fromEntries(topics), now_since: Object.fromEntries(topics.map(([track]) => [track, ago])), next: Object.fromEntries(topics.slice(9).map(([track, topic]) => [track, [topic]])),
  };
}

/** Yesterday, today and tomorrow with four slots each, in a zone in which it is late in the morning. */
export function slotsOf(now) {
  const zone = morning(now);
  const day = (offset) => SLOTS.map(([code, start, minutes]) => {
    const begin = new Date(now.getTime() - 30 * 60e3 + offset * 24 * HOUR + start * 60e3);
    return {
      name: dayName(now, offset).slice(0, 3) + code, duration: minutes, realtime: begin.toISOString().replace(".000Z", "Z"),
      desc: `${clock(begin, zone)}-${clock(new Date(begin.getTime() + minutes * 60e3), zone)}`,
    };
  });
  return { zone, days: Object.fromEntries([-1, 0, 1].map((offset) => [dayName(now, offset), day(offset)])) };
}

/** The name of the day `offset` days from today in the event's zone. */
export function dayName(now, offset = 0) {
  const day = new Date(now.getTime() + offset * 24 * HOUR);
  return new Intl.DateTimeFormat("en", { weekday: "long", timeZone: morning(now) }).format(day);
}

/** The date of today in the event's zone, as addresses of the record have it. */
export function date(now) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: morning(now), year: "numeric", month: "2-digit", day: "2-digit" }).format(now);
}

/** A zone without daylight saving in which it is between eleven and twelve. (The sign is that of POSIX: east is negative.) */
function morning(now) {
  const ahead = ((11 - now.getUTCHours() + 36) % 24) - 12;
  return ahead === 0 ? "UTC" : `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
}

function clock(time, timeZone) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone }).format(time);
}

// Code, minutes from the beginning of the slot that runs, length in minutes.
const SLOTS = [["A1", -120, 105], ["A2", 0, 90], ["P1", 150, 105], ["P2", 270, 90]];
