"""A store of a million certificates, as after years: sent in bulk, received in order, verified,
rebuilt, started again; and a look-up takes as long as in a small one. SOAK_COUNT sets how many."""

import os
import statistics
import subprocess
import time

from mesh import BUILD, Mesh, certificates, number_of, report, step, wait_until

COUNT = int(os.environ.get("SOAK_COUNT", "1000000"))
LOOKUPS = 200
RSS_MAX_KIB = 256 << 10

with Mesh(("KR", "ID"), variant="release") as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]

    def seconds_of_lookup(number):
        times = []
        with kr.control() as control:
            for _ in range(LOOKUPS):
                begin = time.monotonic()
                assert control.ask("show", number, "")[0]["number"] == number
                times.append(time.monotonic() - begin)
        return statistics.median(times)

    small = []

    @step("a look-up in a store of a thousand")
    def _():
        kr.submit(certificates("KR", "ID", 1000))
        mesh.settle()
        small.append(seconds_of_lookup(number_of(certificates("KR", "ID", 1, first=500)[0])))

    @step(f"{COUNT} certificates are sent in bulk and receipted, in bounded memory")
    def _():
        begin = time.monotonic()
        maker = subprocess.Popen(
            [os.path.join(BUILD, "release", "comesh-bench"), "sample", "--exporter", "KR",
             "--importer", "ID", "--items", "2", "--first", "1001", "--count", str(COUNT - 1000)],
            stdout=subprocess.PIPE)
        sender = subprocess.Popen(
            [os.path.join(kr.programs, "comesh"), "-C", kr.folder, "send", "-"],
            stdin=maker.stdout, stdout=subprocess.DEVNULL, env=kr.environment())
        maker.stdout.close()
        assert sender.wait() == 0 and maker.wait() == 0
        kr.wait_receipts("ID", 600)
        print(f"        {COUNT / (time.monotonic() - begin):.0f} a second")
        assert kr.channel("ID", "outgoing")["size"] == COUNT
        for node in (kr, id_):
            assert node.rss_kib() < RSS_MAX_KIB, f"{node.party}: {node.rss_kib()} KiB"

    @step("both ends hold the same log")
    def _():
        ours, theirs = kr.channel("ID", "outgoing"), id_.channel("KR", "incoming")
        assert (ours["size"], ours["root"]) == (theirs["size"], theirs["root"])

    @step("a look-up takes at most twice as long as in the small store")
    def _():
        large = seconds_of_lookup(number_of(certificates("KR", "ID", 1, first=COUNT // 2)[0]))
        print(f"        {small[0] * 1e6:.0f} µs and {large * 1e6:.0f} µs")
        assert large < 2 * small[0] + 0.0002, (small, large)

    @step("the whole store proves again beside the running node")
    def _():
        kr.comesh("verify")

    @step("views that are gone are made again, and a start on them is quick")
    def _():
        root = kr.channel("ID", "outgoing")["root"]
        wait_until(lambda: id_.channel("KR", "outgoing")["size"]
                   == id_.channel("KR", "outgoing")["receipt_size"], "verdicts are receipted")
        kr.stop()
        kr.comesh("rebuild")
        begin = time.monotonic()
        kr.start()
        assert time.monotonic() - begin < 10
        assert kr.channel("ID", "outgoing")["root"] == root

report()
