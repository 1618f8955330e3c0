"""One side of a pairing in Python, written from keys/README.md alone: a partner like any other, and
whoever stands between two people."""

import hashlib
import hmac
import os
import socket
import time

import nacl.bindings
import nacl.public

from lane_text import pack, sha256, unpack

LISTENER, CALLER = 0, 1
COMMIT, REVEAL, CONFIRM, REFUSE = 1, 2, 3, 4
VERSION = "comesh pairing v1"
WAIT_S = 30


class Ended(Exception):
    """The other side ended the run, with its reason, or went away."""


def commitment(side, reveal):
    return sha256(f"{VERSION} commitment\n".encode() + bytes([side]) + reveal)


def digits_of(digest):
    return "-".join(f"{int.from_bytes(digest[at:at + 4], 'big') % 100000:05d}"
                    for at in range(0, 20, 4))


def words_of(digest):
    """The six words, from the list that is published beside the document."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "keys", "words.txt")
    with open(path, encoding="ascii") as file:
        words = [line.strip() for line in file if not line.startswith("#")]
    return " ".join(words[int.from_bytes(digest[at:at + 4], "big") % 7772]
                    for at in range(0, 24, 4))


def dial(port):
    return socket.create_connection(("127.0.0.1", port), WAIT_S)


class Side:
    """A side on a connection; each message is a method, so that a test can say what it likes."""

    def __init__(self, role, connection, party, person="Mallory", place=""):
        self.role, self.connection, self.party = role, connection, party
        self.connection.settimeout(WAIT_S)
        self.secret = nacl.public.PrivateKey.generate()
        self.person, self.place = person, place
        self.reveal = self.make_reveal()
        self.theirs = self.string = self.key = None

    def make_reveal(self, nonce=None):
        return pack([REVEAL, nonce or os.urandom(32), bytes(self.secret.public_key),
                     self.party.card.note.encode(), self.person, self.place, int(time.time())])

    # ---- messages ----

    def send(self, message):
        self.connection.sendall(len(message).to_bytes(4, "big") + message)

    def send_raw(self, data):
        self.connection.sendall(data)

    def read(self, size):
        data = b""
        while len(data) < size:
            more = self.connection.recv(size - len(data))
            if not more:
                raise Ended("went away")
            data += more
        return data

    def receive(self, wanted):
        """The next message, raw and unpacked, which must be of that kind."""
        raw = self.read(int.from_bytes(self.read(4), "big"))
        message = unpack(raw)
        if message[0] == REFUSE:
            raise Ended(message[1])
        assert message[0] == wanted, f"{message[0]}, where {wanted} is expected"
        return raw, message

    # ---- the protocol ----

    def send_commitment(self):
        self.send(pack([COMMIT, VERSION, commitment(self.role, self.reveal)]))

    def send_reveal(self):
        self.send(self.reveal)

    def receive_commitment(self):
        _, message = self.receive(COMMIT)
        assert message[1] == VERSION
        return message[2]

    def receive_reveal(self, committed):
        self.theirs, message = self.receive(REVEAL)
        assert commitment(1 - self.role, self.theirs) == committed
        reveals = (self.reveal, self.theirs) if self.role == LISTENER \
            else (self.theirs, self.reveal)
        self.string = sha256(f"{VERSION} string\n".encode() + b"".join(
            len(one).to_bytes(8, "big") + one for one in reveals))
        shared = nacl.bindings.crypto_scalarmult(bytes(self.secret), message[2])
        self.key = sha256(f"{VERSION} key\n".encode() + shared + self.string)
        return message

    def meet(self):
        """Until both know the string."""
        if self.role == CALLER:
            self.send_commitment()
            committed = self.receive_commitment()
            self.send_reveal()
            self.receive_reveal(committed)
        else:
            committed = self.receive_commitment()
            self.send_commitment()
            self.receive_reveal(committed)
            self.send_reveal()
        return self

    def digits(self):
        return digits_of(self.string)

    def words(self):
        return words_of(self.string)

    def proof(self, role, signature=""):
        return hmac.new(self.key, bytes([role]) + signature.encode(), hashlib.sha256).digest()

    def confirm(self, signature=""):
        self.send(pack([CONFIRM, self.proof(self.role, signature), signature]))

    def receive_confirmation(self):
        _, message = self.receive(CONFIRM)
        assert message[1] == self.proof(1 - self.role, message[2]), "another key"
        return message[2]

    def close(self):
        self.connection.close()


class Server:
    """Where somebody can be called."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(WAIT_S)
        self.port = self.socket.getsockname()[1]

    def accept(self):
        return self.socket.accept()[0]

    def close(self):
        self.socket.close()
