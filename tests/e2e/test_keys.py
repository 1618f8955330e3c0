"""Own keys through their life, with the commands a person has: rotation with its dry run, revocation,
an identity key on a machine without network, and what was signed with the keys of before."""

import os
import re
import shutil
import signal
import subprocess

from mesh import (PASSPHRASE, ROOT, Mesh, Node, certificates, passphrase_pipe, report, step, taken_all,
                  wait_until)

DATA, NO_INPUT, DENIED, USAGE = 65, 66, 77, 64


def keyed(node, *arguments, check=True, passphrase=PASSPHRASE, folder=None):
    """A command that needs the passphrase of the key files."""
    read = passphrase_pipe(passphrase)
    result = subprocess.run(
        [os.path.join(node.programs, "comesh"), "-C", folder or node.folder,
         *map(str, arguments), "--passphrase-fd", str(read)], pass_fds=[read],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, env=node.environment())
    os.close(read)
    assert result.returncode != 99, result.stderr
    if check and result.returncode != 0:
        raise AssertionError(f"comesh {' '.join(map(str, arguments))} gave {result.returncode}: "
                             f"{result.stderr}{result.stdout}")
    return result


def fails(result, code, *words):
    said = result.stderr + result.stdout
    assert result.returncode == code, f"{result.returncode}: {said}"
    for word in words:
        assert word in said, f"'{word}' is not in: {said}"


def keys_of(node, role):
    return {row["key"]: row for row in node.json("key", "list") if row["role"] == role}


def states(node, role):
    return sorted(row["state"] for row in keys_of(node, role).values())


def exchange(mesh, first):
    """A certificate each way, receipted."""
    for at, (here, there) in enumerate([("KR", "ID"), ("ID", "KR")]):
        taken_all(mesh[here].submit(certificates(here, there, 3, first=first + 100 * at)))
    mesh.settle()


def holds_serial(node, party, serial):
    return node.json("card", "show", party)["serial"] == serial


