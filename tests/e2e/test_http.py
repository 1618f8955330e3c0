"""The private listener, as a national system uses it: the four operations, many documents in one
request, what is read, and the feed. Its tokens, limits and life are in test_http_listener.py."""

import base64
import copy
import hashlib
import json
import threading
import uuid
from urllib.parse import quote

from http_node import Listener, certificate
from mesh import Mesh, certificates, number_of, report, sample, same_channel, step, wait_until

MANY = 20_000
BATCH_MIB = 120  # a node with a batch of any length under way stays below


def about(name, number, **fields):
    """A sample of another operation, about that certificate, with an id of its own."""
    document = sample(name)
    body = next(iter(document.values()))
    body["FunctionalReferenceID"] = str(uuid.uuid4())
    body.update(fields)
    body.get("LPCO", body)["ID"] = number
    return document, body


with Mesh(("KR", "ID"), start=False) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]
    ours, theirs = Listener(kr), Listener(id_, unix=True)
    mesh.start()
    kr.wait_lane("ID")

    # ---- the four operations ----

    @step("a certificate in JSON is answered 201 with the receipt of its commit")
    def _():
        document = certificate("KR-HTTP-1")
        answer = ours.post("/send-co", document)
        assert answer.status == 201, answer.body
        receipt = answer.json
        assert receipt["message"] == document["LPCO"]["FunctionalReferenceID"]
        assert answer.headers["location"] == f"/v1/messages/{receipt['message']}"
        assert (receipt["partner"], receipt["number"], receipt["state"]) == \
            ("ID", "KR-HTTP-1", "queued"), receipt
        entry = kr.ask("entries", receipt["channel"], receipt["index"], 1)[0]
        assert receipt["leaf"] == entry["leaf"].hex(), receipt
        assert ours.get(answer.headers["location"]).json["message"] == receipt["message"]

    @step("the same message again is answered 200 with the first answer, byte by byte")
    def _():
        document = certificate("KR-HTTP-2")
        first = ours.post("/send-co", document)
        again = ours.post("/send-co", document)
        assert (first.status, again.status) == (201, 200)
        assert first.body == again.body
        kr.wait_receipts("ID")
        assert ours.post("/send-co", document).body == first.body

    @step("a certificate in XML is the same message as in JSON")
    def _():
        document = certificate("KR-HTTP-3")
        xml = kr.comesh("convert", "--operation", "send-co", "--to", "xml", "-", stdin=json.dumps(document)).stdout
        first = ours.post("/send-co", xml, media="application/xml; charset=utf-8")
        again = ours.post("/send-co", document, media="application/json; version=1")
        assert (first.status, again.status) == (201, 200), first.body
        assert first.body == again.body

    @step("the same number with other content is a conflict, which names the difference")
    def _():
        document = certificate("KR-HTTP-1")
        document["LPCO"]["Exporter"]["Name"] = "somebody else"
        problem = ours.post("/send-co", document).is_problem(409, "conflict")
        assert "KR-HTTP-1" in problem["detail"] and "Exporter/Name" in problem["detail"], problem

    @step("findings come with pointer, element and ids")
    def _():
        document = certificate("KR-HTTP-4")
        del document["LPCO"]["IssueDateTime"]
        document["LPCO"]["IssuingCountryCode"] = "ZZ"
        problem = ours.post("/send-co", document).is_problem(422, "invalid")
        found = {one["pointer"]: one for one in problem["errors"]}
        missing = found["/LPCO/IssueDateTime"]
        assert missing["code"] == "missing" and missing["element"] == {
            "name": "IssueDateTime", "wcoId": "D011", "oifId": "OIF.001"}, missing
        assert "/LPCO/IssuingCountryCode" in found, found

    @step("what is no JSON or XML is 400, another type than it says too")
    def _():
        ours.post("/send-co", "{\"LPCO\": ").is_problem(400)
        ours.post("/send-co", "", media="application/json").is_problem(400, "body")
        ours.post("/send-co", "<LPCO/>").is_problem(400, "body")
        ours.post("/send-co", "<LPCO", media="application/xml").is_problem(400)

    @step("a caller in the wrong role for the certificate gets 403 with the sentence why")
    def _():
        problem = ours.post("/send-co", certificate("ID-HTTP-1", "ID", "KR")).is_problem(
            403, "denied")
        assert "exporting party" in problem["detail"], problem

    @step("amendment, cancelation status and feedback go both ways, and the life of it is told")
    def _():
        issued = certificate("KR-LIFE-1")
        kr.comesh("send", "--wait", "-", stdin=json.dumps(issued))
        amendment, asked = about("kr-id-amendment.json", "KR-LIFE-1")
        answer = ours.post("/send-amendment-notification", amendment)
        assert answer.status == 201, answer.body
        kr.wait_receipts("ID")
        status, _ = about("id-kr-cancelation-status.json", "KR-LIFE-1",
                          ReferencedMessageID=asked["FunctionalReferenceID"])
        answer = theirs.post("/send-cancelation-status", status)
        assert answer.status == 201, answer.body
        feedback, _ = about("id-kr-feedback.json", "KR-LIFE-1",
                            ReferencedMessageID=issued["LPCO"]["FunctionalReferenceID"])
        answer = theirs.post("/send-feedback", feedback)
        assert answer.status == 201, answer.body
        id_.wait_receipts("KR")
        told = ours.get("/v1/certificates/KR/KR-LIFE-1").json
        assert [one["operation"] for one in told["messages"]] == [
            "send-co", "send-amendment-notification", "send-cancelation-status",
            "send-feedback"], told["messages"]

    # ---- idempotency keys ----

    @step("an Idempotency-Key with other content is refused; with the same it is the first answer")
    def _():
        document = certificate("KR-KEY-1")
        key = {"Idempotency-Key": "one"}
        first = ours.post("/send-co", document, headers=key)
        again = ours.post("/send-co", document, headers=key)
        assert (first.status, again.status) == (201, 200) and first.body == again.body
        other = certificate("KR-KEY-2")
        ours.post("/send-co", other, headers=key).is_problem(422, "idempotency-key-reused")
        assert ours.post("/send-co", other, headers={"Idempotency-Key": "two"}).status == 201

    @step("a request that was refused leaves its key free for the mended one")
    def _():
        document = certificate("KR-KEY-3")
        broken = copy.deepcopy(document)
        del broken["LPCO"]["Exporter"]
        key = {"Idempotency-Key": "three"}
        ours.post("/send-co", broken, headers=key).is_problem(422)
        assert ours.post("/send-co", document, headers=key).status == 201
        ours.post("/send-co", document, headers={"Idempotency-Key": "a b"}).is_problem(
            400, "idempotency-key")

    # ---- many documents in one request ----

    @step(f"{MANY} lines are answered line by line in order, with bounded memory")
    def _():
        documents = certificates("KR", "ID", MANY)
        kr.stop()  # AddressSanitizer keeps 256 MiB of what was freed, unless told
        kr.start({"ASAN_OPTIONS": "detect_leaks=1:exitcode=99:quarantine_size_mb=8"})
        before = kr.rss_kib()
        answer = ours.post("/send-co", "\n".join(documents), media="application/x-ndjson")
        assert answer.status == 200, answer.body[:500]
        lines = answer.lines
        assert [one["line"] for one in lines] == list(range(1, MANY + 1))
        assert {one["status"] for one in lines} == {201}
        assert [one["number"] for one in lines] == [number_of(one) for one in documents]
        indexes = [one["index"] for one in lines]
        assert indexes == list(range(indexes[0], indexes[0] + MANY))
        assert kr.rss_kib() - before < BATCH_MIB * 1024, f"{before} to {kr.rss_kib()} KiB"
        kr.wait_receipts("ID", 240)

    @step("a line that is wrong is refused in its place, and the others are taken")
    def _():
        good = certificates("KR", "ID", 4, first=MANY + 1)
        broken = json.loads(good[3])
        del broken["LPCO"]["Exporter"]
        lines = [good[0], "", "{}", good[0], "x" * 300_000, json.dumps(broken), "no json",
                 good[1] + "\r", good[2]]
        answer = ours.post("/send-co", "\n".join(lines), media="application/x-ndjson")
        told = [(one["line"], one["status"]) for one in answer.lines]
        assert told == [(1, 201), (3, 422), (4, 200), (5, 413), (6, 422), (7, 400), (8, 201),
                        (9, 201)], told
        assert answer.lines[4]["errors"][0]["element"]["name"] == "Exporter", answer.lines[4]

    @step("a stream of unknown length is taken as it comes, chunk by chunk")
    def _():
        documents = certificates("KR", "ID", 300, first=MANY + 100)
        answer = ours.ask("POST", "/send-co", iter(one.encode() + b"\n" for one in documents),
                          media="application/x-ndjson")
        assert [one["status"] for one in answer.lines] == [201] * 300
        assert ours.post("/send-co", "", media="application/x-ndjson").body == b""

    @step("a client that goes away in the middle loses nothing that was committed")
    def _():
        documents = certificates("KR", "ID", 400, first=MANY + 1000)
        body = "\n".join(documents[:200]).encode() + b"\n" + documents[200].encode()[:50]
        raw = ours.connect()
        raw.connect()
        raw.sock.sendall(b"POST /send-co HTTP/1.1\r\nHost: localhost\r\n"
                         b"Content-Type: application/x-ndjson\r\nContent-Length: 9999999\r\n"
                         b"Authorization: Bearer " + ours.token("submit", "read", "take").encode()
                         + b"\r\n\r\n" + body)
        last = number_of(documents[199])
        wait_until(lambda: ours.get(f"/v1/certificates/KR/{last}").status == 200,
                   "the last whole line is committed")
        raw.close()
        answer = ours.post("/send-co", "\n".join(documents), media="application/x-ndjson")
        assert [one["status"] for one in answer.lines] == [200] * 200 + [201] * 200

    @step("lines are answered by lines and a document by one; whoever accepts neither is told so, nothing is stored")
    def _():
        lines = json.dumps(certificate("KR-ACCEPT-1"))
        ndjson = "application/x-ndjson"

        def post(media, accept):
            return ours.post("/send-co", lines, media=media, headers={"Accept": accept})
        for media, accept in ((ndjson, "application/json"), ("application/json", ndjson)):
            detail = post(media, accept).is_problem(406, "accept")["detail"]
            assert (ndjson if media == ndjson else "application/json, application/xml") in detail
        answer = post(ndjson, "application/xml")
        assert answer.status == 406 and ndjson.encode() in answer.body, answer.body
        assert answer.headers["content-type"] == "application/problem+xml", answer.headers
        ours.get("/v1/certificates/KR/KR-ACCEPT-1").is_problem(404)
        for accept in ("application/xml, application/x-ndjson;q=0.1", "*/*", "application/*"):
            answer = post(ndjson, accept)
            assert answer.status == 200 and answer.headers["content-type"] == ndjson, accept
            assert len(answer.lines) == 1, answer.body
        answer = post("application/json", "application/x-ndjson, application/xml;q=0.1")
        assert answer.status == 200 and answer.headers["content-type"] == "application/xml"

    # ---- reading ----

    @step("a certificate is found by any spelling of its number, at both ends")
    def _():
        kr.wait_receipts("ID")
        for listener in (ours, theirs):
            for number in ("KR-HTTP-1", "krhttp1", quote("KR/HTTP 1", safe="")):
                told = listener.get(f"/v1/certificates/KR/{number}").json
                assert told["number"] == "KR-HTTP-1" and told["state"] == "issued", told
                assert told["importer"] == "ID" and told["goods"][0]["left"] == "1800", told
                assert told["document"]["LPCO"]["ID"] == "KR-HTTP-1"
        ours.get("/v1/certificates/KR/KR-NOT-THERE").is_problem(404, "not-found")
        ours.get("/v1/certificates/ID/KR-HTTP-1").is_problem(404, "not-found")

    @step("the document comes as JSON, XML or a page, as Accept weighs them")
    def _():
        path = "/v1/certificates/KR/KR-HTTP-3/document"
        as_json = ours.get(path)
        assert as_json.json["LPCO"]["ID"] == "KR-HTTP-3"
        as_xml = ours.get(path, headers={"Accept": "application/xml"})
        assert as_xml.headers["content-type"] == "application/xml"
        back = kr.comesh("convert", "--operation", "send-co", "--to", "json", "-", stdin=as_xml.body.decode()).stdout
        assert json.loads(back) == as_json.json
        page = ours.get(path, headers={"Accept": "text/html, application/json;q=0.5"})
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert b"KR-HTTP-3" in page.body and b"default-src 'none'" in page.body
        assert "default-src 'none'" in page.headers["content-security-policy"]
        ours.get(path, headers={"Accept": "image/png"}).is_problem(406, "accept")

    @step("an answer has an ETag, and what the client has is not sent again")
    def _():
        path = "/v1/certificates/KR/KR-HTTP-1"
        first = ours.get(path)
        again = ours.get(path, headers={"If-None-Match": f'"x", {first.headers["etag"]}'})
        assert again.status == 304 and again.body == b"", again.body
        assert again.headers["etag"] == first.headers["etag"]
        assert int(again.headers["content-length"]) == len(first.body), "of what it would be"
        for held in (f'"x",\tW/{first.headers["etag"]}\t', f', ,{first.headers["etag"]} ', "*"):
            assert ours.get(path, headers={"If-None-Match": held}).status == 304, held
        head = ours.ask("HEAD", path)
        assert head.status == 200 and head.body == b"" and \
            int(head.headers["content-length"]) == len(first.body)
        assert ours.get(path, headers={"If-None-Match": '"other"'}).status == 200

    @step("messages come page by page, each once")
    def _():
        path, seen = "/v1/messages?direction=outgoing&partner=ID&limit=1000", []
        after = ""
        while after is not None:
            page = ours.get(path + (f"&after={after}" if after else "")).json
            seen += [one["index"] for one in page["messages"]]
            after = page["next"]
        assert seen == list(range(kr.channel("ID", "outgoing")["size"])), len(seen)
        for query in ("limit=0", "limit=-1", "limit=1001", "after=x", "partner=ID&partner=ID",
                      "unknown=1", "direction=sideways"):
            ours.get(f"/v1/messages?{query}").is_problem(400)

    @step("the evidence of a certificate holds: leaf, path and root of the cosigned checkpoint")
    def _():
        told = ours.get("/v1/certificates/KR/KR-HTTP-1/evidence").json["entries"][0]
        digest = hashlib.sha256(b"\0" + base64.b64decode(told["entry"])).digest()
        assert digest.hex() == told["leaf"]
        index, size = told["index"], told["receipt"]["size"]
        last = size - 1
        for step_hash in told["receipt"]["inclusion"]:
            other = bytes.fromhex(step_hash)
            if index & 1 or index == last:
                digest = hashlib.sha256(b"\1" + other + digest).digest()
                while not index & 1 and index:
                    index, last = index >> 1, last >> 1
            else:
                digest = hashlib.sha256(b"\1" + digest + other).digest()
            index, last = index >> 1, last >> 1
        lines = told["receipt"]["checkpoint"].splitlines()
        assert lines[0] == told["origin"] and int(lines[1]) == size, lines
        assert base64.b64decode(lines[2]) == digest, lines

    @step("partners, agreements and menus are told")
    def _():
        partner = ours.get("/v1/partners").json["partners"][0]
        assert (partner["party"], partner["outgoing"]) == ("ID", "open"), partner
        codes = [one["code"] for one in ours.get("/v1/agreements").json["agreements"]]
        assert codes == ["AKFTA", "RCEP", "GSP"], codes
        rows = ours.get("/v1/menus/compare?menus=AKFTA:1,RCEP").json["rows"]
        assert rows[0]["differs"] and rows[0]["menus"][0]["menu"] == "AKFTA:1", rows[0]
        ours.get("/v1/menus/compare?menus=AKFTA").is_problem(400, "parameter")
        ours.get("/v1/menus/compare?menus=AKFTA,NONE").is_problem(404)

    @step("whether it lives, is ready, and its counters, need no partner")
    def _():
        assert ours.get("/livez", token="").status == 200
        assert ours.get("/readyz", token="").status == 200
        text = ours.get("/metrics").body.decode()
        assert "# TYPE comesh_commits_total counter\ncomesh_commits_total " in text, text

    # ---- the feed ----

    def feed(after="", **query):
        words = "&".join(f"{name}={value}" for name, value in {"after": after, **query}.items())
        return theirs.get(f"/v1/events?{words}").json

    @step("the feed gives everything once, in order, and begins behind what was taken")
    def _():
        cursor, numbers = "", []
        while True:
            told = feed(cursor, limit=1000)
            if not told["events"]:
                break
            numbers += [one["number"] for one in told["events"] if one["event"] == "send-co"]
            cursor = told["cursor"]
        assert len(numbers) == len(set(numbers)) > MANY, len(numbers)
        assert feed(limit=1)["events"], "nothing was taken yet"
        assert theirs.post("/v1/events/taken", {"cursor": cursor}).status == 204
        assert feed(limit=1)["events"] == []
        wait_until(lambda: ours.get("/v1/certificates/KR/KR-HTTP-1").json["messages"][0]["state"]
                   == "delivered", "the sender sees delivered")

    @step("a request that waits is answered by what comes, and by nothing when its time is over")
    def _():
        cursor = feed()["cursor"]
        got = []
        waiting = threading.Thread(target=lambda: got.append(feed(cursor, wait=60)))
        waiting.start()
        assert ours.post("/send-co", certificate("KR-FEED-1")).status == 201
        waiting.join(timeout=60)
        assert [one["number"] for one in got[0]["events"]] == ["KR-FEED-1"], got
        assert got[0]["events"][0]["document"]["LPCO"]["ID"] == "KR-FEED-1"
        assert feed(got[0]["cursor"], wait=1)["events"] == []

    @step("our own feed tells what the partner found, with its remarks")
    def _():
        events = ours.get("/v1/events?limit=1000").json["events"]
        verdicts = [one for one in events if one["event"] == "verdict"]
        assert verdicts and verdicts[0]["judges"]["count"] > 0, events[:3]

    @step("a cursor that is none, or beyond the end, takes nothing")
    def _():
        theirs.post("/v1/events/taken", {"cursor": "x"}).is_problem(400, "body")
        place = feed()["cursor"]
        channel = place.split("-")[0]
        theirs.post("/v1/events/taken",
                    f"{{\"cursor\": \"{place}\", \"cursor\": \"{place}\"}}").is_problem(400)
        theirs.post("/v1/events/taken", {"cursor": f"{channel}-99999999"}).is_problem(422)
        theirs.post("/v1/events/taken", {"cursor": "0123456789abcdef-1"}).is_problem(422, "cursor")
        theirs.get("/v1/messages?after=0123456789abcdef-1").is_problem(404)
        theirs.get("/v1/events?after=3").is_problem(400, "parameter")

    @step("in the end both ends hold the same")
    def _():
        same_channel(kr, id_)

report()
