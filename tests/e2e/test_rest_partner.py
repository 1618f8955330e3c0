"""A partner without a node: Korea's node posts to it over HTTPS with client certificates and takes
what it posts. The partner is tests/peers/rest_peer.py, which shares no code with the node."""

import json
import os
import socket
import ssl
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers"))

from mesh import Mesh, certificates, free_port, number_of, report, sample, step, taken_all, wait_until
from rest_peer import RestPeer, make_certificate

HOST = "test.coconnect.customs.go.kr"


class Scene:
    """Korea's node, and Indonesia without one."""

    def __init__(self, mesh):
        self.node = mesh["KR"]
        self.folder = mesh.folder
        make_certificate(os.path.join(self.node.folder, "outbound"), HOST)
        make_certificate(os.path.join(self.node.folder, "public"), HOST)
        self.peer = RestPeer(os.path.join(mesh.folder, "rest"), "ID", "beacukai.go.id",
                             node_certificate=os.path.join(self.node.folder, "outbound.pem"))
        self.port = free_port()
        self.node.append_config(
            "outbound\n    certificate = outbound.pem\n    key = outbound.key\n"
            f"    connect = test.coconnect.beacukai.go.id=127.0.0.1:{self.peer.port}\n"
            "    timeout = 2s\n    connect_timeout = 2s\n")

    def card(self, serial=1, **options):
        """The partner's card as a text, by the command that makes it."""
        arguments = ["rest", "new", "--party", "ID", "--name", "Bea dan Cukai", "--environment",
                     "test", "--domain", "beacukai.go.id", "--serial", serial]
        client = options.get("client", self.peer.client_path + ".pem")
        server = options.get("server", self.peer.server_path + ".pem")
        made = self.node.comesh(*arguments, "--client", client, "--server", server)
        path = os.path.join(self.folder, f"ID-{serial}.card")
        with open(path, "w", encoding="utf-8") as file:
            file.write(made.stdout)
        return path, made.stderr.split()[-1]

    def add(self, serial=1, **options):
        path, digits = self.card(serial, **options)
        self.node.comesh("rest", "add", path, "--fingerprint", digits)

    def send(self, first, count=1):
        documents = certificates("KR", "ID", count, first)
        taken_all(self.node.submit(documents))
        return documents

    def took(self, documents):
        """Waits until the partner has taken them all, in the order in which they were sent."""
        wanted = [json.loads(one)["LPCO"]["FunctionalReferenceID"] for one in documents]
        wait_until(lambda: self.peer.order[-len(wanted):] == wanted, "the partner took them")
        wait_until(lambda: self.message(documents[-1])["stored"], "the answer is stored")

    def message(self, document):
        return self.node.message(number_of(document))

    def in_mood(self, mood):
        self.peer.mood = mood

    def tries(self, document):
        identity = json.loads(document)["LPCO"]["FunctionalReferenceID"]
        return [one for one in self.peer.requests if one[1] == identity]

    def trouble(self, words):
        """Waits until the status says why nothing goes."""
        wait_until(lambda: words in (self.node.partner("ID")["trouble"] or ""),
                   f"the status says '{words}'")

    def try_now(self):
        self.node.comesh("queue", "retry", "ID")


def saying(status, body=b"{}", headers=(), kind="application/problem+json"):
    def mood(handler):
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
    return mood


def raw(data):
    """Bytes instead of an answer, and the end of the connection."""
    def mood(handler):
        handler.wfile.write(data)
        handler.wfile.flush()
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)
    return mood


