"""The public listener, as those see it who ask too much of it: too often, too slowly, or what is not
theirs to ask; and as its operator does, who renews its certificate."""

import http.client
import json
import os
import shutil
import socket
import ssl

from mesh import Mesh, certificates, report, step, wait_until
from rest_node import HOST, Scene
from rest_peer import make_certificate

PACE = 1         # requests a second: slow machines ask more often than that
BURST = 10 * PACE
STRANGERS_BURST = 200  # connections of one address that no known client was on


def listens_at(node):
    """The TCP ports at which a node's process listens."""
    mine = set()
    for name in os.listdir(f"/proc/{node.process.pid}/fd"):
        try:
            mine.add(os.readlink(f"/proc/{node.process.pid}/fd/{name}"))
        except FileNotFoundError:
            pass  # closed meanwhile
    ports = set()
    for table in ("tcp", "tcp6"):
        with open(f"/proc/net/{table}", encoding="ascii") as file:
            for line in file.read().splitlines()[1:]:
                _, local, _, state, *_, = line.split()
                if state == "0A" and f"socket:[{line.split()[9]}]" in mine:
                    ports.add(int(local.rsplit(":", 1)[1], 16))
    return ports


with Mesh(("KR",)) as mesh:
    @step("without a section for it nothing listens for HTTP")
    def _():
        assert listens_at(mesh["KR"]) == {mesh["KR"].port}, listens_at(mesh["KR"])

