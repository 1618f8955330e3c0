"""What four nodes do by themselves with signed texts: signatures of an agreement gathered, cards of
those it names passed on and their lanes opened, a new card brought by a third party while its maker
is away, a party that joins, an old backup brought up to date, a revocation told to all; and that no
message is lost by it."""

import json
import os
import shutil

from mesh import Mesh, certificates, report, same_channel, step, taken_all, wait_until


def documents(count, first, exporter="KR", importer="ID"):
    """Certificates under the agreement of this test."""
    made = []
    for text in certificates(exporter, importer, count, first=first):
        document = json.loads(text)
        document["LPCO"]["AgreementID"] = "PTA"
        document["LPCO"]["MenuVersionID"] = 1
        made.append(document)
    return made


def in_force(node, version):
    shown = node.comesh("agreement", "show", f"PTA:{version}", "--json", check=False)
    return shown.returncode == 0 and json.loads(shown.stdout)["state"] == "in force"


def serial(node, party):
    """Of the card of a party that the running node holds."""
    return (node.partner(party) or {}).get("serial", 0)


def acts(node, verb):
    return [one for one in node.json("audit", "show") if one["verb"] == verb]


def told(node, party):
    """The revocations of that party that the node took from the mesh."""
    return [one for one in acts(node, "revocation take") if one["subject"] == party]


class Star(Mesh):
    """KR and each other party have confirmed each other's cards; nobody else has."""

    def introduce(self):
        for node in self.nodes.values():
            node.init(agreements=())
        for party, node in self.nodes.items():
            if party != "KR":
                node.trust(self.nodes["KR"])
                self.nodes["KR"].trust(node)


