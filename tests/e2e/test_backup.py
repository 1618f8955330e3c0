"""A store that was put back from an older backup, or is gone: the partners give back what it said
and what they said, and it is what it was; a partner that gives back anything else is not believed."""

import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "peers"))

import lane_peer
from http_node import Listener
from lane_peer import Receiver
from lane_text import Card, Party, sha256
from mesh import (Mesh, certificates, free_port, number_of, report, same_channel, sample, step,
                  taken_all, wait_until)

TIMES = ("arrived", "stored", "judged", "delivered", "answered")


def put_away(node):
    """The node's store as a backup has it: the node stopped meanwhile."""
    node.stop()
    shutil.rmtree(node.store + ".backup", ignore_errors=True)
    shutil.copytree(node.store, node.store + ".backup")
    node.start()


def put_back(node):
    """The node stopped, and its store is the backup's."""
    node.stop()
    shutil.rmtree(node.store)
    shutil.copytree(node.store + ".backup", node.store)


def told(node, *partners):
    """All that the node tells of its messages, but the moments at which it learned of things."""
    rows = []
    for partner in partners:
        for direction in ("outgoing", "incoming"):
            for row in node.rows_of("messages", partner, direction):
                row = {**row, **{name: row[name] is not None for name in TIMES}}
                del row["channel"]  # a number of the store's own
                rows.append(row)
    return rows


def whole(mesh, node, *others):
    """Until the channels between the node and the others are the same at both ends, and every
    document is judged."""
    pairs = [pair for other in others for pair in ((node, other), (other, node))]
    for one, two in pairs:
        one.wait_lane(two.party)
    for one, two in pairs:
        wait_until(lambda one=one, two=two: all(
            row["judged"] is not None or row["operation"] == "verdict"
            for row in one.rows_of("messages", two.party, "outgoing")),
            f"{two.party} has judged what {one.party} said")
    mesh.settle()
    for one, two in pairs:
        if one.channel(two.party, "outgoing") is not None:
            same_channel(one, two)


def compared(node, *others):
    """That nothing differs from what the others hold, once all is taken."""
    for other in others:
        for one in (node, other):
            one.take_all()
        wait_until(lambda other=other: json.loads(node.comesh(
            "reconcile", other.party, "--json", check=False).stdout) == [],
            f"{node.party} and {other.party} hold the same")


