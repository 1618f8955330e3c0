"""The real mesh for end-to-end tests: nodes as processes on loopback, each with its own folder.

A test file makes a Mesh, uses its nodes through the commands that a user has, and ends with
report(), which prints "N passed, N failed". Nothing outside the mesh's folder is touched, and only
processes that were started here are ended."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
SAMPLES = os.path.join(ROOT, "tests", "samples")
PASSPHRASE = b"correct horse battery staple"
PARTIES = {
    "KR": ("customs.go.kr", "Korea Customs Service"),
    "ID": ("beacukai.go.id", "Directorate General of Customs and Excise"),
    "UY": ("aduana.gub.uy", "Dirección Nacional de Aduanas"),
}
AGREEMENTS = ["AKFTA:1:KR,ID,UY", "RCEP:1:KR,ID,UY", "GSP:1:KR,ID,UY"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what, seconds=60.0):
    """Polls until `condition` gives something true; the machine may be slow, so the limit is wide."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds:g} s in vain: {what}")


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

    def environment(self, extra=None):
        environment = {"PATH": os.environ["PATH"], "HOME": self.mesh.folder, "LC_ALL": "C.UTF-8"}
        environment["ASAN_OPTIONS"] = "detect_leaks=1:abort_on_error=0:exitcode=99"
        environment["UBSAN_OPTIONS"] = "print_stacktrace=1"
        environment.update(extra or {})
        return environment

    def init(self, *options):
        read, write = os.pipe()
        os.write(write, PASSPHRASE + b"\n")
        os.close(write)
        command = [os.path.join(self.programs, "comesh"), "-C", self.folder, "init",
                   "--party", self.party, "--domain", self.domain, "--environment", "test",
                   "--name", self.name, "--bind", f"tcp://127.0.0.1:{self.port}",
                   "--endpoint", f"tcp://127.0.0.1:{self.port}",
                   "--kdf", "interactive", "--passphrase-fd", str(read)]
        for agreement in AGREEMENTS:
            command += ["--agreement", agreement]
        result = subprocess.run(command + list(options), pass_fds=[read], capture_output=True,
                                text=True, env=self.environment())
        os.close(read)
        assert result.returncode == 0, result.stderr
        return result.stdout

    @property
    def config(self):
        return os.path.join(self.folder, "comesh.zpl")

    def start(self, extra=None, wait=True):
        read, write = os.pipe()
        os.write(write, PASSPHRASE + b"\n")
        os.close(write)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [os.path.join(self.programs, "comeshd"), "--config", self.config,
                 "--passphrase-fd", str(read)],
                pass_fds=[read], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment(extra))
        os.close(read)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"comeshd {self.party} ended with {self.process.returncode}:\n"
                                     + self.log()[-4000:])
            return self.comesh("status", check=False).returncode == 0
        wait_until(ready, f"comeshd {self.party} is ready")

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Orderly; the exit code must say that nothing leaked and nothing failed."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        assert code == 0, f"comeshd {self.party} ended with {code}:\n" + self.log()[-6000:]

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

    def trust(self, other):
        """Imports the other's card with its fingerprint confirmed, as two people would."""
        card = other.comesh("card", "export").stdout
        path = os.path.join(self.mesh.folder, f"{other.party}-for-{self.party}.card")
        with open(path, "w", encoding="utf-8") as file:
            file.write(card)
        digits = other.json("card", "fingerprint")["digits"]
        self.comesh("card", "import", path, "--fingerprint", digits)

    def channel(self, partner, direction):
        """The channel to or from a partner, as `comesh status` shows it; None when there is none."""
        for channel in self.json("status")["channels"]:
            if channel["partner"] == partner and channel["direction"] == direction:
                return channel
        return None


class Mesh:
    """Some nodes that trust each other, in a temporary folder."""

    def __init__(self, parties=("KR", "ID", "UY"), variant="san", start=True):
        self.folder = tempfile.mkdtemp(prefix="comesh-e2e-")
        self.nodes = {party: Node(self, party, variant) for party in parties}
        for node in self.nodes.values():
            node.init()
        for node in self.nodes.values():
            for other in self.nodes.values():
                if other is not node:
                    node.trust(other)
        if start:
            for node in self.nodes.values():
                node.start(wait=False)
            for node in self.nodes.values():
                node.wait_ready()

    def __getitem__(self, party):
        return self.nodes[party]

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            for node in self.nodes.values():
                if kind is None:
                    node.stop()
                elif node.process is not None and node.process.poll() is None:
                    node.kill()
        finally:
            for node in self.nodes.values():
                if node.process is not None and node.process.poll() is None:
                    node.kill()
                if kind is not None and os.path.exists(node.log_path):
                    print(f"---- log of {node.party} ----\n" + node.log()[-3000:])
            shutil.rmtree(self.folder, ignore_errors=True)


def sample(name):
    with open(os.path.join(SAMPLES, name), encoding="utf-8") as file:
        return json.load(file)


# ---- steps ----

_passed = 0
_failed = 0


def step(sentence):
    """A decorator: runs the function at once, and counts it as the test that its sentence says."""
    def run(function):
        global _passed, _failed
        try:
            function()
            _passed += 1
            print(f"ok      {sentence}", flush=True)
        except Exception as problem:  # every failure is counted, told, and the next step runs
            _failed += 1
            import traceback
            traceback.print_exc()
            print(f"FAILED  {sentence}: {problem}", flush=True)
        return function
    return run


def report():
    print(f"{_passed} passed, {_failed} failed", flush=True)
    sys.exit(1 if _failed else 0)
