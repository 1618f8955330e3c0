"""Keys change over while a mesh works: each role under load both ways, with nothing lost, doubled or
refused; a partner that is down through it; keys that end by their dates; a node that is not given
the passphrase of a new key."""

import base64
import hashlib
import os
import threading
import time

from mesh import (Mesh, certificates, free_port, number_of, passphrase_pipe, report, same_channel,
                  step, taken_all, wait_until)

BATCH = 50
SIGNATURES = {"checkpoint": b"\x01", "receipt": b"\x04"}


def with_passphrase(node, *arguments, check=True):
    """A command that asks for the passphrase."""
    read = passphrase_pipe()
    result = node.comesh(*arguments, "--passphrase-fd", read, pass_fds=[read], check=check)
    os.close(read)
    return result


def rotate(node, role, *options):
    """A new key of a role; for transport at a port of its own, which is bound at once."""
    if role == "transport":
        endpoint = f"tcp://127.0.0.1:{free_port()}"
        node.edit_config("link\n", f"link\n    bind = {endpoint}\n")
        options = (*options, "--endpoint", endpoint)
    with_passphrase(node, "key", "rotate", role, *options)
    return node.json("card", "show")["serial"]


def ends_in(seconds):
    """Options that let the old key end so soon: the new one began a day before that."""
    begin = time.time() - 86400 + seconds
    return "--overlap", "1", "--from", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begin))


def keys(node, role):
    """The public keys of a role on the node's card, the newest first."""
    rows = [row for row in node.json("key", "list")
            if row["role"] == role and row["state"] in ("in use", "retiring")]
    return [row["key"] for row in sorted(rows, key=lambda row: row["from"], reverse=True)]


def signer(note, node, role):
    """Which key of the node's card made the note's signature of that role."""
    name = f"test.coconnect.{node.domain}/{role}"
    ids = {base64.b64decode(line.split(" ")[2])[:4]
           for line in note.decode().splitlines() if line.startswith(f"— {name} ")}
    for key in keys(node, role):
        digest = hashlib.sha256(name.encode() + b"\n" + SIGNATURES[role] + base64.b64decode(key))
        if digest.digest()[:4] in ids:
            return key
    return None


def last_receipt(node, partner):
    """The note under the whole of our channel to a partner, signed by both."""
    channel = node.wait_receipts(partner)
    return node.ask("entries", channel["channel"], channel["size"] - 1, 1)[0]["receipt"]


def ports(node):
    """Where the node serves its transport keys, the last one bound first."""
    with open(node.config, encoding="utf-8") as file:
        return [int(line.rsplit(":", 1)[1]) for line in file if line.strip().startswith("bind =")]


def connected(node, port):
    """Whether the node's process has a connection to that port of this machine."""
    folder = f"/proc/{node.process.pid}/fd"
    inodes = set()
    for one in os.listdir(folder):
        try:
            inodes.add(os.readlink(os.path.join(folder, one)))
        except OSError:
            pass
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table.readlines()[1:]]
    return any(int(row[2].split(":")[1], 16) == port and row[3] == "01"
               and f"socket:[{row[9]}]" in inodes for row in rows)


def said(node, partner, operation="send-co"):
    return [row for row in node.rows_of("messages", partner, "outgoing")
            if row["operation"] == operation]


def carries(node, partner, count):
    """Until the channel carries so many cards, all receipted."""
    wait_until(lambda: len(said(node, partner, "card")) == count,
               f"the channel to {partner} carries {count} cards")
    node.wait_receipts(partner)


