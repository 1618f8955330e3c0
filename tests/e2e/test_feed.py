"""The feed beside a partner that says much that is refused, and a listener that stops while clients
go away: nothing is hidden, nothing is lost, nothing is touched after its end."""

import os
import signal
import socket
import sqlite3
import threading

from http_node import Listener
from mesh import Mesh, certificates, number_of, report, step, taken_all, wait_until

REFUSED = 230
GONE = 50  # clients that do not wait for their answers


with Mesh(("KR", "ID"), start=False) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]
    ours, theirs = Listener(kr), Listener(id_)
    with open(id_.config, encoding="utf-8") as file:
        config = file.read()

    def id_has_agreements(text):
        id_.stop()
        with open(id_.config, "w", encoding="utf-8") as file:
            file.write(text)
        id_.start()
        kr.wait_lane("ID")

    def feed(**query):
        words = "&".join(f"{name}={value}" for name, value in query.items())
        return theirs.get(f"/v1/events?{words}").json

    kr.start()
    id_.start()
    kr.wait_lane("ID")

    @step("what was refused is passed over: it neither hides nor holds up what comes behind it")
    def _():
        id_has_agreements(config.replace("AKFTA", "EXAMPLE-1"))
        documents = certificates("KR", "ID", REFUSED + 1)
        taken_all(kr.submit(documents[:REFUSED]))
        last = number_of(documents[REFUSED - 1])
        wait_until(lambda: kr.message(last)["outcome"] == "refused", "all of them are refused")
        id_has_agreements(config)
        start = feed()["cursor"]
        got = []
        waiting = threading.Thread(target=lambda: got.append(feed(limit=1, wait=60)))
        waiting.start()
        taken_all(kr.submit(documents[REFUSED:]))
        waiting.join(timeout=30)
        assert [one["number"] for one in got[0]["events"]] == [number_of(documents[-1])], got
        told = feed(limit=1)
        assert [one["number"] for one in told["events"]] == [number_of(documents[-1])], told
        assert feed(after=start)["events"] and not feed(after=told["cursor"])["events"]

    @step("who goes away while it waits for more leaves no connection behind; a last word is answered")
    def _():
        def opened():
            return len(os.listdir(f"/proc/{kr.process.pid}/fd"))

        ask = b"GET /v1/events?wait=60&after=%s HTTP/1.1\r\nHost: localhost\r\n" \
              b"Connection: close\r\nAuthorization: Bearer %s\r\n\r\n" % (
                  ours.get("/v1/events?limit=1000").json["cursor"].encode(),
                  ours.token("submit", "read", "take").encode())
        before = opened()
        lines = [socket.create_connection(("127.0.0.1", ours.port), 30) for _ in range(GONE + 1)]
        for line in lines:
            line.sendall(ask)
        wait_until(lambda: opened() >= before + GONE, "they wait")
        last = lines.pop()
        last.shutdown(socket.SHUT_WR)
        assert last.recv(15) == b"HTTP/1.1 200 OK"
        last.close()
        for line in lines:
            line.close()
        wait_until(lambda: opened() <= before, "their connections are closed", 30)

    @step("a stop waits for what a client that went away has left with the writer")
    def _():
        views = sqlite3.connect(os.path.join(kr.store, "views.sqlite"), isolation_level=None)
        views.execute("BEGIN IMMEDIATE")  # the writer waits with its next batch
        documents = certificates("KR", "ID", 30, 1000)
        line = ours.connect()
        line.connect()
        line.sock.sendall(b"POST /send-co HTTP/1.1\r\nHost: localhost\r\n"
                          b"Content-Type: application/x-ndjson\r\nContent-Length: 9999999\r\n"
                          b"Authorization: Bearer " + ours.token("submit", "read", "take").encode()
                          + b"\r\n\r\n" + "\n".join(documents).encode() + b"\n")
        assert ours.get("/livez").status == 200
        line.close()
        assert ours.get("/livez").status == 200
        kr.process.send_signal(signal.SIGTERM)

        def is_closed():
            try:
                ours.get("/livez", token="")
                return False
            except OSError:
                return True
        wait_until(is_closed, "the listener is closed")
        views.execute("ROLLBACK")
        views.close()
        assert kr.process.wait(timeout=60) == 0, kr.log()[-6000:]
        kr.start()
        assert ours.get(f"/v1/certificates/KR/{number_of(documents[0])}").status == 200

report()
