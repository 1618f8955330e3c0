"""What takes its time: a partner's endpoint that fails until it counts as broken, and clients of the
public listener that trickle while it does."""

import json
import time

from doctor import FAILED, finds
from mesh import Mesh, report, sample, step, wait_until
from rest_node import HOST, Scene
from rest_peer import RestPeer

FAILURES = 8         # in a row, and an endpoint counts as broken
BROKEN_SECONDS = 300  # by then: 1 + 2 + 4 + … + 64 s lie between the failures, at most
CUT_SECONDS = 240    # by then a client that trickles has lost its connection
IN_A_ROW = 40


def refuse(handler):
    """What the endpoint answers while it fails."""
    RestPeer.reply(handler, 503, {"title": "Service Unavailable", "detail": "out of order"})


with Mesh(("KR",), start=False) as mesh:
    scene = Scene(mesh)
    node, peer = scene.node, scene.peer
    for name in ("connect_timeout", "timeout"):
        node.option("outbound", name, "60s")  # no post is given up, however slow the machine
    node.start()
    scene.add()

    @step("what is posted in a row goes over one connection")
    def _():
        documents = scene.send(1)
        scene.took(documents)
        before = peer.connections
        documents = scene.send(2, IN_A_ROW)
        scene.took(documents)
        assert peer.connections == before == 1, (before, peer.connections)

    # ---- it fails from here on ----

    scene.in_mood(refuse)
    waiting = scene.send(100)
    failing = time.monotonic()

    @step("clients that trickle handshake, header or body are cut; others go on meanwhile")
    def _():
        certificate = sample("id-kr-co.json")
        assert peer.post(HOST, scene.port, "send-co", certificate)[0] == 201
        head = f"POST /send-co HTTP/1.1\r\nHost: {HOST}\r\n".encode()
        slow = {
            "silence": (peer.dial(scene.port), b"", b""),
            "handshake": (peer.dial(scene.port), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"\x03"),
            "TLS and silence": (peer.connect(HOST, scene.port).sock, b"", b""),
            "header": (peer.connect(HOST, scene.port).sock, head + b"X: ", b"a"),
            "body": (peer.connect(HOST, scene.port).sock,
                     head + b"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n",
                     b" "),
        }
        for made, begin, _ in slow.values():
            made.sendall(begin)
        still = dict(slow)
        end = time.monotonic() + CUT_SECONDS
        while still and time.monotonic() < end:
            assert peer.post(HOST, scene.port, "send-co", certificate)[0] == 200
            for name, (made, _, more) in list(still.items()):
                made.settimeout(0.2)
                try:
                    made.sendall(more)
                    if made.recv(65536) == b"":
                        del still[name]
                except TimeoutError:
                    pass
                except OSError:
                    del still[name]
        for made, _, _ in slow.values():
            made.close()
        assert not still, f"still open after {CUT_SECONDS} s: {list(still)}"

    @step(f"an endpoint that fails {FAILURES} times in a row is broken, and says why; what is sent waits")
    def _():
        wait_until(lambda: node.partner("ID")["outgoing"] == "broken", "it counts as broken",
                   BROKEN_SECONDS)
        assert len(scene.tries(waiting[0])) == FAILURES, scene.tries(waiting[0])
        assert time.monotonic() - failing > (2 ** (FAILURES - 1) - 1) / 2, "it was tried too often"
        assert "out of order" in node.partner("ID")["trouble"]
        assert f"failures={FAILURES} " in node.log()
        waiting.extend(scene.send(101, 3))
        assert [scene.message(one)["stored"] for one in waiting] == [None] * 4
        assert "out of order" in node.comesh("queue").stdout
        finds(node, FAILED, "endpoint of a partner", "ID is broken until 20", "out of order")
        tested = json.loads(node.comesh("partner", "test", "ID", "--json", check=False).stdout)[-1]
        assert (tested["step"], tested["outcome"]) == ("queue", "failed"), tested
        assert tested["found"].startswith("broken until 20"), tested

    @step("it is tried at once when a person says so, all waiting goes in order, and it is open again")
    def _():
        scene.in_mood(None)
        scene.try_now()
        scene.took(waiting)
        wait_until(lambda: node.partner("ID")["outgoing"] == "open", "it is open again")
        assert not node.partner("ID")["trouble"]
        assert len(scene.tries(waiting[0])) == FAILURES + 1
        scene.took(scene.send(200))

    peer.stop()

report()