with Mesh(("KR", "ID")) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]
    exchange(mesh, 1)

    @step("key list shows each role's key, its card and its file, without a passphrase")
    def _():
        rows = kr.json("key", "list")
        assert [row["role"] for row in rows] == ["identity", "checkpoint", "receipt", "transport"]
        for row in rows:
            assert row["state"] == "in use" and row["here"], row
            assert row["file"] == row["role"] + ".key" and row["last_serial"] == 1, row
        assert "checkpoint.key" in kr.comesh("key", "list").stdout

    @step("a dry run says who would be locked out, and changes nothing")
    def _():
        wait_until(lambda: kr.partner("ID")["known_serial"] == 1, "ID has said which card it holds")
        plan = kr.json("key", "rotate", "checkpoint", "--dry-run")
        assert not plan["done"] and plan["serial"] == 2, plan
        assert plan["partners"] == [{"party": "ID", "locked_out": False, "why": ""}], plan
        assert states(kr, "checkpoint") == ["in use"]
        plan = kr.json("key", "rotate", "checkpoint", "--overlap", "3650", "--dry-run")
        assert plan["partners"][0]["locked_out"], plan
        assert "ends at" in plan["partners"][0]["why"], plan

    @step("a rotated checkpoint key goes on a new card, which the partner takes")
    def _():
        keyed(kr, "key", "rotate", "checkpoint", "--overlap", "10")
        assert states(kr, "checkpoint") == ["in use", "retiring"]
        wait_until(lambda: holds_serial(id_, "KR", 2), "ID holds card 2 of KR")
        exchange(mesh, 1001)

    @step("a rotated receipt key likewise, and old receipts stay proof")
    def _():
        keyed(kr, "key", "rotate", "receipt")
        wait_until(lambda: holds_serial(id_, "KR", 3), "ID holds card 3 of KR")
        exchange(mesh, 2001)
        for node in (kr, id_):
            node.comesh("verify")

    @step("every version of a card is kept and shown")
    def _():
        assert [row["serial"] for row in id_.json("card", "list", "KR")] == [3, 2, 1]
        assert id_.json("card", "show", "KR", "--serial", "1")["serial"] == 1
        fails(id_.comesh("card", "show", "KR", "--serial", "9", check=False), NO_INPUT,
              "no card 9 of KR")

    @step("a revoked receipt key is replaced at once, never valid again, and what it signed is proof")
    def _():
        keyed(kr, "key", "revoke", "receipt", "--reason", "the disk was stolen", "--yes")
        assert "revoked" in states(kr, "receipt")
        wait_until(lambda: holds_serial(id_, "KR", 4), "ID holds card 4 of KR")
        wait_until(lambda: os.listdir(os.path.join(id_.folder, "cards", "revocations")),
                   "ID holds the revocation")
        exchange(mesh, 3001)

    @step("both stores are proven with keys that are retired, revoked or of cards that are gone")
    def _():
        id_.comesh("card", "remove", "KR")
        for node in (kr, id_):
            node.comesh("verify")
        path = os.path.join(mesh.folder, "KR-for-ID.card")
        digits = kr.json("card", "fingerprint")["digits"]
        fails(id_.comesh("card", "import", path, "--fingerprint", digits, check=False), DATA,
              "serial 1 is older than 4")
        id_.trust(kr)

    @step("nobody revokes by a slip: a reason and a yes are needed, and a key of the own cards")
    def _():
        fails(kr.comesh("key", "revoke", "receipt", check=False), USAGE, "--reason is missing")
        fails(kr.comesh("key", "revoke", "receipt", "--reason", "x", check=False), DENIED,
              "NOT REVOKED")
        fails(keyed(kr, "key", "revoke", "nonsense", "--reason", "x", "--yes", check=False),
              NO_INPUT, "is no role and no key")

    @step("a transport key of a node that listens needs an endpoint of its own")
    def _():
        fails(keyed(kr, "key", "rotate", "transport", check=False), USAGE, "--endpoint")
        taken = f"tcp://127.0.0.1:{kr.port}"
        fails(keyed(kr, "key", "rotate", "transport", "--endpoint", taken, check=False), USAGE,
              "is taken")

    @step("a wrong passphrase changes nothing")
    def _():
        before = kr.json("key", "list")
        fails(keyed(kr, "key", "rotate", "checkpoint", passphrase=b"wrong", check=False), DENIED,
              "passphrase")
        assert kr.json("key", "list") == before

    @step("two rotations at once wait for each other, and every key on the card has its file")
    def _():
        before = kr.json("card", "show")["serial"]
        read = [passphrase_pipe() for _ in range(2)]
        running = [subprocess.Popen(
            [os.path.join(kr.programs, "comesh"), "-C", kr.folder, "key", "rotate", "checkpoint",
             "--passphrase-fd", str(fd)], pass_fds=[fd], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=kr.environment())
            for fd in read]
        for process, fd in zip(running, read):
            _, said = process.communicate(timeout=120)
            os.close(fd)
            assert process.returncode == 0, said
        assert kr.json("card", "show")["serial"] == before + 2
        for row in keys_of(kr, "checkpoint").values():
            assert row["here"], row

    @step("a power cut in the middle of a rotation leaves the node's keys and card whole")
    def _():
        for at in range(1, 20):
            serial = kr.json("card", "show")["serial"]
            read = passphrase_pipe()
            died = subprocess.run(
                [os.path.join(kr.programs, "comesh"), "-C", kr.folder, "key", "rotate", "receipt",
                 "--passphrase-fd", str(read)], pass_fds=[read], stdin=subprocess.DEVNULL,
                capture_output=True, text=True,
                env=kr.environment({"COMESH_FAILPOINT": f"file.renamed:{at}"}))
            os.close(read)
            new = kr.json("card", "show")["serial"]
            assert died.returncode in (-9, 0) and new in (serial, serial + 1), died.stderr
            for row in kr.json("key", "list"):
                assert row["here"] or row["state"] in ("retired", "revoked"), row
            kr.comesh("key", "prune")
            kr.comesh("reload")
            if died.returncode == 0:
                break
        assert at > 2, "no write was cut"
        keyed(kr, "reload")
        exchange(mesh, 4001)

    @step("prune removes the secrets that are of no use, and no other")
    def _():
        keyed(kr, "key", "revoke", "receipt", "--reason", "lost", "--yes")
        would = kr.comesh("key", "prune", "--dry-run").stdout
        assert re.findall(r"would remove (\S+): revoked", would), would
        kr.comesh("key", "prune")
        assert not [row for row in keys_of(kr, "receipt").values()
                    if row["state"] == "revoked" and row["here"]]
        assert [row for row in kr.json("key", "list") if row["state"] == "in use" and row["here"]]

    @step("a key file that is truncated or that others can read is named")
    def _():
        scratch = os.path.join(mesh.folder, "scratch")
        shutil.copytree(kr.folder, scratch,
                        ignore=lambda _, names: [n for n in names if n.endswith(".socket")])
        path = os.path.join(scratch, "keys", "transport.key")
        with open(path, "r+", encoding="ascii") as file:
            file.truncate(120)
        copy = Node(mesh, "KR", "san")
        copy.folder = scratch
        fails(copy.comesh("key", "list", check=False), DATA, "transport.key", "whole key file")
        os.unlink(path)
        os.chmod(os.path.join(scratch, "keys", "receipt.key"), 0o644)
        fails(copy.comesh("key", "list", check=False), DENIED, "can be reached by others")

    @step("a key that is past its end is used no more, and list and log say so")
    def _():
        keyed(kr, "key", "rotate", "receipt", "--overlap", "0", "--from", "now")
        assert "expired" in states(kr, "receipt")
        os.kill(kr.process.pid, signal.SIGHUP)
        kr.wait_log('event="key ended" role=receipt')
        exchange(mesh, 5001)

    @step("every act is in the audit log")
    def _():
        text = kr.comesh("audit", "show").stdout
        for verb in ("key rotate", "key revoke", "key prune", "card own"):
            assert verb in text, f"{verb}: {text}"
        kr.comesh("audit", "verify")


