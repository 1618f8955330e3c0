"""A client of the node's control socket, written from node/control/wire.h: a frame is 4 bytes of
length, big-endian, and so many bytes of msgpack. Rows come back as dicts by their names in JSON;
the names are read from the header, so that a key that moves is noticed here."""

import os
import re
import socket
import struct

import msgpack

HERE = os.path.dirname(os.path.abspath(__file__))
HEADER = os.path.join(os.path.dirname(os.path.dirname(HERE)), "node", "control", "wire.h")
END, PART, ERROR = 0, 1, 2
NESTED = {"WIRE_FINDINGS": "finding", "WIRE_REMARKS": "remark", "WIRE_GOODS": "goods",
          "WIRE_MATTERS": "matter"}


def _read_header():
    with open(HEADER, encoding="utf-8") as file:
        text = file.read()
    shapes = {}
    for shape, body in re.findall(r"#define WIRE_(\w+)_FIELDS\(X\)((?:.*\\\n)*.*\n)", text):
        shapes[shape.lower()] = re.findall(r'X\(\w+, "(\w+)", (\w+)\)', body)
    verbs = dict(re.findall(r'X\("(\w+)", (\w+),[\s\\]*"', text))
    return shapes, verbs


SHAPES, VERBS = _read_header()


class ControlError(Exception):
    """What the node answered instead of rows."""

    def __init__(self, code, sentence):
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


def row(shape, packed):
    """A row's map as a dict by name; what has no name yet is passed over."""
    fields = SHAPES[shape]
    named = {}
    for key, value in packed.items():
        if key >= len(fields):
            continue
        name, kind = fields[key]
        if kind in NESTED:
            value = [row(NESTED[kind], one) for one in value]
        named[name] = value
    return named


class Control:
    """One connection. Requests are answered in their order."""

    def __init__(self, path, seconds=60):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.socket.settimeout(seconds)
        self.number = 0

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()

    def close(self):
        self.socket.close()

    def send_bytes(self, data):
        self.socket.sendall(data)

    def send_frame(self, content):
        self.send_bytes(struct.pack(">I", len(content)) + content)

    def request(self, verb, *arguments):
        """Sends a request without waiting for its answer; gives its number."""
        self.number += 1
        self.send_frame(msgpack.packb([self.number, verb, *arguments]))
        return self.number

    def _receive(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise ConnectionError("the node closed the connection")
            data += more
        return data

    def reply(self):
        size = struct.unpack(">I", self._receive(4))[0]
        return msgpack.unpackb(self._receive(size), strict_map_key=False)

    def rows(self, verb):
        """The whole answer to the oldest request that is not answered yet."""
        rows = []
        while True:
            number, kind, *rest = self.reply()
            if kind == ERROR:
                raise ControlError(*rest)
            if kind == END:
                return rows
            rows += [row(VERBS[verb], packed) for packed in rest[0]]

    def ask(self, verb, *arguments):
        self.request(verb, *arguments)
        return self.rows(verb)
