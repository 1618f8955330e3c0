"""Korea's node with a partner without a node: tests/peers/rest_peer.py, over HTTPS both ways."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers"))

from mesh import certificates, free_port, number_of, taken_all, wait_until
from rest_peer import RestPeer, make_certificate

HOST = "test.coconnect.customs.go.kr"


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
