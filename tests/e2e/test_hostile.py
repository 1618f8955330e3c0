"""Strangers and hostile partners at the port of a node, over real sockets. Whatever they send, the
node stays up, stores nothing of it, says why where it can, and its traffic with an honest partner
goes on meanwhile. (What an admitted peer can do wrong in hello and push: test_lane_peer.py.)"""

import os
import random
import socket
import sys
import time

import zmq
from zmq.utils import z85
from zmq.utils.monitor import recv_monitor_message

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "peers"))

import lane_text
from lane_peer import FRAME_MAX_BYTES, HELLO, Dialler, Sender, options
from lane_text import ENVIRONMENT, FORK, HELD, MALFORMED, Card, Party, pack
from mesh import Mesh, certificates, report, same_channel, step, taken_all, wait_until

CONNECTIONS = 300


def trust(node, party):
    path = os.path.join(node.mesh.folder, f"{party.card.party}.card")
    with open(path, "w", encoding="utf-8") as file:
        file.write(party.card.note)
    node.comesh("card", "import", path, "--fingerprint", party.card.fingerprint())


def dealer(context, card, party=None):
    """A DEALER to the node, with the party's keys or with none."""
    made = context.socket(zmq.DEALER)
    made.linger = 0
    if party is not None:
        options(made, party)
        made.curve_serverkey = z85.encode(card.keys["transport"][0])
    return made


def handshake(made, seconds=10):
    """How the handshake ends: "admitted", "refused", or "nothing"."""
    monitor = made.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED
                                      | zmq.EVENT_HANDSHAKE_FAILED_AUTH
                                      | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
                                      | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
                                      | zmq.EVENT_DISCONNECTED)
    made.connect(kr_card.mesh)
    if not monitor.poll(int(seconds * 1000)):
        return "nothing"
    event = recv_monitor_message(monitor)["event"]
    made.disable_monitor()
    return "admitted" if event == zmq.EVENT_HANDSHAKE_SUCCEEDED else "refused"


