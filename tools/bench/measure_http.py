#!/usr/bin/python3
"""The private listener measured with wrk, in one run with its own floors: measure_http.py BUILD.

Two nodes on loopback, release programs. What a floor is stands beside it; the machine is shared by
the nodes, the partner that receives everything, and wrk."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.environ["BUILD"] = sys.argv[1] if len(sys.argv) > 1 else "build"
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

from http_node import Listener
from mesh import Mesh, certificates

CONNECTIONS = 64
SECONDS = 5
POSTS = 200_000  # more than are posted in that time
LINES = 20_000
RUNS = 3

# Each request posts the next document of a file, so that none is held already.
POST_SCRIPT = """
local documents = {}
for line in io.lines("%s") do documents[#documents + 1] = line end
local at = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
    at = at %% #documents + 1
    return wrk.format(nil, nil, nil, documents[at])
end
"""


def wrk(listener, path, script=None, refused=False):
    """Requests a second and the 99th percentile in ms; all are answered well, or all refused."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency",
               "-H", f"Authorization: Bearer {listener.token('submit', 'read')}"]
    command += ["-s", script] if script else []
    told = subprocess.run([*command, f"http://127.0.0.1:{listener.port}{path}"], check=True,
                          capture_output=True, text=True).stdout
    assert ("Non-2xx" in told) == refused, told
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", told).groups()
    scale = {"us": 0.001, "ms": 1, "s": 1000}[unit]
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told).group(1)), float(value) * scale


def tell(name, figure, floor, what):
    print(f"{name:<34} {figure[0]:>9.0f}/s  p99 {figure[1]:>7.1f} ms   "
          f"{figure[0] / floor[0]:>5.2f} of {what} ({floor[0]:.0f}/s)", flush=True)


def write_posts(folder, name, documents):
    path = os.path.join(folder, name)
    with open(path + ".ndjson", "w", encoding="utf-8") as file:
        file.write("\n".join(documents))
    with open(path + ".lua", "w", encoding="utf-8") as file:
        file.write(POST_SCRIPT % (path + ".ndjson"))
    return path + ".lua"


def measure_lines(listener):
    """Documents a second of NDJSON, the median of some runs."""
    rates = []
    for run in range(RUNS):
        body = "\n".join(certificates("KR", "ID", LINES, first=1 + run * LINES))
        listener.connect().close()
        start = time.monotonic()
        answer = listener.post("/send-co", body, media="application/x-ndjson")
        rates.append(LINES / (time.monotonic() - start))
        assert answer.body.count(b'"status":201') == LINES, answer.body[:300]
    print(f"{'NDJSON, a body of ' + str(LINES):<34} {sorted(rates)[RUNS // 2]:>9.0f}/s", flush=True)


def main():
    with tempfile.TemporaryDirectory() as folder, \
            Mesh(("KR", "ID"), variant="release", start=False) as mesh:
        kr = mesh["KR"]
        listener = Listener(kr)
        mesh.start()
        kr.wait_lane("ID")
        measure_lines(listener)
        documents = certificates("KR", "ID", POSTS, first=1_000_000)
        first = json.loads(certificates("KR", "ID", 1)[0])["LPCO"]
        refused = json.loads(documents[0])
        del refused["LPCO"]["Exporter"]
        floor = wrk(listener, "/send-co", write_posts(folder, "refused", [json.dumps(refused)]),
                    refused=True)
        posted = wrk(listener, "/send-co", write_posts(folder, "posted", documents))
        tell("POST send-co, after fsync", posted, floor, "one refused after its check")
        bare = wrk(listener, "/livez")
        tell("GET a certificate by number", wrk(listener, f"/v1/certificates/KR/{first['ID']}"), bare,
             "GET /livez")
        tell("GET a message by id",
             wrk(listener, f"/v1/messages/{first['FunctionalReferenceID']}"), bare, "GET /livez")


if __name__ == "__main__":
    main()