def words_of(node, *name):
    return node.json("key", "request", *name)["words"]


with Mesh(("KR", "ID"), start=False) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]
    vault = os.path.join(mesh.folder, "vault")
    shutil.rmtree(kr.folder)

    def answer(name, words=None):
        """Carries a request to the vault and gives the signed file."""
        path = os.path.join(mesh.folder, name + ".request")
        kr.comesh("key", "request", name, "--output", path)
        keyed(kr, "key", "sign", path, "--fingerprint", words or words_of(kr, name), folder=vault)
        return path + ".signed"

    @step("an identity key is made on a machine of its own, and init takes its public half")
    def _():
        public = os.path.join(mesh.folder, "KR.identity")
        keyed(kr, "key", "new-identity", "--party", "KR", "--environment", "test",
              "--kdf", "interactive", "--output", public, folder=vault)
        kr.init("--identity", public)
        assert not os.path.exists(os.path.join(kr.folder, "keys", "identity.key"))
        fails(kr.comesh("card", "show", check=False), NO_INPUT, "comesh key request")
        said = kr.start_beside()
        assert "comesh key request" in said.stderr, said.stderr

    @step("the identity of another party or environment is refused")
    def _():
        public = os.path.join(mesh.folder, "ID.identity")
        keyed(kr, "key", "new-identity", "--party", "ID", "--environment", "test",
              "--kdf", "interactive", "--output", public, folder=os.path.join(mesh.folder, "v2"))
        fails(keyed(kr, "init", "--party", "KR", "--domain", "customs.go.kr", "--environment",
                    "test", "--name", "X", "--identity", public, check=False,
                    folder=os.path.join(mesh.folder, "other")), DENIED, "the identity of ID")

    @step("nothing is signed but what the node shows: a changed request, or one that nobody confirms")
    def _():
        path = os.path.join(mesh.folder, "changed.request")
        kr.comesh("key", "request", "--output", path)
        words = words_of(kr)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("customs.go.kr\n", "customs.go.kp\n", 1))
        fails(keyed(kr, "key", "sign", path, "--fingerprint", words, check=False, folder=vault),
              DATA, "NOT SIGNED")
        fails(keyed(kr, "key", "sign", path, check=False, folder=vault), DENIED, "NOT SIGNED")
        for bad in (text.replace("\n", "\r\n"), text + text, text[:100], "x" * (1 << 20)):
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(bad)
            fails(keyed(kr, "key", "sign", path, "--fingerprint", words, check=False,
                        folder=vault), DATA)

    @step("the card is signed there and imported here, and only what was asked for")
    def _():
        signed = answer("card-000001")
        with open(signed, encoding="utf-8") as file:
            note = file.read()
        fails(id_.comesh("key", "import", signed, check=False), DATA, "NOT IMPORTED")
        kr.comesh("key", "import", signed)
        fails(kr.comesh("key", "import", signed, check=False), DATA, "NOT IMPORTED")
        assert kr.comesh("card", "export").stdout == note

    @step("a node without its identity key runs, trusts and is trusted")
    def _():
        for name in os.listdir(os.path.join(id_.folder, "cards", "partners")):
            id_.comesh("card", "remove", name.split(".")[0])
        kr.trust(id_)
        id_.trust(kr)
        mesh.start()
        exchange(mesh, 1)

    @step("it rotates a key by files, and its card reaches the partner")
    def _():
        shown = keyed(kr, "key", "rotate", "checkpoint").stdout
        assert "not signed" in shown, shown
        assert "requested" in states(kr, "checkpoint")
        assert "would remove" not in kr.comesh("key", "prune", "--dry-run").stdout
        fails(keyed(kr, "key", "rotate", "checkpoint", check=False), DATA, "is there already")
        kr.comesh("key", "import", answer("card-000002"))
        assert kr.json("card", "show")["serial"] == 2
        wait_until(lambda: holds_serial(id_, "KR", 2), "ID holds card 2 of KR")

    @step("it revokes by files, the card before the revocation")
    def _():
        keyed(kr, "key", "revoke", "receipt", "--reason", "lost", "--yes")
        waiting = [name[:-len(".request")]
                   for name in sorted(os.listdir(os.path.join(kr.folder, "requests")))]
        assert len(waiting) == 2 and waiting[0] == "card-000003", waiting
        fails(kr.comesh("key", "request", check=False), DATA, "name one: card-000003, revocation")
        revocation = answer(waiting[1])
        fails(kr.comesh("key", "import", revocation, check=False), DATA, "card-000003 goes first")
        keyed(kr, "key", "import", answer(waiting[0]), revocation)
        assert "revoked" in states(kr, "receipt")
        wait_until(lambda: holds_serial(id_, "KR", 3), "ID holds card 3 of KR")
        exchange(mesh, 1001)

    def agree(code, before=None):
        """KR's proposal, CODE:VERSION, is signed in the vault, then by ID; both nodes take it."""
        path = os.path.join(mesh.folder, f"{code}.agreement")
        kr.comesh("agreement", "export", code, "--output", path)
        words = kr.json("agreement", "show", code)["fingerprint"]["words"]
        keyed(kr, "key", "sign", path, "--fingerprint", words,
              *(["--before", before] if before else []), folder=vault)
        kr.comesh("agreement", "import", path + ".signed")
        id_.comesh("agreement", "import", path + ".signed")
        id_.unlocked("agreement", "sign", code, "--output", path)
        kr.comesh("agreement", "import", path)
        for node in (kr, id_):
            assert node.json("agreement", "show", code)["state"] == "in force"
        return path

    def new_identity(name):
        public = os.path.join(mesh.folder, name)
        keyed(kr, "key", "new-identity", "--party", "KR", "--environment", "test",
              "--kdf", "interactive", "--output", public, folder=vault)
        kr.comesh("key", "rotate", "identity", "--identity", public)

    @step("an agreement is signed where the identity key is")
    def _():
        with open(os.path.join(ROOT, "proto", "menus", "akfta.menu"), encoding="utf-8") as file:
            menu = file.read().replace("menu AKFTA 1", "menu CKFTA 1")
        path = os.path.join(mesh.folder, "CKFTA.menu")
        with open(path, "w", encoding="utf-8") as file:
            file.write(menu)
        kr.comesh("agreement", "new", "CKFTA", "--name", "China-Korea FTA", "--reference", "P 3",
                  "--join", "ID", "--menu", path)
        agree("CKFTA:1")

    @step("a new identity is trusted when a new version names it, signed with the old key and the new")
    def _():
        new_identity("KR-2.identity")
        kr.comesh("key", "import", answer("card-000004"))
        exchange(mesh, 2001)
        assert holds_serial(id_, "KR", 3)
        kr.comesh("agreement", "new", "CKFTA", "--identity", "KR")
        agree("CKFTA:2", before=os.path.join(mesh.folder, "CKFTA:1.agreement"))
        wait_until(lambda: holds_serial(id_, "KR", 4), "ID takes card 4 of KR by itself")
        exchange(mesh, 3001)

    @step("a stolen identity revokes itself: the partner suspends the party, and takes nothing of it")
    def _():
        keyed(kr, "key", "revoke", "identity", "--reason", "the vault was opened", "--yes")
        waiting = [name[:-len(".request")] for name in os.listdir(os.path.join(kr.folder, "requests"))]
        kr.comesh("key", "import", answer(*waiting))
        wait_until(lambda: id_.json("card", "list", "KR")[0]["state"] == "suspended",
                   "ID suspends KR")
        wait_until(lambda: id_.partner("KR")["incoming"] != "open", "its lane closes")
        assert "suspended" in id_.comesh("partner", "list").stdout
        fails(id_.comesh("card", "import", os.path.join(mesh.folder, "KR-for-ID.card"),
                         "--fingerprint", "1" * 25, check=False), DATA, "NOT IMPORTED")

    @step("a person confirms its next identity, and all goes on; what was said before is proof")
    def _():
        new_identity("KR-3.identity")
        kr.comesh("key", "import", answer("card-000005"))
        id_.trust(kr)
        assert id_.json("card", "list", "KR")[0]["state"] == "in force"
        exchange(mesh, 4001)
        for node in (kr, id_):
            node.comesh("verify")

report()
