"""The private listener, as a national system uses it: tokens, the four operations, many documents
in one request, what is read, the feed, and that an answer is given once and for ever."""

import base64
import copy
import hashlib
import json
import os
import stat
import threading
import uuid
from urllib.parse import quote

from http_node import Listener
from mesh import Mesh, certificates, number_of, report, sample, same_channel, step, wait_until

MANY = 20_000
BATCH_MIB = 120  # a node with a batch of any length under way stays below


def certificate(number, party="KR", importer="ID"):
    """The sample of the corpus under another number, with an id of its own."""
    document = sample(f"{party.lower()}-{importer.lower()}-co.json")
    document["LPCO"]["ID"] = number
    document["LPCO"]["FunctionalReferenceID"] = str(uuid.uuid4())
    return document


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

    # ---- tokens ----

    @step("a token is shown once, and only its hash is kept, mode 0600")
    def _():
        token = ours.token("submit", "read", "take")
        path = os.path.join(kr.folder, "tokens")
        assert token.startswith("comesh_") and len(token) == 50, token
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        with open(path, encoding="utf-8") as file:
            assert token[7:] not in file.read()
        rows = kr.json("token", "list")
        assert [(row["name"], row["roles"]) for row in rows] == \
            [("submit-read-take", "submit,read,take")], rows

    @step("without a token, with an unknown one, with another scheme: 401 with a challenge")
    def _():
        for given in ({}, {"Authorization": "Bearer comesh_" + "A" * 43},
                      {"Authorization": "Basic a2V5OmtleQ=="}, {"Authorization": "Bearer "}):
            answer = ours.get("/v1/messages", token="", headers=given)
            answer.is_problem(401, "token")
            assert answer.headers["www-authenticate"].startswith("Bearer realm="), answer.headers

    @step("a token without the role is refused with 403, which names it")
    def _():
        reader = ours.token("read")
        refused = ours.post("/send-co", certificate("KR-ROLE-1"), token=reader)
        assert "role submit, and 'read' has read" in refused.is_problem(403, "role")["detail"]
        assert ours.get("/v1/messages", token=reader).status == 200
        counter = ours.token("metrics")
        ours.get("/v1/messages", token=counter).is_problem(403, "role")
        assert ours.get("/metrics", token=counter).status == 200

    @step("a token that was revoked is refused at the next request, on the same connection")
    def _():
        token = kr.comesh("token", "new", "short", "--role", "read").stdout.strip()
        connection = ours.connect()
        assert ours.get("/v1/messages", token=token, connection=connection).status == 200
        kr.comesh("token", "revoke", "short")
        ours.get("/v1/messages", token=token, connection=connection).is_problem(401, "token")
        connection.close()
        assert kr.comesh("token", "revoke", "short", check=False).returncode != 0

    @step("a token that is over its time is refused")
    def _():
        token = kr.comesh("token", "new", "timed", "--role", "read", "--until",
                          "2100-01-01T00:00:00Z").stdout.strip()
        assert ours.get("/v1/messages", token=token).status == 200
        path = os.path.join(kr.folder, "tokens")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path + ".new", "w", encoding="utf-8",
                  opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(text.replace("2100-01-01T00:00:00Z", "2020-01-01T00:00:00Z"))
        os.rename(path + ".new", path)
        ours.get("/v1/messages", token=token).is_problem(401, "token")
        assert ours.get("/v1/messages").status == 200

    @step("with a damaged file of tokens nobody comes in, and the log says why")
    def _():
        ours.token("submit", "read", "take")
        path = os.path.join(kr.folder, "tokens")
        with open(path, "ab") as file:
            file.write(b"nonsense\n")
        ours.get("/v1/messages").is_problem(401, "token")
        kr.wait_log("no token is accepted until its file is mended")
        with open(path, "r+b") as file:
            file.truncate(os.path.getsize(path) - len(b"nonsense\n"))
        assert ours.get("/v1/messages").status == 200

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
        theirs.post("/v1/events/taken", "{\"cursor\": \"1-1\", \"cursor\": \"1-2\"}").is_problem(400)
        theirs.post("/v1/events/taken", {"cursor": "1-99999999"}).is_problem(422)
        theirs.post("/v1/events/taken", {"cursor": "99-1"}).is_problem(422)
        theirs.get("/v1/events?after=3").is_problem(400, "parameter")

    # ---- the process ----

    @step("the UNIX socket is its owner's alone")
    def _():
        assert stat.S_IMODE(os.stat(theirs.path).st_mode) == 0o600

    @step("killed between commit and answer: the retry gets the first receipt, stored once")
    def _():
        id_.stop()  # so that the first commit is the one of the request
        kr.stop()
        kr.start({"COMESH_FAILPOINT": "journal.after-sync:1"})
        document = certificate("KR-KILL-1")
        try:
            answer = ours.post("/send-co", document)
            raise AssertionError(f"answered {answer.status}")
        except OSError:
            pass
        kr.process.wait()
        kr.start()
        id_.start()
        again = ours.post("/send-co", document)
        assert again.status == 200, again.body
        assert again.body == ours.post("/send-co", document).body
        assert len(ours.get("/v1/certificates/KR/KR-KILL-1").json["messages"]) == 1

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

    @step("a token asks as often as it likes, until the configuration says how often; others go on")
    def _():
        kr.option("private", "requests_per_second", 1)
        kr.comesh("reload")
        for _ in range(200):
            answer = ours.get("/v1/partners")
            if answer.status == 429:
                break
        problem = answer.is_problem(429, "too-many-requests")
        assert "submit-read-take" in problem["detail"], problem
        assert "private.requests_per_second" in problem["detail"], problem
        assert int(answer.headers["retry-after"]) == 1, answer.headers
        document = ours.get("/openapi.json", token="").json
        for methods in document["paths"].values():
            for told in methods.values():
                assert ("429" in told["responses"]) == bool(told["security"]), told
        assert document["components"]["responses"]["TooManyRequests"]["headers"]["Retry-After"]
        assert ours.get("/v1/partners", token=ours.token("read")).status == 200
        kr.option("private", "requests_per_second", 0)
        kr.comesh("reload")
        for _ in range(30):
            assert ours.get("/v1/partners").status == 200

    @step("with the store full it is 503 with Retry-After, and not ready; then it goes on by itself")
    def _():
        kr.stop()
        kr.option("store", "minimum_free", "1TiB")
        kr.start()
        answer = ours.post("/send-co", certificate("KR-FULL-1"))
        problem = answer.is_problem(503, "full")
        assert int(answer.headers["retry-after"]) > 0 and "free" in problem["detail"], problem
        ours.get("/readyz", token="").is_problem(503)
        lines = ours.post("/send-co", json.dumps(certificate("KR-FULL-1")),
                          media="application/x-ndjson").lines
        assert [one["status"] for one in lines] == [503], lines
        assert ours.get("/livez", token="").status == 200
        kr.stop()
        kr.option("store", "minimum_free", "64MiB")
        kr.start()
        assert ours.post("/send-co", certificate("KR-FULL-1")).status == 201

    @step("a stop answers who waits, and ends in order")
    def _():
        cursor = ours.get("/v1/events?limit=1000").json["cursor"]
        waiting = ours.connect()
        waiting.request("GET", f"/v1/events?after={cursor}&wait=60",
                        headers={"Authorization": f"Bearer {ours.token('submit', 'read', 'take')}"})
        assert b"comesh_" in ours.get("/metrics").body, "what came before is read by now"
        kr.stop()
        assert waiting.getresponse().status in (200, 503)
        waiting.close()
        kr.start()

    @step("a reload keeps the listener; another address needs a restart, and is refused by name")
    def _():
        kr.comesh("reload")
        kr.option("private", "listen", "127.0.0.1:1")
        result = kr.comesh("reload", check=False)
        assert result.returncode != 0 and "private/listen" in result.stderr, result
        kr.option("private", "listen", f"127.0.0.1:{ours.port}")
        assert ours.get("/livez", token="").status == 200

    @step("an address beyond loopback is refused unless the configuration says so")
    def _():
        kr.stop()
        kr.option("private", "listen", f"0.0.0.0:{ours.port}")
        result = kr.start_beside()
        assert "beyond_loopback" in result.stderr, result.stderr
        kr.option("private", "beyond_loopback", "yes")
        kr.start()
        assert ours.get("/livez", token="").status == 200
        same_channel(kr, id_)

report()