with Star(("KR", "ID", "UY", "JP")) as mesh:
    kr, id_, uy, jp = (mesh[party] for party in ("KR", "ID", "UY", "JP"))
    path = os.path.join(mesh.folder, "PTA.agreement")

    @step("each signs where it is, the nodes gather the signatures, and the agreement counts")
    def _():
        kr.add_menu("PTA")
        kr.comesh("agreement", "new", "PTA", "--name", "A pact of three", "--reference", "of tests",
                  "--join", "ID", "--join", "UY", "--menu",
                  os.path.join(kr.folder, "menus", "PTA-1.menu"))
        kr.unlocked("agreement", "sign", "PTA", "--output", path)
        for node in (id_, uy):
            node.comesh("agreement", "import", path, "--propose")
            node.unlocked("agreement", "sign", "PTA")
        for node in (kr, id_, uy):
            wait_until(lambda node=node: in_force(node, 1), f"{node.party} holds version 1")

    @step("whom the agreement names gets the others' cards, and their lanes open by themselves")
    def _():
        for node, other in ((id_, "UY"), (uy, "ID")):
            wait_until(lambda node=node, other=other: serial(node, other) == 1,
                       f"{node.party} has the card of {other}")
            node.wait_lane(other)
        taken_all(id_.submit(documents(20, 1, "ID", "UY")))
        taken_all(uy.submit(documents(20, 1, "UY", "ID")))
        mesh.settle()
        same_channel(id_, uy)
        assert serial(jp, "ID") == 0, "JP is in no agreement, and gets nobody's card"

    @step("a new card is brought by a third party while its maker is away")
    def _():
        uy.stop()
        kr.unlocked("key", "rotate", "receipt")
        wait_until(lambda: serial(id_, "KR") == 2, "ID has the new card of KR")
        wait_until(lambda: kr.partner("ID")["known_serial"] == 2, "KR knows that ID has it")
        kr.stop()
        uy.start()
        wait_until(lambda: serial(uy, "KR") == 2, "UY has the new card of KR, from ID")
        kr.start()
        kr.wait_lane("UY")
        wait_until(lambda: kr.partner("UY")["known_serial"] == 2, "KR knows that UY has it")

    @step("a party joins by the next version, under load: nothing is lost, doubled or refused")
    def _():
        kr.comesh("agreement", "new", "PTA", "--join", "JP")
        taken_all(kr.submit(documents(100, 1000)))
        kr.unlocked("agreement", "sign", "PTA", "--output", path)
        taken_all(kr.submit(documents(100, 2000)))
        for node in (id_, uy):
            wait_until(lambda node=node: node.comesh("agreement", "show", "PTA:2", check=False)
                       .returncode == 0, f"the proposal has come to {node.party} by itself")
            node.unlocked("agreement", "sign", "PTA")
            taken_all(kr.submit(documents(100, 3000 if node is id_ else 4000)))
        jp.comesh("agreement", "import", path, "--propose")
        jp.unlocked("agreement", "sign", "PTA")
        for node in (kr, id_, uy, jp):
            wait_until(lambda node=node: in_force(node, 2), f"{node.party} holds version 2")
        taken_all(kr.submit(documents(100, 5000)))
        kr.wait_receipts("ID")
        same_channel(kr, id_)
        assert len(id_.take_all()) == 520, "500 of KR and 20 of UY"

    @step("who joined has everybody's card and everybody its card, and certificates go")
    def _():
        for other in ("ID", "UY"):
            wait_until(lambda other=other: serial(jp, other) == 1, f"JP has the card of {other}")
            jp.wait_lane(other)
            mesh[other].wait_lane("JP")
        taken_all(jp.submit(documents(10, 1, "JP", "UY")))
        jp.wait_receipts("UY")
        same_channel(jp, uy)

    @step("a node whose texts come from an old backup is brought up to date, and brings nobody back")
    def _():
        uy.stop()
        backup = os.path.join(mesh.folder, "backup")
        shutil.copytree(os.path.join(uy.folder, "cards"), os.path.join(backup, "cards"))
        shutil.copytree(os.path.join(uy.folder, "agreements"), os.path.join(backup, "agreements"))
        uy.start()
        kr.unlocked("key", "rotate", "checkpoint")
        wait_until(lambda: serial(uy, "KR") == 3, "UY has the newest card of KR")
        uy.stop()
        os.unlink(os.path.join(backup, "agreements", "PTA", "0002.agreement"))
        for folder in ("cards", "agreements"):
            shutil.rmtree(os.path.join(uy.folder, folder))
            shutil.copytree(os.path.join(backup, folder), os.path.join(uy.folder, folder))
        uy.start()
        wait_until(lambda: serial(uy, "KR") == 3, "UY has the newest card of KR again")
        wait_until(lambda: in_force(uy, 2), "UY has the newest agreement again")
        for node in (kr, id_, jp):
            assert in_force(node, 2), node.party
        assert serial(id_, "KR") == 3 and serial(jp, "KR") == 3

    @step("a revoked transport key is told to all, its lanes close, and those of the new key open")
    def _():
        uy.unlocked("key", "revoke", "transport", "--reason", "a lost laptop", "--yes")
        for node in (kr, id_, jp):
            wait_until(lambda node=node: told(node, "UY"), f"{node.party} is told")
            wait_until(lambda node=node: serial(node, "UY") == 2, f"{node.party} has the new card")
            node.wait_lane("UY")
            uy.wait_lane(node.party)
        taken_all(uy.submit(documents(10, 200, "UY", "JP")))
        uy.wait_receipts("JP")

    @step("a revoked key is told to all, also to those who are away and get it from others")
    def _():
        uy.stop()
        jp.unlocked("key", "revoke", "checkpoint", "--reason", "a stolen disk", "--yes")
        wait_until(lambda: told(kr, "JP"), "KR is told")
        jp.stop()
        uy.start()
        wait_until(lambda: told(uy, "JP"), "UY is told by KR or ID")
        jp.start()
        for node in (kr, id_, uy):
            wait_until(lambda node=node: told(node, "JP"), f"{node.party} is told")
            wait_until(lambda node=node: serial(node, "JP") == 2, f"{node.party} has the new card")
        assert "a stolen disk" in told(uy, "JP")[0]["detail"]
        for node in (kr, id_, uy):
            node.wait_lane("JP")
            jp.wait_lane(node.party)
        taken_all(jp.submit(documents(10, 100, "JP", "UY")))
        jp.wait_receipts("UY")

    @step("every act stands in the audit log of each node, signed, and holds")
    def _():
        taken = {(one["subject"], one["detail"].split(",")[0]) for one in acts(id_, "card take")}
        assert {("UY", "serial 1"), ("KR", "serial 2"), ("JP", "serial 1")} <= taken, taken
        assert any("named by an agreement" in one["detail"] and "from KR" in one["detail"]
                   for one in acts(id_, "card take")), acts(id_, "card take")
        assert acts(id_, "agreement accept"), id_.json("audit", "show")
        for node in (kr, id_, uy, jp):
            assert acts(node, "init")[0]["number"] == 0
            wait_until(lambda node=node: (lambda log: log["signed"] == log["acts"])(
                node.json("audit", "verify")), f"the audit log of {node.party} is signed")

    @step("an act that somebody changed, removed or cut off is named")
    def _():
        log = os.path.join(id_.folder, "audit", "log")
        with open(log, encoding="utf-8") as file:
            lines = file.read().splitlines(keepends=True)
        for damaged, words in ((["0" + lines[0][1:].replace("serial 1", "serial 7"), *lines[1:]],
                                "act 0 does not hold"),
                               ([lines[0], *lines[2:]], "act 1 does not hold"),
                               (lines[:-1], f"act {len(lines) - 1} does not hold")):
            with open(log, "w", encoding="utf-8") as file:
                file.writelines(damaged)
            result = id_.comesh("audit", "verify", check=False)
            assert result.returncode == 65 and words in result.stderr, result
        with open(log, "w", encoding="utf-8") as file:
            file.writelines(lines)
        id_.comesh("audit", "verify")

report()
