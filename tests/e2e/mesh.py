"""The real mesh for end-to-end tests: nodes as processes on loopback, each with its own folder.

A test file makes a Mesh, uses its nodes through the commands that a user has and, for what no
command shows, through the control socket, and ends with report(), which prints "N passed, N
failed". Nothing outside the mesh's folder is touched, and only processes that were started here are
ended. How to write a test: tests/README.md."""

import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

from control import Control

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
SAMPLES = os.path.join(ROOT, "tests", "samples")
PASSPHRASE = b"correct horse battery staple"
PARTIES = {
    "KR": ("customs.go.kr", "Korea Customs Service"),
    "ID": ("beacukai.go.id", "Directorate General of Customs and Excise"),
    "UY": ("aduana.gub.uy", "Dirección Nacional de Aduanas"),
    "JP": ("customs.go.jp", "Japan Customs"),
}
AGREEMENTS = ["AKFTA:1:KR,ID,UY", "RCEP:1:KR,ID,UY", "GSP:1:KR,ID,UY"]
OPERATIONS = {
    "send": "send-co",
    "amend": "send-amendment-notification",
    "cancel-status": "send-cancelation-status",
    "feedback": "send-feedback",
}
LIST_MAX = 1024         # rows of one listing, documents of one submit: WIRE_LIST_MAX
SUBMIT_BYTES = 900_000  # of documents in one submit, so that the frame holds them


_ports = itertools.count(os.getpid() * 61)


