"""comesh partner test for a partner without a node: all well, and each thing that can be wrong with its
endpoint, its certificates, ours, and what waits for it; and that nothing is posted by it."""

import json
import os
import socket
import ssl
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers"))

from mesh import Mesh, report, step, wait_until
from rest_node import Proxy, Scene, raw, saying
from rest_peer import make_certificate

DAY = 86400
ALL = ("their card", "their client", "our client", "name", "tcp", "tls", "certificate", "admission",
       "http", "agreement", "menu", "queue")


class Plain:
    """Answers each connection at a port with the same bytes, and closes it: no TLS."""

    def __init__(self, port, data):
        self.data = data
        self.socket = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        try:
            while True:
                line = self.socket.accept()[0]
                line.sendall(self.data)
                line.close()
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


with Mesh(("KR",), start=False) as mesh:
    scene = Scene(mesh)
    node, peer = scene.node, scene.peer
    ours = os.path.join(node.folder, "outbound.pem")
    serials = iter(range(1, 100))

    def steps(party="ID"):
        """The steps by name, and the exit code."""
        result = node.comesh("partner", "test", party, "--json", check=False)
        found = {one["step"]: one for one in json.loads(result.stdout)}
        for one in found.values():
            assert bool(one["remedy"]) == (one["outcome"] in ("warning", "failed")), one
        failed = any(one["outcome"] == "failed" for one in found.values())
        assert result.returncode == (1 if failed else 0), result
        return found

    def finds(name, outcome, *words, last=None):
        """That this step is found so; `last` is the last one of the way there."""
        found = steps()
        assert found[name]["outcome"] == outcome, found[name]
        for word in words:
            assert word in f"{found[name]['found']} -> {found[name]['remedy']}", (word, found[name])
        if last is not None:
            way = [one for one in ALL[3:9] if one in found]
            assert way[-1] == last, way
        return found

    def without(section, *names):
        """Takes options out of a section of the configuration."""
        with open(node.config, encoding="utf-8") as file:
            head, tail = file.read().split(f"\n{section}\n")
        lines = tail.split("\n")
        for name in names:
            lines.remove(next(one for one in lines if one.split("=")[0].strip() == name))
        with open(node.config, "w", encoding="utf-8") as file:
            file.write(head + f"\n{section}\n" + "\n".join(lines))
        node.comesh("reload")

    def serve(certificate=ours, change=None):
        peer.stop()
        peer.serve(certificate, peer.port, change)

    def patience(seconds):
        """How long a post to the partner may take; a machine may be slow."""
        node.option("outbound", "connect_timeout", f"{seconds}s")
        node.option("outbound", "timeout", f"{seconds}s")

    patience(60)
    node.start()
    scene.add(next(serials))

    @step("with a partner that is there every step is well, in order, and nothing is posted")
    def _():
        found = steps()
        assert tuple(found) == ALL, tuple(found)
        outcomes = {name: one["outcome"] for name, one in found.items()}
        assert outcomes.pop("agreement") == "skipped", "none is signed"
        assert outcomes.pop("menu") == "warning", "configured, and not signed"
        # The certificates of the tests last 30 days.
        for name in ("their card", "their client", "our client", "certificate"):
            assert outcomes.pop(name) == "warning", found[name]
            assert "ends in " in found[name]["found"], found[name]
        assert set(outcomes.values()) == {"ok"}, outcomes
        assert "speaks TLS1.3" in found["tls"]["found"], found["tls"]
        assert f"127.0.0.1:{peer.port}, by outbound/connect" in found["name"]["found"], found
        assert "405" in found["http"]["found"] and "nothing waits" in found["queue"]["found"], found
        assert peer.looks == 1 and peer.requests == [] and peer.order == []
        assert node.channel("ID", "outgoing") is None, "nothing is said by a test"

    @step("people read a line for each step, with what to do under it")
    def _():
        text = node.comesh("partner", "test", "ID").stdout
        assert "ok       tls" in text and "ok       http" in text, text
        assert "warning  our client" in text and "-> renew it" in text, text

    @step("the ends of pins on its card are told, those of its server and of its client apart")
    def _():
        scene.add_with(next(serials), server=400 * DAY, client=400 * DAY)
        finds("their card", "ok", "server is valid until")
        finds("their client", "ok", "comes to us with the pin sha256//")
        scene.add_with(next(serials), server=10 * DAY + 60, client=400 * DAY)
        finds("their card", "warning", "ends in 10 days", "rest add")
        scene.add_with(next(serials), server=400 * DAY, client=-60)
        finds("their client", "failed", "ended at", "rest add")
        scene.add_with(next(serials), server=-60, client=400 * DAY)
        found = finds("their card", "failed", "server ended at")
        assert "its pin on the card of ID ended at" in found["certificate"]["found"], found
        assert "http" not in found, "what is not trusted is asked nothing"
        scene.add_with(next(serials), server=400 * DAY, client=400 * DAY)

    @step("our own certificate: away, with another key, with a key that others can read, none at all")
    def _():
        key = os.path.join(node.folder, "outbound.key")
        os.chmod(key, 0o640)
        found = finds("our client", "failed", "outbound.key", "can be reached by others")
        assert "name" not in found, "we do not go with a key that is everybody's"
        os.chmod(key, 0o600)
        node.option("outbound", "key", "public.key")
        node.comesh("reload")
        finds("our client", "failed", "public.key' is not the key of", "outbound.pem")
        node.option("outbound", "key", "outbound.key")
        os.rename(ours, ours + ".away")
        finds("our client", "failed", "outbound.pem")
        os.rename(ours + ".away", ours)
        without("outbound", "certificate", "key")
        finds("our client", "warning", "no client certificate to show")
        finds("admission", "failed", "does not let our client certificate in")
        node.option("outbound", "key", "outbound.key")
        node.option("outbound", "certificate", "outbound.pem")
        node.comesh("reload")
        finds("admission", "ok")

    @step("a name that is not found, and a server that is down")
    def _():
        other = os.path.join(mesh.folder, "nobody")
        make_certificate(other, "test.coconnect.nobody.invalid")
        made = node.comesh("rest", "new", "--party", "UY", "--name", "Nobody", "--environment", "test",
                           "--domain", "nobody.invalid", "--client", other + ".pem").stdout
        scene.confirm(made)
        found = steps("UY")
        assert found["name"]["outcome"] == "failed" and "tcp" not in found, found
        assert "nobody.invalid" in found["name"]["found"], found["name"]
        assert "an authority must vouch" in found["their card"]["found"], found["their card"]
        node.comesh("rest", "remove", "UY")
        peer.stop()
        finds("tcp", "failed", "no connection", "whether its server runs", last="tcp")
        peer.serve(ours, peer.port)

    @step("somebody at its port who speaks no TLS, or none that is new enough")
    def _():
        peer.stop()
        for data in (b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x16\x03\x01" + b"\xff" * 4000):
            with Plain(peer.port, data):
                finds("tls", "failed", "no handshake with ID", last="tls")

        def old(context):
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        peer.serve(ours, peer.port, old)
        finds("tls", "failed", "TLS 1.2 or 1.3", last="tls")
        serve()

    @step("a server with another key, and one with the right key under another name")
    def _():
        other = os.path.join(mesh.folder, "other")
        make_certificate(other, peer.host)
        scene.add(next(serials), server=other + ".pem")
        found = finds("certificate", "failed", "is not on the card of ID", "by telephone",
                      last="certificate")
        assert found["tls"]["outcome"] == "ok", found["tls"]
        make_certificate(other, "elsewhere.example")
        scene.add(next(serials), server=other + ".pem")
        serve(change=lambda context: context.load_cert_chain(other + ".pem", other + ".key"))
        finds("certificate", "failed", "is for elsewhere.example, and not for " + peer.host)
        scene.add(next(serials))
        serve()

    @step("without a pin an authority decides")
    def _():
        scene.add(next(serials), server=None)
        finds("certificate", "failed", "no authority vouches for it", last="certificate")
        node.option("outbound", "authorities", peer.server_path + ".pem")
        node.comesh("reload")
        finds("certificate", "warning", "shows the certificate of its name", last="http")
        without("outbound", "certificate", "key")
        finds("certificate", "warning", "shows the certificate of its name", last="admission")
        node.option("outbound", "key", "outbound.key")
        node.option("outbound", "certificate", "outbound.pem")
        node.comesh("reload")
        scene.add(next(serials))

    @step("a server that does not know our certificate says so in TLS 1.3, in 1.2 or by HTTP")
    def _():
        stranger = os.path.join(mesh.folder, "stranger")
        make_certificate(stranger, peer.host)
        for version in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
            def speak(context, version=version):
                context.maximum_version = version
            serve(stranger + ".pem", speak)
            found = finds("admission", "failed", "does not let our client certificate in",
                          "whose pin stands above", last="admission")
            assert found["certificate"]["outcome"] != "failed", found["certificate"]
            assert version.name.replace("v", "").replace("_", ".") in found["tls"]["found"], found
        serve()
        for status in (401, 403):
            peer.mood = saying(status, b'{"title": "who are you", "detail": "give us your card"}')
            finds("admission", "failed", f"it answers {status}: who are you: give us your card")
        peer.mood = None
        serve(None)
        finds("admission", "warning", "asks for no client certificate")
        serve()

    @step("each answer of its server is told by what it means")
    def _():
        rows = [(307, "failed", "a redirect"), (410, "failed", "is gone"),
                (421, "failed", "not that of this name"), (429, "warning", "too busy"),
                (503, "warning", "in trouble"), (404, "warning", "answers 405"),
                (501, "warning", "answers 405"), (200, "warning", "comesh conformance"),
                (999, "failed", "no status of HTTP")]
        for status, outcome, words in rows:
            peer.mood = saying(status, b'{"detail": "\x1b[31mred"}'.replace(b"\x1b", b"\\u001b"),
                               [("Location", "https://elsewhere.example/")])
            found = finds("http", outcome, f"answers {status}", words)
            assert status == 999 or "red" in found["http"]["found"]
            assert "\x1b" not in found["http"]["found"], found
        peer.mood = raw(b"HTTP/1.1 405 Method Not Allowed\r\nAllow: PO")
        finds("http", "failed", "no whole answer")
        patience(2)
        node.comesh("reload")
        peer.mood = lambda handler: threading.Event().wait(4)
        finds("http", "failed", "no whole answer", "timed out")
        peer.mood = None
        patience(60)
        node.comesh("reload")

    @step("through a proxy the same is found, and one that is away is told")
    def _():
        def proxy(port):
            node.option("outbound", "proxy", f"http://127.0.0.1:{port}")
            node.comesh("reload")
        with Plain(0, b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") as refusing:
            proxy(refusing.socket.getsockname()[1])
            found = finds("tcp", "failed", "the proxy: ", "403", "outbound/proxy", last="tcp")
            assert found["name"]["outcome"] == "skipped", found["name"]
        finds("tcp", "failed", "no connection", "the proxy: ", "outbound/proxy", last="tcp")
        tunnel = Proxy()
        proxy(tunnel.port)
        found = finds("http", "ok")
        assert f"the proxy 127.0.0.1:{tunnel.port} answers" in found["tcp"]["found"], found["tcp"]
        assert found["tls"]["outcome"] == "ok" and found["certificate"]["outcome"] != "failed"
        assert all(line.startswith("CONNECT ") for line in tunnel.asked), tunnel.asked
        peer.stop()
        finds("tcp", "failed", "the proxy: ", "502", "reaches nobody", last="tcp")
        peer.serve(ours, peer.port)
        tunnel.stop()
        without("outbound", "proxy")
        finds("name", "ok")

    @step("a proxy that speaks TLS itself is told apart from the partner: its certificate, and all behind it")
    def _():
        own = os.path.join(mesh.folder, "proxy")
        make_certificate(own, "localhost")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(own + ".pem", own + ".key")
        tunnel = Proxy(context)
        with Plain(0, b"HTTP/1.1 400 Bad Request\r\n\r\n") as plain:
            node.option("outbound", "proxy", f"https://localhost:{plain.socket.getsockname()[1]}")
            node.comesh("reload")
            finds("tcp", "failed", "the proxy: ", "outbound/proxy", last="tcp")
        node.option("outbound", "proxy", f"https://localhost:{tunnel.port}")
        node.comesh("reload")
        finds("tcp", "failed", "the proxy: ", "certificate", "outbound/proxy", last="tcp")
        scene.send(50)
        scene.trouble("the proxy: ")
        node.stop()
        flags = "-m" if os.getuid() == 0 else "-rm"
        script = f'mount --bind "{own}.pem" /etc/ssl/certs/ca-certificates.crt && exec "$0" "$@"'
        node.start(prefix=("unshare", flags, "sh", "-c", script))
        wait_until(lambda: node.channel("ID", "outgoing")["receipt_size"] == 1, "it is posted")
        found = finds("http", "ok")
        assert f"the proxy 127.0.0.1:{tunnel.port} answers" in found["tcp"]["found"], found["tcp"]
        assert found["tls"]["outcome"] == found["admission"]["outcome"] == "ok", found
        assert found["certificate"]["outcome"] != "failed", found["certificate"]
        stranger = os.path.join(mesh.folder, "stranger")
        serve(stranger + ".pem")
        finds("admission", "failed", "ID does not let our client certificate in")
        serve()
        tunnel.stop()
        without("outbound", "proxy")
        node.stop()
        node.start()

    @step("what waits is told: on the way, tried again, broken until a time, held with its words")
    def _():
        release = threading.Event()

        def slowly(handler):
            if handler.command == "GET":
                saying(405)(handler)
            else:
                release.wait()
                saying(201)(handler)
        peer.mood = slowly
        scene.send(1, 2)
        wait_until(lambda: len(peer.requests) >= 1, "it is posted")
        finds("queue", "ok", "on the way")
        release.set()
        wait_until(lambda: node.channel("ID", "outgoing")["receipt_size"] == 3, "both are answered")
        peer.mood = saying(503, b'{"title": "closed for the night"}')
        scene.send(3)
        scene.trouble("closed for the night")
        finds("queue", "warning", "tried again at 20", "with 1 waiting", "closed for the night")
        peer.mood = saying(422, b'{"title": "no", "detail": "not this one"}')
        scene.try_now()
        wait_until(lambda: node.channel("ID", "outgoing")["held"], "it is held")
        finds("queue", "failed", "held: ID answered 422", "not this one", "comesh queue release ID")
        peer.mood = None
        scene.try_now()
        wait_until(lambda: node.channel("ID", "outgoing")["receipt_size"] == 4, "it went")
        finds("queue", "ok", "nothing waits")

    @step("a node stops in order while a test is under way")
    def _():
        peer.mood = lambda handler: threading.Event().wait(4)
        looks = peer.looks
        with node.control() as control:
            control.request("test", "ID")
            wait_until(lambda: peer.looks > looks, "its server is asked")
            node.stop()

    peer.stop()

report()
