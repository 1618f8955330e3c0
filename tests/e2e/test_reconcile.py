"""`comesh reconcile` shows what two parties hold differently of the channels between them, with the
command that mends each difference; no answer of a partner, however wrong, harms the node."""

import json
import os
import sys
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "peers"))

import lane_peer
from lane_peer import Dialler, Lane, Listener, Receiver, Sender
from lane_text import Card, Party, pack, sha256
from mesh import Mesh, certificates, free_port, report, sample, step, taken_all, wait_until

ASK, HOLDS = 8, 9
DIFFERENT = 1  # the exit code of a reconcile that found something


def reconcile(node, partner, *options):
    """What differs, and how much was compared."""
    result = node.comesh("reconcile", partner, "--json", *options, check=False)
    assert result.returncode in (0, DIFFERENT), result.stderr
    rows = json.loads(result.stdout)
    assert (result.returncode == DIFFERENT) == bool(rows), (result.returncode, rows)
    return rows, int(result.stderr.split()[1])


def same(rows, **values):
    """That every row has these values."""
    for row in rows:
        for name, value in values.items():
            assert row[name] == value, (name, row)
    return rows


def settled(kr, other):
    """Until both have all of both channels and every verdict, and all of it is taken."""
    kr.take_all()
    other.take_all()
    return wait_until(lambda: reconcile(kr, other.party)[0] == [] and
                      reconcile(other, kr.party)[0] == [], "both hold the same")


def run(node, command):
    """Runs the command that mends, as it was printed."""
    words = command.split()
    assert words[0] == "comesh", command
    return node.comesh(*words[1:])


with Mesh(("KR", "ID")) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]

    @step("two who said nothing yet hold the same")
    def _():
        kr.wait_lane("ID")
        assert reconcile(kr, "ID") == ([], 0)
        assert "0 differ" in kr.comesh("reconcile", "ID").stderr

    @step("what is stored and not taken is shown to both ends, with who takes it")
    def _():
        taken_all(kr.submit(certificates("KR", "ID", 3)))
        mesh.settle()
        rows = wait_until(lambda: (found := reconcile(kr, "ID")[0]) and
                          all(row["difference"] == "not-taken" for row in found) and found,
                          "KR knows the verdict")
        same(rows, direction="outgoing", ours="accepted", theirs="accepted",
             mend="at ID: comesh inbox --take")
        assert [row["index"] for row in rows] == [0, 1, 2]
        rows = same(reconcile(id_, "KR")[0], direction="incoming", mend="comesh inbox --take")
        assert len(rows) == 3
        run(id_, rows[0]["mend"])

    @step("equal lists have no difference, leaf by leaf, and both logs say who asked whom")
    def _():
        settled(kr, id_)
        rows, compared = reconcile(kr, "ID")
        assert rows == [] and compared >= 3 + 1, compared
        assert "reconcile asked" in kr.log() and "reconcile answered" in kr.log()
        assert "reconcile asked by the partner" in id_.log()

    @step("--from and --to choose by the day of signing, and a day that is none is refused")
    def _():
        assert reconcile(kr, "ID", "--to", "2020-12-31") == ([], 0)
        assert reconcile(kr, "ID", "--from", "2020-12-31")[1] > 0
        result = kr.comesh("reconcile", "ID", "--from", "yesterday", check=False)
        assert result.returncode == 64 and "yesterday" in result.stderr, result.stderr

    @step("what the receiver's verdict refuses is shown to the sender, and the command says why")
    def _():
        document = sample("kr-id-co.json")
        document["LPCO"]["FunctionalReferenceID"] = str(uuid.uuid4())
        id_.add_menu("OTHER")
        id_.edit_config("AKFTA", "OTHER")
        id_.comesh("reload")
        taken_all(kr.submit([document]))
        rows = wait_until(lambda: [row for row in reconcile(kr, "ID")[0]
                                   if row["difference"] == "refused"], "KR knows of the refusal")
        assert len(rows) == 1 and rows[0]["number"] == document["LPCO"]["ID"], rows
        assert document["LPCO"]["ID"] in run(kr, rows[0]["mend"]).stdout
        id_.edit_config("OTHER", "AKFTA")
        id_.comesh("reload")

    @step("a party that no card names is told so")
    def _():
        result = kr.comesh("reconcile", "XX", check=False)
        assert result.returncode == 66 and "no card of 'XX'" in result.stderr, result.stderr

    @step("resend makes the partner say hello again; nothing comes twice, and both log it")
    def _():
        size = kr.channel("ID", "incoming")["size"]
        kr.comesh("resend", "ID")
        assert "resend asked" in kr.log()
        id_.wait_log("resend asked by the partner")
        id_.wait_lane("KR")
        taken_all(id_.submit(certificates("ID", "KR", 1, first=50)))
        id_.wait_receipts("KR")
        assert kr.channel("ID", "incoming")["size"] > size

    @step("what was taken can be had again from the own log, as often as it takes")
    def _():
        channel = id_.channel("KR", "incoming")["channel"]
        id_.take_all()
        lines = id_.comesh("inbox", "--again", "--from", f"{channel}:1").stdout.splitlines()
        rows = [json.loads(line) for line in lines]
        assert [row["index"] for row in rows][:2] == [1, 2] and rows[0]["document"]["LPCO"]
        one = id_.comesh("inbox", "--again", "--from", f"{channel}:1", "--max", "1").stdout
        assert one.splitlines() == lines[:1]
        assert "inbox given again" in id_.log()
        for wrong in ("1", "x:1", "99:0", "1:2:3"):
            result = id_.comesh("inbox", "--again", "--from", wrong, check=False)
            assert result.returncode in (64, 66), (wrong, result.stderr)

    @step("a partner that is down cannot be asked: the lane's state, and what to do")
    def _():
        id_.stop()
        kr.wait_lane("ID", "connecting")
        for command in ("reconcile", "resend"):
            result = kr.comesh(command, "ID", check=False)
            assert result.returncode == 69, result.stderr
            assert "no lane with ID is open" in result.stderr and "comesh reload" in result.stderr
        id_.start()