class Load:
    """Certificates both ways without a pause, until the block ends; then all of them are there
    once, accepted, and both ends hold the same."""

    serials = iter(range(1, 1_000_000))

    def __init__(self, one, other):
        self.pairs = [(one, other), (other, one)]
        self.sent = {(a.party, b.party): [] for a, b in self.pairs}
        self.stop = threading.Event()
        self.problems = []

    def run(self, sender, receiver):
        try:
            while not self.stop.is_set():
                batch = certificates(sender.party, receiver.party, BATCH,
                                     first=next(self.serials) * BATCH)
                taken_all(sender.submit(batch))
                self.sent[(sender.party, receiver.party)] += [number_of(one) for one in batch]
        except Exception as problem:
            self.problems.append(problem)

    def goes_on(self, batches=3):
        """Until so many more are sent in each direction."""
        at = {pair: len(sent) + batches * BATCH for pair, sent in self.sent.items()}
        wait_until(lambda: self.problems or all(len(self.sent[pair]) >= at[pair] for pair in at),
                   "the load goes on")

    def __enter__(self):
        self.threads = [threading.Thread(target=self.run, args=pair) for pair in self.pairs]
        for thread in self.threads:
            thread.start()
        self.goes_on()
        return self

    def __exit__(self, kind, value, trace):
        self.stop.set()
        for thread in self.threads:
            thread.join()
        assert not self.problems, self.problems
        for sender, receiver in self.pairs:
            wait_until(lambda: all(row["outcome"] == "accepted"
                                   for row in said(sender, receiver.party)),
                       f"{receiver.party} accepts all of it")
        mesh.settle()
        for sender, receiver in self.pairs:
            same_channel(sender, receiver)
            got = [row["number"] for row in said(sender, receiver.party)]
            assert len(got) == len(set(got)), "something is there twice"
            assert set(self.sent[(sender.party, receiver.party)]) <= set(got), "something is lost"


def without_trouble(*nodes):
    """Nothing was held or refused at any time, and no connection dropped but for a better one."""
    for node in nodes:
        for line in node.log().splitlines():
            for words in ("channel held", "refused", "all connections dropped"):
                assert words not in line, f"{node.party}: {line}"