with Mesh(start=False) as mesh:
    kr, id_, uy = mesh["KR"], mesh["ID"], mesh["UY"]
    listener = Listener(id_)
    mesh.start()

    def feed(cursor):
        """What the national system of ID gets behind its cursor, and the next one."""
        told = listener.get(f"/v1/events?limit=1000&wait=10&after={cursor}").json
        return told["cursor"], [one["number"] for one in told["events"]
                                if one["event"] == "send-co"]

    def use(number, item, quantity, declaration):
        return id_.comesh("feedback", "--number", number, "--item", item, "--treatment", "GRT",
                          "--used", quantity, "--declaration", declaration)

    def issue(number, importer="ID"):
        document = sample("kr-id-co.json")
        document["LPCO"]["ID"] = number
        document["LPCO"]["FunctionalReferenceID"] = \
            "11111111-2222-4333-8444-" + sha256(number.encode()).hex()[:12]
        kr.comesh("send", "--wait", "-", stdin=json.dumps(document, ensure_ascii=False))
        return document

    def lives(node):
        return {number: node.json("status", number) for number in ("KR-BACK-1", "KR-BACK-2")}

    @step("much is said behind the backup, in both directions, and judged, used, amended, refused")
    def _():
        taken_all(kr.submit(certificates("KR", "ID", 5)))
        taken_all(id_.submit(certificates("ID", "KR", 5)))
        issue("KR-BACK-1")
        mesh.settle()
        id_.take_all()
        put_away(id_)
        for node in (kr, uy):
            node.wait_lane("ID")
        issue("KR-BACK-2")
        use("KR-BACK-1", 1, "3:C62", "D-1")
        use("KR-BACK-2", 1, "5:C62", "D-2")
        kr.comesh("amend", "--number", "KR-BACK-2", "--reason", "COR", "--pointer", "68A:128:2",
                  "--remark", "a weight")
        taken_all(kr.submit(certificates("KR", "ID", 40, first=100)))
        taken_all(id_.submit(certificates("ID", "KR", 40, first=100)))
        taken_all(uy.submit(certificates("UY", "ID", 10, first=100)))
        taken_all(id_.submit(certificates("ID", "UY", 10, first=300)))
        mesh.settle()
        id_.take_all()
        for first in range(500, 560, 20):
            taken_all(kr.submit(certificates("KR", "ID", 20, first=first)))
            taken_all(id_.submit(certificates("ID", "KR", 20, first=first)))
        mesh.settle()

    @step("the old store is put back: all of it comes back by itself, and is what it was")
    def _():
        before = told(id_, "KR", "UY"), lives(id_)
        partners = told(kr, "ID"), told(uy, "ID"), lives(kr)
        put_back(id_)
        id_.start()
        whole(mesh, id_, kr, uy)
        assert "what this store had lost is back" in id_.log(), id_.log()[-3000:]
        after = told(id_, "KR", "UY"), lives(id_)
        for was, is_ in zip(before[0], after[0]):
            assert was == is_, f"{was}\nis now\n{is_}"
        assert before == after
        assert partners == (told(kr, "ID"), told(uy, "ID"), lives(kr))
        compared(id_, kr, uy)
        compared(kr, id_)

    @step("it goes on where it was: new certificates are judged, and taken, in both directions")
    def _():
        taken_all(kr.submit(certificates("KR", "ID", 5, first=700)))
        taken_all(id_.submit(certificates("ID", "KR", 5, first=700)))
        mesh.settle()
        assert len(id_.take_all()) >= 5
        use("KR-BACK-1", 1, "1:C62", "D-3")
        mesh.settle()
        assert lives(kr) == lives(id_)
        compared(kr, id_)

    @step("both ends prove the whole store again, also from the journal alone")
    def _():
        for node in (kr, id_, uy):
            assert node.comesh("verify").returncode == 0
        id_.stop()
        assert id_.comeshd("--rebuild").returncode == 0
        assert id_.comeshd("--verify").returncode == 0
        before = told(kr, "ID")
        id_.start()
        whole(mesh, id_, kr)
        assert told(kr, "ID") == before

    @step("a store that is gone comes back whole from the partners")
    def _():
        before = told(id_, "KR", "UY"), lives(id_)
        numbers = {channel["origin"]: channel["channel"] for channel in id_.ask("channels")}
        cursor = ""
        while (more := feed(cursor)[0]) != cursor:
            cursor = more
        id_.stop()
        shutil.rmtree(id_.store)
        kr.stop()  # so that UY's channels come first, and get the numbers of KR's
        id_.start()
        whole(mesh, id_, uy)
        kr.start()
        whole(mesh, id_, kr)
        assert numbers != {channel["origin"]: channel["channel"]
                           for channel in id_.ask("channels")}
        assert told(id_, "KR", "UY") == before[0]
        assert lives(id_) == before[1]
        compared(id_, kr, uy)
        assert id_.comesh("verify").returncode == 0
        documents = certificates("KR", "ID", 2, first=800) + certificates("UY", "ID", 2, first=800)
        taken_all(kr.submit(documents[:2]) + uy.submit(documents[2:]))
        mesh.settle()
        assert sorted(feed(cursor)[1]) == sorted(number_of(one) for one in documents), \
            "the cursor of before the loss goes on where it was"

    @step("killed while it fetches, again and again, it ends the same")
    def _():
        for first in range(2000, 5000, 500):
            taken_all(id_.submit(certificates("ID", "KR", 500, first=first)))
            taken_all(kr.submit(certificates("KR", "ID", 500, first=first)))
        mesh.settle(120)
        before = told(id_, "KR")
        held = kr.channel("ID", "incoming")["size"]
        put_back(id_)
        size, killed = 0, 0
        while size < held:
            id_.start()
            size = wait_until(lambda size=size: (now := id_.channel("KR", "outgoing")["size"]) >
                              size and now, "more has come back")
            id_.kill()
            killed += 1
        assert killed >= 3, f"all came back at once, killed {killed} times"
        id_.start()
        whole(mesh, id_, kr)
        assert told(id_, "KR") == before
        assert id_.comesh("verify").returncode == 0

    @step("what comes in meanwhile waits, and has the effect of one")
    def _():
        before = len(id_.rows_of("messages", "KR", "incoming"))
        put_back(id_)
        taken_all(kr.submit(certificates("KR", "ID", 30, first=9000)))
        id_.start()
        whole(mesh, id_, kr)
        rows = [row for row in id_.rows_of("messages", "KR", "incoming")
                if row["operation"] == "send-co"]
        assert len({row["number"] for row in rows}) == len(rows)
        assert len(id_.rows_of("messages", "KR", "incoming")) >= before + 30
        assert {row["outcome"] for row in rows} == {"accepted"}, rows


FETCH, ENTRIES = 13, 14


