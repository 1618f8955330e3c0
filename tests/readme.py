#!/usr/bin/python3
"""Runs the commands of every README.md, so that no document tells what does not work:
readme.py BUILD [README...]

Fenced blocks marked ```sh run in order, those of one file in one shell, in a working directory of
its own which is HOME too, with BUILD/release first in PATH and COMESH_SAMPLES naming tests/samples.
A block fails when a command in it does. A ```text block behind it, with nothing but blank lines
between, is what the block must print (stdout and stderr), where `…` stands for anything. Blocks of
other languages are not run. What a file leaves running is ended with its shell."""

import ctypes
import fcntl
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BLOCK_SECONDS = 120
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP = 1
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# Runs the block in the file $1 in the shell itself, so that variables and jobs last; a failure is
# kept, and told behind the output.
PROLOGUE = """
set -u
trap '[ -n "${failed:-}" ] || failed="line $LINENO: $BASH_COMMAND"' ERR
set -E
"""
RUN = '{{ failed=; . "{script}"; }} >"{output}" 2>&1 </dev/null; echo "done ${{failed:-}}"\n'


class Block:
    """A ```sh block: its line in the file, its text, and what it must print, or None."""

    def __init__(self, line, text, expected):
        self.line = line
        self.text = text
        self.expected = expected


def blocks_of(text):
    found = []
    end = None  # of the last block, when it was one to be run
    for match in FENCE.finditer(text):
        language, body = match.groups()
        if language == "sh":
            line = text.count("\n", 0, match.start()) + 2
            found.append(Block(line, body, None))
        elif language == "text" and end is not None and not text[end:match.start()].strip():
            found[-1].expected = body
        end = match.end() if language == "sh" else None
    return found


def is_as_expected(expected, output):
    """Whether the output is the expected one, `…` standing for anything."""
    pattern = ".*?".join(re.escape(part) for part in expected.strip().split("…"))
    return re.fullmatch(pattern, output.strip(), re.DOTALL) is not None


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def own_loopback():
    """Moves this process to a network of its own, so that the ports of a document are free whatever
    else runs here. Without the right to do so it stays where it is."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) == 0:
        with socket.socket() as made:
            fcntl.ioctl(made, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


class Shell:
    """One bash for the blocks of a file, and everything that they start."""

    def __init__(self, build):
        self.folder = tempfile.mkdtemp(prefix="comesh-readme-")
        self.work = os.path.join(self.folder, "work")
        os.mkdir(self.work)
        environment = {"PATH": os.path.join(build, "release") + ":" + os.environ["PATH"],
                       "HOME": self.work, "LC_ALL": "C.UTF-8", "TERM": "dumb",
                       "COMESH_SAMPLES": os.path.join(ROOT, "tests", "samples")}
        self.process = subprocess.Popen(
            ["bash", "--norc", "--noprofile"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, cwd=self.work, env=environment, start_new_session=True,
            preexec_fn=own_loopback)
        self.process.stdin.write(PROLOGUE)

    def run(self, block):
        """What went wrong, or None; and the output."""
        script = os.path.join(self.folder, "block")
        output = os.path.join(self.folder, "output")
        with open(script, "w", encoding="utf-8") as file:
            file.write(block.text)
        signal.alarm(BLOCK_SECONDS)
        try:
            self.process.stdin.write(RUN.format(script=script, output=output))
            self.process.stdin.flush()
            said = self.process.stdout.readline()
        except TimeoutError:
            said = f"done it took more than {BLOCK_SECONDS} s\n"
        signal.alarm(0)
        printed = read(output)
        problem = said[len("done "):].strip() if said else "the shell ended"
        if not problem and block.expected is not None \
                and not is_as_expected(block.expected, printed):
            problem = "it printed something else than the text behind it"
        return problem, printed

    def logs(self):
        """The ends of the *.log files in the working directory, for a failure."""
        names = sorted(name for name in os.listdir(self.work) if name.endswith(".log"))
        return "".join(f"---- {name} ----\n{read(os.path.join(self.work, name))[-2000:]}"
                       for name in names)

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def run_file(build, path):
    """The number of blocks that passed and that failed; behind a failure nothing is run."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        blocks = blocks_of(file.read())
    shell = Shell(build)
    try:
        for at, block in enumerate(blocks):
            problem, printed = shell.run(block)
            if problem:
                print(f"FAILED  {path}:{block.line}: {problem}\n{printed}{shell.logs()}",
                      flush=True)
                return at, len(blocks) - at
            print(f"ok      {path}:{block.line}: {block.text.splitlines()[0]}", flush=True)
    finally:
        shell.close()
    return len(blocks), 0


def readmes():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "README.md", "*/README.md"],
                            capture_output=True, text=True, check=True).stdout
    return listed.split()


def timed_out(*_):
    raise TimeoutError


def main():
    build = os.path.join(ROOT, sys.argv[1] if len(sys.argv) > 1 else "build")
    signal.signal(signal.SIGALRM, timed_out)
    passed = failed = 0
    for path in sys.argv[2:] or readmes():
        good, bad = run_file(build, path)
        passed += good
        failed += bad
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
