"""Pairing, with two people at two terminals: what they read to each other, who may stand between
them, and that nothing is trusted before both have confirmed."""

import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "peers"))

from lane_text import Party, pack
from mesh import PASSPHRASE, Mesh, certificates, passphrase_pipe, report, same_channel, step, \
    taken_all, wait_until
from pair_peer import CALLER, LISTENER, REFUSE, Ended, Server, Side, dial

DENIED, DATA, UNAVAILABLE, USAGE = 77, 65, 69, 64


class Terminal:
    """A person at a node's terminal, who runs `comesh pair`."""

    def __init__(self, node, *arguments, person="Kim Min-jun", extra=None):
        read = passphrase_pipe()
        self.process = subprocess.Popen(
            [os.path.join(node.programs, "comesh"), "-C", node.folder, "pair", "--person", person,
             "--passphrase-fd", str(read), *arguments],
            pass_fds=[read], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env=node.environment(extra))
        os.close(read)
        self.screen = ""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        while piece := os.read(self.process.stderr.fileno(), 4096):
            self.screen += piece.decode()

    def shows(self, pattern):
        return wait_until(lambda: re.search(pattern, self.screen, re.MULTILINE),
                          f"'{pattern}' on the screen:\n{self.screen}")

    def port(self):
        return int(self.shows(r"listening at 127\.0\.0\.1:(\d+)")[1])

    def words(self):
        return self.shows(r"^    ((?:[a-z]+ ){5}[a-z]+)$")[1]

    def digits(self):
        return self.shows(r"^    ((?:\d{5}-){4}\d{5})$")[1]

    def types(self, text):
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def walks_away(self):
        self.process.stdin.close()

    def ends(self, code, *words):
        ended = self.process.wait(timeout=60)
        self.reader.join()
        assert ended == code, f"{ended}, not {code}:\n{self.screen}"
        for word in words:
            assert word in self.screen, f"'{word}' is not in:\n{self.screen}"


def listen(node, **options):
    return Terminal(node, "--listen", "127.0.0.1:0", **options)


def call(node, port, **options):
    return Terminal(node, f"127.0.0.1:{port}", **options)


def nothing_is_trusted(node):
    assert node.json("partner", "list") == []
    assert not os.path.exists(os.path.join(node.folder, "pairing"))
    assert all(act["verb"] != "pair" for act in node.json("audit", "show"))


def minutes_of(node):
    folder = os.path.join(node.folder, "pairing")
    texts = []
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            texts.append(file.read())
        os.unlink(os.path.join(folder, name))
    os.rmdir(folder)
    return texts


def minutes_file(node):
    folder = os.path.join(node.folder, "pairing")
    return os.path.join(folder, os.listdir(folder)[0])


def pair(caller, listener):
    """Both people do as they should."""
    waiting = listen(listener, person="Siti Rahma")
    coming = call(caller, waiting.port())
    coming.types(waiting.words())
    waiting.types(coming.words())
    coming.ends(0, f"{listener.party} is a partner now")
    waiting.ends(0, f"{caller.party} is a partner now")


