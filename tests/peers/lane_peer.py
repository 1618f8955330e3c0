#!/usr/bin/python3
"""A party that speaks the lane, written in Python from proto/README.md alone: it shows that the
document says enough, and plays the partners that tests need, honest and not.

    lane_peer.py init FOLDER --party UY --domain aduana.gub.uy [--endpoint tcp://127.0.0.1:7001]
    lane_peer.py send FOLDER PARTNER.card PAYLOAD...   pushes files as certificates, shows receipts
    lane_peer.py listen FOLDER PARTNER.card [--count N]  takes what the partner pushes, cosigns it

FOLDER keeps keys.json, own.card and the two logs. As a module: Sender and Receiver are one channel
each and know no socket; Dialler and Listener give them a DEALER and a ROUTER."""

import argparse
import json
import os
import sys
import threading
import time

import zmq
from zmq.utils import z85

import lane_text
from lane_text import (BEHIND, CHANNEL, CLOCK, CO, ENVIRONMENT, FORK, MALFORMED, NO_HELLO, ORDER,
                       PARTY, ROOT, SIGNATURE, VERSION, Card, Party, Refused, Tree, entry_pack,
                       entry_read, pack, sha256, unpack)

HELLO, WELCOME, PUSH, RECEIPT, CARD, AGREEMENT, REFUSE = range(1, 8)
FIELDS = {HELLO: 8, WELCOME: 7, PUSH: 4, RECEIPT: 3, CARD: 2, AGREEMENT: 2, REFUSE: 4}
FRAME_MAX_BYTES = 256 << 10
CURVE_OVERHEAD_BYTES = 33  # of a MESSAGE command, which libzmq counts in
PUSH_MAX_BYTES = FRAME_MAX_BYTES - (16 << 10)
CREDIT = 4 << 20
CLOCK_AHEAD_MS = 300_000
ZAP_ENFORCE_DOMAIN = 93


def frame_read(data):
    frame = unpack(data)
    if not isinstance(frame, list) or not frame or FIELDS.get(frame[0]) != len(frame):
        raise Refused(MALFORMED, "no frame of the lane")
    return frame


# ---- one channel, from either end ----

class Log:
    """The entries of a channel with their payloads, and the last note that both signed."""

    def __init__(self, path=None):
        self.path = path
        self.items = []
        self.tree = Tree()
        self.note = ""
        if path and os.path.exists(path):
            with open(path, encoding="ascii") as file:
                saved = json.load(file)
            self.note = saved["note"]
            for entry, payload in saved["items"]:
                self.append(bytes.fromhex(entry), bytes.fromhex(payload))

    def append(self, entry, payload):
        self.items.append((entry, payload))
        self.tree.append(entry)

    def tree_of(self, size):
        tree = Tree()
        for entry, _ in self.items[:size]:
            tree.append(entry)
        return tree

    def save(self):
        if self.path is None:
            return
        saved = {"note": self.note,
                 "items": [[entry.hex(), payload.hex()] for entry, payload in self.items]}
        with open(self.path + ".new", "w", encoding="ascii") as file:
            json.dump(saved, file)
            file.flush()
            os.fsync(file.fileno())
        os.rename(self.path + ".new", self.path)


