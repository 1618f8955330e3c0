"""A partner without a node: Korea's node posts to it over HTTPS with client certificates and takes
what it posts. The partner is tests/peers/rest_peer.py, which shares no code with the node."""

import base64
import hashlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import threading

from nacl.signing import VerifyKey

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers"))

from mesh import SAMPLES, Mesh, Node, certificates, number_of, report, sample, step, taken_all, \
    wait_until
from rest_node import HOST, Proxy, Scene, raw, saying
from rest_peer import make_certificate, make_expired


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


def verify_receipt(scene, answer):
    """As the partner does it: the signature of our receipt key, and the way from entry to root."""
    receipt = answer["receipt"]
    body, signature = receipt["note"].split("\n\n")
    origin, size, root = body.split("\n")[:3]
    assert origin == receipt["origin"] == "test.coconnect.beacukai.go.id/KR/1"
    card = scene.node.comesh("card", "show").stdout
    entry = base64.b64decode(receipt["entry"])
    node = hashlib.sha256(b"\0" + entry).digest()
    assert node == base64.b64decode(receipt["leaf"])
    index, last = receipt["index"], int(size) - 1
    for one in receipt["proof"]:
        sibling = base64.b64decode(one)
        if index % 2 == 1 or index == last:
            node = hashlib.sha256(b"\1" + sibling + node).digest()
            while index % 2 == 0 and index != 0:
                index, last = index // 2, last // 2
        else:
            node = hashlib.sha256(b"\1" + node + sibling).digest()
        index, last = index // 2, last // 2
    assert node == base64.b64decode(root)
    _, name, signed = signature.split(" ")
    assert name == HOST + "/receipt"
    raw = base64.b64decode(signed)
    seconds = int.from_bytes(raw[4:12], "big")
    message = f"cosignature/v1\ntime {seconds}\n".encode() + body.encode() + b"\n"
    with open(os.path.join(scene.node.folder, "cards", "own.card"), encoding="utf-8") as file:
        card = file.read()
    key = next(line.split()[1] for line in card.splitlines() if line.startswith("receipt "))
    VerifyKey(base64.b64decode(key)).verify(message, raw[12:])


