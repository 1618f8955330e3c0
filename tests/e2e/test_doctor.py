"""`comesh doctor`: faults are planted one by one, and each is found by name, with what to do."""

import base64
import fcntl
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "peers"))

import nacl.bindings
import nacl.pwhash
from doctor import FAILED, OK, WARNING, Changed, doctor, finds, is_well
from lane_peer import Dialler, Sender
from lane_text import Card, Party, signature_line, split_note, timestamp
from mesh import PASSPHRASE, Mesh, certificates, report, step, taken_all, wait_until


def secret_of(node, role):
    """The secret of a key file, opened as keys/README.md says."""
    with open(os.path.join(node.folder, "keys", f"{role}.key"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    fields = dict(line.split(" ", 1) for line in lines)
    key = nacl.pwhash.argon2id.kdf(32, PASSPHRASE, base64.b64decode(fields["salt"]), opslimit=2,
                                   memlimit=64 << 20)
    return nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
        base64.b64decode(fields["secret"]), "".join(f"{one}\n" for one in lines[:-1]).encode(),
        base64.b64decode(fields["nonce"]), key)


with Mesh(("KR", "ID")) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]
    kr.wait_lane("ID")
    identity = secret_of(kr, "identity")
    own_card = open(os.path.join(kr.folder, "cards", "own.card"), encoding="utf-8").read()

    def card_with(change):
        """The own card with its lines changed, signed again, as bytes."""
        body, _ = split_note(own_card)
        body = "".join(change(line) + "\n" for line in body.rstrip("\n").split("\n"))
        party = Party("KR", kr.domain, seeds={
            role: (identity if role == "identity" else os.urandom(32)).hex()
            for role in ("identity", "checkpoint", "receipt", "transport")}, card=own_card)
        return (body + "\n" + signature_line(party.card.key_name("identity"),
                                             party.signing["identity"], body)).encode()

    def until(role, seconds):
        """The card on which that role's key ends so many seconds from now."""
        end = timestamp(int(time.time()) + seconds)
        return card_with(lambda line: line.rsplit(" ", 1)[0] + f" {end}"
                         if line.startswith(f"{role} ") else line)

    def own(content):
        return Changed(kr, "cards/own.card", content)

    @step("of a node that runs and is well, every check says so")
    def _():
        is_well(kr)
        shown = kr.comesh("doctor").stdout
        assert "ok" in shown and "0 failed" in shown and "process" in shown, shown

    # ---- the running node ----

    @step("a partner that is not reached, and messages that wait too long, are found")
    def _():
        kr.option("link", "receipt_alarm", "10s")
        kr.comesh("reload")
        id_.stop()
        wait_until(lambda: any(row["check"] == "lane" and row["result"] == WARNING
                               for row in doctor(kr)), "the lane is found")
        taken_all(kr.submit(certificates("KR", "ID", 3)))
        wait_until(lambda: any(row["check"] == "queue" and row["result"] == FAILED
                               for row in doctor(kr)), "the queue is found")
        finds(kr, FAILED, "queue", "3 messages wait for ID since")
        id_.start()
        mesh.settle()
        kr.option("link", "receipt_alarm", "1h")
        kr.comesh("reload")
        is_well(kr)

    @step("a channel that is held is found, with its reason")
    def _():
        me = Party("UY", "aduana.gub.uy")
        path = os.path.join(mesh.folder, "UY.card")
        with open(path, "w", encoding="utf-8") as file:
            file.write(me.card.note)
        kr.comesh("card", "import", path, "--fingerprint", me.card.fingerprint())
        card = Card(own_card)
        sender, other = Sender(me, card), Sender(me, card)
        sender.add(b"\xc1 one")
        other.add(b"\xc1 other")
        with Dialler(me, card, sender) as dialler:
            assert dialler.hello() and dialler.flush(), sender.refusal
        with Dialler(me, card, other) as dialler:
            dialler.lane.send(other.hello())
            other.sent, other.credit = 0, 1 << 20
            dialler.lane.send(other.push())
            dialler.until(lambda: other.refusal, 5)
        wait_until(lambda: kr.channel("UY", "incoming")["held"], "the channel is held")
        finds(kr, FAILED, "channel", "incoming UY", "is held")
        finds(kr, WARNING, "partner card", "key of UY ends in")
        kr.comesh("card", "remove", "UY")
        for channel in kr.ask("channels"):
            if channel["held"]:
                kr.ask("release", channel["channel"])
        is_well(kr)

    @step("an act that was changed in the audit log is found")
    def _():
        name = "audit/log"
        with Changed(kr, name, lambda text: text.replace(b"card import", b"card remove", 1)):
            finds(kr, FAILED, "audit log")
        is_well(kr)

    @step("too few open files are found")
    def _():
        kr.stop()
        few = ("sh", "-c", 'ulimit -n 512; exec "$0" "$@"')
        finds(kr, WARNING, "limits", "open files", "512", prefix=few)

    # ---- the node does not run ----

    @step("a node that does not run is a warning, and one that has the store and is silent a failure")
    def _():
        finds(kr, WARNING, "node", "does not run")
        is_well(kr, "node")
        with open(os.path.join(kr.store, "lock"), "r+", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            finds(kr, FAILED, "node", "holds the store and does not answer")

    @step("a wrong configuration is found, and the rest left alone")
    def _():
        with Changed(kr, "comesh.zpl", b"node\n    party = K\n"):
            rows = doctor(kr)
        assert [(row["check"], row["result"]) for row in rows] == [("configuration", FAILED)], rows

    @step("a key file that others can read, is half, of another party, or away is found")
    def _():
        receipt = "keys/receipt.key"
        with Changed(kr, receipt, mode=0o644):
            row = finds(kr, FAILED, "key file", "receipt.key' can be reached by others (mode 0644)")
            assert "0600" in row["remedy"]
        with Changed(kr, receipt, lambda text: text[:100]):
            finds(kr, FAILED, "key file", "receipt.key'", "is not of a whole key file")
        with open(os.path.join(id_.folder, receipt), "rb") as file:
            other = file.read()
        with Changed(kr, receipt, other):
            finds(kr, FAILED, "key file", "receipt.key'", "ID")
        with Changed(kr, receipt):
            finds(kr, FAILED, "own keys", "the receipt key of the own card")
        os.chmod(os.path.join(kr.folder, "keys"), 0o755)
        finds(kr, WARNING, "keys", "can be entered by others (mode 0755)")
        os.chmod(os.path.join(kr.folder, "keys"), 0o700)
        is_well(kr, "node")

    @step("an identity key that is kept elsewhere is said, and is no fault")
    def _():
        with Changed(kr, "keys/identity.key"):
            finds(kr, OK, "identity key", "kept elsewhere")
            is_well(kr, "node")

    @step("a card that is damaged, or of another party, is found by its file")
    def _():
        with Changed(kr, "cards/partners/ID.card", lambda text: text.replace(b"serial", b"cereal")):
            finds(kr, FAILED, "cards", "ID.card")
        with open(os.path.join(id_.folder, "cards", "own.card"), "rb") as file:
            other = file.read()
        with own(other):
            rows = doctor(kr)
        assert any(row["result"] == FAILED and row["check"] in ("cards", "own card")
                   for row in rows), rows

    @step("keys that end soon are found 60 days before, and one that has ended")
    def _():
        with own(until("receipt", 61 * 86400)):
            is_well(kr, "node")
        with own(until("receipt", 59 * 86400 + 60)):
            row = finds(kr, WARNING, "key expiry", "last receipt key", "in 59 days")
            assert row["remedy"] == "comesh key rotate receipt"
        with own(until("transport", -60)):
            finds(kr, FAILED, "key expiry", "no transport key that is valid now")

    @step("a clock that is behind what was signed is found")
    def _():
        tomorrow = timestamp(int(time.time()) + 86400)
        with own(card_with(lambda line: f"issued {tomorrow}" if line.startswith("issued ")
                           else line)):
            finds(kr, FAILED, "clock", "the own card is of a later time")

    @step("a card that names an endpoint where nobody listens is found")
    def _():
        with Changed(kr, "comesh.zpl",
                     lambda text: text.replace(f":{kr.port}".encode(), b":1")):
            finds(kr, WARNING, "endpoint", "listens at another port: tcp://127.0.0.1:1")
        with Changed(kr, "comesh.zpl", lambda text: text.replace(b"    bind =", b"    # bind =")):
            finds(kr, FAILED, "endpoint", "listens nowhere")
        with own(card_with(lambda line: "https https://kr.example" if line.startswith("mesh ")
                           else line)):
            finds(kr, WARNING, "endpoint", "the card tells nobody")

    @step("too little room on the disk is found")
    def _():
        flags = "-m" if os.getuid() == 0 else "-rm"
        small = ("unshare", flags, "sh", "-c",
                 f'mount -t tmpfs -o size=16m none "{kr.store}" && exec "$0" "$@"')
        finds(kr, FAILED, "disk", "16 MiB free at", "at least 64 MiB", prefix=small)

    @step("what an interrupted write has left is found")
    def _():
        path = os.path.join(kr.folder, "keys", ".receipt.key.a1B2c3")
        open(path, "w", encoding="utf-8").close()
        finds(kr, WARNING, "leftovers", "1 unfinished file", ".receipt.key.a1B2c3")
        os.unlink(path)

    @step("a node without partners, and one without agreements, is told what it lacks")
    def _():
        with Changed(kr, "comesh.zpl", lambda text: text.split(b"agreement\n")[0]):
            finds(kr, WARNING, "agreement", "there is none")
        kr.comesh("card", "remove", "ID")
        finds(kr, WARNING, "partners", "nobody is trusted yet")
        kr.trust(id_)
        is_well(kr, "node")

    @step("an agreement that ends soon, is in its grace or has ended is found")
    def _():
        for code, days in (("SOON", 20.5), ("GRACE", 0), ("ENDED", 0)):
            kr.add_menu(code)
            menu = os.path.join(kr.folder, "menus", f"{code}-1.menu")
            end = timestamp(int(time.time() + days * 86400) + 20)
            mesh.agree_first(code, "--menu", menu, "--until", end, "--grace",
                             "0" if code == "ENDED" else "5")
        finds(kr, WARNING, "agreement", "SOON version 1 is in force, ends in 20 days")
        wait_until(lambda: any("ENDED version 1 is ended" in row["what"] for row in doctor(kr)),
                   "the agreement has ended")
        finds(kr, WARNING, "agreement", "GRACE version 1 is in its grace")
        finds(kr, FAILED, "agreement", "ENDED version 1 is ended, ended at")

report()
