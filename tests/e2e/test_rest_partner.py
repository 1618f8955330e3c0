"""What goes out to a partner without a node: Korea's node posts to it over HTTPS with client certificates.
The partner is tests/peers/rest_peer.py, which shares no code with the node."""

import json
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers"))

from mesh import Mesh, Node, certificates, number_of, report, step, taken_all, wait_until
from rest_node import HOST, Proxy, Scene, raw, saying
from rest_peer import make_certificate


with Mesh(("KR",), start=False) as mesh:
    scene = Scene(mesh)
    node, peer = scene.node, scene.peer
    node.start()

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

    @step("a head without end, of lines or of interim answers, is broken off, too")
    def _():
        lines = (b"HTTP/1.1 201 Created\r\n", b"X-%d: " + b"x" * 8000 + b"\r\n")
        interim = (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </%d>\r\n\r\n" * 100)
        for at, (first, more) in enumerate((lines, interim)):
            def flood(handler, first=first, more=more):
                try:
                    handler.wfile.write(first)
                    for number in range(40_000):
                        handler.wfile.write(more.replace(b"%d", b"%d" % number))
                except OSError:
                    pass
                handler.close_connection = True
            scene.in_mood(flood)
            before = node.rss_kib()
            document = scene.send(125 + at)
            scene.trouble("head of the answer is above")
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

    @step("without a pin the server needs a certificate that an authority vouches for")
    def _():
        scene.add(4, server=None)
        document = scene.send(161)
        scene.trouble("certificate")
        assert not scene.tries(document[0])
        node.option("outbound", "authorities", peer.server_path + ".pem")
        node.comesh("reload")
        scene.took(document)
        scene.add(5)

    @step("a proxy is gone through when it is configured")
    def _():
        proxy = Proxy()
        node.option("outbound", "proxy", f"http://127.0.0.1:{proxy.port}")
        node.comesh("reload")
        document = scene.send(162)
        scene.took(document)
        assert proxy.asked and proxy.asked[0].startswith("CONNECT 127.0.0.1:")
        proxy.stop()
        document = scene.send(163)
        scene.trouble(f"port {proxy.port}")
        with open(node.config, encoding="utf-8") as file:
            line = next(one for one in file.read().splitlines(True) if "proxy =" in one)
        node.edit_config(line, "")
        node.comesh("reload")
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
        said = node.comesh("verify").stdout
        assert " 0 receipts with both signatures" in said and "signed by us alone" in said, said

    @step("a party without a node signs the agreement offline, and messages go under it")
    def _():
        offline = Node(mesh, "ID", "san")  # a folder with its identity key; its node never runs
        offline.init(agreements=())
        offline.trust(node)
        card = os.path.join(mesh.folder, "ID-of-the-identity.card")
        text = os.path.join(mesh.folder, "AKFTA.agreement")
        offline.comesh("card", "export", "--output", card)
        node.comesh("agreement", "new", "AKFTA", "--name", "ASEAN-Korea", "--reference",
                    "of the tests", "--join", card, "--quorum", "2", "--fingerprint",
                    offline.json("card", "fingerprint")["digits"])
        node.unlocked("agreement", "sign", "AKFTA", "--output", text)
        offline.comesh("agreement", "import", text, "--propose")
        offline.unlocked("agreement", "sign", text, "--output", text)
        node.comesh("agreement", "import", text)
        assert all(one["signed"] for one in node.json("agreement", "show", "AKFTA")["parties"])
        document = scene.send(900)
        scene.took(document)
        certificate = json.loads(certificates("ID", "KR", 1, 901)[0])
        assert scene.peer.post(HOST, scene.port, "send-co", certificate)[0] == 201

    peer.stop()

report()
