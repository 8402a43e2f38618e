#!/usr/bin/env python3
"""A bot in another language: drives `ptgbot stdio` and prints what it says.

    cargo build --release && python3 examples/json_lines.py target/release/ptgbot

Each line goes to the bot as one JSON object; its answers come back as JSON objects, the last of them `done`. When
`done` is there, the change is on disk.
"""

import json
import subprocess
import sys


class Bot:
    """One `ptgbot stdio` process."""

    def __init__(self, program, store):
        command = [program, "stdio", "--store", store]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.count = 0

    def say(self, who, role, text, room="#ptg"):
        """Says a line in a room, or in private with room=None; gives all that follows from it."""
        self.count += 1
        line = {"id": str(self.count), "room": room, "from": who, "role": role, "text": text}
        print(json.dumps(line), file=self.process.stdin, flush=True)
        answers = []
        while not answers or answers[-1]["type"] not in ("done", "error"):
            answers.append(json.loads(self.process.stdout.readline()))
        return answers

    def close(self):
        """Ends the conversation; the process has nothing left to save."""
        self.process.stdin.close()
        self.process.wait()


def main():
    bot = Bot(sys.argv[1], "memory:")
    conversation = [
        ("tony", "op", "~add swift nova", "#ptg"),
        ("john", "member", "subscribe #swift.*ring", None),
        ("jane", "voice", "#swift location Ballroom A", "#ptg"),
        ("jane", "voice", "#swift now ring placement", "#ptg"),
        ("jane", "voice", "#swfit next cold storage", "#ptg"),
        ("john", "member", "+now", "#ptg"),
    ]
    for who, role, text, room in conversation:
        print(f"{who}: {text}")
        for answer in bot.say(who, role, text, room):
            kind = answer.pop("type")
            print(f"    {kind}: {answer.get('text') or answer.get('outcome') or 'ok'}")
    bot.close()


if __name__ == "__main__":
    main()
