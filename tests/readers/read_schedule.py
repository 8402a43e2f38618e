"""Reads a frab `schedule.xml` on standard input with expat and prints its events as JSON."""

import json
import sys
import xml.etree.ElementTree as ElementTree

schedule = ElementTree.fromstring(sys.stdin.buffer.read())
assert schedule.tag == "schedule" and schedule.findtext("conference/title")
events = []
for day in schedule.findall("day"):
    for room in day.findall("room"):
        for event in room.findall("event"):
            found = {name: event.findtext(name) for name in ("date", "duration", "room", "title", "track")}
            assert found["room"] == room.get("name") and found["date"].startswith(day.get("date"))
            links = [{"title": link.text, "url": link.get("href")} for link in event.findall("links/link")]
            events.append({"id": event.get("guid"), "number": event.get("id"), "links": links, **found})
assert len({event["number"] for event in events}) == len(events), "a number twice"
print(json.dumps(events))