def free_port():
    """A port below those that the system gives out by itself, so that neither a connection nor
    another test at the same time takes it."""
    while True:
        port = 10000 + next(_ports) % 22000
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def wait_until(condition, what, seconds=60.0):
    """Polls until `condition` gives something true; the machine may be slow, so the limit is wide."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds:g} s in vain: {what}")


def passphrase_pipe(passphrase=PASSPHRASE):
    """A descriptor to read the passphrase from; the caller closes it."""
    read, write = os.pipe()
    os.write(write, passphrase + b"\n")
    os.close(write)
    return read


class Node:
    """One party's node: its folder, its programs, its process."""

    def __init__(self, mesh, party, variant):
        self.mesh = mesh
        self.party = party
        self.domain, self.name = PARTIES[party]
        self.programs = os.path.join(BUILD, variant)
        self.folder = os.path.join(mesh.folder, party)
        self.port = free_port()
        self.process = None
        self.log_path = self.folder + ".log"

    # ---- its programs ----

    def environment(self, extra=None):
        environment = {"PATH": os.environ["PATH"], "HOME": self.mesh.folder, "LC_ALL": "C.UTF-8"}
        environment["ASAN_OPTIONS"] = "detect_leaks=1:abort_on_error=0:exitcode=99"
        environment["UBSAN_OPTIONS"] = "print_stacktrace=1"
        environment.update(extra or {})
        return environment

    def init(self, *options, endpoint=None, agreements=tuple(AGREEMENTS)):
        """Makes its folder; `endpoint` goes on the card in place of the one that is bound."""
        read = passphrase_pipe()
        command = [os.path.join(self.programs, "comesh"), "-C", self.folder, "init",
                   "--party", self.party, "--domain", self.domain, "--environment", "test",
                   "--name", self.name, "--bind", f"tcp://127.0.0.1:{self.port}",
                   "--endpoint", endpoint or f"tcp://127.0.0.1:{self.port}",
                   "--kdf", "interactive", "--passphrase-fd", str(read)]
        for agreement in agreements:
            command += ["--agreement", agreement]
        result = subprocess.run(command + list(options), pass_fds=[read], capture_output=True,
                                text=True, env=self.environment())
        os.close(read)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def comesh(self, *arguments, check=True, stdin=None, **options):
        result = subprocess.run(
            [os.path.join(self.programs, "comesh"), "-C", self.folder, *map(str, arguments)],
            capture_output=True, text=True, input=stdin, env=self.environment(), **options)
        if check and result.returncode != 0:
            raise AssertionError(f"comesh {' '.join(map(str, arguments))} gave "
                                 f"{result.returncode}: {result.stderr}{result.stdout}")
        return result

    def json(self, *arguments, **options):
        return json.loads(self.comesh(*arguments, "--json", **options).stdout)

    def comeshd(self, *arguments):
        """The daemon's program for an act that ends by itself, as --check-config."""
        return subprocess.run(
            [os.path.join(self.programs, "comeshd"), "--config", self.config, *arguments],
            capture_output=True, text=True, env=self.environment())

    # ---- its folder ----

    @property
    def config(self):
        return os.path.join(self.folder, "comesh.zpl")

    @property
    def store(self):
        return os.path.join(self.folder, "store")

    def edit_config(self, old, new):
        with open(self.config, encoding="utf-8") as file:
            text = file.read()
        assert old in text, f"'{old}' is not in {self.config}:\n{text}"
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))

    def option(self, section, name, value):
        """Sets an option of a section that is there; a line that sets it already goes."""
        with open(self.config, encoding="utf-8") as file:
            lines = file.read().splitlines()
        at = lines.index(section)
        end = next((i for i in range(at + 1, len(lines)) if lines[i][:1] not in (" ", "#")),
                   len(lines))
        body = [line for line in lines[at + 1:end] if line.split("=")[0].strip() != name]
        lines[at:end] = [section, f"    {name} = {value}", *body]
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def append_config(self, text):
        with open(self.config, "a", encoding="utf-8") as file:
            file.write(text)

    def add_menu(self, code, version=1, change=lambda text: text):
        """Puts the menu of an agreement in the node's folder: that of AKFTA, under another name."""
        with open(os.path.join(ROOT, "proto", "menus", "akfta.menu"), encoding="utf-8") as file:
            text = change(file.read().replace("menu AKFTA 1", f"menu {code} {version}"))
        os.makedirs(os.path.join(self.folder, "menus"), exist_ok=True)
        path = os.path.join(self.folder, "menus", f"{code}-{version}.menu")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def segments(self):
        """The journal's files, in order."""
        folder = os.path.join(self.store, "journal")
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]

    def drop_views(self):
        """Deletes the views with what SQLite keeps beside them."""
        for name in os.listdir(self.store):
            if name.startswith("views.sqlite"):
                os.unlink(os.path.join(self.store, name))

    def damage_views(self):
        """Views that are no database."""
        self.drop_views()
        with open(os.path.join(self.store, "views.sqlite"), "wb") as views:
            views.write(os.urandom(64 * 1024))

    def trust(self, other):
        """Imports the other's card with its fingerprint confirmed, as two people would."""
        card = other.comesh("card", "export").stdout
        path = os.path.join(self.mesh.folder, f"{other.party}-for-{self.party}.card")
        with open(path, "w", encoding="utf-8") as file:
            file.write(card)
        digits = other.json("card", "fingerprint")["digits"]
        self.comesh("card", "import", path, "--fingerprint", digits)

    def unlocked(self, *arguments, check=True, extra=None, keys=1):
        """A command that asks for the passphrase of so many keys."""
        read = passphrase_pipe(b"\n".join([PASSPHRASE] * keys))
        result = subprocess.run(
            [os.path.join(self.programs, "comesh"), "-C", self.folder, *map(str, arguments),
             "--passphrase-fd", str(read)],
            capture_output=True, text=True, pass_fds=[read], env=self.environment(extra))
        os.close(read)
        if check and result.returncode != 0:
            raise AssertionError(f"comesh {' '.join(map(str, arguments))} gave "
                                 f"{result.returncode}: {result.stderr}{result.stdout}")
        return result

    # ---- its process ----

    def start(self, extra=None, wait=True, prefix=()):
        """`extra` goes to the environment; `prefix` is a command in front, as unshare."""
        read = passphrase_pipe()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*prefix, os.path.join(self.programs, "comeshd"), "--config", self.config,
                 "--passphrase-fd", str(read)],
                pass_fds=[read], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment(extra))
        os.close(read)
        if wait:
            self.wait_ready()
        return self

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def wait_ready(self):
        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"comeshd {self.party} ended with {self.process.returncode}:\n"
                                     + self.log()[-4000:])
            try:
                return self.ask("status")
            except OSError:
                return False
        wait_until(ready, f"comeshd {self.party} is ready")

    def start_beside(self, passphrase=PASSPHRASE):
        """Starts a node that must not come up, beside the one that may run; gives how it ended."""
        read = passphrase_pipe(passphrase)
        result = subprocess.run(
            [os.path.join(self.programs, "comeshd"), "--config", self.config,
             "--passphrase-fd", str(read)], pass_fds=[read], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60, env=self.environment())
        os.close(read)
        assert result.returncode not in (0, 99), f"{result.returncode}: {result.stderr}"
        return result

    def log(self):
        if not os.path.exists(self.log_path):
            return ""
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_log(self, text, seconds=60):
        wait_until(lambda: text in self.log(), f"{self.party} logs '{text}'", seconds)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Orderly; the exit code must say that nothing leaked and nothing failed."""
        if not self.is_running():
            return
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        assert code == 0, f"comeshd {self.party} ended with {code}:\n" + self.log()[-6000:]

    def rss_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        raise AssertionError("no VmRSS")

    # ---- its control socket ----

    def control(self):
        return Control(os.path.join(self.folder, "control.socket"))

    def ask(self, verb, *arguments):
        with self.control() as control:
            return control.ask(verb, *arguments)

    def submit(self, documents, operation="send-co"):
        """Hands JSON texts (or values) over, as many requests as it takes; an answer for each."""
        texts = [one if isinstance(one, (str, bytes)) else json.dumps(one) for one in documents]
        raw = [one if isinstance(one, bytes) else one.encode() for one in texts]
        answers = []
        with self.control() as control:
            while raw:
                count, size = 0, 0
                while count < min(len(raw), LIST_MAX) and \
                        (count == 0 or size + len(raw[count]) < SUBMIT_BYTES):
                    size += len(raw[count])
                    count += 1
                answers += control.ask("submit", operation, raw[:count])
                raw = raw[count:]
        return answers

    def partner(self, party):
        for partner in self.ask("partners"):
            if partner["party"] == party:
                return partner
        return None

    def metric(self, name):
        return next(one["value"] for one in self.ask("metrics") if one["name"] == name)

    def channel(self, partner, direction):
        """The channel to or from a partner; None when there is none yet."""
        for channel in self.ask("channels"):
            if channel["partner"] == partner and channel["direction"] == direction:
                return channel
        return None

    def rows_of(self, verb, partner, direction):
        """All messages or entries of a channel."""
        channel = self.channel(partner, direction)
        rows = []
        while channel is not None and len(rows) < channel["size"]:
            more = self.ask(verb, channel["channel"], len(rows), LIST_MAX)
            assert more, f"{verb} end at {len(rows)} of {channel['size']}"
            rows += more
        return rows

    def message(self, number, operation="send-co"):
        """The one message of that operation about a certificate, with its proof."""
        rows = [one for one in self.ask("trace", number, "") if one["operation"] == operation]
        assert len(rows) == 1, f"{len(rows)} {operation} about {number} at {self.party}"
        return rows[0]

    def take_all(self):
        """Takes the inbox as a national system does; gives what was there."""
        taken = []
        while True:
            rows = self.ask("inbox", LIST_MAX)
            if not rows:
                return taken
            taken += rows
            for channel in {one["channel"] for one in rows}:
                upto = max(one["index"] for one in rows if one["channel"] == channel) + 1
                self.ask("take", channel, upto)

    def wait_receipts(self, partner, seconds=60):
        """Until all that was said to a partner is receipted; gives the channel."""
        def receipted():
            channel = self.channel(partner, "outgoing")
            return channel if channel and channel["receipt_size"] == channel["size"] else None
        return wait_until(receipted, f"{partner} receipts all of {self.party}", seconds)

    def wait_lane(self, partner, state="open", direction="outgoing", seconds=60):
        return wait_until(lambda: (self.partner(partner) or {}).get(direction) == state,
                          f"{self.party}: lane {direction} {partner} is {state}", seconds)


class Mesh:
    """Some nodes that trust each other, in a temporary folder."""

    def __init__(self, parties=("KR", "ID", "UY"), variant="san", start=True):
        self.folder = tempfile.mkdtemp(prefix="comesh-e2e-")
        self.nodes = {party: Node(self, party, variant) for party in parties}
        try:
            self.introduce()
            if start:
                self.start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise

    def introduce(self):
        """Every node is made, and trusts every other."""
        for node in self.nodes.values():
            node.init()
        for node in self.nodes.values():
            for other in self.nodes.values():
                if other is not node:
                    node.trust(other)

    def start(self):
        for node in self.nodes.values():
            node.start(wait=False)
        for node in self.nodes.values():
            node.wait_ready()

    def __getitem__(self, party):
        return self.nodes[party]

    def agree(self, code, *options, parties=("KR", "ID")):
        """A new version of an agreement: the first party proposes it, each signs in turn, and all
        get the file with every signature, as people would pass it on."""
        first, *others = (self.nodes[party] for party in parties)
        path = os.path.join(self.folder, f"{code}.agreement")
        first.comesh("agreement", "new", code, *options)
        first.unlocked("agreement", "sign", code, "--output", path)
        for node in others:
            node.comesh("agreement", "import", path, "--propose")
            node.unlocked("agreement", "sign", path, "--output", path)
        for node in (first, *others):
            node.comesh("agreement", "import", path, "--propose")
        return path

    def agree_first(self, code, *options, parties=("KR", "ID")):
        """Version 1 of an agreement among these, in its own name."""
        joins = [word for party in parties[1:] for word in ("--join", party)]
        return self.agree(code, "--name", f"The agreement {code}", "--reference", "of the tests",
                          *joins, *options, parties=parties)

    def settle(self, seconds=60):
        """Until every node's every message, verdicts too, is receipted."""
        for node in self.nodes.values():
            for other in self.nodes:
                if node.is_running() and node.channel(other, "outgoing") is not None:
                    node.wait_receipts(other, seconds)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            for node in self.nodes.values():
                if kind is None:
                    node.stop()
                elif node.is_running():
                    node.kill()
        finally:
            for node in self.nodes.values():
                if node.is_running():
                    node.kill()
                if kind is not None and node.log():
                    print(f"---- log of {node.party} ----\n" + node.log()[-3000:])
            shutil.rmtree(self.folder, ignore_errors=True)