class Giver(Receiver):
    """A partner of version 4 that gives back what it holds, as `change` makes it."""
    version = 4
    change = staticmethod(lambda frame: None)
    asked = []  # origin and first entry of each question

    def take_hello(self, frame):
        assert frame[1] == [4, 3, 2, 1], frame[1]
        welcome = super().take_hello(frame)
        welcome[0][1] = self.version
        return welcome

    def take(self, frame):
        if frame[0] != FETCH:
            return super().take(frame)
        _, origin, first = frame
        self.asked.append((origin, first))
        items = self.log.items[first:] if origin == self.origin else []
        runs = [[[list(item) for item in items], self.log.note.encode()]] if items else []
        answer = [ENTRIES, first, runs]
        self.change(answer)
        return [answer]


class GiverLane(lane_peer.Lane):
    """Knows the frames of version 4; passes over those of the versions between."""

    def take(self, data):
        frame = lane_peer.unpack(data)
        if frame[0] == FETCH:
            for answer in self.receiver.take(frame):
                self.send(answer)
        elif frame[0] < FETCH - 5:
            super().take(data)


with Mesh(("KR",)) as mesh:
    kr = mesh["KR"]
    kr_card = Card(kr.comesh("card", "export").stdout)
    peer = Party("UY", "aduana.gub.uy", f"tcp://127.0.0.1:{free_port()}")
    path = os.path.join(mesh.folder, "UY.card")
    with open(path, "w", encoding="utf-8") as file:
        file.write(peer.card.note)
    kr.comesh("card", "import", path, "--fingerprint", peer.card.fingerprint())
    lane_peer.Lane = GiverLane
    giver = Giver(peer, kr_card)
    holder = lane_peer.Listener(peer, kr_card, giver)

    def lose():
        kr.stop()
        shutil.rmtree(kr.store)
        kr.start()

    def submit(first):
        return kr.submit(certificates("KR", "UY", 1, first=first))[0]

    @step("a partner written from the document alone gives back what it receipted")
    def _():
        taken_all([submit(first) for first in range(1, 5)])
        kr.wait_receipts("UY")
        size = kr.channel("UY", "outgoing")["size"]
        lose()
        kr.wait_lane("UY")
        assert giver.asked[-1] == (giver.origin, 0), giver.asked
        assert kr.channel("UY", "outgoing")["receipt_size"] == size
        assert submit(5)["index"] == size
        kr.wait_receipts("UY")
        assert giver.log.tree.size == size + 1

    @step("one that gives back other bytes is not believed: held, with the entry, and nothing stored")
    def _():
        def other(frame):
            items = frame[2][0][0]
            items[2][1] = items[1][1]
        giver.change = other
        lose()
        kr.wait_lane("UY", "held")
        trouble = kr.partner("UY")["trouble"]
        assert "entry 2: its payload is not the one that it names by digest" in trouble, trouble
        assert kr.channel("UY", "outgoing") is None

    @step("nothing is said to it meanwhile: a submit is told why, and what to look at")
    def _():
        answer = submit(6)
        assert answer["code"] == "unavailable", answer
        assert "put back from a backup" in answer["sentence"], answer
        result = kr.comesh("send", "-", stdin=certificates("KR", "UY", 1, first=6)[0], check=False)
        assert result.returncode == 75 and "comesh status" in result.stderr, result

    @step("once it gives back what was said, all goes on")
    def _():
        giver.change = lambda frame: None
        kr.comesh("reload")
        kr.wait_lane("UY")
        assert submit(6)["code"] == "ok"
        kr.wait_receipts("UY")

    @step("a partner of an older version cannot give it back: a person must look")
    def _():
        giver.version = 3
        lose()
        kr.wait_lane("UY", "held")
        assert "this store is older than what it said" in kr.partner("UY")["trouble"]
        assert submit(7)["code"] == "unavailable"
        giver.version = 4
        kr.comesh("reload")
        kr.wait_lane("UY")
        assert submit(7)["code"] == "ok"

    @step("a channel that was held for it is asked for again when a person releases it")
    def _():
        kr.wait_receipts("UY")
        put_away(kr)
        kr.wait_lane("UY")
        taken_all([submit(8), submit(9)])
        kr.wait_receipts("UY")

        def other(frame):
            frame[2][0][0][-1][1] = b"other"
        giver.change = other
        put_back(kr)
        kr.start()
        kr.wait_lane("UY", "held")
        channel = wait_until(lambda: (now := kr.channel("UY", "outgoing"))["held"] and now, "held")
        assert "by digest" in channel["held_reason"], channel
        giver.change = lambda frame: None
        kr.comesh("release", channel["channel"])
        kr.wait_lane("UY", seconds=30)
        assert kr.channel("UY", "outgoing")["size"] == giver.log.tree.size

    holder.close()

report()
