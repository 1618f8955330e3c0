"""The feed beside a partner that says much that is refused, and a listener that stops while clients
go away: nothing is hidden, nothing is lost, nothing is touched after its end."""

import json
import threading

from http_node import Listener
from mesh import Mesh, certificates, number_of, report, step, taken_all, wait_until

REFUSED = 230
STOPS = 12
LINES = 256


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

    @step("a stop waits for what clients that went away have left with the writer")
    def _():
        token = ours.token("submit", "read", "take")
        for at in range(STOPS):
            documents = certificates("KR", "ID", LINES, 1000 + at * LINES)
            body = "\n".join(documents).encode() + b"\n"
            line = ours.connect()
            line.connect()
            line.sock.sendall(b"POST /send-co HTTP/1.1\r\nHost: localhost\r\n"
                              b"Content-Type: application/x-ndjson\r\nContent-Length: 9999999\r\n"
                              b"Authorization: Bearer " + token.encode() + b"\r\n\r\n" + body)
            line.close()
            kr.stop()
            kr.start()
            last = number_of(documents[0])
            wait_until(lambda: ours.get(f"/v1/certificates/KR/{last}").status in (200, 404), "it serves")

report()