def out(scene):
    node, peer = scene.node, scene.peer

    @step("a card that nobody confirmed is not added, and its fingerprint is not told")
    def _():
        path, digits = scene.card()
        refused = node.comesh("rest", "add", path, "--fingerprint",
                              "11111-11111-11111-11111-11111", check=False)
        assert refused.returncode != 0 and "NOT ADDED" in refused.stderr
        assert digits not in refused.stderr
        assert node.json("rest", "list") == []
        node.comesh("rest", "add", path, "--fingerprint", digits)
        assert node.json("rest", "list")[0]["party"] == "ID"
        shown = node.comesh("rest", "show", "ID").stdout
        with open(path, encoding="utf-8") as file:
            assert shown == file.read()

    @step("a certificate is posted, and the HTTP answer is its receipt")
    def _():
        document = scene.send(1)
        scene.took(document)
        operation, identity, key = scene.tries(document[0])[0]
        assert operation == "send-co" and key == identity
        message = scene.message(document[0])
        assert message["judged"] and message["delivered"] and message["outcome"] == "accepted"
        assert b"\nhttp 201\nanswer " in message["receipt"]
        told = node.comesh("trace", number_of(document[0])).stdout
        assert "by HTTP answer 201 of ID, which signs nothing" in told
        sent = json.loads(document[0])
        assert peer.taken[identity][1]["LPCO"]["ID"] == sent["LPCO"]["ID"]

    @step("what is sent in a row arrives in its order, each once")
    def _():
        documents = scene.send(2, 40)
        scene.took(documents)
        assert len(peer.order) == len(set(peer.order)) == 41

    @step("a server that is down, hangs, breaks off or talks rubbish gets the same message again")
    def _():
        moods = [
            ("503", saying(503, b'{"title": "closed for the night"}')),
            ("429", saying(429, headers=[("Retry-After", "1")])),
            ("redirect", saying(307, headers=[("Location", "https://elsewhere.example/send-co")])),
            ("", raw(b"\x00\xff\x17 what is this\r\n\r\n")),
            ("", raw(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nhalf")),
            ("", raw(b"HTTP/1.1 201 Created\r\nContent-Length: 90")),
            ("", raw(b"")),
            ("", lambda handler: threading.Event().wait(3)),
        ]
        for at, (words, mood) in enumerate(moods):
            scene.in_mood(mood)
            document = scene.send(100 + at)
            wait_until(lambda: scene.tries(document[0]), "it was tried")
            wait_until(lambda: node.partner("ID")["outgoing"] == "waiting", "the node waits")
            scene.trouble(words)
            assert not scene.message(document[0])["stored"]
            scene.in_mood(None)
            scene.try_now()
            scene.took(document)
            assert len({one[2] for one in scene.tries(document[0])}) == 1
        assert node.is_running()

    @step("an answer without end is broken off, and memory stays as it was")
    def _():
        def flood(handler):
            handler.send_response(201)
            handler.end_headers()
            block = b"x" * 65536
            try:
                for _ in range(16 * 200):
                    handler.wfile.write(block)
            except OSError:
                pass
            handler.close_connection = True
        scene.in_mood(flood)
        document = scene.send(120)
        before = node.rss_kib()
        scene.trouble("above")
        assert node.rss_kib() - before < 32 * 1024
        scene.in_mood(None)
        scene.try_now()
        scene.took(document)

    @step("a refusal is held for a person, with the partner's own words, and nothing overtakes it")
    def _():
        problem = {"title": "Unprocessable Content", "detail": "the exporter is not registered",
                   "errors": [{"pointer": "/LPCO/Exporter/ID", "detail": "no such\x1b[31m one"}]}
        scene.in_mood(saying(422, json.dumps(problem).encode()))
        first, second = scene.send(130, 2)
        wait_until(lambda: node.channel("ID", "outgoing")["held"], "the channel is held")
        reason = node.channel("ID", "outgoing")["held_reason"]
        assert "422" in reason and "the exporter is not registered" in reason
        assert "/LPCO/Exporter/ID" in reason and "\x1b" not in reason
        assert number_of(first) in reason
        assert scene.message(first)["held"] and not scene.tries(second)
        assert "the exporter is not registered" in node.comesh("queue").stdout
        scene.in_mood(None)
        scene.try_now()
        scene.took([first, second])

    @step("what a person gives up is refused, its number is free, and the next one goes")
    def _():
        scene.in_mood(saying(422, b'{"title": "no", "detail": "not this one"}'))
        first, second = scene.send(140, 2)
        wait_until(lambda: node.channel("ID", "outgoing")["held"], "the channel is held")
        scene.in_mood(None)
        node.comesh("queue", "release", "ID")
        wait_until(lambda: scene.message(second)["stored"], "the next one went")
        message = scene.message(first)
        assert message["outcome"] == "refused" and "not this one" in message["remark"]
        again = json.loads(first)
        again["LPCO"]["FunctionalReferenceID"] = "7f000001-0000-4000-8000-000000000140"
        taken_all(node.submit([again]))
        wait_until(lambda: again["LPCO"]["FunctionalReferenceID"] in peer.taken, "it went")
        refused = node.comesh("queue", "release", "ID", check=False)
        assert refused.returncode != 0 and "held" in refused.stderr

    @step("410 and 421 stop the partner, until a person lets it go on")
    def _():
        for at, status in enumerate((410, 421)):
            scene.in_mood(saying(status, b""))
            document = scene.send(150 + at)
            wait_until(lambda: node.channel("ID", "outgoing")["held"], "the channel is held")
            assert str(status) in node.partner("ID")["trouble"]
            assert node.partner("ID")["outgoing"] == "held"
            scene.in_mood(None)
            scene.try_now()
            scene.took(document)

    @step("a server with another key than that of the card gets nothing")
    def _():
        path = os.path.join(scene.folder, "other")
        make_certificate(path, peer.host)
        scene.add(2, server=path + ".pem")
        document = scene.send(160)
        scene.trouble("pinned")
        assert not scene.tries(document[0])
        scene.add(3)
        scene.took(document)

    @step("kill -9 in the middle loses nothing and doubles nothing")
    def _():
        documents = scene.send(200, 60)
        wanted = [json.loads(one)["LPCO"]["FunctionalReferenceID"] for one in documents]
        for share in (5, 20, 45):
            wait_until(lambda: len([one for one in wanted if one in peer.taken]) >= share,
                       "some went")
            node.kill()
            node.start()
        scene.took(documents)
        assert [one for one in peer.order if one in wanted] == wanted

    @step("the whole store is proven, and says which receipts are ours alone")
    def _():
        node.comesh("verify")


with Mesh(("KR",), start=False) as mesh:
    scene = Scene(mesh)
    scene.node.start()
    out(scene)
    scene.peer.stop()

report()