class Sender:
    """Our channel to a partner."""

    def __init__(self, me, partner, log=None):
        self.me, self.partner = me, partner
        self.log = log or Log()
        self.origin = me.origin_to(partner)
        self.sent = None  # index behind what is on its way; None before the welcome
        self.receipted = 0
        self.credit = 0
        self.refusal = None  # (code, sentence, index)

    def add(self, payload, operation=CO, **fields):
        entry = entry_pack(self.origin, self.log.tree.size, payload, operation, **fields)
        self.log.append(entry, payload)
        self.log.save()
        return entry

    def hello(self):
        self.sent = None
        return [HELLO, [1], self.me.card.party, self.me.card.environment, self.origin,
                self.log.tree.size, int(self.me.card.serial), int(time.time() * 1000)]

    def take_note(self, note, size=None):
        """A note that the partner cosigned: of our log, by its key."""
        origin, note_size, root = lane_text.checkpoint_read(note)
        if not lane_text.is_receipt(note, self.partner):
            raise Refused(SIGNATURE, "the receipt's cosignature does not hold")
        if origin != self.origin or size not in (None, note_size):
            raise Refused(FORK, "the receipt is of another log")
        if note_size > self.log.tree.size:
            raise Refused(BEHIND, "you hold more than we do")
        if self.log.tree_of(note_size).root() != root:
            raise Refused(FORK, "the receipt's root is not ours")
        self.receipted = max(self.receipted, note_size)
        self.log.note = note
        self.log.save()

    def take(self, frame):
        if frame[0] == WELCOME:
            _, version, size, note, self.credit, _, _ = frame
            if version != 1:
                raise Refused(VERSION, f"version {version} was not offered")
            if size > self.log.tree.size:
                raise Refused(BEHIND, "you hold more than we do")
            if size > 0:
                self.take_note(note.decode(), size)
            self.sent = size
        elif frame[0] == RECEIPT and self.sent is not None:
            self.credit = frame[2]
            if frame[1]:
                self.take_note(frame[1].decode())
        elif frame[0] == REFUSE:
            self.refusal = tuple(frame[1:])
        return []

    def push(self, count=None):
        """The next push, or None when there is nothing to send."""
        if self.sent is None or self.sent >= len(self.log.items):
            return None
        in_flight = sum(len(entry) + len(payload)
                        for entry, payload in self.log.items[self.receipted:self.sent])
        items, size = [], 0
        for entry, payload in self.log.items[self.sent:]:
            size += len(entry) + len(payload) + 16
            if size > min(PUSH_MAX_BYTES, self.credit - in_flight) or len(items) == count:
                break
            items.append([entry, payload])
        first, self.sent = self.sent, self.sent + len(items)
        note = lane_text.checkpoint_sign(self.me, self.origin, self.log.tree_of(self.sent))
        return [PUSH, first, items, note.encode()] if items else None


class Receiver:
    """A partner's channel to us."""

    def __init__(self, me, partner, log=None):
        self.me, self.partner = me, partner
        self.log = log or Log()
        self.origin = f"{partner.endpoint_name}/{me.card.party}/1"
        self.open = False
        self.refusal = None

    def take(self, frame):
        return self.take_hello(frame) if frame[0] == HELLO else self.take_push(frame)

    def take_hello(self, frame):
        _, versions, party, environment, origin, _, _, time_ms = frame
        now_ms = int(time.time() * 1000)
        if 1 not in versions:
            raise Refused(VERSION, "only version 1 is spoken here")
        if party != self.partner.party:
            raise Refused(PARTY, f"the hello says {party}, the key is of {self.partner.party}")
        if environment != self.me.card.environment:
            raise Refused(ENVIRONMENT, f"this is {self.me.card.environment}")
        if origin != self.origin:
            raise Refused(CHANNEL, f"the channel is {self.origin}")
        if time_ms > now_ms + CLOCK_AHEAD_MS:
            raise Refused(CLOCK, f"your clock says {time_ms}, ours {now_ms}")
        self.open = True
        return [[WELCOME, 1, self.log.tree.size, self.log.note.encode(), CREDIT,
                 int(self.me.card.serial), now_ms]]

    def take_push(self, frame):
        _, first, items, note = frame
        if not self.open:
            raise Refused(NO_HELLO, "say hello first")
        held = self.log.tree.size
        if first > held:
            raise Refused(ORDER, f"entry {held} is awaited", held)
        for place, (entry, payload) in enumerate(items[:held - first]):
            if self.log.items[first + place] != (entry, payload):
                raise Refused(FORK, "other content at a known index", first + place)
        news = items[held - first:]
        tree = self.log.tree.copy()
        for entry, payload in news:
            self.check_entry(entry_read(entry), tree.size, payload)
            tree.append(entry)
        self.check_note(note.decode(), tree)
        for entry, payload in news:
            self.log.append(entry, payload)
        if news:
            self.log.note = lane_text.checkpoint_cosign(self.me, note.decode())
        self.log.save()  # the receipt leaves after it
        return [[RECEIPT, self.log.note.encode(), CREDIT]]

    def check_entry(self, entry, index, payload):
        if entry["origin"] != self.origin or entry["index"] != index:
            raise Refused(ORDER, f"the entry does not belong at {index}", index)
        if entry["payload_size"] != len(payload) or entry["payload_hash"] != sha256(payload):
            raise Refused(ROOT, "the payload is not what the entry says", index)

    def check_note(self, note, tree):
        if not lane_text.is_checkpoint(note, self.partner):
            raise Refused(SIGNATURE, "the checkpoint's signature does not hold")
        if lane_text.checkpoint_read(note) != (self.origin, tree.size, tree.root()):
            raise Refused(ROOT, "the checkpoint is not of these entries", tree.size)


