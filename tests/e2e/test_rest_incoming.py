"""What a partner without a node posts: Korea's node takes it with a receipt that can be verified without it,
and refuses what is not the partner's to say. The partner is tests/peers/rest_peer.py."""

import base64
import hashlib
import http.client
import json
import os
import socket
import ssl
import sys
import threading

from nacl.signing import VerifyKey

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers"))

from mesh import SAMPLES, Mesh, certificates, report, sample, step, taken_all, wait_until
from rest_node import HOST, Scene, pin_of
from rest_peer import make_certificate, make_expired


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


with Mesh(("KR",), start=False) as mesh:
    scene = Scene(mesh)
    node, peer = scene.node, scene.peer
    certificate = sample("id-kr-co.json")
    node.start()
    scene.add()

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
            lines = file.read().splitlines()
        lines.insert(9, f"client {pin_of(old + '.pem')} from 2020-01-01T00:00:00Z until "
                     "2037-01-01T00:00:00Z")
        scene.confirm("\n".join(lines) + "\n")
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

    # ---- hostile bytes at the port ----

    def still_serves():
        assert peer.post(HOST, scene.port, "send-co", certificate)[0] == 200

    def raw_connection():
        """Of a stranger, whose address is not the partner's."""
        return socket.create_connection(("127.0.0.1", scene.port), 30, ("127.0.0.2", 0))

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

    peer.stop()

report()
