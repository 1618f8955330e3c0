"""Secrets: nowhere but in locked memory and sealed files. What a core of the node would hold, what
the passphrase commands do when they are killed, and that nothing secret is said, passed or logged.
To look into the memory of a node takes root; without it those steps say so and are passed over."""

import base64
import hashlib
import os
import pty
import signal
import subprocess

import nacl.bindings
import nacl.pwhash
from zmq.utils import z85

from mesh import PASSPHRASE, Mesh, certificates, passphrase_pipe, report, step, taken_all, \
    wait_until

ROLES = ("identity", "checkpoint", "receipt", "transport")
SIGNING = ("checkpoint", "receipt")  # the identity is not read by the node
NEW = b"staple battery horse correct"
DENIED, CONFIG, NO_INPUT = 77, 78, 66
DEFAULT_FILTER = 0x33  # core(5): private and shared anonymous memory, ELF headers, huge pages


def key_path(node, role):
    return os.path.join(node.folder, "keys", f"{role}.key")


def secret_of(node, role, passphrase=PASSPHRASE):
    """The secret of a key file, opened as keys/README.md says."""
    with open(key_path(node, role), encoding="utf-8") as file:
        lines = file.read().splitlines()
    fields = dict(line.split(" ", 1) for line in lines)
    key = nacl.pwhash.argon2id.kdf(32, passphrase, base64.b64decode(fields["salt"]), opslimit=2,
                                   memlimit=64 << 20)
    clear = "".join(line + "\n" for line in lines[:-1]).encode()
    return nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
        base64.b64decode(fields["secret"]), clear, base64.b64decode(fields["nonce"]), key)


def spellings(secret):
    """How 32 secret bytes may stand in a text."""
    return [secret, secret.hex().encode(), base64.b64encode(secret).rstrip(b"="),
            z85.encode(secret)]


def in_memory(node):
    """What must not be in a core: seeds, what Ed25519 makes of them, and the passphrase."""
    wanted = {"passphrase": [PASSPHRASE]}
    for role in SIGNING:
        seed = secret_of(node, role)
        wide = hashlib.sha512(seed).digest()
        wanted[role] = spellings(seed) + [wide[:32], wide[32:]]
    return wanted


# ---- the memory of a process, as core(5) sees it ----

def regions(pid):
    """(start, end, kind, is left out of cores); the kind is a bit of the core's filter."""
    found = []
    with open(f"/proc/{pid}/smaps", encoding="utf-8") as smaps:
        for line in smaps:
            words = line.split()
            if not words[0].endswith(":"):
                start, end = (int(one, 16) for one in words[0].split("-"))
                shared, is_file = words[1][3] == "s", len(words) > 5 and words[5].startswith("/")
                one = [start, end, (3 if is_file else 1) if shared else 2 if is_file else 0, False]
                found.append(one)
            elif words[0] == "Anonymous:" and int(words[1]) > 0 and one[2] == 2:
                one[2] = 0  # of a file, and written
            elif words[0] == "VmFlags:":
                one[3] = "dd" in words[1:]
    return found


def memory(pid, wanted):
    """The bytes of all regions that `wanted(kind, left out)` picks."""
    data = []
    with open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for start, end, kind, left_out in regions(pid):
            if wanted(kind, left_out):
                try:
                    mem.seek(start)
                    data.append(mem.read(end - start))
                except (OSError, OverflowError):
                    pass  # guard pages, and what the kernel maps for itself
    return b"\0".join(data)


def core(pid, bits):
    return memory(pid, lambda kind, left_out: not left_out and bits >> kind & 1)


def own_filter(pid):
    with open(f"/proc/{pid}/coredump_filter", encoding="utf-8") as file:
        return int(file.read(), 16)


def found(data, wanted):
    return sorted(name for name, values in wanted.items() if any(one in data for one in values))


# ---- commands ----

def change(node, old=PASSPHRASE, new=NEW, environment=None):
    reads = [passphrase_pipe(old), passphrase_pipe(new)]
    result = subprocess.run(
        [os.path.join(node.programs, "comesh"), "-C", node.folder, "key", "change-passphrase",
         "--passphrase-fd", str(reads[0]), "--new-passphrase-fd", str(reads[1])], pass_fds=reads,
        capture_output=True, text=True, env=node.environment(environment))
    for read in reads:
        os.close(read)
    return result


def opens(node, role, passphrase):
    try:
        return len(secret_of(node, role, passphrase)) == 32
    except nacl.exceptions.CryptoError:
        return False


def refused(node, code, *words):
    """That the node does not start, with that code and sentence."""
    result = node.start_beside()
    assert result.returncode == code, f"{result.returncode}: {result.stderr}"
    for word in words:
        assert word in result.stderr, f"'{word}' is not in: {result.stderr}"


