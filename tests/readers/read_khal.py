"""Imports a calendar on standard input with `khal import` and prints what `khal list` shows, as JSON.

Arguments: an empty folder to work in, the first day, the day after the last one."""

import json
import os
import subprocess
import sys
from pathlib import Path

folder, first, last = Path(sys.argv[1]), *sys.argv[2:]
(folder / "event").mkdir(parents=True)
(folder / "config").write_text(f"""
[calendars]
[[event]]
path = {folder / "event"}
[sqlite]
path = {folder / "khal.db"}
[locale]
timeformat = %H%M%S
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y%m%dT%H%M%SZ
longdatetimeformat = %Y%m%dT%H%M%SZ
default_timezone = UTC
local_timezone = UTC
[default]
default_calendar = event
""")
(folder / "given.ics").write_bytes(sys.stdin.buffer.read())
FIELDS = {
    "uid": "uid", "title": "summary", "location": "location", "url": "url", "description": "description", "status": "status",
    "start-long": "start", "end-long": "end", "categories": "categories",
}


def khal(*arguments):
    command = [str(Path(sys.executable).with_name("khal")), "--config", str(folder / "config"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    complaints = [line for line in done.stderr.splitlines() if line.strip()]
    if done.returncode or complaints:
        sys.exit(f"khal {arguments[0]}: {done.stdout}{done.stderr}")
    return done.stdout


khal("import", "--batch", "--include-calendar", "event", str(folder / "given.ics"))
wanted = [word for field in FIELDS for word in ("--json", field)]
days = [json.loads(line) for line in khal("list", "--once", *wanted, first, last).splitlines() if line.startswith("[")]
events = [{FIELDS[field]: value or None for field, value in event.items()} for day in days for event in day]
for event in events:
    event["categories"] = [event["categories"]]
print(json.dumps({"events": events}))
