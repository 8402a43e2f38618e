// Reads a calendar on standard input with ical.js and prints its events as JSON.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const ICAL = createRequire(new URL("../package.json", import.meta.url))("ical.js");
const calendar = new ICAL.Component((ICAL.default ?? ICAL).parse(readFileSync(0, "utf8")));
const stamp = (time) => time.toJSDate().toISOString().replace(/[-:]|\.\d+/g, "");
const events = calendar.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  const value = (name) => component.getFirstPropertyValue(name);
  return {
    uid: event.uid, summary: event.summary, location: event.location, start: stamp(event.startDate), end: stamp(event.endDate),
    url: value("url"), status: value("status"), sequence: event.sequence, description: event.description,
    conference: value("conference"), categories: component.getFirstProperty("categories").getValues(), stamp: stamp(value("dtstamp")),
  };
});
console.log(JSON.stringify({ name: calendar.getFirstPropertyValue("name"), events }));
