"""A party that was written from the protocol's document alone, in another language, is a partner like
any other, in both roles; and what it does wrong is refused with the reason and stored nowhere."""

import os
import subprocess
import sys
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "peers"))

import lane_peer
import lane_text
from lane_peer import PUSH, Dialler, Listener, Receiver, Sender
from lane_text import (CHANNEL, CLOCK, FORK, MALFORMED, NO_HELLO, ORDER, PARTY, ROOT, SIGNATURE,
                       VERDICT, VERSION, Card, Party, pack, unpack)
from mesh import Mesh, free_port, report, sample, step, taken_all, wait_until

PEER = os.path.join(os.path.dirname(os.path.abspath(lane_peer.__file__)), "lane_peer.py")
# Tags of an LPCO, proto/README.md
MESSAGE_ID, NUMBER, ISSUER, SHIPMENT, DESTINATION, COUNTRY = 2, 4, 8, 29, 2, 1


def party_new(code, domain, listens=False):
    return Party(code, domain, f"tcp://127.0.0.1:{free_port()}" if listens else "")


def trust(node, party):
    """The node imports the party's card, its fingerprint confirmed."""
    path = os.path.join(node.mesh.folder, f"{party.card.party}.card")
    with open(path, "w", encoding="utf-8") as file:
        file.write(party.card.note)
    node.comesh("card", "import", path, "--fingerprint", party.card.fingerprint())
    return path


def document_to(party, number):
    """A certificate of KR to that party, as JSON."""
    document = sample("kr-id-co.json")
    document["LPCO"]["FunctionalReferenceID"] = str(uuid.uuid4())
    document["LPCO"]["ID"] = number
    document["LPCO"]["GoodsShipment"]["Destination"]["CountryCode"] = party
    return document


def certificate(received, issuer, number):
    """A certificate of `issuer` to KR, made of one that KR sent: same goods, other parties."""
    document = unpack(received)
    message_id = uuid.uuid4()
    document[MESSAGE_ID], document[NUMBER], document[ISSUER] = str(message_id), number, issuer
    document[SHIPMENT][DESTINATION][COUNTRY] = "KR"
    return pack(document), message_id.bytes


def verdicts(receiver):
    """What the partner found about our entries: (first, count, remarks)."""
    found = []
    for entry, payload in receiver.log.items:
        if lane_text.entry_read(entry)["operation"] == VERDICT:
            verdict = unpack(payload)
            found.append((verdict[1], verdict[2], verdict.get(4, [])))
    return found


