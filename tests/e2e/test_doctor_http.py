"""`comesh doctor` on the HTTP side of a node: listeners, certificates, tokens, webhooks, partners
without a node and a spool. Faults are planted one by one, and each is found by name, with what to do."""

import contextlib
import os
import signal
import socket
import subprocess
import time

from doctor import FAILED, OK, WARNING, Changed, doctor, finds, is_well
from http_node import Listener
from mesh import Mesh, free_port, report, sample, step, wait_until
from rest_node import HOST, Scene, saying
from rest_peer import make_certificate, make_expired

DAY = 86400
YEARS = 800  # days that the certificates of this test are valid


def at(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


@contextlib.contextmanager
def stuck(path):
    """A socket at which as many wait as there is room for, and nobody lets them in."""
    with socket.socket(socket.AF_UNIX) as listener, contextlib.ExitStack() as waiting:
        listener.bind(path)
        listener.listen(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                client = waiting.enter_context(socket.socket(socket.AF_UNIX))
                client.setblocking(False)
                client.connect(path)
        yield


with Mesh(("KR",), start=False) as mesh:
    scene = Scene(mesh)
    node, peer = scene.node, scene.peer
    for name in ("public", "outbound"):
        make_certificate(os.path.join(node.folder, name), HOST, days=YEARS)
    peer.stop()
    peer.serve(os.path.join(node.folder, "outbound.pem"), peer.port)
    private = Listener(node)
    serials = iter(range(1, 100))
    node.start()
    scene.add_with(next(serials), client=YEARS * DAY, server=YEARS * DAY)
    private.token("submit", "read", "take")

    def place(name):
        return os.path.join(node.folder, name)

    def read(name):
        with open(place(name), "rb") as file:
            return file.read()

    def finds_of(made, level, *words, days=YEARS, host=HOST):
        """What is found while the listener's certificate is another; None is made here."""
        if made is None:
            made = os.path.join(mesh.folder, "planted")
            make_certificate(made, host, days=days)
        with open(made + ".pem", "rb") as pem, open(made + ".key", "rb") as key, \
                Changed(node, "public.pem", pem.read()), Changed(node, "public.key", key.read()):
            finds(node, level, "public certificate", *words)

    @step("of a node that serves and is well, every check says so")
    def _():
        is_well(node)
        finds(node, OK, "public listener", f"127.0.0.1:{scene.port}")
        finds(node, OK, "private listener", f"127.0.0.1:{private.port}")
        finds(node, OK, "public certificate", "'public.pem' ends in ")
        finds(node, OK, "outbound certificate", "'outbound.pem' ends in ")
        finds(node, OK, "tokens", "1")
        finds(node, OK, "endpoint of a partner", "ID takes what is posted")

    # ---- certificates ----

    @step("a certificate of a listener that is away, half, of another key or name, or open to others")
    def _():
        check = "public certificate"
        with Changed(node, "public.pem"):
            row = finds(node, FAILED, check, "public.pem'", "No such file")
            assert "comesh reload" in row["remedy"], row
        with Changed(node, "public.pem", lambda text: text[:80]):
            finds(node, FAILED, check, "public.pem': certificate: ")
        with Changed(node, "public.key", lambda text: text[:80]):
            finds(node, FAILED, check, "public.key': secret key: ")
        with Changed(node, "public.key", read("outbound.key")):
            finds(node, FAILED, check, "public.key' is not the key of '", "public.pem'")
        with Changed(node, "public.key", mode=0o640):
            row = finds(node, FAILED, check, "public.key' can be reached by others (mode 0640)")
            assert "0600" in row["remedy"], row
        finds_of(None, FAILED, "is for prod.coconnect.customs.go.kr, and not for " + HOST,
                 host="prod.coconnect.customs.go.kr")
        is_well(node)

    @step("one that ends in 30 days is warned of; in its last 7, before its time and past it, it fails")
    def _():
        for days, level in ((31, OK), (30, WARNING), (8, WARNING), (7, FAILED)):
            finds_of(None, level, "'public.pem' ends in ", days=days)
        for name, times, words in (
                ("over", (), "'public.pem' ended at 2020-02-01"),
                ("to-come", ("20360101000000Z", "20370101000000Z"), "not valid before 2036-01-01")):
            path = os.path.join(mesh.folder, name)
            make_expired(path, HOST, *times)
            finds_of(path, FAILED, words)

    @step("the certificate that partners without a node are shown is looked at as well")
    def _():
        with Changed(node, "outbound.key", read("public.key")):
            finds(node, FAILED, "outbound certificate",
                  "outbound.key' is not the key of '", "outbound.pem'")
        with Changed(node, "comesh.zpl", lambda text: text.replace(
                b"    certificate = outbound.pem\n    key = outbound.key\n", b"")):
            finds(node, WARNING, "outbound certificate", "no certificate to show them")

    # ---- listeners ----

    @step("a listener that was configured and is not there is found, by TCP and by UNIX socket")
    def _():
        nobody = str(free_port()).encode()
        for check, port in (("public listener", scene.port), ("private listener", private.port)):
            with Changed(node, "comesh.zpl", lambda text, port=port: text.replace(
                    f"127.0.0.1:{port}".encode(), b"127.0.0.1:" + nobody)):
                row = finds(node, FAILED, check, "nobody answers: Connection refused")
                assert "restart" in row["remedy"], row
        with Changed(node, "comesh.zpl", lambda text: text.replace(
                f"127.0.0.1:{private.port}".encode(), b"unix:private.socket")):
            finds(node, FAILED, "private listener", "unix:private.socket: nobody answers: No such file")
        with stuck(place("stuck.socket")), Changed(node, "comesh.zpl", lambda text: text.replace(
                f"127.0.0.1:{private.port}".encode(), b"unix:stuck.socket")):
            finds(node, FAILED, "private listener",
                  "unix:stuck.socket: nobody answers: Connection timed out")
        with Changed(node, "comesh.zpl", lambda text: text.replace(
                f"    listen = 127.0.0.1:{scene.port}\n".encode(), b"")):
            finds(node, WARNING, "public listener", "nowhere for them to post to")
        with Changed(node, "comesh.zpl", lambda text: text.replace(
                f"127.0.0.1:{scene.port}".encode(), f"[::1]:{scene.port}".encode())):
            finds(node, FAILED, "public listener", "[::1]:", "nobody answers")

    # ---- tokens ----

    @step("tokens that others can read, that are none, or that end soon are found")
    def _():
        with Changed(node, "tokens", mode=0o644):
            row = finds(node, FAILED, "tokens", "tokens' can be reached by others")
            assert "0600" in row["remedy"], row
        with Changed(node, "tokens", b"rubbish\n"):
            finds(node, FAILED, "tokens")
        with Changed(node, "tokens"):
            finds(node, WARNING, "tokens", "nobody can ask the private listener")
        node.comesh("token", "new", "soon", "--role", "read", "--until", at(20 * DAY + 60))
        finds(node, WARNING, "tokens", "'soon' ends in 20 days")
        node.comesh("token", "revoke", "soon")
        node.comesh("token", "new", "later", "--role", "read", "--until", at(40 * DAY))
        is_well(node)
        with Changed(node, "tokens", lambda text: text.replace(
                at(40 * DAY)[:10].encode(), b"2026-01-01")):
            finds(node, WARNING, "tokens", "'later' ended at 2026-01-01")
        node.comesh("token", "revoke", "later")

    # ---- partners without a node ----

    @step("pins on the card of a partner that end soon are found, of its client and of its server")
    def _():
        for kind in ("client", "server"):
            ends = {"client": YEARS * DAY, "server": YEARS * DAY, kind: 50 * DAY + 60}
            scene.add_with(next(serials), **ends)
            finds(node, WARNING, "partner card", f"the last {kind} certificate of ID ends in 50 days")
        scene.add_with(next(serials), client=YEARS * DAY, server=YEARS * DAY)
        is_well(node)

    @step("a partner whose endpoint is in trouble, and one that holds a message, are found")
    def _():
        peer.mood = saying(503, b'{"title": "closed for the night"}')
        scene.send(1)
        scene.trouble("closed for the night")
        row = finds(node, WARNING, "endpoint of a partner", "ID is waiting until 20",
                    "closed for the night")
        assert "comesh partner test" in row["remedy"], row
        peer.mood = saying(422, b'{"title": "no", "detail": "not this one"}')
        scene.try_now()
        wait_until(lambda: node.channel("ID", "outgoing")["held"], "it is held")
        row = finds(node, FAILED, "channel", "outgoing ID, is held", "not this one")
        assert "comesh queue retry" in row["remedy"], row
        peer.mood = None
        scene.try_now()
        wait_until(lambda: node.partner("ID")["outgoing"] == "open", "it is open again")
        is_well(node)

    # ---- webhooks ----

    @step("a webhook that is not reached, is gone, or has dead letters is found; so is its key")
    def _():
        url = f"http://127.0.0.1:{free_port()}/hook"
        node.append_config(f"webhook\n    url = {url}\n    private_addresses = yes\n")
        finds(node, OK, "webhook", "nothing was told yet")
        assert not os.path.exists(place("webhooks")), "the doctor changes nothing"
        node.comesh("reload")
        assert peer.post(HOST, scene.port, "send-co", sample("id-kr-co.json"))[0] == 201
        wait_until(lambda: node.json("webhook", "list")[0]["state"] == "waiting", "it is tried")
        finds(node, WARNING, "webhook", f"{url} is waiting", "0 events told")
        state, = (name for name in os.listdir(place("webhooks")) if name.endswith(".state"))
        state = os.path.join("webhooks", state)
        node.stop()
        dead = (b"dead test.coconnect.beacukai.go.id/KR/1 0 2026-11-22T09:00:00Z "
                b"it answered 500\n")
        with Changed(node, state, lambda text: text + dead):
            row = finds(node, WARNING, "webhook", "1 dead letter", url, "it answered 500")
            assert "comesh webhook replay" in row["remedy"], row
        with Changed(node, state, lambda text: text.replace(b"state waiting", b"state gone")):
            row = finds(node, FAILED, "webhook", f"{url} is gone")
            assert "webhook/url" in row["remedy"], row
        with Changed(node, state, b"rubbish\n"):
            finds(node, FAILED, "webhook", "is not the state of a webhook")
        with Changed(node, os.path.join("webhooks", "signing.key"), mode=0o644):
            finds(node, FAILED, "webhook", "signing.key' can be reached by others")
        finds(node, OK, "public listener", "when the node runs")
        node.start()

    # ---- a spool ----

    @step("a spool that is not there, that nobody serves, or that has refused documents is found")
    def _():
        folder = os.path.join(mesh.folder, "spool")
        options = ("--spool", folder)
        assert not any(row["check"] == "spool" for row in doctor(node))
        row = finds(node, FAILED, "spool", "No such file", options=options)
        assert "comesh spool" in row["remedy"], row
        node.comesh("spool", folder, "--once")
        finds(node, WARNING, "spool", "served by no process; 0 in out/", options=options)
        for name in ("a", "b"):
            with open(os.path.join(folder, "out", "send-co", name), "w", encoding="utf-8") as file:
                file.write("rubbish")
        finds(node, FAILED, "spool", "served by no process; 2 in out/", options=options)
        process = subprocess.Popen(
            [os.path.join(node.programs, "comesh"), "-C", node.folder, "spool", folder],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=node.environment())
        try:
            wait_until(lambda: any(row["check"] == "spool" and row["result"] == OK and
                                   "is served; 0 in out/" in row["what"]
                                   for row in doctor(node, options=options)), "it is served")
            row = finds(node, WARNING, "spool", "2 documents were refused", options=options)
            assert "error/" in row["remedy"], row
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)

    peer.stop()

report()
