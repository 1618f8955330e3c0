"""comesh partner test: what it finds when all is well, and each thing that can be wrong with the way
to a partner, with what to do; and that a lane that is open is not disturbed by it."""

import json
import socket
import threading

from mesh import Mesh, certificates, report, step, taken_all


def steps(node, party):
    """The steps by name, and the exit code."""
    result = node.comesh("partner", "test", party, "--json", check=False)
    return {one["step"]: one for one in json.loads(result.stdout)}, result.returncode


def outcomes(found):
    return {name: one["outcome"] for name, one in found.items()}


class Silent:
    """Accepts TCP connections at a port, and closes each: no node."""

    def __init__(self, port):
        self.socket = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        try:
            while True:
                self.socket.accept()[0].close()
        except OSError:
            pass

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Local(Mesh):
    """KR and ID trust each other and run; UY is made, with a name on its card that is not found."""

    def introduce(self):
        kr, id_, uy = (self.nodes[party] for party in ("KR", "ID", "UY"))
        kr.init()
        id_.init()
        uy.init(endpoint="tcp://nobody.invalid:7447")
        kr.trust(id_)
        id_.trust(kr)
        uy.trust(kr)

    def start(self):
        for party in ("KR", "ID"):
            self.nodes[party].start()


with Local(("KR", "ID", "UY")) as mesh:
    kr, id_, uy = mesh["KR"], mesh["ID"], mesh["UY"]

    @step("with a partner that is there every step is well, and the exit code is 0")
    def _():
        kr.wait_lane("ID")
        id_.wait_lane("KR")
        found, code = steps(kr, "ID")
        assert code == 0, found
        for name in ("their card", "our card", "name", "tcp", "curve", "admission", "hello",
                     "clock"):
            assert found[name]["outcome"] == "ok", found[name]
            assert not found[name]["remedy"], found[name]
        assert "version 4" in found["hello"]["found"], found["hello"]
        assert "127.0.0.1" in found["tcp"]["found"], found["tcp"]
        assert found["menu"]["outcome"] == "warning", "configured, and not signed"

    @step("an open lane is not disturbed: the same connection goes on, and certificates with it")
    def _():
        before = id_.log().count("incoming lane"), kr.log().count("outgoing lane")
        taken_all(kr.submit(certificates("KR", "ID", 200)))
        for _ in range(5):
            assert steps(kr, "ID")[1] == 0
        kr.wait_receipts("ID")
        assert (id_.log().count("incoming lane"), kr.log().count("outgoing lane")) == before

    @step("people read a line for each step, with what to do under it")
    def _():
        text = kr.comesh("partner", "test", "ID").stdout
        assert "ok       tcp" in text, text
        assert "->" in text and "sign an agreement" in text, text

    @step("a party without a card, this node itself and no party are refused with what to do")
    def _():
        result = kr.comesh("partner", "test", "UY", check=False)
        assert result.returncode == 66 and "comesh pair" in result.stderr, result
        result = kr.comesh("partner", "test", "KR", check=False)
        assert result.returncode == 65 and "is this node" in result.stderr, result
        result = kr.comesh("partner", "test", check=False)
        assert result.returncode == 64, result

    @step("a partner that does not admit us: the name, TCP and CURVE are well, admission is not")
    def _():
        id_.comesh("card", "remove", "KR")
        kr.wait_lane("ID", "refused")
        found, code = steps(kr, "ID")
        assert code == 1, found
        assert found["curve"]["outcome"] == "ok", found["curve"]
        assert found["admission"]["outcome"] == "failed", found["admission"]
        assert "400" in found["admission"]["found"], found["admission"]
        assert "card export" in found["admission"]["remedy"], found["admission"]
        assert "hello" not in found, found
        id_.trust(kr)
        kr.comesh("reload")
        kr.wait_lane("ID")

    @step("a partner that is down: nobody answers, and where to look")
    def _():
        id_.stop()
        found, code = steps(kr, "ID")
        assert code == 1, found
        assert outcomes(found)["name"] == "ok" and outcomes(found)["tcp"] == "failed", found
        assert "refused" in found["tcp"]["found"], found["tcp"]
        assert "whether its node runs" in found["tcp"]["remedy"], found["tcp"]
        assert "curve" not in found and "hello" not in found, found

    @step("somebody else at its port, who shakes no hands")
    def _():
        silent = Silent(id_.port)
        try:
            found, code = steps(kr, "ID")
        finally:
            silent.close()
        assert code == 1 and outcomes(found)["tcp"] == "ok", found
        assert outcomes(found)["curve"] == "failed", found
        assert "compare its newest card" in found["curve"]["remedy"], found["curve"]

    @step("a node with another key at its port")
    def _():
        uy.edit_config(f"127.0.0.1:{uy.port}", f"127.0.0.1:{id_.port}")
        uy.start()
        found, code = steps(kr, "ID")
        assert code == 1, found
        assert outcomes(found)["curve"] == "failed", found
        assert "admission" not in found, found
        uy.stop()
        id_.start()
        kr.wait_lane("ID")

    @step("a name that is not found")
    def _():
        kr.trust(uy)
        found, code = steps(kr, "UY")
        assert code == 1 and outcomes(found)["name"] == "failed", found
        assert "nobody.invalid" in found["name"]["found"], found["name"]
        assert found["menu"]["outcome"] == "warning", found["menu"]
        assert "tcp" not in found, found

    @step("a node stops in order while a test is under way")
    def _():
        with kr.control() as control:
            control.request("test", "UY")
            kr.stop()

report()
