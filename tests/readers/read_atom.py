"""Reads an Atom feed on standard input with expat and prints its entries as JSON. What RFC 4287 demands must be there."""

import json
import sys
import xml.etree.ElementTree as ElementTree
from datetime import datetime

ATOM = "{http://www.w3.org/2005/Atom}"
feed = ElementTree.fromstring(sys.stdin.buffer.read())
assert feed.tag == f"{ATOM}feed", feed.tag


def text(parent, name):
    found = parent.findall(ATOM + name)
    assert len(found) == 1 and found[0].text, f"{len(found)} times {name}"
    return found[0].text


def moment(parent, name):
    return datetime.fromisoformat(text(parent, name)).isoformat()


assert text(feed, "id") and text(feed, "title") and feed.find(f"{ATOM}author/{ATOM}name").text
entries = [
    {
        "id": text(entry, "id"), "title": text(entry, "title"), "updated": moment(entry, "updated"), "content": text(entry, "content"),
        "categories": [category.get("term") for category in entry.findall(f"{ATOM}category")],
        "link": entry.find(f"{ATOM}link").get("href"),
    }
    for entry in feed.findall(f"{ATOM}entry")
]
newest = max((entry["updated"] for entry in entries), default=None)
assert newest is None or newest <= moment(feed, "updated"), "the feed is older than its entries"
print(json.dumps(entries))
