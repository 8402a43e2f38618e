"""Reads a calendar on standard input with `icalendar` and prints its events as JSON."""

import json
import sys
from datetime import timezone

from icalendar import Calendar


def text(event, name):
    value = event.get(name)
    return None if value is None else str(value)


def moment(event, name):
    return event.decoded(name).astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")


calendar = Calendar.from_ical(sys.stdin.buffer.read())
broken = [str(error) for part in calendar.walk() for error in part.errors]
if broken:
    sys.exit(f"icalendar complains: {broken}")
events = [
    {
        "uid": text(event, "UID"), "summary": text(event, "SUMMARY"), "location": text(event, "LOCATION"),
        "start": moment(event, "DTSTART"), "end": moment(event, "DTEND"), "url": text(event, "URL"),
        "status": text(event, "STATUS"), "sequence": int(event["SEQUENCE"]), "description": text(event, "DESCRIPTION"),
        "conference": text(event, "CONFERENCE"), "categories": [str(name) for name in event["CATEGORIES"].cats],
        "stamp": moment(event, "DTSTAMP"),
    }
    for event in calendar.walk("VEVENT")
]
print(json.dumps({"name": text(calendar, "NAME"), "events": events}))