with Mesh(("KR", "ID", "UY")) as mesh:
    kr, id_, uy = mesh["KR"], mesh["ID"], mesh["UY"]
    for node in (kr, id_, uy):
        for other in (kr, id_, uy):
            if node is not other:
                node.wait_lane(other.party)

    @step("a checkpoint key changes over under load: the channel carries the card, then signs anew")
    def _():
        old = keys(kr, "checkpoint")[0]
        with Load(kr, id_) as load:
            serial = rotate(kr, "checkpoint")
            carries(kr, "ID", 1)
            load.goes_on()
        new, before = keys(kr, "checkpoint")
        assert before == old and new != old
        assert signer(last_receipt(kr, "ID"), kr, "checkpoint") == new
        index = said(kr, "ID", "card")[0]["index"]
        channel = kr.channel("ID", "outgoing")["channel"]
        under = kr.ask("entries", channel, index, 1)[0]["receipt"]
        assert signer(under, kr, "checkpoint") == old, "the old key signs the entry of the card"
        assert id_.partner("KR")["serial"] == serial

    @step("a receipt key changes over under load")
    def _():
        old = keys(kr, "receipt")[0]
        with Load(kr, id_) as load:
            rotate(kr, "receipt")
            carries(kr, "ID", 2)
            load.goes_on()
        assert keys(kr, "receipt")[1] == old
        assert signer(last_receipt(id_, "KR"), kr, "receipt") == keys(kr, "receipt")[0]

    @step("a transport key changes over under load: a second port serves it, and ID moves there")
    def _():
        with Load(kr, id_) as load:
            rotate(kr, "transport")
            carries(kr, "ID", 3)
            wait_until(lambda: kr.log().count('event="bound"') == 2, "the second port")
            wait_until(lambda: connected(id_, ports(kr)[0]), "ID dials the new port")
            load.goes_on()
        for node, other in ((kr, id_), (id_, kr)):
            node.wait_lane(other.party)

    @step("nothing was held or refused meanwhile, at either side")
    def _():
        without_trouble(kr, id_)

    @step("what was said under the old keys proves at both ends")
    def _():
        for node in (kr, id_):
            node.comesh("verify")

    @step("a node that is not given the passphrase goes on with its old key, and says so")
    def _():
        old = keys(uy, "checkpoint")[0]
        wrong = passphrase_pipe(b"not the passphrase")
        rotated = uy.comesh("key", "rotate", "checkpoint", "--passphrase-fd", wrong,
                            pass_fds=[wrong], check=False)
        os.close(wrong)
        assert rotated.returncode != 0 and len(keys(uy, "checkpoint")) == 1, rotated
        taken_all(uy.submit(certificates("UY", "KR", 1)))
        assert signer(last_receipt(uy, "KR"), uy, "checkpoint") == old

    @step("a key whose node was stopped while it was made is unlocked at its start")
    def _():
        uy.stop()
        rotate(uy, "checkpoint")
        rotate(uy, "receipt")
        uy.start()
        uy.wait_lane("KR")
        carries(uy, "KR", 1)
        taken_all(uy.submit(certificates("UY", "KR", 1, first=2)))
        assert signer(last_receipt(uy, "KR"), uy, "checkpoint") == keys(uy, "checkpoint")[0]

    @step("a reload without a passphrase leaves a new key locked; one with it unlocks it")
    def _():
        path = os.path.join(uy.folder, "cards", "own.card")
        with open(path, encoding="utf-8") as file:
            before = file.read()
        control = os.path.join(uy.folder, "control.socket")
        os.rename(control, control + ".away")  # the command believes that the node does not run
        rotate(uy, "checkpoint")
        os.rename(control + ".away", control)
        locked = uy.comesh("reload")
        assert "1 new key of its card is locked" in locked.stderr, locked.stderr
        wrong = passphrase_pipe(b"not the passphrase")
        refused = uy.comesh("reload", "--passphrase-fd", wrong, pass_fds=[wrong], check=False)
        os.close(wrong)
        assert refused.returncode != 0 and "passphrase" in refused.stderr, refused
        unlocked = with_passphrase(uy, "reload")
        assert "locked" not in unlocked.stderr, unlocked.stderr
        carries(uy, "KR", 2)
        taken_all(uy.submit(certificates("UY", "KR", 1, first=3)))
        assert signer(last_receipt(uy, "KR"), uy, "checkpoint") == keys(uy, "checkpoint")[0]
        assert open(path, encoding="utf-8").read() != before

    @step("a partner that is down through the whole change-over gets the card with the backlog")
    def _():
        id_.stop()
        old = keys(kr, "checkpoint")[0]
        taken_all(kr.submit(certificates("KR", "ID", 200, first=900_000)))
        serial = rotate(kr, "checkpoint")
        rotate(kr, "receipt")
        taken_all(kr.submit(certificates("KR", "ID", 200, first=901_000)))
        id_.start()
        carries(kr, "ID", 4)
        taken_all(kr.submit(certificates("KR", "ID", 1, first=902_000)))
        same_channel(kr, id_)
        same_channel(id_, kr)
        assert signer(last_receipt(kr, "ID"), kr, "checkpoint") == keys(kr, "checkpoint")[0] != old
        assert id_.partner("KR")["serial"] == serial + 1
        without_trouble(kr)

    @step("a new port that nobody reaches: partners go on over the old one, and the log says why")
    def _():
        shut = free_port()
        with_passphrase(uy, "key", "rotate", "transport", "--endpoint", f"tcp://127.0.0.1:{shut}")
        serial = uy.json("card", "show")["serial"]
        wait_until(lambda: kr.partner("UY")["serial"] == serial, "KR has the new card")
        uy.wait_log("no bind serves a transport key of our card")
        kr.wait_lane("UY")
        taken_all(kr.submit(certificates("KR", "UY", 1, first=903_000)))
        kr.wait_receipts("UY")
        assert connected(kr, ports(uy)[0])

    @step("an old key ends by its date: its port closes, and the traffic goes on")
    def _():
        first = ports(id_)[0]
        with Load(kr, id_) as load:
            rotate(id_, "transport", *ends_in(12))
            rotate(id_, "checkpoint", *ends_in(12))
            rotate(id_, "receipt", *ends_in(12))
            id_.wait_log("its key is over")
            wait_until(lambda: all(len(keys(id_, role)) == 1
                                   for role in ("checkpoint", "receipt", "transport")),
                       "the old keys are over")
            load.goes_on()
        assert connected(kr, ports(id_)[0]) and not connected(kr, first)
        without_trouble(kr, id_)

    @step("every store proves again, with the keys of the time")
    def _():
        for node in (kr, id_, uy):
            node.comesh("verify")

report()
