"""Strangers and broken clients at the private listener, over raw sockets: smuggling, slow and
oversized requests, many connections, tricks with paths, names and encodings. Whatever they send, the
listener answers honest clients meanwhile, and its memory stays bounded."""

import gzip
import json
import os
import random
import socket
import time
import uuid

from http_node import Listener
from mesh import Mesh, report, sample, step, wait_until

CONNECTIONS_TURN = 10_000
CONNECTIONS_OPEN = 300
BODY_MAX = 256 * 1024
GROWTH_KIB = 96 * 1024  # of a node that was attacked all along
CUT_SECONDS = 60        # by then a client that trickles has lost its connection


def certificate(number):
    document = sample("kr-id-co.json")
    document["LPCO"]["ID"] = number
    document["LPCO"]["FunctionalReferenceID"] = str(uuid.uuid4())
    return json.dumps(document)


with Mesh(("KR",), start=False) as mesh:
    kr = mesh["KR"]
    ours = Listener(kr)
    options = {"ASAN_OPTIONS": "detect_leaks=1:exitcode=99:quarantine_size_mb=8"}
    kr.start(options)
    token = ours.token("submit", "read", "take")
    bearer = f"Authorization: Bearer {token}\r\n".encode()
    start_kib = kr.rss_kib()

    def opened():
        return len(os.listdir(f"/proc/{kr.process.pid}/fd"))

    start_opened = opened()

    def connect():
        return socket.create_connection(("127.0.0.1", ours.port), timeout=CUT_SECONDS)

    def read_all(made):
        """What comes until the connection ends; a reset ends it, too."""
        got = b""
        try:
            while more := made.recv(65536):
                got += more
        except ConnectionResetError:
            pass
        return got

    def raw(data):
        """Sends bytes on a connection of their own and ends it; gives all that comes back."""
        with connect() as made:
            try:
                made.sendall(data)
                made.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it was cut off meanwhile
            return read_all(made)

    def statuses(got):
        return [int(part.split(b" ", 1)[0]) for part in got.split(b"HTTP/1.1 ")[1:]]

    def open_head(method, path, *lines):
        """A head that leaves the connection open for what follows."""
        return (f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n".encode() + bearer
                + b"".join(line.encode() + b"\r\n" for line in lines))

    def head(method, path, *lines):
        return open_head(method, path, "Connection: close", *lines)

    def honest_goes_on():
        assert ours.get("/livez", token="").status == 200

    def nothing_was_stored():
        assert ours.get("/v1/messages").json["messages"] == []

    # ---- two ways to read one request ----

    smuggled = b"GET /v1/messages HTTP/1.1\r\nHost: localhost\r\n" + bearer + b"\r\n"

    @step("two Content-Length headers, or one beside chunked, are refused, and the rest is not read")
    def _():
        for lines in (("Content-Length: 2", "Content-Length: 200"),
                      ("Content-Length: 2", "Content-Length: 2"),
                      ("Content-Length: 2", "Transfer-Encoding: chunked"),
                      ("Transfer-Encoding: chunked", "Content-Length: 2"),
                      ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
                      ("Transfer-Encoding: gzip, chunked",), ("Transfer-Encoding: identity",),
                      ("Transfer-Encoding: xchunked",), ("Content-Length: 2, 2",),
                      ("Content-Length: +2",), ("Content-Length: 0x2",), ("Content-Length: -1",)):
            got = raw(open_head("POST", "/send-co", "Content-Type: application/json", *lines)
                      + b"\r\n{}" + smuggled)
            assert set(statuses(got)) == {400}, f"{lines}: {got[:300]}"
        nothing_was_stored()

    @step("what may stand once is refused when it stands twice")
    def _():
        for line in ("Host: other", f"Authorization: Bearer {token}"):
            got = raw(head("GET", "/v1/messages", line) + b"\r\n")
            assert statuses(got) == [400], got
        got = raw(head("POST", "/send-co", "Content-Type: application/json",
                       "Content-Type: application/xml", "Content-Length: 2") + b"\r\n{}")
        assert statuses(got) == [400], got

    @step("blanks before a colon, folded lines and naked line feeds are no way past the checks")
    def _():
        for lines in (b"Content-Length : 2\r\nContent-Length: 3\r\n",
                      b"Content-Length: 2\nTransfer-Encoding: chunked\n",
                      b"Content-Length: 2\r\nTransfer-Encoding:\tchunked\r\n",
                      b"Content-Length: 2\r\nTransfer_Encoding: chunked\r\nTransfer-Encoding : chunked\r\n"):
            got = raw(open_head("POST", "/send-co", "Content-Type: application/json") + lines
                      + b"\r\n{}" + smuggled)
            assert statuses(got) == [400], f"{lines}: {got}"
        folded = open_head("POST", "/send-co", "Content-Type: application/json",
                           "Content-Length: 2", "X: a", " Content-Length: 3")
        told = statuses(raw(folded + b"\r\n{}" + smuggled))
        assert told == [400], f"a folded line: {told}"
        nothing_was_stored()

    @step("a header may stand in several lines when it is a list, and blanks are none of a value")
    def _():
        tag = raw(head("GET", "/openapi.json") + b"\r\n").split(b"ETag: ")[1].split(b"\r\n")[0]
        got = raw(head("GET", "/openapi.json", 'If-None-Match: "x"', f"If-None-Match: {tag.decode()}")
                  + b"\r\n")
        assert statuses(got) == [304], got[:300]
        got = raw(head("GET", "/v1/messages", "Accept: image/png", "Accept: application/json") + b"\r\n")
        assert statuses(got) == [200], got[:300]
        got = raw(b"GET /v1/messages HTTP/1.1\r\nConnection: close\r\nHost: localhost \r\n"
                  + bearer[:-2] + b" \t\r\n\r\n")
        assert statuses(got) == [200], got[:300]
        chunk = b"\r\n2\r\n{}\r\n0\r\n\r\n"
        for coding, told in (("Chunked", [422, 200]), ("\tCHUNKED", [422, 200]), ("chunked ", [400])):
            got = raw(open_head("POST", "/send-co", "Content-Type: application/json",
                                f"Transfer-Encoding:{coding}") + chunk + head("GET", "/livez") + b"\r\n")
            assert statuses(got) == told, (coding, got[:300])
        nothing_was_stored()

    # ---- who is meant ----

    @step("a name that is not of this machine is 421, a missing one 400")
    def _():
        for host in ("attacker.example", "localhost.attacker.example", "prod.coconnect.customs.go.kr",
                     "10.0.0.1", "127.attacker.example", "[fe80::1]"):
            got = raw(b"GET /livez HTTP/1.1\r\nConnection: close\r\nHost: "
                      + host.encode() + b"\r\n\r\n")
            assert statuses(got) == [421], f"{host}: {got[:200]}"
        for host in ("localhost", "LOCALHOST:1", "127.0.0.1", f"[::1]:{ours.port}"):
            got = raw(b"GET /livez HTTP/1.1\r\nConnection: close\r\nHost: "
                      + host.encode() + b"\r\n\r\n")
            assert statuses(got) == [200], f"{host}: {got[:200]}"
        assert set(statuses(raw(b"GET /livez HTTP/1.1\r\n\r\n"))) == {400}

    @step("a path has one spelling")
    def _():
        for path in ("//send-co", "/send-co/", "/./send-co", "/x/../send-co", "/%2e/send-co",
                     "/%73end-co", "/send%2dco", "/Send-co", "/SEND-CO", "/send-co%00", "/send-co;x",
                     "/send-co%2f", "/send-co\\", "/v1//messages", "/v1/messages/", "/%zz", "/%2",
                     "http://localhost/send-co", "*", "/send-co%c3%28", "/" + "a/" * 20 + "b",
                     "/" + "x" * 3000):
            got = raw(head("POST", path, "Content-Type: application/json", "Content-Length: 2")
                      + b"\r\n{}")
            assert all(one in (400, 404, 414, 431) for one in statuses(got)), f"{path}: {got[:200]}"
        nothing_was_stored()

    @step("a method has one spelling; others are told what there is")
    def _():
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "GET", "get", "Post", "PROPFIND"):
            answer = ours.ask(method, "/send-co")
            answer.is_problem(405, "method")
            assert answer.headers["allow"] == "POST, OPTIONS", answer.headers
        answer = ours.ask("OPTIONS", "/v1/messages")
        assert answer.status == 204 and answer.headers["allow"] == "GET, HEAD, OPTIONS"
        honest_goes_on()

    # ---- what a body may be ----

    @step("a body is of a type and an encoding that is known, or 415")
    def _():
        for media in ("text/plain", "application/json; charset=latin-1",
                      "application/json; charset=\"utf-16\"", "application/json; version=2",
                      "application/json;", "application/jsonx", "application", "a/b/c", "/", ";",
                      "multipart/form-data; boundary=x"):
            ours.post("/send-co", "{}", media=media).is_problem(415, "content-type")
        told = ours.post("/send-co", "{}", media="text/csv").is_problem(415)["detail"]
        assert "'text/csv'" in told and "application/x-ndjson" in told, told
        ours.post("/send-co", gzip.compress(b" " * 10_000_000),
                  headers={"Content-Encoding": "gzip"}).is_problem(415, "content-encoding")
        ours.ask("POST", "/send-co").is_problem(415, "content-type")
        ours.ask("GET", "/v1/messages", body="{}").is_problem(400, "body")

    @step("one byte over 256 KiB is 413, told at once or as it comes, and the connection serves on")
    def _():
        fits = certificate("KR-FITS-1")
        fits = fits + " " * (BODY_MAX - len(fits.encode()))
        connection = ours.connect()
        ours.post("/send-co", fits + " ", connection=connection).is_problem(413, "too-large")
        assert ours.post("/send-co", fits, connection=connection).status in (201, 422)
        chunks = (b" " * 10_000 for _ in range(27))
        ours.ask("POST", "/send-co", chunks, connection=connection).is_problem(413, "too-large")
        connection.close()
        got = raw(head("POST", "/send-co", "Content-Type: application/json",
                       "Content-Length: 99999999999", "Expect: 100-continue") + b"\r\n")
        assert statuses(got) == [413], got

    @step("a body that is longer than what is read past is answered at once, whoever sends it")
    def _():
        for lines, body, status in (
                (("Content-Type: application/json",), b" " * (3 << 20), 413),
                (("Content-Type: text/csv",), b"a,b\n" * (1 << 20), 415)):
            with connect() as made:
                made.sendall(head("POST", "/send-co", *lines, f"Content-Length: {len(body)}") + b"\r\n")
                assert made.recv(12) == b"HTTP/1.1 %d" % status, "before any of it is sent"
            with connect() as made:
                try:
                    made.sendall(head("POST", "/send-co", *lines, f"Content-Length: {len(body)}")
                                 + b"\r\n" + body)
                except OSError:
                    pass  # nobody reads on
                assert statuses(read_all(made)) == [status]
        honest_goes_on()

    @step("a body without end is read no further than a megabyte")
    def _():
        sent = 0
        with connect() as made:
            made.sendall(head("POST", "/send-co", "Content-Type: application/json",
                              "Content-Length: 9999999999") + b"\r\n")
            try:
                while sent < 64 << 20:
                    sent += made.send(b" " * 65536)
            except OSError:
                pass
        assert sent < 32 << 20, f"{sent} bytes were taken"
        honest_goes_on()

    @step("a header without end, or with too many lines, is cut")
    def _():
        for more in (b"X: " + b"a" * 200_000 + b"\r\n\r\n", b"X: a\r\n" * 20_000 + b"\r\n",
                     b"a" * 200_000):
            got = raw(head("GET", "/livez") + more)
            assert all(one >= 400 for one in statuses(got)), got[:200]
        got = raw(head("GET", "/livez") + b"".join(b"X-%d: a\r\n" % i for i in range(80)) + b"\r\n")
        assert statuses(got) == [400], got[:200]
        honest_goes_on()

    @step("JSON with a name twice, XML with DOCTYPE or entities: refused, nothing is read from outside")
    def _():
        twice = certificate("KR-TWICE-1").replace('"LPCO": {', '"LPCO": {"ID": "KR-OTHER", ', 1)
        problem = ours.post("/send-co", twice).json
        assert problem["status"] in (400, 422) and "twice" in json.dumps(problem), problem
        secret = os.path.join(mesh.folder, "secret")
        with open(secret, "w", encoding="utf-8") as file:
            file.write("very secret")
        for xml in (f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]><LPCO>&e;</LPCO>',
                    '<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><LPCO>&b;</LPCO>'):
            answer = ours.post("/send-co", xml, media="application/xml")
            assert answer.status in (400, 422) and b"very secret" not in answer.body, answer.body
        for body in (b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b"[" * 200_000, b'{"a":' * 50_000,
                     b'{"LPCO":{"ID":"\xc3\x28"}}', b"\x00" * 100):
            answer = ours.post("/send-co", body)
            assert answer.status in (400, 422), answer.status
            answer.json

    # ---- time ----

    @step("clients that trickle their header or body lose the connection; others go on meanwhile")
    def _():
        slow = {"header": (connect(), b"GET /livez HTTP/1.1\r\nX: "),
                "body": (connect(), head("POST", "/send-co", "Content-Type: application/json",
                                         "Content-Length: 100000") + b"\r\n"),
                "lines": (connect(), head("POST", "/send-co", "Content-Type: application/x-ndjson",
                                          "Content-Length: 100000") + b"\r\n"),
                "silence": (connect(), b"")}
        for made, begin in slow.values():
            made.sendall(begin)
        open_ones = dict(slow)
        end = time.monotonic() + CUT_SECONDS
        while open_ones and time.monotonic() < end:
            honest_goes_on()
            for name, (made, _) in list(open_ones.items()):
                made.settimeout(0.2)
                try:
                    if name != "silence":
                        made.sendall(b"a")
                    if made.recv(65536) == b"":
                        del open_ones[name]
                except TimeoutError:
                    pass
                except OSError:
                    del open_ones[name]
        for made, _ in slow.values():
            made.close()
        assert not open_ones, f"still open after {CUT_SECONDS} s: {list(open_ones)}"

    @step("a client that never reads its answers is not waited for, and holds little memory")
    def _():
        made = connect()
        made.settimeout(5)
        sent = 0
        try:
            while sent < 200_000:
                made.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n" + bearer + b"\r\n")
                sent += 1
        except OSError:
            pass
        honest_goes_on()
        made.close()

    # ---- many ----

    @step(f"{CONNECTIONS_TURN} connections in turn")
    def _():
        for _ in range(CONNECTIONS_TURN):
            with connect() as made:
                made.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                assert made.recv(15) == b"HTTP/1.1 200 OK"

    @step(f"{CONNECTIONS_OPEN} open at once, each in the middle of something, and all are answered")
    def _():
        document = certificate("KR-MANY-1").encode()
        many = [connect() for _ in range(CONNECTIONS_OPEN)]
        for made in many:
            made.sendall(head("POST", "/send-co", "Content-Type: application/json",
                              f"Content-Length: {len(document)}")
                         + b"\r\n" + document[:-1])
        honest_goes_on()
        for made in many:
            made.sendall(document[-1:])
        answered = [statuses(read_all(made)) for made in many]
        for made in many:
            made.close()
        assert {one[0] for one in answered} <= {422, 201, 200}, answered[:5]
        assert len({tuple(one) for one in answered}) <= 2, "the same document, the same answer"

    @step("2,000 connections at once: those that are too many wait, and nobody is lost for good")
    def _():
        many = []
        try:
            for _ in range(2000):
                made = socket.socket()
                made.setblocking(False)
                made.connect_ex(("127.0.0.1", ours.port))
                many.append(made)
        finally:
            for made in many:
                made.close()
        wait_until(lambda: ours.get("/livez", token="").status == 200, "the listener serves again")

    @step("random bytes and broken requests, thousands of them")
    def _():
        dice = random.Random(7)
        pieces = [b"GET ", b"POST ", b"/send-co", b"/v1/events?after=", b"%", b" HTTP/1.1\r\n",
                  b"Host: localhost\r\n", bearer, b"Content-Length: ", b"12", b"\r\n", b"\r\n\r\n",
                  b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n", b"ffffffffffffffff\r\n", b"{}",
                  b"Content-Type: application/x-ndjson\r\n", b"\x00", b"\xff", b":", b" ", b"\n"]
        for _ in range(2000):
            data = b"".join(dice.choice(pieces) if dice.random() < 0.9 else dice.randbytes(8)
                            for _ in range(dice.randrange(1, 30)))
            with connect() as made:
                try:
                    made.sendall(data)
                except OSError:
                    pass
        honest_goes_on()

    @step("after all of it memory and descriptors are bounded, and no body and no token is in the log")
    def _():
        assert kr.rss_kib() - start_kib < GROWTH_KIB, f"{start_kib} to {kr.rss_kib()} KiB"
        wait_until(lambda: opened() <= start_opened + 1, "its descriptors are closed again")
        log = kr.log()
        assert token not in log and "Hanbit" not in log, "a secret in the log"

report()
