"""Nothing is lost, doubled or reordered when a node dies: SIGKILL at every failpoint of the sources,
at the sender and at the receiver, while certificates are on their way in both directions; then at
random moments. A submit that was not answered may be held or not, and is submitted again: it has
the effect of one."""

import os
import random
import re
import signal
import threading
import time

from mesh import ROOT, Mesh, certificates, number_of, report, same_channel, step

ROUNDS_AT_RANDOM = int(os.environ.get("KILLS", "4"))
REQUEST = 20        # documents in one submit
REQUESTS = 6        # submits in a round, each way
REQUESTS_MAX = 200  # when the failpoint is not met before

# How often a failpoint is passed before it kills; once and five times unless said.
PASSES = {
    "journal.new-segment": (1, 2),  # before the rename, and behind it
    "views.rebuild": (1,),
}


def failpoints():
    """Every FAILPOINT("name") of the sources."""
    names = set()
    for folder, _, files in os.walk(os.path.join(ROOT, "node")):
        for name in files:
            if name.endswith(".c"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    names |= set(re.findall(r'FAILPOINT\("([^"]+)"\)', file.read()))
    return sorted(names)


class Load:
    """One party's national system: submits in order, each document until it is held, whatever
    happens to its node; and its operator, who starts the node again when it is dead."""

    def __init__(self, node, partner, first):
        self.node = node
        self.partner = partner
        self.next = first
        self.numbers = []  # of all that was ever submitted, in order
        self.deaths = 0

    def start_when_dead(self):
        if not self.node.is_running():
            code = self.node.process.returncode
            assert code == -signal.SIGKILL, f"ended with {code}:\n" + self.node.log()[-4000:]
            self.deaths += 1
            self.node.start(wait=False)

    def submit(self, documents):
        while True:
            try:
                answers = self.node.submit(documents)
                break
            except OSError:  # the node is dead, or not there yet
                self.start_when_dead()
                time.sleep(0.01)
        for answer in answers:
            assert answer["code"] in ("ok", "duplicate"), answer

    def run(self, goes_on):
        requests = 0
        while requests < REQUESTS or (goes_on() and requests < REQUESTS_MAX):
            documents = certificates(self.node.party, self.partner, REQUEST, first=self.next)
            self.next += REQUEST
            requests += 1
            self.submit(documents)
            self.numbers += [number_of(one) for one in documents]


def run_loads(loads, goes_on=lambda: False, meanwhile=lambda: None):
    """All loads at once, with something that happens meanwhile; then what both ends hold is
    compared with what was submitted."""
    problems = []

    def run(load):
        try:
            load.run(goes_on)
        except Exception as problem:  # told by the thread that waits
            problems.append(f"{load.node.party}: {problem}")
    threads = [threading.Thread(target=run, args=(load,)) for load in loads]
    for thread in threads:
        thread.start()
    meanwhile()
    for thread in threads:
        thread.join()
    assert not problems, problems
    for load in loads:
        load.start_when_dead()
        load.node.wait_ready()


def check(mesh, loads):
    mesh.settle(90)
    for load in loads:
        receiver = mesh[load.partner]
        rows = receiver.rows_of("messages", load.node.party, "incoming")
        arrived = [row["number"] for row in rows if row["operation"] == "send-co"]
        assert arrived == load.numbers, f"{len(arrived)} arrived, {len(load.numbers)} were sent"
        same_channel(load.node, receiver)
        load.node.comesh("verify")


def loads_of(mesh):
    """A load each way, on nodes whose journal's segments are as small as they may be."""
    for node in mesh.nodes.values():
        node.option("store", "segment", "1MiB")
    mesh.start()
    return [Load(mesh["KR"], "ID", 1), Load(mesh["ID"], "KR", 5_000_001)]


for name in failpoints():
    with Mesh(("KR", "ID"), start=False) as mesh:
        loads = loads_of(mesh)
        for load in loads:
            for passes in PASSES.get(name, (1, 5)):
                @step(f"{load.node.party} dies at {name}, pass {passes}: nothing is lost, doubled "
                      "or reordered")
                def _():
                    deaths = load.deaths
                    load.node.stop()
                    if name == "views.rebuild":
                        load.node.damage_views()
                    load.node.start({"COMESH_FAILPOINT": f"{name}:{passes}"}, wait=False)
                    run_loads(loads, goes_on=lambda: load.deaths == deaths)
                    assert load.deaths == deaths + 1, f"it did not die at {name}"
                    check(mesh, loads)

with Mesh(("KR", "ID"), start=False) as mesh:
    loads = loads_of(mesh)
    for at in range(ROUNDS_AT_RANDOM):
        @step(f"both die at random moments, round {at + 1}: nothing is lost, doubled or reordered")
        def _():
            def kill():
                for load in random.sample(loads, 2):
                    time.sleep(random.uniform(0, 0.3))
                    load.node.kill()
            run_loads(loads, meanwhile=kill)
            check(mesh, loads)

report()
