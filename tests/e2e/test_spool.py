"""The folder of files in place of an interface: nothing is sent twice or lost, whatever is killed,
and what is refused lies beside what is wrong with it."""

import json
import os
import signal
import sqlite3
import subprocess

from mesh import Mesh, certificates, number_of, report, same_channel, sample, step, wait_until


class Spool:
    """A folder at a node, and the command that serves it."""

    def __init__(self, node):
        self.node = node
        self.folder = os.path.join(node.mesh.folder, f"spool of {node.party}")
        self.process = None
        self.log_path = self.folder + ".log"

    def once(self, *options, code=0):
        result = self.node.comesh("spool", self.folder, "--once", *options, check=False)
        assert result.returncode == code, f"{result.returncode}: {result.stderr}"
        return result

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [os.path.join(self.node.programs, "comesh"), "-C", self.node.folder, "spool",
                 self.folder], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.node.environment())
        wait_until(lambda: os.path.isdir(os.path.join(self.folder, "in", "send-feedback")),
                   "the folders are there")

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        code = self.process.wait(timeout=60)
        with open(self.log_path, encoding="utf-8") as log:
            assert number == signal.SIGKILL or code == 0, f"{code}: {log.read()}"

    def put(self, name, text, operation="send-co"):
        """As a national system puts it: written aside, then renamed."""
        place = os.path.join(self.folder, "out", operation)
        with open(os.path.join(place, "." + name), "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(os.path.join(place, "." + name), os.path.join(place, name))

    def names(self, folder, operation="send-co"):
        return sorted(os.listdir(os.path.join(self.folder, folder, operation)))

    def read(self, folder, name, operation="send-co"):
        with open(os.path.join(self.folder, folder, operation, name), encoding="utf-8") as file:
            return file.read()


mesh = Mesh(("KR", "ID"))
kr, idn = mesh["KR"], mesh["ID"]
ours, theirs = Spool(kr), Spool(idn)


def text_of(name, **changes):
    document = sample(name)
    document["LPCO"].update(changes)
    return json.dumps(document)


@step("a document that is put into out/ is sent, moved, and lies in the partner's in/ as it was")
def _():
    ours.once()
    ours.put("a.json", text_of("kr-id-co.json"))
    ours.once()
    assert ours.names("out") == [] and ours.names("sent") == ["a.json"], ours.names("out")
    wait_until(lambda: idn.ask("inbox", 10), "it arrives")
    theirs.once()
    name, = theirs.names("in")
    assert name.startswith("KR-000000000000-") and name.endswith(".json"), name
    assert json.loads(theirs.read("in", name)) == sample("kr-id-co.json")
    assert idn.ask("inbox", 10) == []
    assert kr.ask("trace", "KR-020-26-0001742", "")


@step("each operation has its folder, and what arrives may be XML")
def _():
    ours.put("amendment.json", text_of("kr-id-amendment.json"), "send-amendment-notification")
    ours.once()
    wait_until(lambda: idn.ask("inbox", 10), "the amendment arrives")
    theirs.once("--format", "xml")
    name, = theirs.names("in", "send-amendment-notification")
    xml = theirs.read("in", name, "send-amendment-notification")
    assert name.endswith(".xml") and xml.startswith("<?xml") and "<ChangeReasonCode>COR" in xml, xml


@step("what is refused lies in error/, with the findings beside it, and holds nothing up")
def _():
    good, = certificates("KR", "ID", 1, first=10)
    document = json.loads(certificates("KR", "ID", 1, first=11)[0])
    document["LPCO"]["IssuingCountryCode"] = "kr"
    ours.put("1-bad.json", json.dumps(document))
    ours.put("2-half.json", good[:100])
    ours.put("3-good.json", good)
    os.symlink("/etc/hostname", os.path.join(ours.folder, "out", "send-co", "4-link.json"))
    ours.put("5-large.json", " " * 300_000)
    result = ours.once()
    assert ours.names("out") == [], ours.names("out")
    problems = {name: json.loads(ours.read("error", name)) for name in ours.names("error")
                if name.endswith(".problem.json")}
    assert sorted(problems) == ["1-bad.json.problem.json", "2-half.json.problem.json",
                                "4-link.json.problem.json", "5-large.json.problem.json"], problems
    finding = problems["1-bad.json.problem.json"]["findings"][0]
    assert finding["place"] == "/LPCO/IssuingCountryCode", finding
    assert "symbolic link" in problems["4-link.json.problem.json"]["sentence"]
    assert json.loads(ours.read("error", "1-bad.json")) == document
    assert "3-good.json" in ours.names("sent") and "error/send-co/1-bad.json" in result.stderr


@step("a refused document with the longest name there can be holds nothing up")
def _():
    name = "n" * 250 + ".json"
    bad = ours.folder + "/out/send-co/" + name
    for _ in range(2):
        with open(bad, "w", encoding="utf-8") as file:
            file.write("{}")
        ours.once()
    assert ours.names("out") == [], ours.names("out")
    kept = [one for one in ours.names("error") if one.startswith("nnn")]
    assert sorted(map(len, kept)) == [202, 213, 255], kept


@step("a name that begins with a dot is not looked at; a name that comes again overwrites nothing")
def _():
    first, second = certificates("KR", "ID", 2, first=20)
    with open(os.path.join(ours.folder, "out", "send-co", ".writing"), "w") as file:
        file.write(first[:50])
    ours.put("a.json", first)
    ours.once()
    ours.put("a.json", second)
    ours.once()
    assert ours.names("out") == [".writing"]
    os.unlink(os.path.join(ours.folder, "out", "send-co", ".writing"))
    kept = {number_of(ours.read("sent", name)) for name in ("a.json", "a.json.2", "a.json.3")}
    assert kept == {"KR-020-26-0001742", number_of(first), number_of(second)}, kept


@step("killed over and over in the middle of a bulk, it sends each once, in order")
def _():
    mesh.settle()
    theirs.once()
    for name in theirs.names("in"):
        os.unlink(os.path.join(theirs.folder, "in", "send-co", name))
    bulk = certificates("KR", "ID", 2000, first=1000)
    for number, text in enumerate(bulk):
        ours.put(f"bulk-{number:04}.json", text)
    for left in (1800, 1000, 300, 0):
        ours.start()
        wait_until(lambda: len(ours.names("out")) <= left, f"{left} are left")
        ours.end(signal.SIGKILL if left else signal.SIGTERM)
    same_channel(kr, idn)
    theirs.start()
    wait_until(lambda: len(theirs.names("in")) >= 1000, "half of it is there")
    theirs.end(signal.SIGKILL)
    theirs.start()
    wait_until(lambda: idn.ask("inbox", 10) == [], "all of it is taken")
    theirs.end()
    arrived = [number_of(theirs.read("in", name)) for name in theirs.names("in")]
    assert arrived == [number_of(text) for text in bulk], f"{len(arrived)} of {len(bulk)}"
    assert len([name for name in ours.names("sent") if name.startswith("bulk-")]) == 2000


@step("a second process for the same folder is refused")
def _():
    ours.start()
    ours.put("served.json", certificates("KR", "ID", 1, first=30)[0])
    wait_until(lambda: "served.json" in ours.names("sent"), "the first one serves")
    assert "another process" in ours.once(code=75).stderr
    ours.end()


@step("while the node is away the documents stay, and go when it is there again")
def _():
    ours.start()
    kr.stop()
    text, = certificates("KR", "ID", 1, first=5000)
    ours.put("later.json", text)
    wait_until(lambda: "trying on" in open(ours.log_path, encoding="utf-8").read(), "it says so")
    assert ours.names("out") == ["later.json"]
    kr.start()
    wait_until(lambda: "later.json" in ours.names("sent"), "it is sent")
    ours.end()


@step("while the node cannot commit, or has no room, nothing counts as refused, and all goes later")
def _():
    texts = certificates("KR", "ID", 2, first=5100)
    ours.put("stuck.json", texts[0])
    views = sqlite3.connect(os.path.join(kr.store, "views.sqlite"), isolation_level=None)
    views.execute("BEGIN IMMEDIATE")  # no batch begins
    ours.once()
    views.execute("ROLLBACK")
    views.close()
    assert ours.names("out") == ["stuck.json"] and "stuck.json" not in ours.names("error")
    ours.once()
    assert "stuck.json" in ours.names("sent")
    kr.stop()
    kr.option("store", "minimum_free", "1TiB")
    kr.start()
    ours.put("full.json", texts[1])
    ours.once()
    assert ours.names("out") == ["full.json"]
    kr.stop()
    kr.option("store", "minimum_free", "64MiB")
    kr.start()
    ours.once()
    assert "full.json" in ours.names("sent") and ours.names("out") == []


with mesh:
    pass
report()