with Mesh(("KR", "ID"), variant="release") as mesh:
    kr = mesh["KR"]
    kr.wait_lane("ID")
    taken_all(kr.submit(certificates("KR", "ID", 20)))
    mesh.settle()  # so that every key has been used
    control = {"domain": [kr.domain.encode()]}

    if os.getuid() != 0:
        print("not root: the memory of the nodes cannot be looked into")
    else:
        @step("no seed, no key made of one and no passphrase is in memory that a core holds")
        def _():
            data = core(kr.process.pid, DEFAULT_FILTER)
            assert found(data, control) == ["domain"], "what is there is not found"
            assert found(data, in_memory(kr)) == []

        @step("they are where cores do not look: in locked memory")
        def _():
            data = memory(kr.process.pid, lambda kind, left_out: left_out)
            assert found(data, in_memory(kr)) == ["checkpoint", "receipt"]

        @step("a passphrase and keys that come to the running node for a rotation leave no trace either")
        def _():
            before = in_memory(kr)
            kr.unlocked("key", "rotate", "checkpoint", "--from", "now")
            rotated = [name for name in os.listdir(os.path.join(kr.folder, "keys"))
                       if name.startswith("checkpoint-")]
            assert len(rotated) == 1, rotated
            seed = secret_of(kr, rotated[0].removesuffix(".key"))
            taken_all(kr.submit(certificates("KR", "ID", 5, first=100)))
            kr.wait_receipts("ID")
            wanted = {**before, "new key": spellings(seed)}
            assert found(core(kr.process.pid, DEFAULT_FILTER), wanted) == []
            locked = memory(kr.process.pid, lambda kind, left_out: left_out)
            assert "new key" in found(locked, wanted), "the node has not taken the new key"

        @step("what libzmq copies of the transport secret is left out by the node's own filter")
        def _():
            secret = {"transport": spellings(secret_of(kr, "transport"))}
            pid = kr.process.pid
            assert found(core(pid, DEFAULT_FILTER), secret) == ["transport"], \
                "libzmq keeps no copy any more: say so in keys/README.md"
            assert own_filter(pid) == 0
            everything = {**secret, **control, **in_memory(kr)}
            assert found(core(pid, own_filter(pid)), everything) == []

    @step("a node that is aborted writes no core, where another program does")
    def _():
        allowed = ["sh", "-c", 'ulimit -S -c "$(ulimit -H -c)"; exec env -C "$0" "$@"', mesh.folder]

        def dumps(process):
            process.send_signal(signal.SIGABRT)
            _, status = os.waitpid(process.pid, 0)
            process.returncode = -signal.SIGABRT
            assert os.WTERMSIG(status) == signal.SIGABRT
            return os.WCOREDUMP(status)
        other = subprocess.Popen([*allowed, "sleep", "60"])
        wait_until(lambda: open(f"/proc/{other.pid}/comm").read() == "sleep\n", "sleep runs")
        if not dumps(other):
            print("this machine writes no cores at all")
        kr.stop()
        kr.start(prefix=allowed)
        assert not dumps(kr.process)
        kr.start()

    @step("arguments, environment, log and output of the node and of every command say no secret")
    def _():
        read = passphrase_pipe()
        pairing = subprocess.Popen(
            [os.path.join(kr.programs, "comesh"), "-C", kr.folder, "pair", "--listen",
             "127.0.0.1:0", "--person", "Kim", "--passphrase-fd", str(read)], pass_fds=[read],
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=kr.environment())
        os.close(read)
        said = pairing.stderr.readline()
        for process in (kr.process, pairing):
            for name in ("cmdline", "environ"):
                with open(f"/proc/{process.pid}/{name}", "rb") as file:
                    said += file.read()
        pairing.kill()
        said += pairing.stderr.read()
        pairing.wait()
        for command in (("card", "show"), ("card", "export"), ("card", "fingerprint", "--qr"),
                        ("status",), ("partner", "list"), ("metrics",), ("audit", "show"),
                        ("help", "init"), ("key", "change-passphrase", "--passphrase-fd", "77")):
            result = kr.comesh(*command, check=False)
            said += (result.stdout + result.stderr).encode()
        said += change(kr, b"wrong " + PASSPHRASE, b"other " + NEW).stderr.encode()
        said += kr.start_beside(b"wrong " + PASSPHRASE).stderr.encode()
        for root, _, names in os.walk(kr.folder):
            for name in names:
                path = os.path.join(root, name)
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        said += file.read()
        said += kr.log().encode()
        wanted = {role: spellings(secret_of(kr, role)) for role in ROLES}
        assert found(said, {**wanted, "passphrase": [PASSPHRASE], "new": [NEW]}) == []
        assert found(said, control) == ["domain"]

    # ---- key files ----

    kr.stop()

    @step("the passphrase comes from the service manager's credential")
    def _():
        folder = os.path.join(mesh.folder, "credentials")
        os.mkdir(folder, 0o700)
        with open(os.path.join(folder, "comesh-passphrase"), "wb") as file:
            file.write(PASSPHRASE + b"\n")
        with open(kr.log_path, "ab") as log:
            kr.process = subprocess.Popen(
                [os.path.join(kr.programs, "comeshd"), "--config", kr.config],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=kr.environment({"CREDENTIALS_DIRECTORY": folder}))
        kr.wait_ready()
        kr.stop()

    @step("a wrong passphrase, a file that others can read, and a truncated one are told apart")
    def _():
        path = key_path(kr, "receipt")
        result = kr.start_beside(b"wrong")
        assert result.returncode == DENIED, result.stderr
        assert "checkpoint.key': the passphrase does not open it" in result.stderr, result.stderr
        os.chmod(path, 0o640)
        refused(kr, DENIED, "receipt.key' can be reached by others (mode 0640)", "chmod 600")
        os.chmod(path, 0o600)
        with open(path, "rb") as file:
            whole = file.read()
        with open(path, "wb") as file:
            file.write(whole[:len(whole) // 2])
        refused(kr, CONFIG, "receipt.key'", "is not of a whole key file", "backup")
        with open(path, "wb") as file:
            file.write(whole)
        os.rename(path, path + ".away")
        refused(kr, NO_INPUT, "receipt")
        os.rename(path + ".away", path)

    # ---- a new passphrase ----

    @step("a wrong passphrase changes no key file")
    def _():
        before = [open(key_path(kr, role), "rb").read() for role in ROLES]
        result = change(kr, b"wrong")
        assert result.returncode == DENIED and "does not open it" in result.stderr, result.stderr
        assert before == [open(key_path(kr, role), "rb").read() for role in ROLES]
        assert change(kr, PASSPHRASE, PASSPHRASE).returncode != 0

    @step("a new passphrase seals all key files, and the node that runs goes on")
    def _():
        kr.start()
        result = change(kr)
        assert result.returncode == 0 and "key files have the new" in result.stderr, result.stderr
        assert all(opens(kr, role, NEW) and not opens(kr, role, PASSPHRASE) for role in ROLES)
        kr.wait_lane("ID")
        assert kr.json("audit", "show")[-1]["verb"] == "key change-passphrase"
        kr.stop()
        refused(kr, DENIED, "the passphrase does not open it")
        assert change(kr, NEW, PASSPHRASE).returncode == 0
        kr.start()

    @step("on a terminal it asks for the old one and twice for the new one, and shows none of them")
    def _():
        process, terminal = pty.fork()
        if process == 0:
            program = os.path.join(kr.programs, "comesh")
            os.execve(program, [program, "-C", kr.folder, "key", "change-passphrase"],
                      kr.environment())
        answers, shown = [PASSPHRASE, NEW, NEW], b""
        while True:
            try:
                piece = os.read(terminal, 4096)
            except OSError:
                break
            shown += piece
            if answers and piece.endswith(b": "):
                os.write(terminal, answers.pop(0) + b"\n")
        _, status = os.waitpid(process, 0)
        assert os.waitstatus_to_exitcode(status) == 0, shown
        assert PASSPHRASE not in shown and NEW not in shown, shown
        assert opens(kr, "transport", NEW)
        assert change(kr, NEW, PASSPHRASE).returncode == 0

with Mesh(("KR",), start=False) as mesh:
    kr = mesh["KR"]

    @step("killed at any moment, it is finished by running it again; no file is ever half of one")
    def _():
        old, new = PASSPHRASE, NEW
        for failpoint, done in (("file.written:1", 0), ("file.synced:3", 2), ("file.renamed:2", 2),
                                ("file.renamed:4", 4)):
            result = change(kr, old, new, {"COMESH_FAILPOINT": failpoint})
            assert result.returncode == -signal.SIGKILL, f"{result.returncode} {result.stderr}"
            changed = [opens(kr, role, new) for role in ROLES]
            assert sum(changed) == done, f"{failpoint}: {changed}"
            assert all(one or opens(kr, role, old) for role, one in zip(ROLES, changed))
            if done in (1, 2, 3):
                refused(kr, DENIED, "the passphrase does not open it")
            result = change(kr, old, new)
            assert result.returncode == 0, result.stderr
            assert all(opens(kr, role, new) for role in ROLES)
            old, new = new, old

report()
