"""The life of a node: it stops in order or at once, starts again on what it has, makes its views
again whenever they are not its own, and lets nobody else at its store."""

import os
import shutil
import signal
import time

from mesh import (Mesh, certificates, number_of, report, same_channel, step, taken_all,
                  wait_until)

COUNT = 30

with Mesh(("KR", "ID")) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]
    documents = certificates("KR", "ID", COUNT)
    numbers = [number_of(one) for one in documents]

    def held(node, direction, partner):
        """What a node holds of a channel, with every state."""
        mesh.settle()
        rows = node.rows_of("messages", partner, direction)
        entries = node.rows_of("entries", partner, direction)
        return rows, entries, node.channel(partner, direction)

    @step("an orderly stop ends with 0, removes the socket, and the log says so")
    def _():
        taken_all(kr.submit(documents))
        mesh.settle()
        kr.stop()
        assert kr.process.returncode == 0
        assert not os.path.exists(os.path.join(kr.folder, "control.socket"))
        assert "stopping" in kr.log()

    @step("the commands of a node that does not run say how to start it")
    def _():
        result = kr.comesh("status", check=False)
        assert result.returncode != 0 and "comeshd" in result.stderr, result

    @step("a start on an existing store gives the same node")
    def _():
        kr.start()
        kr.wait_lane("ID")
        rows = kr.rows_of("messages", "ID", "outgoing")
        assert [row["number"] for row in rows if row["number"]] == numbers
        same_channel(kr, id_)

    @step("what was submitted just before the stop is there after the start")
    def _():
        more = certificates("KR", "ID", 200, first=1001)
        taken_all(kr.submit(more))
        kr.stop()
        kr.start()
        mesh.settle()
        arrived = [row["number"] for row in id_.rows_of("messages", "KR", "incoming")
                   if row["number"]]
        assert arrived == numbers + [number_of(one) for one in more]

    @step("the control socket's stop is an orderly stop, too")
    def _():
        kr.ask("stop")
        assert kr.process.wait(timeout=60) == 0
        kr.start()

    @step("a second SIGTERM ends at once, and the next start has everything")
    def _():
        taken_all(kr.submit(certificates("KR", "ID", 200, first=2001)))
        begin = time.monotonic()
        while kr.process.poll() is None and time.monotonic() < begin + 20:
            kr.process.send_signal(signal.SIGTERM)
            time.sleep(0.002)
        assert kr.process.returncode in (0, -signal.SIGTERM), kr.process.returncode
        assert time.monotonic() - begin < 5
        kr.start()
        mesh.settle()
        same_channel(kr, id_)

    @step("a second node on the same store is refused with the first one's process number")
    def _():
        result = kr.start_beside()
        assert str(kr.process.pid) in result.stderr, result.stderr
        assert kr.ask("status")[0]["pid"] == kr.process.pid

    @step("a rebuild beside a running node is refused; of a stopped one it counts the records")
    def _():
        result = kr.comesh("rebuild", check=False)
        assert result.returncode not in (0, 99) and str(kr.process.pid) in result.stderr, result
        before = held(kr, "outgoing", "ID")
        kr.stop()
        assert "records" in kr.comesh("rebuild").stdout
        kr.start()
        assert held(kr, "outgoing", "ID") == before

    @step("deleted views are made again at the start: the same node")
    def _():
        before = held(kr, "outgoing", "ID"), held(kr, "incoming", "ID")
        kr.stop()
        kr.drop_views()
        kr.start()
        assert (held(kr, "outgoing", "ID"), held(kr, "incoming", "ID")) == before

    @step("views of another node are noticed and made again")
    def _():
        before = held(kr, "outgoing", "ID")
        kr.stop()
        id_.stop()
        kr.drop_views()
        for name in os.listdir(id_.store):
            if name.startswith("views.sqlite"):
                shutil.copy(os.path.join(id_.store, name), kr.store)
        id_.start()
        kr.start()
        assert held(kr, "outgoing", "ID") == before
        kr.comesh("verify")

    @step("damaged views are noticed and made again")
    def _():
        before = held(kr, "outgoing", "ID")
        kr.stop()
        kr.damage_views()
        kr.start()
        assert held(kr, "outgoing", "ID") == before

    @step("views deleted under a running node do not stop it, and the next start makes them again")
    def _():
        before = held(kr, "outgoing", "ID")
        kr.drop_views()
        taken_all(kr.submit(certificates("KR", "ID", 5, first=3001)))
        mesh.settle()
        kr.stop()
        kr.start()
        rows, _, channel = held(kr, "outgoing", "ID")
        assert channel["size"] > before[2]["size"]
        assert [row["number"] for row in rows][:COUNT] == numbers
        same_channel(kr, id_)

    @step("a wrong passphrase is refused with the key's name, and nothing is started")
    def _():
        kr.stop()
        result = kr.start_beside(passphrase=b"wrong")
        assert "passphrase" in result.stderr and ".key" in result.stderr, result.stderr

    @step("a port that is taken is refused with the endpoint in the sentence")
    def _():
        kr.edit_config(f":{kr.port}", f":{id_.port}")
        result = kr.start_beside()
        assert str(id_.port) in result.stderr, result.stderr
        kr.edit_config(f":{id_.port}", f":{kr.port}")
        kr.start()
        kr.wait_lane("ID")

    @step("at the end both ends hold the same and the stores prove again")
    def _():
        wait_until(lambda: id_.partner("KR")["outgoing"] == "open", "ID dials KR again", 90)
        mesh.settle()
        same_channel(kr, id_)
        same_channel(id_, kr)
        kr.comesh("verify")
        id_.comesh("verify")

report()
