"""Signed texts and logs of the mesh in Python: cards, checkpoints and receipts (C2SP signed-note,
tlog-checkpoint, tlog-cosignature), the Merkle tree of RFC 6962, and entries. Written from
proto/README.md and keys/README.md alone; shares nothing with the C code."""

import base64
import hashlib
import os
import time
import uuid

import msgpack
import nacl.exceptions
import nacl.public
import nacl.signing
from zmq.utils import z85

ROLES = ("identity", "checkpoint", "receipt", "transport")
PLAIN, COSIGNATURE = 1, 4
CO, VERDICT = 1, 5


class Refused(Exception):
    """Why the other side's text or frame is not taken: the refusal's number, and a sentence."""

    def __init__(self, code, sentence, index=0):
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.index = index


MALFORMED, VERSION, PARTY, ENVIRONMENT, CHANNEL, CLOCK, KEY, NO_HELLO, ORDER, ROOT, SIGNATURE, \
    FORK, HELD, CREDIT, BEHIND, INTERNAL = range(1, 17)


def sha256(data):
    return hashlib.sha256(data).digest()


def pack(value):
    return msgpack.packb(value, use_bin_type=True)


def unpack(data):
    """Canonical msgpack only: what would be packed as other bytes is refused."""
    try:
        value = msgpack.unpackb(data, raw=False, strict_map_key=False)
    except (ValueError, msgpack.UnpackException) as problem:
        raise Refused(MALFORMED, f"not msgpack: {problem}") from problem
    if pack(value) != data:
        raise Refused(MALFORMED, "not canonical msgpack")
    return value


# ---- the tree, RFC 6962, section 2.1 ----

class Tree:
    """An append-only tree as the complete subtrees of its right edge, the largest first."""

    def __init__(self):
        self.size = 0
        self.edge = []  # (leaves, hash)

    def append(self, entry):
        self.size += 1
        self.edge.append((1, sha256(b"\x00" + entry)))
        while len(self.edge) > 1 and self.edge[-1][0] == self.edge[-2][0]:
            (leaves, right), (_, left) = self.edge.pop(), self.edge.pop()
            self.edge.append((2 * leaves, sha256(b"\x01" + left + right)))

    def root(self):
        if not self.edge:
            return sha256(b"")
        root = self.edge[-1][1]
        for _, left in reversed(self.edge[:-1]):
            root = sha256(b"\x01" + left + root)
        return root

    def copy(self):
        twin = Tree()
        twin.size, twin.edge = self.size, list(self.edge)
        return twin


# ---- signed notes ----

def key_id(name, algorithm, public):
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public)[:4]


def signature_line(name, key, body, time_s=None):
    """A plain signature, or a cosignature when there is a time."""
    public = bytes(key.verify_key)
    if time_s is None:
        raw = key_id(name, PLAIN, public) + key.sign(body.encode()).signature
    else:
        message = f"cosignature/v1\ntime {time_s}\n{body}".encode()
        raw = (key_id(name, COSIGNATURE, public) + time_s.to_bytes(8, "big")
               + key.sign(message).signature)
    return f"\u2014 {name} {base64.b64encode(raw).decode()}\n"


def split_note(note):
    """Body with its last newline, and the signature lines as (name, bytes)."""
    body, block = note.rsplit("\n\n", 1)
    signatures = []
    for line in block.rstrip("\n").split("\n"):
        dash, name, encoded = line.split(" ")
        if dash != "\u2014":
            raise ValueError(f"no signature line: {line}")
        signatures.append((name, base64.b64decode(encoded, validate=True)))
    return body + "\n", signatures


def signed_by(note, name, public, algorithm=PLAIN):
    """The time of the signature by that name and key, 0 for a plain one; None when there is none."""
    body, signatures = split_note(note)
    for signer, raw in signatures:
        if signer != name or raw[:4] != key_id(name, algorithm, public):
            continue
        time_s, message = 0, body
        if algorithm == COSIGNATURE:
            time_s = int.from_bytes(raw[4:12], "big")
            message = f"cosignature/v1\ntime {time_s}\n{body}"
        signature = raw[12:] if algorithm == COSIGNATURE else raw[4:]
        try:
            nacl.signing.VerifyKey(public).verify(message.encode(), signature)
            return time_s
        except nacl.exceptions.BadSignatureError:
            return None
    return None


# ---- parties ----

def timestamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Card:
    """A party's public face, read from its signed text."""

    def __init__(self, note):
        self.note = note
        body, _ = split_note(note)
        self.fields = {}
        self.keys = {role: [] for role in ROLES}
        for line in body.rstrip("\n").split("\n")[1:]:
            word, value = line.split(" ", 1)
            if word in self.keys:
                self.keys[word].append(self._key(word, value))
            else:
                self.fields[word] = value
        if signed_by(note, self.key_name("identity"), self.keys["identity"][0]) is None:
            raise ValueError("the card is not signed by the identity key that it names")

    @staticmethod
    def _key(role, value):
        text = value.split(" ")[0]
        return z85.decode(text.encode()) if role == "transport" \
            else base64.b64decode(text, validate=True)

    def __getattr__(self, name):
        return self.fields.get(name, "")

    @property
    def endpoint_name(self):
        return f"{self.environment}.coconnect.{self.domain}"

    def key_name(self, role):
        return f"{self.endpoint_name}/{role}"

    def fingerprint(self):
        label = f"comesh fingerprint v1\n{self.party}\n{self.environment}\n"
        digest = sha256(label.encode() + self.keys["identity"][0])
        return "-".join(f"{int.from_bytes(digest[at:at + 4], 'big') % 100000:05d}"
                        for at in range(0, 20, 4))


class Party:
    """A party with its secret keys: made from seeds, so that it can be written down, and with a new
    card unless it has one."""

    def __init__(self, code, domain, endpoint="", environment="test", seeds=None, card=None):
        self.seeds = seeds or {role: os.urandom(32).hex() for role in ROLES}
        self.signing = {role: nacl.signing.SigningKey(bytes.fromhex(self.seeds[role]))
                        for role in ROLES if role != "transport"}
        self.transport = nacl.public.PrivateKey(bytes.fromhex(self.seeds["transport"]))
        self.card = Card(card or self._card_text(code, domain, endpoint, environment))

    def _card_text(self, code, domain, endpoint, environment):
        now = int(time.time())
        span = f"from {timestamp(now - 3600)} until {timestamp(now + 30 * 86400)}"
        lines = ["comesh card v1", f"party {code}", f"name Customs of {code}",
                 f"environment {environment}", f"domain {domain}"]
        if endpoint:
            lines.append(f"mesh {endpoint}")
        lines += ["serial 1", f"issued {timestamp(now)}"]
        for role in ROLES[:3]:
            public = base64.b64encode(bytes(self.signing[role].verify_key)).decode()
            lines.append(f"{role} {public} {span}")
        lines.append(f"transport {self.curve_public.decode()} {span}")
        body = "\n".join(lines) + "\n"
        name = f"{environment}.coconnect.{domain}/identity"
        return body + "\n" + signature_line(name, self.signing["identity"], body)

    @property
    def curve_public(self):
        return z85.encode(bytes(self.transport.public_key))

    @property
    def curve_secret(self):
        return z85.encode(bytes(self.transport))

    def origin_to(self, partner):
        return f"{self.card.endpoint_name}/{partner.party}/1"


# ---- checkpoints ----

def checkpoint_body(origin, tree):
    return f"{origin}\n{tree.size}\n{base64.b64encode(tree.root()).decode()}\n"


def checkpoint_sign(party, origin, tree):
    body = checkpoint_body(origin, tree)
    return body + "\n" + signature_line(party.card.key_name("checkpoint"),
                                        party.signing["checkpoint"], body)


def checkpoint_cosign(party, note):
    body, _ = split_note(note)
    return note + signature_line(party.card.key_name("receipt"), party.signing["receipt"], body,
                                 int(time.time()))


def checkpoint_read(note):
    body, _ = split_note(note)
    origin, size, root = body.rstrip("\n").split("\n")
    return origin, int(size), base64.b64decode(root, validate=True)


def is_receipt(note, card):
    return any(signed_by(note, card.key_name("receipt"), key, COSIGNATURE)
               for key in card.keys["receipt"])


def is_checkpoint(note, card):
    return any(signed_by(note, card.key_name("checkpoint"), key) is not None
               for key in card.keys["checkpoint"])


# ---- entries ----

ENTRY_FIELDS = ("version", "origin", "index", "operation", "id", "reply_to", "agreement", "menu",
                "time_ms", "payload_size", "payload_hash", "salt")


def entry_pack(origin, index, payload, operation=CO, message_id=None, reply_to=None,
               agreement="GSP", menu=1):
    return pack([1, origin, index, operation, message_id or uuid.uuid4().bytes, reply_to, agreement,
                 menu, int(time.time() * 1000), len(payload), sha256(payload), os.urandom(32)])


def entry_read(data):
    fields = unpack(data)
    if not isinstance(fields, list) or len(fields) != len(ENTRY_FIELDS) or fields[0] != 1:
        raise Refused(MALFORMED, "an entry has 12 fields and version 1")
    return dict(zip(ENTRY_FIELDS, fields))
