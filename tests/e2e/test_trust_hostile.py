"""A partner that is admitted and a party of an agreement, and what it may try with signed texts: old
ones again, ones that nobody asked for, those of others, too many. The partner speaks version 3 of
the lane in Python, from proto/README.md."""

import hashlib
import os
import sys
import time

import zmq
from zmq.utils import z85

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "peers"))

from lane_peer import AGREEMENT, CARD, HELLO, REFUSE, WELCOME, options
from lane_text import MALFORMED, Card, Party, pack, signature_line, split_note, unpack
from mesh import Mesh, certificates, report, step, taken_all, wait_until

TEXTS, WANT = 10, 11


def digest(note):
    return hashlib.sha256(note.encode()).digest()


def signed(party, body):
    return signature_line(party.card.key_name("identity"), party.signing["identity"], body)


def card_of_serial(party, serial):
    body = split_note(party.card.note)[0].replace("serial 1\n", f"serial {serial}\n")
    return body + "\n" + signed(party, body)


class Partner:
    """A DEALER that has said hello; its frames come as they are."""

    def __init__(self, me, other):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        options(self.socket, me)
        self.socket.curve_serverkey = z85.encode(other.keys["transport"][0])
        self.socket.connect(other.mesh)
        self.say([HELLO, [3], me.card.party, "test", me.origin_to(other), 0, 1,
                  int(time.time() * 1000)])
        assert self.next(WELCOME)[1] == 3

    def say(self, frame):
        self.socket.send(pack(frame))

    def next(self, *kinds, seconds=20):
        """The next frame of these kinds; others are passed over."""
        while self.socket.poll(int(seconds * 1000)):
            frame = unpack(self.socket.recv())
            if frame[0] in kinds:
                return frame
        raise AssertionError(f"no frame of kinds {kinds}")

    def tell(self, *texts):
        self.say([TEXTS, [list(text) for text in texts]])

    def close(self):
        self.socket.close(0)
        self.context.term()


with Mesh(("KR", "ID")) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]
    kr_card = Card(kr.comesh("card", "export").stdout)
    id_card = id_.comesh("card", "export").stdout
    me = Party("UY", "aduana.gub.uy")
    path = os.path.join(mesh.folder, "PTA.agreement")
    notes = {}

    def version(number, *options_of_new):
        """Both of us sign a version, by file."""
        kr.comesh("agreement", "new", "PTA", *options_of_new)
        kr.unlocked("agreement", "sign", "PTA", "--output", path)
        with open(path, encoding="utf-8") as file:
            note = file.read()
        note += signed(me, split_note(note)[0])
        with open(path, "w", encoding="utf-8") as file:
            file.write(note)
        kr.comesh("agreement", "import", path)
        notes[number] = kr.comesh("agreement", "export", f"PTA:{number}").stdout

    card_path = os.path.join(mesh.folder, "UY.card")
    with open(card_path, "w", encoding="utf-8") as card_file:
        card_file.write(me.card.note)
    kr.comesh("card", "import", card_path, "--fingerprint", me.card.fingerprint())
    kr.add_menu("PTA")
    version(1, "--name", "A pact", "--reference", "of tests", "--join", "UY", "--menu",
            os.path.join(kr.folder, "menus", "PTA-1.menu"))
    version(2, "--until", "2040-01-01")
    partner = Partner(me, kr_card)
    first = partner.next(TEXTS)[1]
    own_row = (CARD, "KR", int(kr_card.serial), digest(kr_card.note))

    @step("it is told what it may have: our card, its own, the versions it is in; of others nothing")
    def _():
        names = sorted((kind, name, number) for kind, name, number, _ in first)
        assert names == [(CARD, "KR", 1), (CARD, "UY", 1), (AGREEMENT, "PTA", 1),
                         (AGREEMENT, "PTA", 2)], names

    @step("an older version of an agreement and an older card are not asked for; a newer card is")
    def _():
        newer = card_of_serial(me, 3)
        partner.tell(own_row, (AGREEMENT, "PTA", 1, digest(notes[1])),
                     (CARD, "UY", 1, digest(me.card.note)), (CARD, "UY", 3, digest(newer)))
        want = partner.next(WANT)
        assert [row[:3] for row in want[1]] == [[CARD, "UY", 3]], want
        partner.say([CARD, newer.encode()])
        wait_until(lambda: kr.partner("UY")["serial"] == 3, "KR has the newer card")

    @step("a text that nobody asked for changes nothing, nor another one than was promised")
    def _():
        acts = len(kr.json("audit", "show"))
        partner.say([CARD, card_of_serial(me, 4).encode()])
        partner.say([AGREEMENT, notes[1].encode()])
        promised = card_of_serial(me, 5)
        partner.tell(own_row, (CARD, "UY", 5, digest(promised)))
        assert partner.next(WANT)[1][0][2] == 5
        partner.say([CARD, card_of_serial(me, 6).encode()])
        partner.say([CARD, promised.encode()])
        wait_until(lambda: kr.partner("UY")["serial"] == 5, "what was promised is taken")
        assert len(kr.json("audit", "show")) == acts + 1
        assert kr.json("agreement", "show", "PTA")["version"] == 2

    @step("a card that another made for it is refused, and said in the log")
    def _():
        thief = Party("UY", "aduana.gub.uy")
        forged = card_of_serial(thief, 9)
        partner.tell(own_row, (CARD, "UY", 9, digest(forged)))
        assert partner.next(WANT)[1][0][2] == 9
        partner.say([CARD, forged.encode()])
        kr.wait_log("text refused")
        assert kr.partner("UY")["serial"] == 5

    @step("texts of others are not given, whatever it wants; those that it may have are")
    def _():
        partner.say([WANT, [[CARD, "ID", 1, digest(id_card)],
                            [CARD, "KR", 1, digest(kr_card.note)],
                            [AGREEMENT, "PTA", 2, digest(notes[2])]]])
        assert partner.next(CARD, AGREEMENT)[1].decode() == kr_card.note
        assert partner.next(CARD, AGREEMENT)[1].decode() == notes[2]

    @step("a list that is too long, and one that is no list, end the lane with a sentence")
    def _():
        rows = [[CARD, "UY", number, bytes(32)] for number in range(1025)]
        partner.say([TEXTS, rows])
        assert partner.next(REFUSE)[1] == MALFORMED
        partner.say([WANT, [[7, "UY", 1, bytes(32)]]])
        assert partner.next(REFUSE)[1] == MALFORMED

    @step("an honest partner's certificates have gone on meanwhile, and the audit log holds")
    def _():
        taken_all(kr.submit(certificates("KR", "ID", 5)))
        kr.wait_receipts("ID")
        kr.comesh("audit", "verify")

    partner.close()

report()
