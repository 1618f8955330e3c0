"""A partner that is away, or that does not read, costs its sender disk and never memory, and delays
no other partner. Release binaries, for the sanitizers' own memory would hide the nodes'."""

import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "peers"))

import zmq
from zmq.utils import z85

from lane_peer import Dialler, Receiver, Sender, options
from lane_text import Card, Party, pack
from mesh import Mesh, certificates, number_of, report, step, taken_all, wait_until

BACKLOG = 20_000
RSS_MAX_KIB = 64 << 10

with Mesh(("KR", "ID", "UY"), variant="release") as mesh:
    kr, id_, uy = mesh["KR"], mesh["ID"], mesh["UY"]
    for party in ("ID", "UY"):
        kr.wait_lane(party)
    serial = iter(range(900_001, 2_000_000))
    documents = certificates("KR", "ID", BACKLOG)
    numbers = [number_of(one) for one in documents]

    def round_trip():
        """Seconds from the submit of one certificate to UY until its receipt is committed."""
        document = certificates("KR", "UY", 1, first=next(serial))
        begin = time.monotonic()
        with kr.control() as control:
            control.ask("submit", "send-co", [document[0].encode()])
            while True:
                for channel in control.ask("channels"):
                    if channel["partner"] == "UY" and channel["direction"] == "outgoing" \
                            and channel["receipt_size"] == channel["size"]:
                        return time.monotonic() - begin

    def rss_bounded():
        assert kr.rss_kib() < RSS_MAX_KIB, f"{kr.rss_kib()} KiB"

    idle = []

    @step("twenty thousand certificates are queued for a partner that is down, in bounded memory")
    def _():
        idle.extend(round_trip() for _ in range(20))
        id_.kill()
        kr.wait_lane("ID", "connecting")
        for at in range(0, BACKLOG, 5000):
            taken_all(kr.submit(documents[at:at + 5000]))
            rss_bounded()
        row = kr.ask("queue")[0]
        assert (row["partner"], row["count"]) == ("ID", BACKLOG), row
        assert row["why"] and row["oldest"], row

    @step("another partner is served meanwhile as on an idle mesh")
    def _():
        busy = [round_trip() for _ in range(20)]
        assert statistics.median(busy) < 2 * statistics.median(idle) + 0.01, (idle, busy)
        rss_bounded()

    @step("with the partner back the backlog drains in order, in bounded memory, and delays nobody")
    def _():
        id_.start(wait=False)
        busy = []
        end = time.monotonic() + 120
        while kr.channel("ID", "outgoing")["receipt_size"] < BACKLOG:
            assert time.monotonic() < end, kr.ask("queue")
            busy.append(round_trip())
            rss_bounded()
        assert statistics.median(busy) < 1, busy
        arrived = [row["number"] for row in id_.rows_of("messages", "KR", "incoming")
                   if row["operation"] == "send-co"]
        assert arrived == numbers
        ours, theirs = kr.channel("ID", "outgoing"), id_.channel("KR", "incoming")
        assert (ours["size"], ours["root"]) == (theirs["size"], theirs["root"])

    def admitted(code):
        party = Party(code, f"customs.{code.lower()}", "")
        path = os.path.join(mesh.folder, f"{code}.card")
        with open(path, "w", encoding="utf-8") as file:
            file.write(party.card.note)
        kr.comesh("card", "import", path, "--fingerprint", party.card.fingerprint())
        return party

    @step("a partner that grants credit and reads nothing costs bounded memory")
    def _():
        kr.add_menu("READS")
        kr.append_config("agreement\n    code = READS\n    menu = 1\n    parties = KR AR\n")
        me = admitted("AR")
        kr.ask("reload")
        card = Card(kr.comesh("card", "export").stdout)
        texts = [one.replace('"AgreementID":"AKFTA"', '"AgreementID":"READS"')
                 for one in certificates("KR", "AR", BACKLOG, first=100_001)]
        receiver = Receiver(me, card)
        with Dialler(me, card, Sender(me, card), receiver) as dialler:
            dialler.socket.rcvhwm = 1
            assert dialler.hello()
            dialler.until(lambda: kr.partner("AR")["outgoing"] == "open", 10)
            for at in range(0, BACKLOG, 5000):
                taken_all(kr.submit(texts[at:at + 5000]))
                rss_bounded()
            time.sleep(2)
            rss_bounded()
            assert round_trip() < 1
            assert kr.channel("AR", "outgoing")["receipt_size"] == 0
            assert dialler.until(lambda: receiver.log.tree.size >= BACKLOG, 60)
        rss_bounded()

    @step("a partner that says hello without end and reads no answer costs bounded memory")
    def _():
        me = admitted("BR")
        card = Card(kr.comesh("card", "export").stdout)
        hello = pack(Sender(me, card).hello())
        context = zmq.Context()
        with context.socket(zmq.DEALER) as made:
            made.linger = 0
            options(made, me)
            made.rcvhwm, made.rcvbuf, made.sndtimeo = 1, 4096, 100
            made.curve_serverkey = z85.encode(card.keys["transport"][0])
            made.connect(card.mesh)
            end = time.monotonic() + 3
            while time.monotonic() < end:
                try:
                    made.send(hello)
                except zmq.Again:
                    pass
            rss_bounded()
            assert round_trip() < 1
        context.destroy(linger=0)
        assert kr.channel("BR", "incoming") is None

    @step("the store proves again")
    def _():
        wait_until(lambda: id_.channel("KR", "outgoing")["size"]
                   == id_.channel("KR", "outgoing")["receipt_size"], "verdicts are receipted")
        kr.comesh("verify")
        id_.comesh("verify")

report()