with Mesh(("KR", "UY")) as mesh:
    kr, uy = mesh["KR"], mesh["UY"]

    @step("five thousand entries are compared page by page")
    def _():
        taken_all(kr.submit(certificates("KR", "UY", 5000, items=1)))
        kr.wait_receipts("UY", 120)
        uy.take_all()
        wait_until(lambda: reconcile(kr, "UY")[0] == [], "UY's verdicts are here", 120)
        rows, compared = reconcile(kr, "UY")
        assert rows == [] and compared >= 5000, compared


class Asked(Receiver):
    """A partner of version 2 whose answers are what a test says: `answer` makes a frame."""
    version = 2
    is_silent = False
    before = []  # frames that come before each answer

    def take_hello(self, frame):
        welcome = super().take_hello(frame)
        assert frame[1] == [4, 3, 2, 1], frame[1]
        welcome[0][1] = self.version
        return welcome

    def holds(self, question):
        _, number, origin, first, count = question
        items = self.log.items if origin == self.origin else []
        rows = []
        for entry, _ in items[first:first + count]:
            fields = lane_peer.entry_read(entry)
            rows.append([fields["operation"], fields["id"], "", fields["time_ms"],
                         sha256(b"\0" + entry), 0, False])
        return [HOLDS, number, len(items), rows]

    answer = holds

    def take(self, frame):
        if frame[0] != ASK:
            return super().take(frame)
        return [] if self.is_silent else self.before + [self.answer(frame)]


class AskedLane(Lane):
    """A lane of version 2: questions go to the receiver."""

    def take(self, data):
        frame = lane_peer.unpack(data)
        if frame[0] != ASK:
            super().take(data)
            return
        for answer in self.receiver.take(frame):
            self.send(answer)


