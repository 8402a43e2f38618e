#!/usr/bin/env python3
"""A bot in another language: drives `ptgbot stdio` and prints what it says.

    cargo build --release && python3 examples/json_lines.py target/release/ptgbot

Each line goes to the bot as one JSON object; its answers come back as JSON objects, the last of them `done`. When
`done` is there, the change is on disk. `ptgbot stdio --schema` prints what each object may hold.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

PROTOCOL = 1
Role = Literal["member", "voice", "op"]
Outcome = Literal["changed", "answered", "refused", "ignored"]


class Place(TypedDict, total=False):
    # A room, or a person alone.
    room: str
    user: str


@dataclass(frozen=True)
class Reply:  # An answer in words.
    to: Place
    user: str
    in_reply_to: str | None
    text: str


@dataclass(frozen=True)
class Ack:  # A success without words.
    to: Place
    in_reply_to: str | None


@dataclass(frozen=True)
class Notify:  # For somebody who asked to be told, whoever speaks.
    to: Place
    text: str


@dataclass(frozen=True)
class Announce:  # What a room is told unasked.
    to: Place
    text: str


@dataclass(frozen=True)
class Answer:
    """All that follows from a line, and how it ended."""

    said: list[Reply | Ack | Notify | Announce]
    outcome: Outcome
    revision: int


class NotUnderstood(Exception):
    """The bot takes the line for no line of the protocol; nothing has happened."""


class Ended(Exception):
    """The process is gone. What was answered before is kept."""


class Bot:
    """One `ptgbot stdio` process."""

    def __init__(self, program: str, store: str) -> None:
        command = [program, "stdio", "--hello", "--store", store]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        self.count = 0
        spoken = self._read()["protocol"]
        if spoken != PROTOCOL:
            self.close()
            raise Ended(f"the bot speaks version {spoken} of the protocol, this client version {PROTOCOL}")

    def say(self, who: str, text: str, role: Role = "member", room: str | None = "#ptg") -> Answer:
        """Says a line in a room, or in private with room=None."""
        self.count += 1
        return self.ask({"id": str(self.count), "room": room, "from": who, "role": role, "text": text})

    def close(self) -> int:
        """Ends the conversation and gives the exit status; the process has nothing left to save."""
        self.process.communicate()
        return self.process.returncode

    def ask(self, line: dict[str, str | None]) -> Answer:
        """Sends a line of input, such as {"tick": "2026-10-19T14:00:00Z"}, and waits for all that follows."""
        assert self.process.stdin
        try:
            print(json.dumps(line), file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass  # What it said before it ended can still be read.
        said: list[Reply | Ack | Notify | Announce] = []
        while True:
            match self._read():
                case {"type": "reply", "to": to, "user": user, "in_reply_to": line_id, "text": text}:
                    said.append(Reply(to, user, line_id, text))
                case {"type": "ack", "to": to, "in_reply_to": line_id}:
                    said.append(Ack(to, line_id))
                case {"type": "notify", "to": to, "text": text}:
                    said.append(Notify(to, text))
                case {"type": "announce", "to": to, "text": text}:
                    said.append(Announce(to, text))
                case {"type": "done", "outcome": outcome, "revision": revision}:
                    return Answer(said, outcome, revision)
                case {"type": "error", "text": text}:
                    raise NotUnderstood(text)

    def _read(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line.endswith("\n"):
            raise Ended(f"the bot has ended with status {self.process.wait()}")
        return json.loads(line)


def main(program: str, store: str = "memory:") -> None:
    bot = Bot(program, store)
    conversation: list[tuple[str, Role, str, str | None]] = [
        ("tony", "op", "~add swift nova", "#ptg"),
        ("john", "member", "subscribe #swift.*ring", None),
        ("jane", "voice", "#swift now ring placement", "#ptg"),
        ("jane", "voice", "#swfit next cold storage", "#ptg"),  # Refused, with the name that was meant.
        ("john", "member", "+now", "#ptg"),
        ("", "member", "+now", "#ptg"),  # Not understood: nobody speaks.
    ]
    for who, role, text, room in conversation:
        print(f"{who}: {text}")
        try:
            answer = bot.say(who, text, role, room)
        except NotUnderstood as error:
            print(f"    not understood: {error}")
            continue
        for said in answer.said:
            print(f"    {said}")
        print(f"    {answer.outcome} at revision {answer.revision}")
    sys.exit(bot.close())


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Ended as error:
        sys.exit(f"json_lines.py: {error}")