def incoming(scene):
    node, peer = scene.node, scene.peer
    certificate = sample("id-kr-co.json")

    def post(operation, document, **options):
        return peer.post(HOST, scene.port, operation, document, **options)

    def size():
        """Documents; what our posts were answered stands between them as verdicts."""
        return len([one for one in node.rows_of("messages", "ID", "incoming")
                    if one["operation"] != "verdict"])

    @step("what the partner posts is stored, and its receipt can be verified without us")
    def _():
        status, headers, answer = post("send-co", certificate)
        assert status == 201, answer
        identity = certificate["LPCO"]["FunctionalReferenceID"]
        assert headers["Location"] == "urn:uuid:" + identity and answer["message"] == identity
        assert answer["state"] == "stored" and answer["number"] == certificate["LPCO"]["ID"]
        verify_receipt(scene, answer)
        message = node.message(certificate["LPCO"]["ID"])
        assert message["direction"] == "incoming" and message["outcome"].startswith("accepted")
        assert node.comesh("inbox").stdout.count(certificate["LPCO"]["ID"]) == 1

    @step("the same again has the effect of one and gets the first receipt, for ever")
    def _():
        first = post("send-co", certificate)[2]
        before = size()
        for headers in ({}, {"Idempotency-Key": "one"}, {"Idempotency-Key": "two"}):
            status, _, answer = post("send-co", certificate, headers=headers)
            assert status == 200 and answer["receipt"] == first["receipt"]
        node.kill()
        node.start()
        status, _, answer = post("send-co", certificate)
        assert status == 200 and answer["receipt"] == first["receipt"] and size() == before
        verify_receipt(scene, answer)

    @step("the same in XML is the same; a receipt behind many others still proves its entry")
    def _():
        xml = node.comesh("convert", "--to", "xml", "--operation", "send-co",
                          os.path.join(SAMPLES, "id-kr-co.json")).stdout.encode()
        status, _, _ = post("send-co", xml, headers={"Content-Type": "application/xml"})
        assert status == 200
        answers = [post("send-co", json.loads(one))
                   for one in certificates("ID", "KR", 9, 700)]
        assert [status for status, _, _ in answers] == [201] * 9
        for _, _, answer in answers:
            verify_receipt(scene, answer)

    @step("the same number with other content is a conflict, and says what differs")
    def _():
        other = json.loads(json.dumps(certificate))
        other["LPCO"]["FunctionalReferenceID"] = "7f000001-0000-4000-8000-000000000001"
        other["LPCO"]["TotalPackageQuantity"] = 1
        before = size()
        status, headers, answer = post("send-co", other)
        assert status == 409 and headers["Content-Type"].startswith("application/problem+json")
        assert "TotalPackageQuantity" in answer["detail"] and size() == before
        key = {"Idempotency-Key": "reused"}
        assert post("send-co", certificate, headers=key)[0] == 200
        assert post("send-co", other, headers=key)[0] == 422

    @step("a document with findings is refused with all of them, and nothing is stored")
    def _():
        bad = json.loads(json.dumps(certificate))
        bad["LPCO"]["FunctionalReferenceID"] = "7f000001-0000-4000-8000-000000000002"
        bad["LPCO"]["TypeCode"] = "999"
        bad["LPCO"]["IssuingCountryCode"] = "Id"
        before = size()
        status, _, answer = post("send-co", bad)
        assert status == 422 and len(answer["errors"]) >= 2, answer
        assert all(one["pointer"] and one["code"] for one in answer["errors"])
        assert post("send-co", b"{")[0] == 400
        assert post("send-co", b"<MetaData/>")[0] == 400
        assert post("send-co", certificate, headers={"Content-Type": "text/csv"})[0] == 415
        assert post("send-co", certificate, headers={"Content-Encoding": "gzip"})[0] == 415
        assert size() == before

    @step("who says what is not its own to say is refused with 403")
    def _():
        before = size()
        for operation, name in (("send-co", "kr-id-co.json"), ("send-co", "uy-kr-co.json"),
                                ("send-amendment-notification", "kr-id-amendment.json")):
            status, _, answer = post(operation, sample(name))
            assert status == 403 and "party" in answer["detail"], (name, status, answer)
        assert size() == before

    @step("status and feedback of the partner answer what was posted to it")
    def _():
        ours = sample("kr-id-co.json")
        taken_all(node.submit([ours]))
        scene.took([json.dumps(ours)])
        taken_all(node.submit([sample("kr-id-amendment.json")], "send-amendment-notification"))
        wait_until(lambda: len(peer.order) and peer.taken[peer.order[-1]][0] ==
                   "send-amendment-notification", "the amendment is posted")
        for operation, name in (("send-cancelation-status", "id-kr-cancelation-status.json"),
                                ("send-feedback", "id-kr-feedback.json")):
            status, _, answer = post(operation, sample(name))
            assert status == 201, answer
            verify_receipt(scene, answer)
        assert node.message(ours["LPCO"]["ID"])["answered"]

    @step("our answer to its certificate is posted to its own endpoint")
    def _():
        answer = sample("id-kr-feedback.json")
        head = answer["Response"]
        head["FunctionalReferenceID"] = "7f000001-0000-4000-8000-000000000077"
        head["ReferencedMessageID"] = certificate["LPCO"]["FunctionalReferenceID"]
        head["RespondingCountryCode"] = "KR"
        head["LPCO"] = {"TypeCode": "861", "ID": certificate["LPCO"]["ID"], "VersionID": "1",
                        "IssueDateTime": certificate["LPCO"]["IssueDateTime"],
                        "IssuingCountryCode": "ID", "AgreementID": "AKFTA", "MenuVersionID": 1}
        del head["GoodsShipment"]["GovernmentAgencyGoodsItem"][0]  # debits in another unit
        taken_all(node.submit([answer], "send-feedback"))
        wait_until(lambda: head["FunctionalReferenceID"] in peer.taken, "the feedback is posted")
        assert peer.taken[head["FunctionalReferenceID"]][0] == "send-feedback"

    @step("a wrong host, environment, path or method reaches nothing")
    def _():
        before = size()
        for host in ("prod.coconnect.customs.go.kr", "localhost", "test.coconnect.customs.go.kr.",
                     "customs.go.kr", ""):
            status = post("send-co", certificate, headers={"Host": host})[0]
            assert status == 421, (host, status)
        assert post("send-co", certificate, headers={"Host": HOST.upper() + ":443"})[0] == 200
        for path in ("Send-CO", "send-co/", "/send-co", "%73end-co", "send-co/../send-co",
                     "send-co%00", "v1/messages", "livez", "test/send-co", "send-co;v=1"):
            status = post(path, certificate)[0]
            assert status in (400, 404), (path, status)
        connection = peer.connect(HOST, scene.port)
        connection.request("GET", "/send-co", headers={"Host": HOST})
        answer = connection.getresponse()
        assert answer.status == 405 and "POST" in answer.getheader("Allow")
        connection.close()
        assert size() == before

    @step("without a certificate, with a stranger's or one that is over, nobody comes in")
    def _():
        before = size()
        status, _, answer = post("send-co", certificate, context=peer.context(client=False))
        assert status == 401 and answer["code"] == "certificate-missing"
        stranger = os.path.join(scene.folder, "stranger")
        make_certificate(stranger, peer.host)
        context = peer.context(client=False)
        context.load_cert_chain(stranger + ".pem", stranger + ".key")
        status, _, answer = post("send-co", certificate, context=context)
        assert status == 403 and answer["code"] == "certificate-unknown"
        old = os.path.join(scene.folder, "old")
        make_expired(old, peer.host)
        context = peer.context(client=False)
        context.load_cert_chain(old + ".pem", old + ".key")
        with open(scene.card(9)[0], encoding="utf-8") as file:
            card = file.read()
        made = subprocess.run(
            ["openssl", "x509", "-in", old + ".pem", "-pubkey", "-noout"], capture_output=True,
            check=True).stdout
        der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=made,
                             capture_output=True, check=True).stdout
        pin = base64.b64encode(hashlib.sha256(der).digest()).decode()
        lines = card.splitlines()
        lines.insert(9, f"client {pin} from 2020-01-01T00:00:00Z until 2037-01-01T00:00:00Z")
        path = os.path.join(scene.folder, "ID-9b.card")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        told = node.comesh("rest", "add", path, "--fingerprint", "1", check=False)
        assert told.returncode != 0
        digest = hashlib.sha256(b"comesh rest fingerprint v1\n" +
                                open(path, "rb").read()).digest()
        digits = "-".join(f"{int.from_bytes(digest[4*i:4*i+4], 'big') % 100000:05d}"
                          for i in range(5))
        node.comesh("rest", "add", path, "--fingerprint", digits)
        status, _, answer = post("send-co", certificate, context=context)
        assert status == 403 and answer["code"] == "certificate-expired", answer
        assert post("send-co", certificate)[0] == 200 and size() == before

    @step("TLS 1.0 and 1.1 are refused, and 1.2 and 1.3 are spoken")
    def _():
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            try:
                post("send-co", certificate, context=peer.context(version=version))
                raise AssertionError(f"{version} was spoken")
            except (ssl.SSLError, ConnectionError):
                pass
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            assert post("send-co", certificate, context=peer.context(version=version))[0] == 200

    @step("kill -9 between commit and answer: the retry gets the first receipt")
    def _():
        documents = [json.loads(one) for one in certificates("ID", "KR", 60, 800)]
        answers = {}
        killed = 0
        for at, document in enumerate(documents):
            while True:
                try:
                    status, _, answer = post("send-co", document)
                    answers[answer["message"]] = answer
                    break
                except (OSError, http.client.HTTPException):
                    node.start()
            if at in (10, 25, 40):
                threading.Timer(0.002 * at, node.process.kill).start()
                killed += 1
        wait_until(node.is_running, "the node runs") if node.is_running() else node.start()
        for document in documents:
            status, _, answer = post("send-co", document)
            assert status == 200
            assert answer["receipt"] == answers[answer["message"]]["receipt"]

    @step("a partner that is removed comes in no more, at once")
    def _():
        node.comesh("rest", "remove", "ID")
        assert "signed by us alone" in node.comesh("verify").stdout
        status, _, answer = post("send-co", certificate)
        assert status == 403 and answer["code"] == "certificate-unknown"
        scene.add(20)
        assert post("send-co", certificate)[0] == 200

    @step("the whole store is proven again")
    def _():
        node.comesh("verify")