with Mesh(("KR", "ID")) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]
    kr.wait_lane("ID")
    id_.wait_lane("KR")
    kr_card = Card(kr.comesh("card", "export").stdout)
    context = zmq.Context()
    serial = iter(range(1, 1_000_000))
    codes = iter(["AR", "BR", "CL", "BO", "PE", "EC", "CO", "VE", "MX", "PA", "CR", "NI", "GT"])

    def honest_goes_on(seconds=5):
        """A certificate each way is receipted in reasonable time."""
        taken_all(kr.submit(certificates("KR", "ID", 1, first=next(serial))))
        taken_all(id_.submit(certificates("ID", "KR", 1, first=500_000 + next(serial))))
        kr.wait_receipts("ID", seconds)
        id_.wait_receipts("KR", seconds)

    def stranger(code=None):
        code = code or next(codes)
        return Party(code, f"customs.{code.lower()}", "")

    def partner():
        party = stranger()
        trust(kr, party)
        return party

    # ---- who is no partner ----

    @step("a key that no card has is refused in the handshake, and the log names it")
    def _():
        me = stranger("QQ")
        with dealer(context, kr_card, me) as made:
            assert handshake(made) == "refused"
        kr.wait_log("no card has this key")
        honest_goes_on()

    @step("a client without CURVE is never admitted, nor one with a password")
    def _():
        with dealer(context, kr_card) as made:
            assert handshake(made, 3) != "admitted"
        with dealer(context, kr_card) as made:
            made.plain_username = b"ID"
            made.plain_password = b"ID"
            assert handshake(made, 3) != "admitted"
        honest_goes_on()

    @step("a known card's name with another key is refused: names are not asked, keys are")
    def _():
        me = Party("ID", "beacukai.go.id", "")
        with dealer(context, kr_card, me) as made:
            made.setsockopt(zmq.METADATA, b"X-User-Id:ID")
            assert handshake(made) == "refused"

    @step("a card of another environment is not taken in the first place")
    def _():
        me = Party("DE", "zoll.de", "", environment="prod")
        path = os.path.join(mesh.folder, "prod.card")
        with open(path, "w", encoding="utf-8") as file:
            file.write(me.card.note)
        result = kr.comesh("card", "import", path, "--fingerprint", me.card.fingerprint(),
                           check=False)
        assert result.returncode == 77 and "prod" in result.stderr, result

    @step("a hello of another environment is refused by name of both")
    def _():
        me = partner()
        sender = Sender(me, kr_card)
        with Dialler(me, kr_card, sender) as dialler:
            hello = sender.hello()
            hello[3] = "prod"
            dialler.lane.send(hello)
            dialler.until(lambda: False)
        assert sender.refusal[0] == ENVIRONMENT, sender.refusal
        assert "prod" in sender.refusal[1] and "test" in sender.refusal[1], sender.refusal

    @step("garbage on the port closes its own connection only")
    def _():
        greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00CURVE" + bytes(15) + b"\x00" + bytes(31)
        for junk in (os.urandom(5000), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", bytes(5000),
                     b"\xff" * 5000, greeting + os.urandom(5000),
                     greeting + b"\x06\xff" + b"\xff" * 8 + os.urandom(100)):
            with socket.create_connection(("127.0.0.1", kr.port), timeout=10) as made:
                try:
                    made.sendall(junk)
                    while made.recv(4096):
                        pass
                except OSError:
                    pass
        honest_goes_on()

    @step("three hundred connections that say nothing do not stop an honest partner")
    def _():
        idle = [socket.create_connection(("127.0.0.1", kr.port), timeout=10)
                for _ in range(CONNECTIONS)]
        honest_goes_on()
        id_.kill()
        id_.start()
        id_.wait_lane("KR", seconds=30)
        kr.wait_lane("ID", seconds=30)
        honest_goes_on(30)
        for made in idle:
            made.close()

    @step("a hundred handshakes with unknown keys at once cost the log a line a second at most")
    def _():
        before = kr.log().count("turned away")
        me = stranger("QQ")
        begin = time.monotonic()
        strangers = [dealer(context, kr_card, me) for _ in range(100)]
        for made in strangers:
            made.connect(kr_card.mesh)
        time.sleep(1)
        honest_goes_on()
        for made in strangers:
            made.close()
        lines = kr.log().count("turned away") - before
        assert lines <= time.monotonic() - begin + 2, lines

    # ---- partners that are hostile ----

    def said_to(junk, me=None):
        """Sends bytes as a frame behind a good hello; gives the refusal, or None when the lane was
        cut without a word."""
        me = me or partner()
        sender = Sender(me, kr_card)
        with Dialler(me, kr_card, sender) as dialler:
            assert dialler.hello(), sender.refusal
            dialler.socket.send(junk)
            dialler.until(lambda: False, 3)
        return sender.refusal

    @step("a frame over the limit is cut by its connection, and the next hello is welcome")
    def _():
        me = partner()
        assert said_to(os.urandom(FRAME_MAX_BYTES + 1000), me) is None
        assert said_to(bytes(8 << 20), me) is None
        with Dialler(me, kr_card) as dialler:
            assert dialler.hello(), dialler.sender.refusal
        honest_goes_on()

    @step("depth bombs, a million-element map and truncated frames are malformed")
    def _():
        million = b"\xdf\x00\x0f\x42\x40" + b"\x01\x01" * 100_000
        entries = b"\x94\x03\x00\xdd\x00\x0f\x42\x40" + b"\x92\xc4\x00\xc4\x00" * 1000
        good = pack([HELLO, [1], "ID", "test", "x", 0, 1, 0])
        me = partner()
        for junk in (b"\x91" * 200_000 + b"\xc0", million, entries, good[:-1], good + b"\x00",
                     b"\x81" * 100_000, b"\xc1", b"\xd9\xff", pack([3, 2 ** 64 - 1, [], b""])[:-2],
                     b"\x98\x01" + b"\xc0" * 7):
            refusal = said_to(junk, me)
            assert refusal and refusal[0] == MALFORMED and refusal[1], (junk[:20], refusal)
        honest_goes_on()

    @step("a thousand random frames, and random changes of good ones, hurt nobody")
    def _():
        randomness = random.Random(7)
        me = partner()
        for _ in range(25):
            sender = Sender(me, kr_card)
            sender.add(b"\xc1 one")
            with Dialler(me, kr_card, sender) as dialler:
                dialler.hello(2)
                sender.sent = 0
                good = pack(sender.push() or sender.hello())
                for _ in range(40):
                    bad = bytearray(good)
                    for _ in range(randomness.randint(1, 6)):
                        bad[randomness.randrange(len(bad))] = randomness.randrange(256)
                    dialler.socket.send(bytes(bad))
                dialler.poll(0.01)
        assert kr.is_running()
        honest_goes_on()

    @step("a partner that claims a routing id is told so, and gets nobody else's frames")
    def _():
        me = partner()
        sender = Sender(me, kr_card)
        dialler = Dialler(me, kr_card, sender)
        dialler.socket.disconnect(kr_card.mesh)
        dialler.socket.routing_id = b"ID"
        dialler.socket.connect(kr_card.mesh)
        dialler.lane.send(sender.hello())
        dialler.until(lambda: False, 1)
        assert sender.sent is None
        wait_until(lambda: "routing id" in (kr.partner(me.card.party)["trouble"] or ""), "a word")
        dialler.close()
        honest_goes_on()

    # ---- trust that ends, and channels that are held ----

    @step("a card removed while its lane is open: closed within a second, nothing after it is taken")
    def _():
        me = partner()
        code = me.card.party
        sender = Sender(me, kr_card)
        sender.add(b"\xc1 before")
        with Dialler(me, kr_card, sender) as dialler:
            assert dialler.hello() and dialler.flush(), sender.refusal
            kr.comesh("card", "remove", code)
            begin = time.monotonic()
            wait_until(lambda: kr.partner(code) is None, "the partner is gone", 1)
            sender.add(b"\xc1 after")
            push = sender.push()
            while time.monotonic() < begin + 2:
                try:
                    dialler.socket.send(pack(push), zmq.DONTWAIT)
                except zmq.Again:
                    break  # no connection is left
                time.sleep(0.05)
            assert kr.channel(code, "incoming")["size"] == 1
        with dealer(context, kr_card, me) as made:
            assert handshake(made) == "refused"
        honest_goes_on()
        trust(kr, me)
        with Dialler(me, kr_card, sender) as dialler:
            assert dialler.hello() and dialler.flush(), sender.refusal
        assert kr.channel(code, "incoming")["size"] == 2

    @step("a fork holds the channel, keeps both notes, survives a restart, and goes on by order")
    def _():
        me = partner()
        code = me.card.party
        sender = Sender(me, kr_card)
        sender.add(b"\xc1 one")
        with Dialler(me, kr_card, sender) as dialler:
            assert dialler.hello() and dialler.flush(), sender.refusal
        receipt = sender.log.note
        other = Sender(me, kr_card)
        other.add(b"\xc1 other")
        with Dialler(me, kr_card, other) as dialler:
            dialler.lane.send(other.hello())
            other.sent, other.credit = 0, 1 << 20
            forged = other.push()
            dialler.lane.send(forged)
            dialler.until(lambda: False, 5)
        assert other.refusal[0] == FORK, other.refusal
        wait_until(lambda: kr.channel(code, "incoming")["held"], "the channel is held")
        assert kr.channel(code, "incoming")["held_reason"], "no reason"
        mesh.settle()
        kr.stop()
        kept = b"".join(open(path, "rb").read() for path in kr.segments())
        assert forged[3] in kept and kept.count(receipt.encode()) >= 2, "a note was not kept"
        kr.start()
        assert kr.channel(code, "incoming")["held"]
        sender.add(b"\xc1 two")
        with Dialler(me, kr_card, sender) as dialler:
            dialler.hello(5)
        assert sender.refusal[0] == HELD, sender.refusal
        kr.ask("release", kr.channel(code, "incoming")["channel"])
        sender.refusal = None
        with Dialler(me, kr_card, sender) as dialler:
            assert dialler.hello() and dialler.flush(), sender.refusal
        assert kr.channel(code, "incoming")["size"] == 2

    @step("after all of it the honest channels are whole, and the stores prove again")
    def _():
        kr.wait_lane("ID")
        id_.wait_lane("KR", seconds=90)
        honest_goes_on()
        mesh.settle()
        same_channel(kr, id_)
        same_channel(id_, kr)
        kr.comesh("verify")
        id_.comesh("verify")

    context.destroy(linger=0)

report()