class Lane:
    """What goes over one connection: up to two channels. `send` takes a frame."""

    def __init__(self, send, sender=None, receiver=None):
        self.send_bytes = send
        self.sender, self.receiver = sender, receiver
        self.seen = []  # kinds of the frames that came

    def send(self, frame):
        self.send_bytes(pack(frame))

    def take(self, data):
        try:
            frame = frame_read(data)
            self.seen.append(frame[0])
            end = self.receiver if frame[0] in (HELLO, PUSH) else self.sender
            for answer in end.take(frame) if end else []:
                self.send(answer)
        except Refused as refused:
            self.send([REFUSE, refused.code, refused.sentence, refused.index])
        while self.sender and (push := self.sender.push()):
            self.send(push)


# ---- sockets ----

def options(socket, party):
    """The options that the lane asks for."""
    socket.linger = 0
    socket.maxmsgsize = FRAME_MAX_BYTES + CURVE_OVERHEAD_BYTES
    socket.handshake_ivl = 5000
    socket.heartbeat_ivl, socket.heartbeat_timeout, socket.heartbeat_ttl = 5000, 15000, 20000
    socket.curve_publickey, socket.curve_secretkey = party.curve_public, party.curve_secret


class Dialler:
    """Dials a partner. With a receiver it takes the partner's channel over the same lane."""

    def __init__(self, me, partner, sender=None, receiver=None):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        options(self.socket, me)
        self.socket.immediate = True
        self.socket.sndtimeo = 10000
        self.socket.curve_serverkey = z85.encode(partner.keys["transport"][0])
        self.sender = sender or Sender(me, partner)
        self.lane = Lane(self.socket.send, self.sender, receiver)
        self.socket.connect(partner.mesh)

    def hello(self, seconds=10):
        self.lane.send(self.sender.hello())
        return self.until(lambda: self.sender.sent is not None, seconds)

    def poll(self, seconds):
        """Takes one frame if one comes."""
        if not self.socket.poll(int(seconds * 1000)):
            return False
        self.lane.take(self.socket.recv())
        return True

    def until(self, condition, seconds=10):
        """Goes on until the condition holds, or the partner refused, or the time is over."""
        end = time.monotonic() + seconds
        while not condition() and self.sender.refusal is None and time.monotonic() < end:
            self.poll(0.05)
        return bool(condition())

    def flush(self, seconds=10):
        """Sends all that the log holds and waits for its receipt."""
        while push := self.sender.push():
            self.lane.send(push)
        return self.until(lambda: self.sender.receipted == self.sender.log.tree.size, seconds)

    def close(self):
        self.socket.close()
        self.context.term()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Gate(threading.Thread):
    """ZAP (ZeroMQ RFC 27): admits the transport keys of one card, in a thread of its own."""

    def __init__(self, context, card):
        super().__init__(daemon=True)
        self.card = card
        self.socket = context.socket(zmq.REP)
        self.socket.linger = 0
        self.socket.bind("inproc://zeromq.zap.01")

    def run(self):
        while True:
            try:
                request = self.socket.recv_multipart()
            except zmq.ContextTerminated:
                self.socket.close()
                return
            known = request[5] == b"CURVE" and request[6] in self.card.keys["transport"]
            status, user = (b"200", self.card.party.encode()) if known else (b"400", b"")
            self.socket.send_multipart([b"1.0", request[1], status, b"", user, b""])