def hostile(scene):
    node, peer = scene.node, scene.peer
    certificate = sample("id-kr-co.json")

    def still_serves():
        assert peer.post(HOST, scene.port, "send-co", certificate)[0] == 200

    def raw_connection():
        return socket.create_connection(("127.0.0.1", scene.port), timeout=30)

    @step("plain HTTP, rubbish and half a handshake at the TLS port cost nothing but themselves")
    def _():
        for data in (b"POST /send-co HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\n\r\n",
                     b"\0" * 4096, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b""):
            with raw_connection() as line:
                try:
                    line.sendall(data)
                    line.shutdown(socket.SHUT_WR)
                    while line.recv(4096):
                        pass
                except OSError:
                    pass  # cut off sooner
        still_serves()

    @step("a hundred open connections that say nothing, and 400 in turn: memory stays bounded")
    def _():
        before = node.rss_kib()
        held = [raw_connection() for _ in range(100)]
        still_serves()
        for _ in range(400):
            raw_connection().close()
        still_serves()
        for line in held:
            line.close()
        assert node.rss_kib() - before < 64 * 1024

    @step("two lengths, a length beside chunked, and a body that is too large are refused")
    def _():
        heads = [(b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", b"400"),
                 (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
                 (b"Content-Length: %d\r\n\r\n" % (256 * 1024 + 1) +
                  b" " * (256 * 1024 + 1), b"413")]
        for head, status in heads:
            line = peer.connect(HOST, scene.port).sock
            line.sendall(b"POST /send-co HTTP/1.1\r\nHost: " + HOST.encode() +
                         b"\r\nContent-Type: application/json\r\n" + head)
            answered = line.recv(65536).split(b" ")
            assert answered[1] == status, (head[:60], answered)
            line.close()
        still_serves()

    @step("hostile JSON and XML are refused, each with a problem")
    def _():
        text = json.dumps(certificate)
        bombs = {
            b'{"LPCO": {}, "LPCO": {}}': "application/json",
            b"[" * 100000: "application/json",
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><MetaData>&e;</MetaData>':
                "application/xml",
            text.replace('"AKFTA"', '"\\ud800"').encode(): "application/json",
            text.encode("utf-16"): "application/json",
        }
        for body, kind in bombs.items():
            status, headers, answer = peer.post(HOST, scene.port, "send-co", body,
                                                headers={"Content-Type": kind})
            assert status in (400, 422), (status, body[:40])
            assert headers["Content-Type"].startswith("application/problem+json")
        kind = {"Content-Type": "application/json; charset=latin-1"}
        assert peer.post(HOST, scene.port, "send-co", certificate, headers=kind)[0] == 415


def under_a_signed_agreement(scene, mesh):
    node = scene.node

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


with Mesh(("KR",), start=False) as mesh:
    scene = Scene(mesh)
    scene.node.start()
    out(scene)
    incoming(scene)
    hostile(scene)
    under_a_signed_agreement(scene, mesh)
    scene.peer.stop()

report()
