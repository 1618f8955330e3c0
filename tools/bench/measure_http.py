#!/usr/bin/python3
"""The HTTP bridge measured, each figure in one run with its floor: measure_http.py BUILD [--quick].

Two nodes and a party without a node on loopback, release programs. The floors are `comesh-bench
http-floor`: libmicrohttpd with the bridge's settings, certificate and client, and nothing behind it.
Floor and figure take turns, so that what else the machine does meets both. The figures are printed
and added to BUILD/bench.json."""

import argparse
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ARGUMENTS = argparse.ArgumentParser(description=__doc__)
ARGUMENTS.add_argument("build", nargs="?", default="build")
ARGUMENTS.add_argument("--quick", action="store_true", help="a small store, one run of each")
ARGUMENTS.add_argument("--only", choices=("post", "private"))
OPTIONS = ARGUMENTS.parse_args()
os.environ["BUILD"] = OPTIONS.build
for part in ("e2e", "peers"):
    sys.path.insert(0, os.path.join(ROOT, "tests", part))

from http_node import Listener
from mesh import Mesh, certificates, free_port, wait_until
from rest_peer import RestPeer, make_certificate

BENCH = os.path.join(OPTIONS.build, "release", "comesh-bench")
HOST = "test.coconnect.customs.go.kr"
CONNECTIONS = 64
SECONDS = 3 if OPTIONS.quick else 5
RUNS = 1 if OPTIONS.quick else 3
LINES = 20_000  # of a body of NDJSON
BODIES = 3 if OPTIONS.quick else 5
HELD = 100_000 if OPTIONS.quick else 1_000_000
PATH = "/v1/certificates/KR/KR-AK-2026-%08d"
POSTS = 10_000 * SECONDS  # more than are posted in that time

# Each request asks for a certificate at random among those that are held.
RANDOM_SCRIPT = """
math.randomseed(%d)
request = function()
    return wrk.format("GET", string.format("%s", math.random(%d)))
end
"""


# ---- the figures ----

class Figure:
    """Some runs with the floor's, and how both are told."""

    def __init__(self, name, unit, asked=None, floor_is=None):
        self.name, self.unit, self.asked, self.floor_is = name, unit, asked, floor_is
        self.runs, self.floors = [], []

    def told(self):
        value = statistics.median(self.runs)
        floor = statistics.median(self.floors) if self.floors else None
        return {"name": self.name, "value": value, "unit": self.unit, "floor": floor,
                "ratio": value / floor if floor else None, "runs": self.runs,
                "floor_is": self.floor_is, "asked": self.asked}

    def print(self):
        told = self.told()
        floor = f"{told['floor']:10.0f} {told['ratio']:7.2f}" if told["floor"] else " " * 16 + "- "
        runs = ", ".join(f"{run:.4g}" for run in self.runs) if len(self.runs) > 1 else ""
        notes = "; ".join(text for text in (runs, self.floor_is) if text)
        print(f"{self.name:28} {told['value']:10.4g} {self.unit:6} {floor}  {self.asked or '':15} "
              f"{notes}", flush=True)


def write(figures):
    """Adds the figures to those of comesh-bench."""
    path = os.path.join(OPTIONS.build, "bench.json")
    held = []
    with contextlib.suppress(FileNotFoundError), open(path, encoding="utf-8") as file:
        names = {figure.name for figure in figures}
        held = [one for one in json.load(file) if one["name"] not in names]
    with open(path, "w", encoding="utf-8") as file:
        json.dump(held + [figure.told() for figure in figures], file, indent=2)


# ---- clients and floors ----

@contextlib.contextmanager
def floor(*options):
    """The port of a bare libmicrohttpd."""
    with subprocess.Popen([BENCH, "http-floor", *map(str, options)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as process:
        yield int(process.stdout.readline())
        process.stdin.close()


def wrk(port, script, token):
    """Requests a second and the 99th percentile in ms; all are answered well."""
    told = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-H",
                           f"Authorization: Bearer {token}", "-s", script,
                           f"http://127.0.0.1:{port}"], check=True, capture_output=True,
                          text=True).stdout
    assert "Non-2xx" not in told, told
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", told).groups()
    scale = {"us": 0.001, "ms": 1, "s": 1000}[unit]
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told).group(1)), float(value) * scale


def load(port, peer, first):
    """The same for certificates posted over TLS, which wrk cannot: it shows no certificate."""
    told = json.loads(subprocess.run(
        [BENCH, "http-load", "--port", str(port), "--host", HOST, "--certificate",
         peer.client_path + ".pem", "--key", peer.client_path + ".key", "--exporter", "ID",
         "--importer", "KR", "--first", str(first), "--count", str(POSTS), "--connections",
         str(CONNECTIONS), "--seconds", str(SECONDS)], check=True, capture_output=True,
        text=True).stdout)
    assert told["refused"] == 0, told
    return told["rate"], told["p99_ms"]