with Mesh(("KR",)) as mesh:
    kr = mesh["KR"]
    kr_card = Card(kr.comesh("card", "export").stdout)
    uy = party_new("UY", "aduana.gub.uy", listens=True)
    trust(kr, uy)
    from_kr = Receiver(uy, kr_card)
    to_kr = Sender(uy, kr_card)
    listener = Listener(uy, kr_card, from_kr)

    # ---- the ROUTER's role ----

    @step("a peer with a ROUTER is dialled, welcomes, stores and cosigns, and the receipt holds")
    def _():
        taken_all(kr.submit([document_to("UY", "KR-2026-1")]))
        kr.wait_receipts("UY")
        channel = kr.channel("UY", "outgoing")
        assert channel["size"] == from_kr.log.tree.size == 1
        assert bytes(channel["root"]) == from_kr.log.tree.root()
        assert kr.message("KR-2026-1")["stored"]

    @step("a peer that was away gets what was said meanwhile, and nothing twice")
    def _():
        global listener
        listener.close()
        kr.wait_lane("UY", "connecting")
        taken_all(kr.submit([document_to("UY", "KR-2026-2")]))
        from_kr.open = False
        listener = Listener(uy, kr_card, from_kr)
        kr.wait_receipts("UY")
        assert from_kr.log.tree.size == 2

    # ---- the DEALER's role ----

    @step("a peer with a DEALER is admitted, pushes, and gets a receipt that it can verify")
    def _():
        payload, message_id = certificate(from_kr.log.items[0][1], "UY", "UY-2026-1")
        to_kr.add(payload, message_id=message_id, agreement="AKFTA")
        with Dialler(uy, kr_card, to_kr) as dialler:
            assert dialler.hello() and dialler.flush(), to_kr.refusal
        assert lane_text.checkpoint_read(to_kr.log.note)[1] == 1
        assert kr.message("UY-2026-1")["outcome"] == "accepted"

    @step("the verdict on it comes back as an entry of the node's own channel")
    def _():
        wait_until(lambda: any(first == 0 and count >= 1 and not remarks
                               for first, count, remarks in verdicts(from_kr)),
                   "KR's verdict on entry 0")

    @step("a payload that nobody can read is stored, receipted and refused by verdict")
    def _():
        to_kr.add(b"\xc1 no document")
        with Dialler(uy, kr_card, to_kr) as dialler:
            assert dialler.hello() and dialler.flush(), to_kr.refusal
        remarks = wait_until(lambda: [remark for _, _, remarks in verdicts(from_kr)
                                      for remark in remarks if remark[1] == 1],
                             "KR's verdict on entry 1")
        assert remarks[0][2] == 2 and remarks[0][6], remarks

    @step("entries that the node holds already may be pushed again: the same receipt, nothing twice")
    def _():
        size = kr.channel("UY", "incoming")["size"]
        with Dialler(uy, kr_card, to_kr) as dialler:
            assert dialler.hello()
            to_kr.sent = 0
            dialler.lane.send(to_kr.push())
            time.sleep(0.2)
            dialler.poll(1)
        assert to_kr.refusal is None, to_kr.refusal
        assert kr.channel("UY", "incoming")["size"] == size

    @step("a thousand entries in many frames arrive in their order")
    def _():
        for number in range(1000):
            to_kr.add(b"\xc1" + bytes(2000) + str(number).encode())
        with Dialler(uy, kr_card, to_kr) as dialler:
            assert dialler.hello() and dialler.flush(60), to_kr.refusal
        rows = kr.rows_of("entries", "UY", "incoming")
        assert [bytes(row["entry"]) for row in rows] == [entry for entry, _ in to_kr.log.items]

    # ---- both over one lane ----

    @step("a peer that cannot listen gets the node's channel over the lane that it opened")
    def _():
        me = party_new("ID", "beacukai.go.id")
        trust(kr, me)
        receiver, sender = Receiver(me, kr_card), Sender(me, kr_card)
        taken_all(kr.submit([document_to("ID", "KR-2026-3")]))
        sender.add(b"\xc1")
        with Dialler(me, kr_card, sender, receiver) as dialler:
            assert dialler.hello() and dialler.flush(), sender.refusal
            assert dialler.until(lambda: receiver.log.tree.size >= 2), receiver.log.tree.size
            assert dialler.until(lambda: kr.channel("ID", "outgoing")["receipt_size"] >= 2)
        assert kr.message("KR-2026-3")["stored"]

    @step("the peer works as a command, and keeps its logs from one run to the next")
    def _():
        folder = os.path.join(mesh.folder, "peer")
        card = os.path.join(mesh.folder, "kr.card")
        with open(card, "w", encoding="utf-8") as file:
            file.write(kr_card.note)

        def run(*arguments):
            result = subprocess.run([sys.executable, PEER, *arguments], capture_output=True,
                                    text=True, check=False, timeout=60)
            assert result.returncode == 0, result.stderr
            return result.stdout
        digits = run("init", folder, "--party", "PY", "--domain", "aduana.gov.py").strip()
        kr.comesh("card", "import", os.path.join(folder, "own.card"), "--fingerprint", digits)
        for size in (1, 2):
            note = run("send", folder, card, card)
            assert lane_text.checkpoint_read(note)[1] == size, note

    # ---- what it does wrong ----

    hostile = iter(["AR", "BR", "CL", "BO", "PE", "EC", "CO", "VE", "MX", "PA", "CR", "NI"])

    def refused_hello(change):
        """A hello that was tampered with; gives the refusal."""
        code = next(hostile)
        me = party_new(code, f"customs.{code.lower()}")
        trust(kr, me)
        sender = Sender(me, kr_card)
        with Dialler(me, kr_card, sender) as dialler:
            hello = sender.hello()
            change(hello)
            dialler.lane.send(hello)
            dialler.until(lambda: False)
        assert sender.refusal is not None and sender.refusal[1], "no refusal"
        assert kr.channel(code, "incoming") is None
        return sender.refusal

    @step("a hello in another party's name is refused by name of both")
    def _():
        code, sentence, _ = refused_hello(lambda hello: hello.__setitem__(2, "UY"))
        assert code == PARTY and "UY" in sentence, sentence

    @step("a hello for another's channel is refused")
    def _():
        def change(hello):
            hello[4] = "test.coconnect.aduana.gub.uy/KR/1"
        assert refused_hello(change)[0] == CHANNEL

    @step("a hello of versions that nobody speaks is refused")
    def _():
        assert refused_hello(lambda hello: hello.__setitem__(1, [9, 8]))[0] == VERSION

    @step("a clock ahead by more than five minutes is refused with both times")
    def _():
        def change(hello):
            hello[7] += 301_000
        code, sentence, _ = refused_hello(change)
        assert code == CLOCK and sentence.count("T") >= 2, sentence

    def refused_push(change):
        """Pushes a good entry, then a frame that was tampered with, of which nothing may be stored;
        gives the refusal's code, the channel, and who did it."""
        code = next(hostile)
        me = party_new(code, f"customs.{code.lower()}")
        trust(kr, me)
        sender = Sender(me, kr_card)
        sender.add(b"\xc1 good")
        with Dialler(me, kr_card, sender) as dialler:
            assert dialler.hello() and dialler.flush(), sender.refusal
            sender.add(b"\xc1 next")
            sender.add(b"\xc1 last")
            dialler.lane.send(change(sender.push(), sender))
            dialler.until(lambda: False)
        assert sender.refusal is not None and sender.refusal[1], "no refusal"
        channel = kr.channel(code, "incoming")
        assert channel["size"] == 1, channel
        return sender.refusal[0], channel, me, sender

    def held_after(change, *codes):
        code, _, me, _ = refused_push(change)
        assert code in codes, code

        def reason():
            channel = kr.channel(me.card.party, "incoming")
            return channel["held"] and channel["held_reason"]
        return wait_until(reason, "the channel is held")

    @step("an entry out of order is refused, and the good one is taken after it")
    def _():
        def skip(push, _):
            return [PUSH, push[1] + 1, push[2][1:], push[3]]
        code, channel, me, sender = refused_push(skip)
        assert code == ORDER and not channel["held"], (code, channel)
        sender.refusal = None
        with Dialler(me, kr_card, sender) as dialler:
            assert dialler.hello() and dialler.flush(), sender.refusal

    @step("a wrong root holds the channel with the reason")
    def _():
        def other_root(push, sender):
            tree = sender.log.tree_of(3)
            tree.edge[-1] = (tree.edge[-1][0], bytes(32))
            return push[:3] + [lane_text.checkpoint_sign(sender.me, sender.origin, tree).encode()]
        held_after(other_root, ROOT)

    @step("a wrong signature holds the channel with the reason")
    def _():
        def other_key(push, sender):
            stranger = party_new("ZZ", sender.me.card.domain)
            note = lane_text.checkpoint_sign(stranger, sender.origin, sender.log.tree_of(3))
            return push[:3] + [note.encode()]
        held_after(other_key, SIGNATURE)

    @step("other content at a known index holds the channel, and the partner is told that it is held")
    def _():
        def rewrite(_, sender):
            other = Sender(sender.me, sender.partner)
            for text in (b"\xc1 other", b"\xc1 next"):
                other.add(text)
            other.sent, other.credit = 0, 1 << 20
            return other.push()
        held_after(rewrite, FORK)

    @step("a push before hello is told to say hello")
    def _():
        code = next(hostile)
        me = party_new(code, f"customs.{code.lower()}")
        trust(kr, me)
        sender = Sender(me, kr_card)
        sender.add(b"\xc1")
        sender.sent, sender.credit = 0, 1 << 20
        with Dialler(me, kr_card, sender) as dialler:
            dialler.lane.send(sender.push())
            dialler.until(lambda: False)
        assert sender.refusal[0] == NO_HELLO, sender.refusal

    @step("bytes that are no frame are refused as malformed, and the node goes on")
    def _():
        code = next(hostile)
        me = party_new(code, f"customs.{code.lower()}")
        trust(kr, me)
        sender = Sender(me, kr_card)
        for junk in (os.urandom(1000), b"\xdd\xff\xff\xff\xff", b"\x91" * 5000, b"\xdf\x00\x0f\xff\xff",
                     pack([1, 2, 3]), pack([99]), b"\x94\x01\xc0\xc0"):
            sender.refusal = None
            with Dialler(me, kr_card, sender) as dialler:
                dialler.socket.send(junk)
                dialler.until(lambda: False)
            assert sender.refusal and sender.refusal[0] == MALFORMED, (junk, sender.refusal)
        assert kr.is_running()

    @step("a message of many frames ends the connection and its sender is turned away")
    def _():
        code = next(hostile)
        me = party_new(code, f"customs.{code.lower()}")
        trust(kr, me)
        cut = kr.metric("frames_cut")
        with Dialler(me, kr_card) as dialler:
            dialler.socket.send_multipart([b"x"] * 100)
            wait_until(lambda: kr.metric("frames_cut") > cut, "the message is cut")
        wait_until(lambda: "turned away" in kr.partner(code)["trouble"], "the status says so")
        kr.wait_lane("UY")

    listener.close()

report()
