"""Matrix people for whole-system tests: matrix-nio, steered by JSON Lines.

A request is {"re": 1, "who": "@jane:localhost", "do": "say", "with": {...}} on standard input, its answer
{"re": 1, "ok": ...} or {"re": 1, "error": "..."}; what a person's own sync brings is {"who": ..., "seen": {...}}.
Requests of one person run side by side unless each waits for the answer before. Ends with its input.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import os
import sys
import traceback
from urllib.parse import quote

import aiohttp
from nacl.signing import VerifyKey
from nio import (
    AsyncClient,
    AsyncClientConfig,
    InviteMemberEvent,
    LoginResponse,
    MegolmEvent,
    RoomSendResponse,
    SyncResponse,
)
from nio.store import SqliteMemoryStore
from unpaddedbase64 import decode_base64

FILTER = {"room": {"timeline": {"limit": 100}, "ephemeral": {"not_types": ["*"]}}, "presence": {"not_types": ["*"]}}
AGAIN = 0.1


def tell(line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class Server:
    """The client and admin API in plain HTTP: for what needs no encryption."""

    def __init__(self, url, secret):
        self.url, self.secret = url, secret
        self.session = aiohttp.ClientSession()
        self.held_up = 0

    async def call(self, method, path, body=None, token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        while True:
            async with self.session.request(method, self.url + path, json=body, headers=headers) as answer:
                text = await answer.text()
                if answer.status == 429:
                    self.held_up += 1
                    await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
                    continue
                if answer.status != 200:
                    raise RuntimeError(f"{method} {path}: {answer.status} {text}")
                return json.loads(text)

    async def register(self, user, password, admin):
        path = "/_synapse/admin/v1/register"
        nonce = (await self.call("GET", path))["nonce"]
        role = "admin" if admin else "notadmin"
        text = "\0".join([nonce, user, password, role])
        mac = hmac.new(self.secret.encode(), text.encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": user, "password": password, "admin": admin, "mac": mac}
        # Else the account begins with a device of nobody.
        return await self.call("POST", path, body | {"inhibit_login": True})

    async def too_many(self):
        """How often a request had to wait because an account had made too many."""
        return self.held_up


class Person:
    """One signed-in client with its keys and everything it sees."""

    def __init__(self, server):
        self.server = server
        self.synced = asyncio.Condition()
        self.keys = asyncio.Lock()
        self.rooms = set()
        self.undecrypted = {}
        self.redactions = 0

    async def login(self, user, password, keys=True):
        """Signs in, on a device with keys or, as bridges do for their people, on one without any."""
        config = AsyncClientConfig(encryption_enabled=keys, store=SqliteMemoryStore, max_timeout_retry_wait_time=1)
        self.nio = AsyncClient(self.server.url, user, config=config)
        answer = await self.nio.login(password, device_name="test")
        if not isinstance(answer, LoginResponse):
            raise RuntimeError(f"no sign-in: {answer}")
        self.has_keys = keys
        if keys and self.nio.should_upload_keys:
            await self.nio.keys_upload()
        self.token, self.id = answer.access_token, answer.user_id
        await self.sync(0)
        self.task = asyncio.create_task(self.sync_on())
        return {"user": self.id, "device": answer.device_id, "token": self.token}

    async def sync_on(self):
        while True:
            try:
                if not await self.sync(30_000):
                    await asyncio.sleep(AGAIN)
            except Exception:  # the server may be stopped for a while
                traceback.print_exc()
                await asyncio.sleep(AGAIN)

    async def sync(self, wait):
        answer = await self.nio.sync(wait, sync_filter=FILTER)
        if not isinstance(answer, SyncResponse):
            return False
        async with self.keys:
            await self.upkeep()
        self.report(answer)
        async with self.synced:
            self.synced.notify_all()
        return True

    async def upkeep(self):
        if not self.has_keys:
            return
        if self.nio.should_upload_keys:
            await self.nio.keys_upload()
        if self.nio.should_query_keys:
            await self.nio.keys_query()
        if self.nio.should_claim_keys:
            await self.nio.keys_claim(self.nio.get_users_for_key_claiming())
        await self.nio.send_to_device_messages()

    # What it sees

    def report(self, answer):
        for room, joined in answer.rooms.join.items():
            if joined.timeline.limited and room in self.rooms:
                self.seen(kind="gap", room=room)
            for event in joined.timeline.events:
                self.event(room, event)
            self.rooms.add(room)
        for room, invited in answer.rooms.invite.items():
            for event in invited.invite_state:
                if isinstance(event, InviteMemberEvent) and event.state_key == self.id:
                    direct = bool(event.content.get("is_direct"))
                    self.seen(kind="invite", room=room, sender=event.sender, direct=direct)
        for room in answer.rooms.leave:
            self.seen(kind="left", room=room)
        for event, room in list(self.undecrypted.values()):
            try:
                plain = self.nio.decrypt_event(event)
            except Exception:
                continue
            del self.undecrypted[event.event_id]
            self.event(room, plain)

    def event(self, room, event):
        if isinstance(event, MegolmEvent):
            self.undecrypted[event.event_id] = (event, room)
            self.seen(kind="undecrypted", room=room, id=event.event_id, sender=event.sender)
            return
        source = getattr(event, "source", None)
        if source is None:
            source = getattr(event, "event_dict", {})
        self.seen(
            kind="event",
            room=room,
            type=source.get("type"),
            id=source.get("event_id"),
            sender=source.get("sender"),
            content=source.get("content", {}),
            state_key=source.get("state_key"),
            redacts=source.get("redacts") or source.get("content", {}).get("redacts"),
            encrypted=bool(getattr(event, "decrypted", False)),
        )

    def seen(self, **what):
        tell({"who": self.id, "seen": what})

    # What it does

    async def call(self, method, path, body=None):
        return await self.server.call(method, "/_matrix/client/v3" + path, body, self.token)

    async def admin(self, method, path, body=None):
        return await self.server.call(method, path, body, self.token)

    async def in_room(self, room):
        async with self.synced:
            await self.synced.wait_for(lambda: room in self.nio.rooms)

    async def send(self, room, content, type="m.room.message"):
        await self.in_room(room)
        async with self.keys:
            if self.has_keys and self.nio.should_query_keys:
                await self.nio.keys_query()
            answer = await self.nio.room_send(room, type, content, ignore_unverified_devices=True)
        if not isinstance(answer, RoomSendResponse):
            raise RuntimeError(f"not sent: {answer}")
        return answer.event_id

    async def create(self, encrypted, **body):
        state = body.setdefault("initial_state", [])
        if encrypted:
            content = {"algorithm": "m.megolm.v1.aes-sha2"}
            state.append({"type": "m.room.encryption", "state_key": "", "content": content})
        room = (await self.call("POST", "/createRoom", body))["room_id"]
        await self.in_room(room)
        return room

    async def join(self, room):
        room = (await self.call("POST", f"/join/{quote(room)}", {}))["room_id"]
        await self.in_room(room)
        return room

    async def redact(self, room, event):
        self.redactions += 1
        path = f"/rooms/{quote(room)}/redact/{quote(event)}/{self.redactions}"
        return (await self.call("PUT", path, {}))["event_id"]

    async def power(self, room, user, level):
        path = f"/rooms/{quote(room)}/state/m.room.power_levels"
        levels = await self.call("GET", path)
        if user is None:
            levels["users_default"] = level
        else:
            levels.setdefault("users", {})[user] = level
        await self.call("PUT", path, levels)

    async def cross_signed(self, user):
        """Device ids of a user that its self-signing key vouches for, itself signed by its master key."""
        keys = await self.call("POST", "/keys/query", {"device_keys": {user: []}})
        master = keys.get("master_keys", {}).get(user)
        own = keys.get("self_signing_keys", {}).get(user)
        if not master or not own or not signed(own, user, master):
            return []
        return [name for name, device in keys["device_keys"].get(user, {}).items() if signed(device, user, own)]


def signed(thing, user, by):
    """Whether a key object carries a valid signature by a cross-signing key."""
    name, public = next(iter(by["keys"].items()))
    signature = thing.get("signatures", {}).get(user, {}).get(name)
    if not signature:
        return False
    bare = {key: value for key, value in thing.items() if key not in ("signatures", "unsigned")}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    try:
        VerifyKey(decode_base64(public)).verify(text, decode_base64(signature))
    except Exception:
        return False
    return True


async def obey(people, server, line):
    try:
        who, do, given = line.get("who"), line["do"], line.get("with", {})
        if do in ("register", "too_many"):
            done = await getattr(server, do)(**given)
        elif do == "login":
            person = Person(server)
            done = await person.login(**given)
            people[person.id] = person
        else:
            done = await getattr(people[who], do)(**given)
        tell({"re": line["re"], "ok": done})
    except Exception as error:
        tell({"re": line["re"], "error": f"{type(error).__name__}: {error}"})


async def main():
    url, secret = sys.argv[1:]
    logging.basicConfig(level=logging.WARNING)
    server, people, running = Server(url, secret), {}, set()
    reader = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tell({"ready": True})
    while line := await reader.readline():
        task = asyncio.create_task(obey(people, server, json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)


asyncio.run(main())
os._exit(0)