with Mesh(("KR",)) as mesh:
    kr = mesh["KR"]
    kr_card = Card(kr.comesh("card", "export").stdout)
    peer = Party("UY", "aduana.gub.uy", f"tcp://127.0.0.1:{free_port()}")
    path = os.path.join(mesh.folder, "UY.card")
    with open(path, "w", encoding="utf-8") as file:
        file.write(peer.card.note)
    kr.comesh("card", "import", path, "--fingerprint", peer.card.fingerprint())
    lane_peer.Lane = AskedLane
    asked = Asked(peer, kr_card)
    listener = Listener(peer, kr_card, asked)

    def failure(command="reconcile"):
        result = kr.comesh(command, "UY", check=False)
        return result.returncode, result.stderr

    document = sample("kr-id-co.json")
    document["LPCO"]["GoodsShipment"]["Destination"]["CountryCode"] = "UY"

    @step("a peer of version 2 that is honest is compared with")
    def _():
        taken_all(kr.submit([document]))
        kr.wait_receipts("UY")
        rows, compared = reconcile(kr, "UY")
        assert compared == 1, compared
        same(rows, difference="not-taken", ours="stored", theirs="stored")

    def answered(change):
        """What KR says when the honest answer is changed."""
        def answer(question):
            frame = asked.holds(question)
            change(frame)
            return frame
        asked.answer = answer
        result = kr.comesh("reconcile", "UY", "--json", check=False)
        asked.answer = asked.holds
        return result

    @step("another leaf at an index is a fork, shown with the command that gives the proof")
    def _():
        def other_leaf(frame):
            for row in frame[3]:
                row[4] = bytes(32)
        rows = json.loads(answered(other_leaf).stdout)
        same(rows, difference="fork", index=0)
        run(kr, rows[0]["mend"])

    @step("what the partner has receipted and shows no more is lost, with the proof that it had it")
    def _():
        def nothing(frame):
            frame[2], frame[3] = 0, []
        rows = json.loads(answered(nothing).stdout)
        same(rows, difference="lost", index=0, direction="outgoing", theirs="-")
        run(kr, rows[0]["mend"])

    @step("an answer without its rows is refused with both figures")
    def _():
        def without(frame):
            frame[2], frame[3] = 700, frame[3][:0]
        result = answered(without)
        assert result.returncode == 65 and "700" in result.stderr and "256 were due" in \
            result.stderr, result.stderr

    @step("entries of ours that only the partner shows say that this store is old")
    def _():
        def more(frame):
            if frame[3]:
                frame[2] = 2
                frame[3].append([1, bytes(16), "\x1b[31mKR-1", 0, bytes(32), 0, False])
        result = answered(more)
        rows = [row for row in json.loads(result.stdout) if row["index"] == 1]
        same(rows, difference="missing", ours="-")
        assert len(rows) == 1, result.stdout

    @step("answers to questions that nobody asked are passed over")
    def _():
        strangers = [[HOLDS, number, 0, []] for number in (0, 1, 99, 2 ** 63 - 1)]
        asked.before = strangers
        assert reconcile(kr, "UY")[1] == 1
        assert reconcile(kr, "UY")[1] == 1
        asked.before = []
        assert kr.partner("UY")["outgoing"] == "open"

    @step("a partner that does not answer is waited for a while and no more")
    def _():
        asked.is_silent = True
        code, sentence = failure()
        asked.is_silent = False
        assert code == 69 and "did not answer" in sentence, sentence
        assert reconcile(kr, "UY")[1] == 1

    @step("a node can be asked no more than it answers in a second, and goes on")
    def _():
        sender = Sender(peer, kr_card)
        hello = sender.hello()
        hello[1] = [2, 1]
        answers = []

        class Asking(Lane):
            def take(self, data):
                frame = lane_peer.unpack(data)
                if frame[0] == lane_peer.WELCOME:
                    assert frame[1] == 2, frame
                    frame[1] = 1
                    data = pack(frame)
                if frame[0] == HOLDS:
                    answers.append(frame)
                else:
                    super().take(data)
        lane_peer.Lane = Asking
        with Dialler(peer, kr_card, sender) as dialler:
            dialler.lane.send(hello)
            assert dialler.until(lambda: sender.sent is not None)
            for number in range(500):
                dialler.lane.send([ASK, number, asked.origin, 0, 256])
            dialler.until(lambda: len(answers) >= 34, 5)
            assert 32 <= len(answers) <= 250, len(answers)
            assert {frame[2] for frame in answers} == {1}
            del answers[:]
            dialler.lane.send([ASK, 7, "test.coconnect.beacukai.go.id/KR/1", 0, 256])
            dialler.until(lambda: answers and answers[-1][1] == 7, 5)
            assert answers[-1] == [HOLDS, 7, 0, []], answers[-1]
            dialler.lane.send([ASK, 1, asked.origin, 0, 257])
            dialler.until(lambda: False, 5)
            assert sender.refusal[0] == lane_peer.MALFORMED, sender.refusal
        lane_peer.Lane = AskedLane

    @step("a row that is none ends the lane as malformed, and the node goes on")
    def _():
        def junk(frame):
            frame[3] = [[1, b"short", "", 0, bytes(32), 0, False]]
        result = answered(junk)
        assert result.returncode == 69, result.stderr
        assert kr.is_running()
        kr.wait_log("UY sent what is no frame: holds: message id")

    @step("a partner of version 1 goes on as before, and is told apart when it is to be asked")
    def _():
        global listener
        listener.close()
        kr.comesh("reload")  # the lane was ended for five minutes
        kr.wait_lane("UY", "connecting")
        asked.version, asked.open = 1, False
        listener = Listener(peer, kr_card, asked)
        kr.wait_lane("UY")
        document["LPCO"]["FunctionalReferenceID"] = str(uuid.uuid4())
        document["LPCO"]["ID"] = "KR-2026-2"
        taken_all(kr.submit([document]))
        kr.wait_receipts("UY")
        for command in ("reconcile", "resend"):
            code, sentence = failure(command)
            assert code in (69, 76), (code, sentence)
        assert "version 1" in failure()[1], failure()

    listener.close()

report()