with Mesh(("KR", "ID"), start=False) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]
    for node, other in ((kr, "ID"), (id_, "KR")):
        node.comesh("card", "remove", other)

    # ---- whoever stands between ----

    def between():
        """KR calls somebody who poses as ID, and who calls ID posing as KR."""
        server = Server()
        coming, waiting = call(kr, server.port), listen(id_, person="Siti Rahma")
        as_id = Side(LISTENER, server.accept(), Party("ID", id_.domain), person="Siti Rahma")
        as_kr = Side(CALLER, dial(waiting.port()), Party("KR", kr.domain), person="Kim Min-jun")
        server.close()
        return coming, waiting, as_id, as_kr

    @step("a man in the middle who shows cards of his own makes the words differ, and both see it")
    def _():
        coming, waiting, as_id, as_kr = between()
        as_id.meet()
        as_kr.meet()
        assert coming.words() != waiting.words() and coming.digits() != waiting.digits()
        assert coming.digits() == as_id.digits() and waiting.digits() == as_kr.digits()
        coming.types(waiting.words())
        waiting.types(coming.words())
        coming.ends(DATA, "NOT PAIRED, and nothing is trusted", "the words differ")
        waiting.ends(DATA, "NOT PAIRED, and nothing is trusted", "the words differ")
        nothing_is_trusted(kr)
        nothing_is_trusted(id_)

    @step("he cannot confirm for anybody: his confirmation counts for the words that he made")
    def _():
        coming, waiting, as_id, as_kr = between()
        as_id.meet()
        as_kr.meet()
        as_id.confirm()
        as_kr.confirm()
        coming.types(waiting.digits())
        waiting.types(coming.digits())
        coming.ends(DATA, "NOT PAIRED")
        waiting.ends(DATA, "NOT PAIRED")
        nothing_is_trusted(kr)
        nothing_is_trusted(id_)

    @step("a nonce that he chooses after he has seen the other's is refused by the commitment")
    def _():
        server = Server()
        coming = call(kr, server.port)
        side = Side(LISTENER, server.accept(), Party("ID", id_.domain))
        committed = side.receive_commitment()
        side.send_commitment()
        side.receive_reveal(committed)
        side.reveal = side.make_reveal(nonce=bytes(32))
        side.send_reveal()
        coming.ends(DATA, "NOT PAIRED", "did not show what it had committed to")
        nothing_is_trusted(kr)

    @step("the listener shows nothing of its own to a caller who has not shown what it committed to")
    def _():
        waiting = listen(id_)
        side = Side(CALLER, dial(waiting.port()), Party("KR", kr.domain))
        side.send_commitment()
        side.receive_commitment()
        side.reveal = side.make_reveal()
        side.send_reveal()
        try:
            side.receive_reveal(b"")
            raise AssertionError("the listener has revealed")
        except Ended as ended:
            assert "committed" in str(ended)
        waiting.shows("still listening")
        waiting.process.terminate()
        waiting.process.wait()

    @step("what the caller says is thrown back at it, and is refused")
    def _():
        server = Server()
        coming = call(kr, server.port)
        mirror = Side(LISTENER, server.accept(), Party("ID", id_.domain))
        for _ in range(2):
            mirror.send(mirror.read(int.from_bytes(mirror.read(4), "big")))
        coming.ends(DATA, "did not show what it had committed to")
        nothing_is_trusted(kr)

    @step("a confirmation without the key of the run is refused")
    def _():
        waiting = listen(id_)
        side = Side(CALLER, dial(waiting.port()), Party("KR", kr.domain)).meet()
        side.key = bytes(32)
        side.confirm()
        waiting.ends(DATA, "NOT PAIRED", "was not made by the side whose words were compared")
        nothing_is_trusted(id_)

    # ---- people ----

    @step("other words on one side end it on both: one guess a run")
    def _():
        waiting = listen(id_, person="Siti Rahma")
        port = waiting.port()
        coming = call(kr, port)
        coming.types(waiting.words())
        coming.shows("confirmed here; waiting for Siti Rahma")
        waiting.types("zoom zoom zoom zoom zoom zoom")
        waiting.ends(DATA, "NOT PAIRED", "the words differ")
        coming.ends(DENIED, "NOT PAIRED", "the words that were typed are not those of this run")
        nothing_is_trusted(kr)
        nothing_is_trusted(id_)
        call(kr, port).ends(UNAVAILABLE, "refused")

    @step("who types yes, or a part, is asked again; who walks away ends it for both")
    def _():
        waiting = listen(id_)
        coming = call(kr, waiting.port())
        coming.types("yes")
        coming.shows("'yes' is none of the words")
        coming.types(" ".join(waiting.words().split()[:2]))
        coming.shows("2 words, where all 6 are needed")
        coming.walks_away()
        coming.ends(DENIED, "NOT PAIRED", "nobody typed")
        waiting.ends(DENIED, "NOT PAIRED", "the other side ended the pairing: nobody typed")
        nothing_is_trusted(kr)
        nothing_is_trusted(id_)

    @step("a side that is killed ends it for the other")
    def _():
        waiting = listen(id_)
        coming = call(kr, waiting.port())
        waiting.types(coming.words())
        waiting.shows("confirmed here")
        coming.process.kill()
        waiting.ends(UNAVAILABLE, "NOT PAIRED", "went away")
        coming.process.wait()
        nothing_is_trusted(id_)

    @step("a person must be named where nobody can be asked, and an address must be one")
    def _():
        assert kr.comesh("pair", check=False).returncode == USAGE
        result = kr.comesh("pair", "127.0.0.1:1", check=False, stdin="")
        assert result.returncode == USAGE and "--person" in result.stderr, result.stderr
        call(kr, "x").ends(DATA, "is no address")
        call(kr, 1, person="Kim\u202e").ends(USAGE, "printable")

    # ---- strangers, and people who meet all the same ----

    @step("who is silent, says rubbish or goes away again does not end the listener's run")
    def _():
        waiting = listen(id_, person="Siti Rahma")
        port = waiting.port()
        for rubbish in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\1\xc0", b"\xff" * 64):
            with socket.create_connection(("127.0.0.1", port)) as stranger:
                stranger.sendall(rubbish)
        wait_until(lambda: waiting.screen.count("still listening") == 4, "four are gone")
        side = Side(CALLER, dial(port), Party("KR", kr.domain))
        side.send_commitment()
        side.send(pack([REFUSE, "\x1b[2J\u202eha\nID is a partner now"]))
        waiting.shows(r"ended the pairing: \?\[2J\?ha\?ID is a partner now; still listening")
        with socket.create_connection(("127.0.0.1", port)):
            waiting.shows("said nothing more in time; still listening")
        coming = call(kr, port)
        coming.types(waiting.digits())
        waiting.types(coming.words().upper())
        coming.ends(0, "ID is a partner now")
        waiting.ends(0, "KR is a partner now")

    @step("both keep the same minutes, which both identity keys have signed, and the act is logged")
    def _():
        ours, theirs = minutes_of(kr), minutes_of(id_)
        assert ours == theirs and len(ours) == 1, ours
        text = ours[0]
        for line in ("comesh minutes v1", "listener ID", "person Siti Rahma", "caller KR",
                     "person Kim Min-jun",
                     "fingerprint " + kr.json("card", "fingerprint")["digits"],
                     "fingerprint " + id_.json("card", "fingerprint")["digits"]):
            assert f"{line}\n" in text, f"'{line}' is not in:\n{text}"
        assert text.count("\n\u2014 ") == 2, text
        for node, other in ((kr, "ID"), (id_, "KR")):
            assert [one["party"] for one in node.json("partner", "list")] == [other]
            assert node.json("audit", "show")[-1]["verb"] == "pair"

    @step("nodes that run take the partner over at once, and exchange certificates")
    def _():
        for node, other in ((kr, "ID"), (id_, "KR")):
            node.comesh("card", "remove", other)
            node.start()
        pair(id_, kr)
        kr.wait_lane("ID")
        taken_all(kr.submit(certificates("KR", "ID", 3)))
        mesh.settle()
        same_channel(kr, id_)
        assert minutes_of(kr) == minutes_of(id_)

    @step("on a terminal it asks for the name and the passphrase, and then for the words")
    def _():
        waiting = listen(id_, person="Siti Rahma")
        port = waiting.port()
        process, terminal = pty.fork()
        if process == 0:
            program = os.path.join(kr.programs, "comesh")
            os.execve(program, [program, "-C", kr.folder, "pair", f"127.0.0.1:{port}"],
                      kr.environment())
        answers = {"for the minutes: ": lambda: "Kim Min-jun",
                   "identity key of KR: ": PASSPHRASE.decode,
                   "Siti Rahma reads to you: ": waiting.words}
        shown = ""
        while True:
            try:
                shown += os.read(terminal, 4096).decode()
            except OSError:
                break
            for prompt in [one for one in answers if shown.endswith(one)]:
                os.write(terminal, answers.pop(prompt)().encode() + b"\n")
                if "reads" in prompt:
                    waiting.types(re.findall(r"^    (.*)\r$", shown, re.MULTILINE)[0])
        _, status = os.waitpid(process, 0)
        assert os.waitstatus_to_exitcode(status) == 0, shown
        assert PASSPHRASE.decode() not in shown and not answers, shown
        waiting.ends(0, "Kim Min-jun", "KR is a partner now")
        assert minutes_of(kr) == minutes_of(id_)

    @step("two who are partners already may pair again")
    def _():
        pair(kr, id_)
        assert minutes_of(kr) == minutes_of(id_)

    @step("another identity than the one that is held is refused before anybody is asked")
    def _():
        waiting = listen(id_)
        side = Side(CALLER, dial(waiting.port()), Party("KR", kr.domain)).meet()
        waiting.ends(DATA, "NOT PAIRED", "KR is held with another identity")
        try:
            side.receive_confirmation()
            raise AssertionError("confirmed")
        except Ended as ended:
            assert "held with another identity" in str(ended)

    @step("killed in the middle of any write, nothing is half there, and they pair again")
    def _():
        id_.comesh("card", "remove", "KR")
        failpoints = [f"{name}:{count}" for count in (1, 2, 3)
                      for name in ("file.written", "file.synced", "file.renamed")]
        killed = 0
        for failpoint in failpoints:
            waiting = listen(id_, person="Siti Rahma", extra={"COMESH_FAILPOINT": failpoint})
            coming = call(kr, waiting.port())
            coming.types(waiting.words())
            waiting.types(coming.words())
            coming.ends(0, "ID is a partner now")
            code = waiting.process.wait(timeout=60)
            killed += code == -signal.SIGKILL
            trusted = [one["party"] for one in id_.json("partner", "list")]
            kept = [one for one in id_.json("minutes", "list") if one["party"] == "KR"]
            assert not trusted or kept, f"{failpoint}: {trusted} without minutes"
        assert killed >= 6, f"killed {killed} times alone"  # minutes and card, and its version
        pair(kr, id_)
        assert [one["party"] for one in id_.json("partner", "list")] == ["KR"]
        for node in (kr, id_):
            shutil.rmtree(os.path.join(node.folder, "pairing"))

    @step("what is wrong with the own files is told here, and not to the other side")
    def _():
        damaged = os.path.join(id_.folder, "cards", "partners", "XX.card")
        with open(damaged, "w", encoding="utf-8") as file:
            file.write("damaged\n")
        waiting = listen(id_)
        coming = call(kr, waiting.port())
        waiting.ends(DATA, "NOT PAIRED", "XX.card")
        coming.ends(DENIED, "NOT PAIRED", "this side cannot take a card now")
        assert "XX.card" not in coming.screen
        os.unlink(damaged)

    @step("where the identity key is kept elsewhere, its signature is left out, and it is said")
    def _():
        key = os.path.join(kr.folder, "keys", "identity.key")
        os.rename(key, key + ".away")
        waiting = listen(id_)
        coming = Terminal(kr, f"127.0.0.1:{waiting.port()}", person="Kim")
        coming.types(waiting.words())
        waiting.types(coming.words())
        coming.ends(0, "the identity key is kept elsewhere", "signature of KR is missing")
        waiting.ends(0, "signed by ID; the signature of KR is missing")
        ours = minutes_file(kr)
        assert not kr.json("minutes", "list")[0]["signed_by_both"]
        elsewhere = os.path.join(mesh.folder, "elsewhere")  # a machine without network
        os.makedirs(os.path.join(elsewhere, "keys"))
        os.rename(key + ".away", os.path.join(elsewhere, "keys", "identity.key"))
        words = kr.json("minutes", "list")[0]["words"]
        read = passphrase_pipe()
        kr.comesh("-C", elsewhere, "key", "sign", ours, "--fingerprint", words, "--passphrase-fd",
                  read, pass_fds=[read])
        os.close(read)
        for node in (kr, id_):
            result = node.comesh("minutes", "import", ours + ".signed")
            assert "signed by ID and KR" in result.stderr, result.stderr
            assert node.json("minutes", "list")[0]["signed_by_both"]
        os.unlink(ours + ".signed")
        os.rename(os.path.join(elsewhere, "keys", "identity.key"), key)
        texts = minutes_of(kr)
        assert texts == minutes_of(id_) and texts[0].count("\n\u2014 ") == 2, texts

    # ---- a partner in another language ----

    @step("a side that was written from the document alone pairs, as caller and as listener")
    def _():
        peer = Party("UY", "aduana.gub.uy")
        waiting = listen(id_)
        side = Side(CALLER, dial(waiting.port()), peer, person="Ana").meet()
        assert waiting.digits() == side.digits() and waiting.words() == side.words()
        waiting.types(side.words())
        side.confirm()
        side.receive_confirmation()
        waiting.ends(0, "UY is a partner now")
        server = Server()
        coming = call(kr, server.port)
        side = Side(LISTENER, server.accept(), peer, person="Ana").meet()
        coming.types(side.digits())
        side.receive_confirmation()
        side.confirm()
        coming.ends(0, "UY is a partner now")
        assert kr.json("partner", "list")[1]["fingerprint"] == peer.card.fingerprint()

report()