class Listener:
    """A ROUTER for one partner, served by a thread until close."""

    def __init__(self, me, partner, receiver=None, sender=None):
        self.context = zmq.Context()
        Gate(self.context, partner).start()
        self.socket = self.context.socket(zmq.ROUTER)
        options(self.socket, me)
        self.socket.curve_server = True
        self.socket.zap_domain = b"lane"
        self.socket.setsockopt(ZAP_ENFORCE_DOMAIN, 1)
        self.socket.router_mandatory = True
        self.socket.bind(me.card.mesh)
        self.receiver = receiver or Receiver(me, partner)
        self.sender = sender
        self.lanes = {}
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stopping.is_set():
            if not self.socket.poll(20):
                continue
            route, *frames = self.socket.recv_multipart()
            if len(frames) != 1:
                continue
            lane = self.lanes.setdefault(route, Lane(
                lambda data, to=route: self.socket.send_multipart([to, data]),
                self.sender, self.receiver))
            lane.take(frames[0])
            if self.sender and HELLO in lane.seen and self.sender.sent is None:
                lane.send(self.sender.hello())

    def close(self):
        self.stopping.set()
        self.thread.join()
        self.socket.close()
        self.context.term()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


# ---- the command ----

def party_load(folder):
    with open(os.path.join(folder, "keys.json"), encoding="ascii") as file:
        keys = json.load(file)
    return Party(**keys, card=partner_load(os.path.join(folder, "own.card")).note)


def party_init(arguments):
    os.makedirs(arguments.folder, mode=0o700, exist_ok=True)
    party = Party(arguments.party, arguments.domain, arguments.endpoint, arguments.environment)
    keys = {"code": arguments.party, "domain": arguments.domain, "endpoint": arguments.endpoint,
            "environment": arguments.environment, "seeds": party.seeds}
    path = os.path.join(arguments.folder, "keys.json")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(keys, file)
    with open(os.path.join(arguments.folder, "own.card"), "w", encoding="utf-8") as file:
        file.write(party.card.note)
    print(party.card.fingerprint())


def partner_load(path):
    with open(path, encoding="utf-8") as file:
        return Card(file.read())


def send(arguments):
    me, partner = party_load(arguments.folder), partner_load(arguments.partner)
    sender = Sender(me, partner, Log(os.path.join(arguments.folder, f"to-{partner.party}.json")))
    for path in arguments.payload:
        with open(path, "rb") as file:
            sender.add(file.read())
    with Dialler(me, partner, sender) as dialler:
        whole = dialler.hello() and dialler.flush()
    print(sender.log.note, end="")
    if not whole:
        sys.exit(f"lane_peer: {sender.receipted} of {sender.log.tree.size} receipted; "
                 f"{sender.refusal or 'no answer'}")


def listen(arguments):
    me, partner = party_load(arguments.folder), partner_load(arguments.partner)
    log = Log(os.path.join(arguments.folder, f"from-{partner.party}.json"))
    shown = log.tree.size
    with Listener(me, partner, Receiver(me, partner, log)):
        while arguments.count is None or shown < arguments.count:
            time.sleep(0.05)
            for entry, _ in log.items[shown:log.tree.size]:
                fields = entry_read(entry)
                print(fields["index"], fields["operation"], fields["id"].hex(),
                      fields["payload_size"], flush=True)
                shown += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    verbs = parser.add_subparsers(required=True)
    verb = verbs.add_parser("init")
    verb.add_argument("folder")
    verb.add_argument("--party", required=True)
    verb.add_argument("--domain", required=True)
    verb.add_argument("--endpoint", default="")
    verb.add_argument("--environment", default="test")
    verb.set_defaults(run=party_init)
    verb = verbs.add_parser("send")
    verb.add_argument("folder")
    verb.add_argument("partner")
    verb.add_argument("payload", nargs="+")
    verb.set_defaults(run=send)
    verb = verbs.add_parser("listen")
    verb.add_argument("folder")
    verb.add_argument("partner")
    verb.add_argument("--count", type=int)
    verb.set_defaults(run=listen)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
