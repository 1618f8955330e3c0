"""Korea's node with a partner without a node: tests/peers/rest_peer.py, over HTTPS both ways."""

import base64
import hashlib
import json
import os
import select
import socket
import ssl
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers"))

from mesh import certificates, free_port, number_of, taken_all, wait_until
from rest_peer import RestPeer, make_certificate

HOST = "test.coconnect.customs.go.kr"


def pin_of(certificate):
    """SHA-256 of the key, by the openssl command."""
    key = subprocess.run(["openssl", "x509", "-in", certificate, "-pubkey", "-noout"],
                         capture_output=True, check=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=key,
                         capture_output=True, check=True).stdout
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


class Scene:
    """Korea's node, and Indonesia without one."""

    def __init__(self, mesh):
        self.node = mesh["KR"]
        self.folder = mesh.folder
        make_certificate(os.path.join(self.node.folder, "outbound"), HOST)
        make_certificate(os.path.join(self.node.folder, "public"), HOST)
        self.peer = RestPeer(os.path.join(mesh.folder, "rest"), "ID", "beacukai.go.id",
                             node_certificate=os.path.join(self.node.folder, "outbound.pem"))
        self.port = free_port()
        self.node.append_config(
            "outbound\n    certificate = outbound.pem\n    key = outbound.key\n"
            f"    connect = test.coconnect.beacukai.go.id=127.0.0.1:{self.peer.port}\n"
            "    timeout = 2s\n    connect_timeout = 2s\n"
            f"public\n    listen = 127.0.0.1:{self.port}\n    certificate = public.pem\n"
            "    key = public.key\n")

    def card(self, serial=1, **options):
        """The partner's card as a text, by the command that makes it."""
        arguments = ["rest", "new", "--party", "ID", "--name", "Bea dan Cukai", "--environment",
                     "test", "--domain", "beacukai.go.id", "--serial", serial]
        client = options.get("client", self.peer.client_path + ".pem")
        server = options.get("server", self.peer.server_path + ".pem")
        pins = ["--server", server] if server else []
        made = self.node.comesh(*arguments, "--client", client, *pins)
        path = os.path.join(self.folder, f"ID-{serial}.card")
        with open(path, "w", encoding="utf-8") as file:
            file.write(made.stdout)
        return path, made.stderr.split()[-1]

    def add(self, serial=1, **options):
        path, digits = self.card(serial, **options)
        self.node.comesh("rest", "add", path, "--fingerprint", digits)

    def confirm(self, text):
        """A card as a text, taken with the fingerprint that people told each other."""
        path = os.path.join(self.folder, "confirmed.card")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        digest = hashlib.sha256(b"comesh rest fingerprint v1\n" + text.encode()).digest()
        digits = "-".join(f"{int.from_bytes(digest[4 * i:4 * i + 4], 'big') % 100000:05d}"
                          for i in range(5))
        self.node.comesh("rest", "add", path, "--fingerprint", digits)

    def add_with(self, serial, **until):
        """The card whose pins of a kind end so many seconds from now: `server=60`."""
        with open(self.card(serial)[0], encoding="utf-8") as file:
            lines = file.read().splitlines()
        for kind, seconds in until.items():
            end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
            lines = [f"{line.split(' from ')[0]} from 2020-01-01T00:00:00Z until {end}"
                     if line.startswith(kind + " ") else line for line in lines]
        self.confirm("\n".join(lines) + "\n")

    def send(self, first, count=1):
        documents = certificates("KR", "ID", count, first)
        taken_all(self.node.submit(documents))
        return documents

    def took(self, documents):
        """Waits until the partner has taken them all, in the order in which they were sent."""
        wanted = [json.loads(one)["LPCO"]["FunctionalReferenceID"] for one in documents]
        wait_until(lambda: self.peer.order[-len(wanted):] == wanted, "the partner took them")
        wait_until(lambda: self.message(documents[-1])["stored"], "the answer is stored")

    def message(self, document):
        return self.node.message(number_of(document))

    def in_mood(self, mood):
        self.peer.mood = mood

    def tries(self, document):
        identity = json.loads(document)["LPCO"]["FunctionalReferenceID"]
        return [one for one in self.peer.requests if one[1] == identity]

    def trouble(self, words):
        """Waits until the status says why nothing goes."""
        wait_until(lambda: words in (self.node.partner("ID")["trouble"] or ""),
                   f"the status says '{words}'")

    def try_now(self):
        self.node.comesh("queue", "retry", "ID")


def saying(status, body=b"{}", headers=(), kind="application/problem+json"):
    def mood(handler):
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
    return mood


def raw(data):
    """Bytes instead of an answer, and the end of the connection."""
    def mood(handler):
        handler.wfile.write(data)
        handler.wfile.flush()
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)
    return mood


class Proxy:
    """An HTTP proxy that knows CONNECT alone; with a context it speaks TLS itself."""

    def __init__(self, context=None):
        self.context = context
        self.asked = []
        self.lines = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                line, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.pass_on, args=(line,), daemon=True).start()

    def pass_on(self, line):
        head = b""
        if self.context:
            try:
                line = self.context.wrap_socket(line, server_side=True)
            except OSError:
                return  # its client does not trust it
        while b"\r\n\r\n" not in head:
            head += line.recv(4096)
        asked = head.split(b"\r\n")[0].decode()
        self.asked.append(asked)
        host, port = asked.split(" ")[1].rsplit(":", 1)
        try:
            there = socket.create_connection((host, int(port)))
        except OSError:
            line.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            line.close()
            return
        self.lines += [line, there]
        line.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.pump(line, there)
        line.close()
        there.close()

    @staticmethod
    def pump(line, there):
        """Both ways in one thread, for a TLS socket takes no two."""
        other = {line: there, there: line}
        try:
            while True:
                pending = isinstance(line, ssl.SSLSocket) and line.pending() > 0
                for source in [line] if pending else select.select([line, there], [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    other[source].sendall(data)
        except (OSError, ValueError):
            pass  # one side is gone, or the proxy stops

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for line in self.lines:
            line.close()