# ---- documents ----

def sample(name):
    with open(os.path.join(SAMPLES, name), encoding="utf-8") as file:
        return json.load(file)


def certificates(exporter, importer, count, first=1, items=2):
    """Certificates as JSON texts, with serials from `first`; a serial is used once in a mesh."""
    output = subprocess.run(
        [os.path.join(BUILD, "release", "comesh-bench"), "sample", "--exporter", exporter,
         "--importer", importer, "--count", str(count), "--items", str(items),
         "--first", str(first)], capture_output=True, check=True, text=True).stdout
    return output.splitlines()


def number_of(certificate):
    return json.loads(certificate)["LPCO"]["ID"]


def taken_all(answers):
    """That every answer says so; a refusal is told."""
    for answer in answers:
        assert answer["code"] == "ok", f"{answer['code']}: {answer['sentence']} " \
                                       f"{answer['findings']}"
    return answers


def same_channel(sender, receiver):
    """That both ends hold the same log: size, root, and every entry and payload in its place. What
    is on its way is waited for: verdicts follow what was said a moment later."""
    def both():
        theirs = receiver.channel(sender.party, "incoming")
        ours = sender.channel(receiver.party, "outgoing")
        arrived = ours and theirs and ours["size"] == theirs["size"] == ours["receipt_size"]
        return (ours, theirs) if arrived else None
    ours, theirs = wait_until(both, f"what {sender.party} said to {receiver.party} is there")
    for name in ("size", "root", "receipt_size"):
        assert ours[name] == theirs[name], f"{name}: {ours[name]} and {theirs[name]}"
    left = sender.rows_of("entries", receiver.party, "outgoing")
    right = receiver.rows_of("entries", sender.party, "incoming")
    for mine, other in zip(left, right):
        for name in ("index", "entry", "payload", "leaf"):
            assert mine[name] == other[name], f"entry {mine['index']}: {name} differs"
    assert len(left) == len(right) == ours["size"]
    return ours


# ---- steps ----

_passed = 0
_failed = 0


def step(sentence):
    """A decorator: runs the function at once, and counts it as the test that its sentence says."""
    def run(function):
        global _passed, _failed
        start = time.monotonic()
        try:
            function()
            _passed += 1
            print(f"ok      {time.monotonic() - start:5.1f} s  {sentence}", flush=True)
        except Exception as problem:  # every failure is counted, told, and the next step runs
            _failed += 1
            traceback.print_exc()
            print(f"FAILED  {time.monotonic() - start:5.1f} s  {sentence}: {problem}", flush=True)
        return function
    return run


def report():
    print(f"{_passed} passed, {_failed} failed", flush=True)
    sys.exit(1 if _failed else 0)
