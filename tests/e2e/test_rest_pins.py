"""By what a partner without a node is known, and what our side shows: keys on its card and their time,
names, who may read our own keys, and how much of the listener one address can take."""

import json
import os
import socket
import sys
from xml.etree import ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers"))

from http_node import Listener
from mesh import Mesh, certificates, number_of, report, sample, step, taken_all, wait_until
from rest_node import HOST, Scene, pin_of
from rest_peer import RestPeer, make_certificate

ALWAYS = ("2020-01-01T00:00:00Z", "2037-01-01T00:00:00Z")
OVER = ("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z")
TO_COME = ("2036-01-01T00:00:00Z", "2037-01-01T00:00:00Z")
CONNECTIONS = 128  # that one address may have open


with Mesh(("KR",), start=False) as mesh:
    scene = Scene(mesh)
    node, peer, port = scene.node, scene.peer, scene.port
    ours = os.path.join(node.folder, "outbound.pem")
    private = Listener(node)
    serials = iter(range(1, 100))
    certificate = sample("id-kr-co.json")

    def add_card(client=ALWAYS, server=ALWAYS, server_path=None):
        """A card of the partner with these times for its keys, confirmed."""
        with open(scene.card(next(serials))[0], encoding="utf-8") as file:
            made = file.read()
        lines = [line for line in made.splitlines() if line.split()[0] not in ("client", "server")]
        lines += [f"client {pin_of(peer.client_path + '.pem')} from {client[0]} until {client[1]}",
                  f"server {pin_of((server_path or peer.server_path) + '.pem')} "
                  f"from {server[0]} until {server[1]}"]
        scene.confirm("\n".join(lines) + "\n")

    def post():
        return peer.post(HOST, port, "send-co", certificate)

    def send(serial):
        document, = certificates("KR", "ID", 1, serial)
        taken_all(node.submit([document]))
        return document

    def waits(words):
        wait_until(lambda: words in (node.partner("ID")["trouble"] or ""), f"it says '{words}'")

    def arrives(document):
        wait_until(lambda: node.message(number_of(document))["stored"], "it is stored there")
        assert json.loads(document)["LPCO"]["FunctionalReferenceID"] in peer.taken

    @step("a key of ours that others can read is not used")
    def _():
        for name, option in (("outbound.key", "outbound.key"), ("public.key", "public.key")):
            path = os.path.join(node.folder, name)
            os.chmod(path, 0o644)
            told = node.start_beside().stderr
            assert option in told and "chmod 600" in told, told
            os.chmod(path, 0o600)
        node.start()

    @step("a client's key counts in its time on the card alone, whatever its certificate says")
    def _():
        for time in (OVER, TO_COME):
            add_card(client=time)
            status, _, answer = post()
            assert status == 403 and answer["code"] == "certificate-expired", answer
            assert time[0] in answer["detail"], answer
        add_card()
        assert post()[0] == 201

    @step("a server's key counts in its time on the card alone")
    def _():
        for at, time in enumerate((OVER, TO_COME)):
            add_card(server=time)
            document = send(1 + at)
            waits("pinned")
            assert not peer.requests or peer.requests[-1][1] != json.loads(document)["LPCO"][
                "FunctionalReferenceID"]
            add_card()
            arrives(document)

    @step("the right key under another name is another server")
    def _():
        other = os.path.join(mesh.folder, "other")
        os.makedirs(other)
        make_certificate(os.path.join(other, "server"), "elsewhere.example")
        make_certificate(os.path.join(other, "client"), "elsewhere.example")
        elsewhere = RestPeer(other, "ID", "beacukai.go.id", node_certificate=ours)
        node.option("outbound", "connect",
                    f"test.coconnect.beacukai.go.id=127.0.0.1:{elsewhere.port}")
        add_card(server_path=elsewhere.server_path)
        node.comesh("reload")
        document = send(10)
        wait_until(lambda: node.partner("ID")["outgoing"] == "waiting", "it waits")
        assert node.partner("ID")["trouble"], "it says why"
        assert not elsewhere.requests, elsewhere.requests
        elsewhere.stop()
        node.option("outbound", "connect", f"test.coconnect.beacukai.go.id=127.0.0.1:{peer.port}")
        add_card()
        node.comesh("reload")
        arrives(document)

    @step("the private listener tells of it among the partners")
    def _():
        told, = private.get("/v1/partners").json["partners"]
        shown, = node.json("rest", "list")
        assert (told["party"], told["domain"], told["incoming"]) == \
            ("ID", "beacukai.go.id", "https"), told
        assert (told["serial"], told["fingerprint"]) == (shown["serial"], shown["fingerprint"]), told

    @step("its receipts and refusals come as XML when it asks for that")
    def _():
        for body, status, root in ((json.dumps(certificate), 200, "receipt"),
                                   ("{}", 422, "problem"), ("", 400, "problem")):
            connection = peer.connect(HOST, port)
            connection.request("POST", "/send-co", body, {
                "Content-Type": "application/json", "Accept": "application/xml"})
            answer = connection.getresponse()
            kind = "application/xml" if status == 200 else "application/problem+xml"
            assert (answer.status, answer.getheader("Content-Type")) == (status, kind)
            assert ElementTree.fromstring(answer.read()).tag.endswith("}" + root)
            connection.close()

    @step("with the store full it is told when to come again, and its document is taken then")
    def _():
        document = json.loads(certificates("ID", "KR", 1, 600)[0])
        node.stop()
        node.option("store", "minimum_free", "1TiB")
        node.start()
        status, headers, answer = peer.post(HOST, port, "send-co", document)
        assert status == 503 and int(headers["Retry-After"]) > 0 and answer["code"] == "full", answer
        node.stop()
        node.option("store", "minimum_free", "64MiB")
        node.start()
        assert peer.post(HOST, port, "send-co", document)[0] == 201

    @step("one address has so many connections and no more; they are free again at once")
    def _():
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
        try:
            post()
            raise AssertionError("one more was served")
        except OSError:
            pass
        for line in held:
            line.close()

        def serves():
            try:
                return post()[0] == 200
            except OSError:
                return False
        wait_until(serves, "it serves again")

    peer.stop()

report()