# ---- what is measured ----

def rest_scene(mesh):
    """Korea's node with a public listener, and Indonesia without a node: its port and the peer."""
    node, port = mesh["KR"], free_port()
    make_certificate(os.path.join(node.folder, "public"), HOST)
    peer = RestPeer(os.path.join(mesh.folder, "rest"), "ID", "beacukai.go.id")
    node.append_config(f"public\n    listen = 127.0.0.1:{port}\n    certificate = public.pem\n"
                       "    key = public.key\n    requests_per_second = 0\n")
    path = os.path.join(mesh.folder, "ID.card")
    made = node.comesh("rest", "new", "--party", "ID", "--name", "Bea dan Cukai", "--environment",
                       "test", "--domain", "beacukai.go.id", "--serial", 1, "--client",
                       peer.client_path + ".pem", "--server", peer.server_path + ".pem")
    with open(path, "w", encoding="utf-8") as file:
        file.write(made.stdout)
    node.comesh("rest", "add", path, "--fingerprint", made.stderr.split()[-1])
    return port, peer


def measure_posts():
    """4 KB certificates of a party without a node, over TLS with its certificate."""
    rate = Figure("http post send-co", "/s", "ratio >= 0.5",
                  "libmicrohttpd with TLS, parses with jansson, answers")
    p99 = Figure("http post send-co, p99", "ms")
    with Mesh(("KR",), variant="release", start=False) as mesh:
        port, peer = rest_scene(mesh)
        mesh.start()
        for run in range(RUNS):
            with floor("--certificate", os.path.join(mesh["KR"].folder, "public.pem"), "--key",
                       os.path.join(mesh["KR"].folder, "public.key")) as bare:
                rate.floors.append(load(bare, peer, 1)[0])
            answered = load(port, peer, 1 + run * POSTS)
            rate.runs.append(answered[0])
            p99.runs.append(answered[1])
        peer.stop()
    return [rate, p99]


def put_lines(listener, first):
    """Documents a second of one body of NDJSON."""
    body = "\n".join(certificates("KR", "ID", LINES, first=first, items=5))
    start = time.monotonic()
    answer = listener.post("/send-co", body, media="application/x-ndjson")
    rate = LINES / (time.monotonic() - start)
    assert answer.body.count(b'"status":201') == LINES, answer.body[:300]
    return rate


def fill(mesh, listener):
    """The certificates that are held, by bodies of NDJSON: the first and the last ones are told. All
    have arrived in the end."""
    empty = Figure("http ndjson", "/s", "value >= 20000")
    full = Figure("http ndjson, store filled", "/s")
    listener.connect().close()
    rates = [put_lines(listener, first) for first in range(1, HELD, LINES)]
    empty.runs, full.runs = rates[:BODIES], rates[-BODIES:]
    wait_until(lambda: (mesh["ID"].channel("KR", "incoming") or {"size": 0})["size"] >= HELD,
               "all have arrived", seconds=600)
    mesh.settle(600)
    return [empty, full]


def write_script(mesh, run):
    path = os.path.join(mesh.folder, "random.lua")
    with open(path, "w", encoding="utf-8") as file:
        file.write(RANDOM_SCRIPT % (run, PATH, HELD))
    return path


def measure_gets(mesh, listener):
    """Certificates by number, at random among all, where they are received and looked up."""
    rate = Figure("http get by number", "/s", "ratio >= 0.8",
                  f"libmicrohttpd, a fixed body of that size; one of {HELD} at random")
    p99 = Figure("http get by number, p99", "ms")
    token = listener.token("read")
    size = len(listener.get(PATH % 1, token=token).body)
    for run in range(RUNS):
        script = write_script(mesh, run)
        with floor("--bytes", size) as bare:
            rate.floors.append(wrk(bare, script, token)[0])
        answered = wrk(listener.port, script, token)
        rate.runs.append(answered[0])
        p99.runs.append(answered[1])
    return [rate, p99]


def measure_private():
    with Mesh(("KR", "ID"), variant="release", start=False) as mesh:
        sender, receiver = (Listener(mesh[party]) for party in ("KR", "ID"))
        mesh.start()
        mesh["KR"].wait_lane("ID")
        lines = fill(mesh, sender)
        return [*lines, *measure_gets(mesh, receiver)]


def main():
    figures = []
    for name, measure in (("post", measure_posts), ("private", measure_private)):
        if OPTIONS.only in (None, name):
            for figure in measure():
                figure.print()
                figures.append(figure)
    write(figures)


if __name__ == "__main__":
    main()