with Mesh(("KR",), start=False) as mesh:
    scene = Scene(mesh)
    node, peer = scene.node, scene.peer
    documents = iter(json.loads(one) for one in certificates("ID", "KR", 600, 1))
    node.start()
    scene.add()
    assert listens_at(node) == {node.port, scene.port}

    def post(document=None, **options):
        return peer.post(HOST, scene.port, "send-co", document or next(documents), **options)

    def stored():
        return len(node.rows_of("messages", "ID", "incoming"))

    @step("who asks too often is told 429, which limit it is and when to come again; nothing was done")
    def _():
        node.option("public", "requests_per_second", PACE)
        node.comesh("reload")
        before, taken = stored() if node.channel("ID", "incoming") else 0, 0
        answers = []
        connection = peer.connect(HOST, scene.port)
        while len(answers) < 10 * BURST and 429 not in [one[0] for one in answers]:
            document = next(documents)
            connection.request("POST", "/send-co", json.dumps(document),
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answers.append((answer.status, answer.headers, json.loads(answer.read()), document))
            taken += answer.status == 201
        status, headers, problem, document = answers[-1]
        assert status == 429 and taken >= BURST, (status, taken)
        assert headers["Content-Type"] == "application/problem+json", headers
        assert headers["Retry-After"] == "1" and problem["code"] == "too-many-requests", problem
        assert problem["title"] == "Too Many Requests" and problem["status"] == 429, problem
        for words in ("ID", f"than {PACE} times a second", "public.requests_per_second"):
            assert words in problem["detail"], problem
        assert stored() == before + taken, "what was refused is stored"
        assert node.metric("paced") == 1
        assert wait_until(lambda: next(iter({post(document)[0]} - {429}), None),
                          "its time has come") == 201, "the refused one was taken"

    @step("another limit counts with the next reload, and 0 is none")
    def _():
        node.option("public", "requests_per_second", 0)
        node.comesh("reload")
        before = node.metric("paced")
        assert {post()[0] for _ in range(2 * BURST)} == {201}
        assert node.metric("paced") == before

    # ---- what the log tells ----

    def refusals():
        """The lines of the log about requests that were refused for who asked."""
        return [line for line in node.log().splitlines()
                if "part=public" in line and "level=info" in line and " unlogged=" in line]

    @step("who is turned away stands in the log with its address, at most once a second, the others counted")
    def _():
        stranger = os.path.join(mesh.folder, "stranger")
        make_certificate(stranger, HOST)
        unknown = peer.context(client=False)
        unknown.load_cert_chain(stranger + ".pem", stranger + ".key")
        elsewhere = {"Host": "prod.coconnect.customs.go.kr"}
        asked, before = 0, len(refusals())

        def ask(status, options):
            """The lines there are when it is refused once more."""
            nonlocal asked
            asked += 1
            assert post(refused, **options)[0] == status
            return refusals()[before:]

        def left_out(lines):
            """How many the lines since the first one say that they left out."""
            return sum(int(line.rsplit("unlogged=", 1)[1]) for line in lines[1:])

        for status, options in ((401, {"context": peer.context(client=False)}),
                                (403, {"context": unknown}), (421, {"headers": elsewhere})):
            refused = next(documents)
            wait_until(lambda: any(f"status={status} " in line and "address=127.0.0.1 " in line
                                   and "path=/send-co " in line for line in ask(status, options)),
                       f"the log tells of {status}")
        wait_until(lambda: left_out(ask(status, options)) > 0, "a line says how many it left out")
        lines = refusals()[before:]
        last = asked - len(lines) - left_out(lines)  # refused after the last line
        assert last in (0, 1, 2), (asked, lines)

    # ---- what strangers may cost ----

    def ask(connection, method="GET", path="/nothing"):
        connection.request(method, path, headers={"Host": HOST})
        answer = connection.getresponse()
        answer.read()
        return answer

    @step("who is refused and not known loses its connection; a partner that was refused keeps its own")
    def _():
        for method, path, status in (("POST", "/send-co", 401), ("GET", "/send-co", 405),
                                     ("GET", "/nothing", 404), ("OPTIONS", "/send-co", 204)):
            stranger = peer.connect(HOST, scene.port, peer.context(client=False))
            answer = ask(stranger, method, path)
            assert (answer.status, answer.headers["Connection"]) == (status, "close"), answer.status
            assert stranger.sock is None, "it stays open"
        partner = peer.connect(HOST, scene.port)
        for _ in range(2):
            answer = ask(partner, "POST", "/send-co")
            assert (answer.status, answer.headers["Connection"]) == (415, None), answer.status
        partner.close()

    @step("an address of strangers begins so many connections a second; partners elsewhere do not feel it")
    def _():
        def begin():
            return socket.create_connection(("127.0.0.1", scene.port), 30, ("127.0.0.2", 0))

        def partner_beside():
            """The partner, from where the strangers are."""
            made = http.client.HTTPSConnection(HOST, scene.port)
            made.sock = peer.context().wrap_socket(begin(), server_hostname=HOST)
            return made
        partner = partner_beside()
        assert ask(partner, "POST", "/send-co").status == 415
        for _ in range(2 * STRANGERS_BURST):  # of a client that is known, as many as it likes
            known = peer.connect(HOST, scene.port)
            assert ask(known, "POST", "/send-co").status == 415
            known.close()
        assert node.metric("turned_away") == 0
        tried = 0
        while node.metric("turned_away") == 0 and tried < 100 * STRANGERS_BURST:
            begin().close()
            tried += 1
        assert STRANGERS_BURST - 10 < tried < 100 * STRANGERS_BURST, tried
        assert "stranger turned away" in node.log()

        def is_cut():
            """Behind a few more, one that gets no handshake."""
            for _ in range(30):
                begin().close()
            try:
                peer.context(client=False).wrap_socket(begin(), server_hostname=HOST).close()
            except OSError:
                return True
            return False
        wait_until(is_cut, "one too many is cut", seconds=20)
        assert ask(partner, "POST", "/send-co").status == 415, "who was known is still"
        partner.close()
        assert post()[0] == 201, "elsewhere nothing is felt"

        def comes_in():
            try:
                again = partner_beside()
            except OSError:
                return False
            return ask(again, "POST", "/send-co").status == 415
        wait_until(comes_in, "it comes in again from there too")

    # ---- its certificate is renewed ----

    def at(name):
        return os.path.join(node.folder, name)

    def der(name):
        with open(at(name), encoding="ascii") as file:
            return ssl.PEM_cert_to_DER_cert(file.read())

    def shown():
        """What a connection that begins now is shown."""
        connection = peer.connect(HOST, scene.port)
        try:
            return connection.sock.getpeercert(binary_form=True)
        finally:
            connection.close()

    def asks(connection):
        connection.request("POST", "/send-co", json.dumps(next(documents)),
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def replace(chain, key):
        for source, place in ((chain, "public.pem"), (key, "public.key")):
            shutil.copyfile(at(source), at(place))

    @step("a renewed certificate is shown after a reload, and who is connected goes on")
    def _():
        for name in ("first", "second"):
            make_certificate(at(name), HOST)
        first = peer.connect(HOST, scene.port)
        assert asks(first) == 201
        replace("first.pem", "first.key")
        assert shown() == first.sock.getpeercert(binary_form=True) != der("first.pem")
        node.comesh("reload")
        assert shown() == der("first.pem") and asks(first) == 201
        later = peer.connect(HOST, scene.port)
        replace("second.pem", "second.key")
        node.comesh("reload")
        assert shown() == der("second.pem")
        assert asks(first) == 201 and asks(later) == 201
        first.close()
        assert asks(later) == 201
        later.close()
        assert shown() == der("second.pem")

    @step("a pair that is half there, does not fit or is open to others is refused by name; the old one stays")
    def _():
        with open(at("first.pem"), encoding="ascii") as file:
            whole = file.read()
        with open(at("first.key"), encoding="ascii") as file:
            key = file.read()

        def write(name, text):
            with open(at(name), "w", encoding="ascii") as file:
                file.write(text)
        write("half.pem", whole[:len(whole) // 2])
        write("halfchain.pem", whole + whole[:len(whole) // 2])
        write("half.key", key[:len(key) // 2])
        write("empty", "")
        for chain, secret, words in (
                ("half.pem", "first.key", "public.certificate 'public.pem'"),
                ("empty", "first.key", "public.certificate 'public.pem'"),
                ("halfchain.pem", "first.key", "public.certificate 'public.pem'"),
                ("first.pem", "half.key", "public.key 'public.key'"),
                ("first.pem", "empty", "public.key 'public.key'"),
                ("first.pem", "second.key", "public.key 'public.key'")):
            replace(chain, secret)
            told = node.comesh("reload", check=False)
            assert told.returncode != 0 and words in told.stderr, (chain, secret, told.stderr)
            assert shown() == der("second.pem"), (chain, secret)
        replace("first.pem", "first.key")
        os.chmod(at("public.key"), 0o644)
        told = node.comesh("reload", check=False)
        assert told.returncode != 0 and "chmod 600" in told.stderr, told.stderr
        assert shown() == der("second.pem")
        os.chmod(at("public.key"), 0o600)
        os.rename(at("public.pem"), at("away.pem"))
        assert "public.certificate" in node.comesh("reload", check=False).stderr
        os.rename(at("away.pem"), at("public.pem"))
        node.comesh("reload")
        assert shown() == der("first.pem")

    @step("another address for it needs a restart, and is refused by name")
    def _():
        node.option("public", "listen", "127.0.0.1:1")
        told = node.comesh("reload", check=False)
        assert told.returncode != 0 and "public/listen" in told.stderr, told
        node.option("public", "listen", f"127.0.0.1:{scene.port}")
        node.comesh("reload")

    peer.stop()

report()
