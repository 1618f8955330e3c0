"""Webhooks: events of what arrives, signed as Standard Webhooks has it, retried, given up and
replayed. The receiver is written from the published text alone."""

import base64
import http.server
import json
import os
import threading

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from mesh import Mesh, certificates, report, sample, step, taken_all, wait_until


class Receiver:
    """An own system that is called."""

    def __init__(self, public_key):
        prefix, text = public_key[:5], public_key[5:]
        assert prefix == "whpk_"
        self.key = VerifyKey(base64.b64decode(text))
        self.events = []   # (webhook-id, event) that were taken
        self.seen = []     # ids, every time
        self.status = 204
        self.headers = ()
        self.answers = threading.Event()  # cleared: it takes its time
        self.answers.set()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.take(self, body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hooks/comesh"

    def take(self, handler, body):
        identity = handler.headers["webhook-id"]
        stamp = handler.headers["webhook-timestamp"]
        version, signature = handler.headers["webhook-signature"].split(",", 1)
        assert version == "v1a"
        try:
            self.key.verify(f"{identity}.{stamp}.".encode() + body, base64.b64decode(signature))
            status = self.status
        except BadSignatureError:
            status = 401
        self.seen.append(identity)
        self.answers.wait()
        status = status if status == 401 else self.status
        if status < 300:
            self.events.append((identity, json.loads(body)))
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        for name, value in self.headers:
            handler.send_header(name, value)
        handler.end_headers()

    def of(self, kind):
        return [event for _, event in self.events if event["type"] == kind]


with Mesh(("KR", "ID")) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]
    receiver = Receiver(id_.comesh("webhook", "key").stdout.strip())

    def hook():
        return id_.json("webhook", "list")[0]

    def state_is(state):
        wait_until(lambda: hook()["state"] == state, f"the webhook is {state}")

    def given_up():
        id_.comesh("reload")
        return hook()["dead"] == 1

    @step("an address that is not public is never called unless it is allowed")
    def _():
        id_.append_config(f"webhook\n    url = {receiver.url}\n")
        id_.comesh("reload")
        taken_all(kr.submit(certificates("KR", "ID", 1)))
        wait_until(lambda: "not public" in hook()["trouble"], "the address is turned away")
        assert not receiver.seen
        id_.option("webhook", "private_addresses", "yes")
        id_.comesh("reload")
        wait_until(lambda: receiver.of("message.arrived"), "the event comes")

    @step("an arrival is told once, with a signature that holds, and no document in it")
    def _():
        event = receiver.of("message.arrived")[0]
        assert event["data"]["partner"] == "KR" and event["data"]["operation"] == "send-co"
        assert receiver.events[0][0].startswith("msg_") and "LPCO" not in json.dumps(event)
        assert id_.comesh("webhook", "key").stdout.strip().startswith("whpk_")
        mode = os.stat(os.path.join(id_.folder, "webhooks", "signing.key")).st_mode
        assert mode & 0o077 == 0

    @step("what the partner found about our messages is told as well")
    def _():
        taken_all(id_.submit([sample("id-kr-co.json")]))
        wait_until(lambda: receiver.of("message.judged"), "the verdict is told")

    @step("a receiver that is down gets everything later, in order, each once")
    def _():
        receiver.status = 503
        documents = certificates("KR", "ID", 5, 100)
        taken_all(kr.submit(documents))
        state_is("waiting")
        receiver.status = 204
        id_.comesh("reload")
        wanted = [json.loads(one)["LPCO"]["ID"] for one in documents]
        wait_until(lambda: [event["data"]["number"] for event in receiver.of("message.arrived")]
                   [-5:] == wanted, "all came in order")
        identities = [identity for identity, _ in receiver.events]
        assert len(identities) == len(set(identities))
        state_is("open")

    @step("what is refused too often is a dead letter, holds nobody up, and is replayed by command")
    def _():
        receiver.status = 422
        document = certificates("KR", "ID", 1, 200)
        taken_all(kr.submit(document))
        wait_until(given_up, "the event is given up")
        dead = id_.json("webhook", "dead")
        assert "422" in dead[0]["reason"] and "422" in id_.comesh("webhook", "dead").stdout
        receiver.status = 204
        taken_all(kr.submit(certificates("KR", "ID", 1, 201)))
        number = json.loads(document[0])["LPCO"]["ID"]
        wait_until(lambda: len(receiver.of("message.arrived")) >= 7, "the next one comes")
        assert number not in [one["data"]["number"] for one in receiver.of("message.arrived")]
        id_.comesh("webhook", "replay")
        wait_until(lambda: number in [one["data"]["number"]
                                      for one in receiver.of("message.arrived")], "it comes")
        wait_until(lambda: hook()["dead"] == 0, "nothing is dead")

    @step("a replay that is ordered while an event is under way loses none of the two")
    def _():
        receiver.status = 422
        document = certificates("KR", "ID", 1, 220)
        taken_all(kr.submit(document))
        wait_until(given_up, "the event is given up")
        receiver.status = 204
        receiver.answers.clear()
        slow = certificates("KR", "ID", 1, 221)
        before = len(receiver.seen)
        taken_all(kr.submit(slow))
        wait_until(lambda: len(receiver.seen) > before, "the next one is under way")
        id_.comesh("webhook", "replay")
        receiver.answers.set()
        wanted = {json.loads(one[0])["LPCO"]["ID"] for one in (document, slow)}
        wait_until(lambda: wanted <= {one["data"]["number"] for one in
                                      receiver.of("message.arrived")}, "both come")
        wait_until(lambda: hook()["dead"] == 0, "nothing is dead")
        identities = [identity for identity, _ in receiver.events]
        assert len(identities) == len(set(identities)), "each once"

    @step("a dead letter whose event is gone is let go, and holds up no replay")
    def _():
        receiver.status = 422
        document = certificates("KR", "ID", 1, 240)
        taken_all(kr.submit(document))
        wait_until(given_up, "the event is given up")
        place = id_.json("webhook", "dead")[0]
        id_.stop()
        name, = [one for one in os.listdir(os.path.join(id_.folder, "webhooks"))
                 if one.endswith(".state")]
        path = os.path.join(id_.folder, "webhooks", name)
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith("dead "))
        gone = [f"dead {channel} {index} 2026-01-05T09:30:00Z answered 422"
                for channel, index in ((place["channel"], 9_999_999),
                                       ("test.coconnect.aduana.gub.uy/ID/1", 3))]
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines[:at] + gone + lines[at:]) + "\n")
        receiver.status = 204
        id_.start()
        assert hook()["dead"] == 3
        id_.comesh("webhook", "replay")
        number = json.loads(document[0])["LPCO"]["ID"]
        wait_until(lambda: number in [one["data"]["number"]
                                      for one in receiver.of("message.arrived")], "it comes")
        wait_until(lambda: hook()["dead"] == 0, "nothing is dead")
        assert id_.log().count('event="dead letter let go"') == 2, "both are told"

    @step("410 ends it until the configuration is read again")
    def _():
        receiver.status = 410
        taken_all(kr.submit(certificates("KR", "ID", 1, 300)))
        state_is("gone")
        receiver.status = 204
        id_.comesh("reload")
        state_is("open")

    @step("a restart, also by kill -9, goes on where it was and loses nothing")
    def _():
        receiver.status = 500
        documents = certificates("KR", "ID", 20, 400)
        taken_all(kr.submit(documents))
        state_is("waiting")
        id_.kill()
        receiver.status = 204
        id_.start()
        wanted = [json.loads(one)["LPCO"]["ID"] for one in documents]
        wait_until(lambda: set(wanted) <= {one["data"]["number"]
                                           for one in receiver.of("message.arrived")}, "all came")

    @step("a redirect is not followed")
    def _():
        receiver.status = 302
        receiver.headers = [("Location", "http://127.0.0.1:1/elsewhere")]
        taken_all(kr.submit(certificates("KR", "ID", 1, 500)))
        state_is("waiting")
        assert "302" in hook()["trouble"]
        receiver.status, receiver.headers = 204, ()
        id_.comesh("reload")
        state_is("open")

report()
