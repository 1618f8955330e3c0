"""The control socket takes what a confused or hostile program of the same user may send: the node
stays up, answers with a sentence where it can, and serves the others."""

import os
import random
import stat
import struct
import time

import msgpack

from control import Control, ControlError
from mesh import Mesh, certificates, report, step, taken_all, wait_until

FRAME_MAX = 1 << 20


def refusal(node, verb, *arguments):
    try:
        rows = node.ask(verb, *arguments)
    except ControlError as problem:
        return problem
    raise AssertionError(f"{verb}{arguments} was answered: {rows}")


def is_closed(control):
    """That the node closed the connection, whatever it said before."""
    try:
        while control.socket.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True


with Mesh(("KR", "ID")) as mesh:
    kr = mesh["KR"]
    path = os.path.join(kr.folder, "control.socket")

    @step("the socket is for the node's own user alone: mode 0600")
    def _():
        assert stat.S_ISSOCK(os.stat(path).st_mode)
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600

    @step("an unknown verb, and arguments of another kind, are refused with a sentence")
    def _():
        assert "sumbit" in refusal(kr, "sumbit").sentence
        for verb, arguments in [("status", [1]), ("messages", []), ("messages", ["a", 0, 1]),
                                ("messages", [1, -1, 1]), ("entries", [1, 0, 1025]),
                                ("entries", [2 ** 32, 0, 1]), ("show", [1]),
                                ("show", [b"short", ""]), ("trace", ["x" * 300, ""]),
                                ("inbox", [2 ** 64 - 1]), ("take", [1]), ("take", [99, 0]),
                                ("take", [1, 2 ** 63]), ("release", [99]), ("submit", []),
                                ("submit", ["send-co"]), ("submit", ["send-co", []]),
                                ("submit", ["send-tea", [b"{}"]]),
                                ("submit", ["verdict", [b"{}"]]),
                                ("submit", ["send-co", ["text"]])]:
            problem = refusal(kr, verb, *arguments)
            assert problem.code and problem.sentence, (verb, arguments)

    @step("after a refused request the same connection serves the next")
    def _():
        with kr.control() as control:
            for _ in range(3):
                try:
                    control.ask("no-such-verb")
                except ControlError:
                    pass
                assert control.ask("status")[0]["party"] == "KR"

    @step("a submit of many parts is answered once, document by document in their order")
    def _():
        documents = [one.encode() for one in certificates("KR", "ID", 300, first=70001)]
        documents[150] = b"{}"
        rows = kr.ask("submit", "send-co", documents)
        assert len(rows) == 300
        assert rows[150]["code"] != "ok"
        indexes = [row["index"] for row in rows if row["code"] == "ok"]
        assert indexes == list(range(indexes[0], indexes[0] + 299)), indexes

    @step("random bytes close their own connection only")
    def _():
        for _ in range(50):
            with kr.control() as control:
                try:
                    control.send_bytes(os.urandom(random.randint(1, 5000)))
                    control.socket.shutdown(1)
                except OSError:
                    pass
                assert is_closed(control)
        assert kr.ask("status")

    @step("an oversized frame is answered with the limit, and ends its connection")
    def _():
        for size in (FRAME_MAX + 1, 2 ** 31, 2 ** 32 - 1):
            with kr.control() as control:
                control.send_bytes(struct.pack(">I", size))
                _, kind, code, sentence = control.reply()
                assert kind == 2 and str(FRAME_MAX) in sentence, (code, sentence)
                assert is_closed(control)

    @step("a frame that is no request is answered with a sentence, and ends its connection")
    def _():
        deep = b"\x91" * 100_000 + b"\xc0"
        million = b"\xdf\x00\x0f\x42\x40" + b"\xc0" * 1000
        for content in (b"", b"\xc1", deep, million, msgpack.packb({"verb": "status"}),
                        msgpack.packb([1]), msgpack.packb([-1, "status"]),
                        msgpack.packb(["one", "status"]), msgpack.packb([1, "status"])[:-1]):
            with kr.control() as control:
                control.send_frame(content)
                _, kind, code, sentence = control.reply()
                assert kind == 2 and sentence, (code, sentence)
                assert is_closed(control)

    @step("a frame in single bytes is as good as a whole one")
    def _():
        with kr.control() as control:
            frame = msgpack.packb([7, "status"])
            for byte in struct.pack(">I", len(frame)) + frame:
                control.send_bytes(bytes([byte]))
            assert control.rows("status")[0]["party"] == "KR"

    @step("clients that say nothing, half of something, or go away do not stop the others")
    def _():
        idle = [kr.control() for _ in range(20)]
        for at, control in enumerate(idle):
            if at % 2:
                control.send_bytes(struct.pack(">I", 1000) + b"\x92")
        for _ in range(50):
            with kr.control() as gone:
                gone.request("messages", 1, 0, 1024)
        assert kr.ask("status")
        for control in idle:
            control.close()

    @step("a hundred clients at once are all served")
    def _():
        clients = [Control(path, seconds=30) for _ in range(100)]
        for control in clients:
            control.request("status")
        for control in clients:
            assert control.rows("status")[0]["party"] == "KR"
            control.close()

    @step("with more idle clients than there are places a new one is served when one goes")
    def _():
        idle = [kr.control() for _ in range(40)]
        with kr.control() as late:
            late.request("status")
            for control in idle:
                control.close()
            assert late.rows("status")[0]["party"] == "KR"

    @step("a client that asks much and reads nothing costs bounded memory, and delays nobody")
    def _():
        taken_all(kr.submit(certificates("KR", "ID", 500, items=5)))
        mesh.settle()
        before = kr.rss_kib()
        with kr.control() as greedy:
            greedy.socket.settimeout(0.1)
            asked = 0
            end = time.monotonic() + 2
            while time.monotonic() < end:
                try:
                    greedy.request("entries", 1, 0, 1024)
                    asked += 1
                except TimeoutError:
                    pass
            assert asked > 20, asked
            assert kr.ask("status")
            grown = kr.rss_kib() - before
        assert grown < 64 * 1024, f"{grown} KiB more"

    @step("requests in a row are answered in their order")
    def _():
        documents = [one.encode() for one in certificates("KR", "ID", 30, first=10_001)]
        with kr.control() as control:
            for at, document in enumerate(documents):
                control.request("submit", "send-co", [document])
                if at % 3 == 0:
                    control.request("status")
            for at in range(len(documents)):
                assert control.rows("submit")[0]["code"] == "ok"
                if at % 3 == 0:
                    assert control.rows("status")[0]["party"] == "KR"

    @step("a client that submits and goes away has all its documents committed, or none")
    def _():
        size = kr.channel("ID", "outgoing")["size"]
        with kr.control() as control:
            control.request("submit", "send-co",
                            [one.encode() for one in certificates("KR", "ID", 50, first=20_001)])
        mesh.settle()
        wait_until(lambda: kr.channel("ID", "outgoing")["size"] in (size, size + 50), "50 or none")

    @step("the node is as it was: it serves, and its store proves again")
    def _():
        assert kr.is_running()
        mesh.settle()
        kr.comesh("verify")

report()
