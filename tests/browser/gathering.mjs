// A made-up event as large as real ones: 44 tracks in 23 rooms, three days, and 36 topics in the middle of the second.

import { slotsOf } from "./event.mjs";

const TRACKS = [
  "aviary", "barbican", "blazar", "cinder", "cloudkitty", "cyborg", "designate", "docs", "glance", "heat", "horizon", "i18n",
  "infra", "ironic", "keystone", "kolla", "kuryr", "magnum", "manila", "masakari", "mistral", "neutron", "nova", "octavia",
  "ops-meetup", "oslo", "placement", "puppet", "qa", "rally", "release", "requirements", "sahara", "security", "skyline",
  "starlingx", "storlets", "swift", "tacker", "telemetry", "trove", "watcher", "zaqar", "zuul",
];
const ROOMS = [
  "Ballroom A", "Ballroom B", "Ballroom C", "Aurora", "Birch", "Cascade", "Denali", "Elm", "Fjord", "Garden", "Harbour", "Iris", "Juniper",
  "Kestrel", "Larkspur", "Missouri", "Nimbus", "Orchard", "Pike's Peak", "Quarry", "Rotunda", "Summit 1", "Summit 2",
];
const TOPICS = [
  "Ring placement: which partitions move, and how operators learn of it before they do",
  "Retrospective of the last cycle",
  "Application credentials that outlive their owner, and what the audit should say about them",
  "Live migration of guests with attached devices: what is left, who takes it, in which order",
  "Cross-project: removing the last users of the old client libraries, with #nova and #cinder",
  "Onboarding: first patches",
  "Priorities for the cycle, and what we will not do; bring your list, see https://etherpad.example.org/p/priorities-for-the-whole-of-the-cycle",
  "Testing upgrades across two releases without twice the machines",
];
const PLANS = ["Erasure coding with fewer disks", "Open patches, in the order of their age", "Deprecations: a list, and a date for each", "Quotas, once more"];

/** A data file as of `now` (a Date): the second slot of four began 30 minutes ago, and 23 tracks meet. */
export function gathering(now = new Date()) {
  const { zone, days } = slotsOf(now);
  const slots = Object.values(days);
  const schedule = Object.fromEntries(ROOMS.map((room, place) => [room, {
    url: `https://meet.example.org/${room.toLowerCase().replace(/\W+/g, "-")}`, desc: `Level ${1 + (place % 4)}`, cap_desc: `${20 + 10 * (place % 7)} seats`,
    ...Object.fromEntries(slots.flatMap((day, number) => day.map((slot, hour) => [slot.name, holder(place, number * 4 + hour)]))),
  }]));
  const ago = (minutes) => new Date(now.getTime() - minutes * 60e3).toISOString();
  const middle = slots[1];
  const meeting = (slot) => TRACKS.filter((track) => Object.values(schedule).some((room) => room[slot.name] === track));
  // Most of those that meet have a topic; so do some whose turn comes, and a few of whom nobody knows where they are.
  const talking = [...meeting(middle[1]).slice(1), ...meeting(middle[2]).slice(0, 8), ...TRACKS.slice(-6)];
  const told = [...new Set([...talking, ...TRACKS])].slice(0, 36);
  const pick = (list, place) => list[place % list.length];
  const planning = TRACKS.filter((_, place) => place % 3 === 0);
  return {
    eventid: "autumn-gathering", timezone: zone, slots: days, schedule, tracks: TRACKS,
    now: Object.fromEntries(told.map((track, place) => [track, pick(TOPICS, place)])),
    now_since: Object.fromEntries(told.map((track, place) => [track, ago(1 + place * 0.8)])),
    next: Object.fromEntries(planning.map((track, place) => [track, PLANS.slice(place % 3)])),
    colors: Object.fromEntries(TRACKS.filter((_, place) => place % 4).map((track, place) => [track, `hsl(${(place * 47) % 360} 70% 35%)`])),
    links: { "How to find us": "https://example.org/way" },
    motd: [
      { level: "info", message: "Lunch is at 12:30 in the courtyard." },
      { level: "warning", message: "Pike's Peak has no microphone until noon; whoever needs one asks at the desk on level 2, and the desk brings it." },
    ],
    last_check_in: Object.fromEntries(TRACKS.slice(0, 30).map((track, place) => [`person${place}`, {
      nick: `person${place}`, location: place % 5 ? `#${track}` : "the quiet room", in: ago(20), out: null,
    }])),
  };
}

// The last ones have no room on any day.
const BOOKED = 40;

/** Who has a room in a slot; one of eight is free. */
function holder(room, slot) {
  const number = room + slot * 23;
  return number % 8 === 5 && slot !== 5 ? "" : TRACKS[number % BOOKED];
}
