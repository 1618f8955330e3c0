"""Agreements: signed by two people by file, followed by newer versions while messages are on their
way, ended by date; and what is refused."""

import datetime
import json
import os
import re
import shutil
import signal

from mesh import ROOT, Mesh, certificates, report, same_channel, step, taken_all, wait_until

DATA, CONFIG = 65, 78
EACH = 150  # certificates on their way while a new version is taken


def menu_file(folder, code, version, more=""):
    """The menu of AKFTA as that of another agreement."""
    with open(os.path.join(ROOT, "proto", "menus", "akfta.menu"), encoding="utf-8") as file:
        text = file.read().replace("menu AKFTA 1", f"menu {code} {version}")
    path = os.path.join(folder, f"{code}-{version}.menu")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text + more)
    return path


def documents(code, count, first, version=1, exporter="KR", importer="ID"):
    """Certificates under an agreement."""
    made = []
    for text in certificates(exporter, importer, count, first=first):
        document = json.loads(text)
        document["LPCO"]["AgreementID"] = code
        document["LPCO"]["MenuVersionID"] = version
        made.append(document)
    return made


def refused(answers, code, *words):
    for answer in answers:
        assert answer["code"] == code, answer
        for word in words:
            assert word in answer["sentence"], f"'{word}' is not in: {answer['sentence']}"


def verdict(node, document):
    number = document["LPCO"]["ID"]
    return wait_until(lambda: node.message(number)["judged"] and node.message(number),
                      f"the verdict on {number}")


def says(result, *words, code=0):
    assert result.returncode == code, f"{result.returncode}: {result.stderr}{result.stdout}"
    for word in words:
        assert word in result.stderr + result.stdout, f"'{word}' is not in: {result.stderr}"
    return result


def time_text(seconds):
    """So many seconds from now, as the texts write it."""
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def state(node, code):
    return node.json("agreement", "show", code)["state"]


with Mesh() as mesh:
    kr, id_, uy = mesh["KR"], mesh["ID"], mesh["UY"]
    for node in (kr, id_):
        node.wait_lane("ID" if node is kr else "KR")
    path = os.path.join(mesh.folder, "CKFTA.agreement")

    @step("a proposal counts for nothing before both have signed")
    def _():
        menu = menu_file(mesh.folder, "CKFTA", 1)
        said = kr.comesh("agreement", "new", "CKFTA", "--name", "China-Korea FTA", "--reference",
                         "Protocol 3", "--join", "ID", "--menu", menu)
        says(said, "kept as a proposal", "0 of 2")
        says(kr.unlocked("agreement", "sign", "CKFTA", "--output", path), "signed by KR; not by ID")
        assert state(kr, "CKFTA") == "proposal"
        refused(kr.submit(documents("CKFTA", 1, 1)), "not-found", "CKFTA", "agreement list")

    @step("two people sign by file, and the running nodes take it at once")
    def _():
        says(id_.comesh("agreement", "import", path), "a proposal")
        words = [node.json("agreement", "show", "CKFTA")["fingerprint"]["words"]
                 for node in (kr, id_)]
        assert words[0] == words[1] and len(words[0].split()) == 6, words
        says(id_.unlocked("agreement", "sign", "CKFTA", "--output", path), "is accepted",
             "read its directory again")
        kr.comesh("agreement", "import", path)  # or it came over the mesh already
        assert all(one["signed"] for one in kr.json("agreement", "show", "CKFTA")["parties"])
        certificate = documents("CKFTA", 1, 1)[0]
        taken_all(kr.submit([certificate]))
        assert verdict(kr, certificate)["outcome"] == "accepted"
        assert [one["number"] for one in id_.take_all()] == [certificate["LPCO"]["ID"]]

    @step("the menu comes from the signed text, and no file of it is needed")
    def _():
        assert not os.path.exists(os.path.join(id_.folder, "menus"))
        shown = id_.json("menu", "list")
        assert any(one["agreement"] == "CKFTA" and one["file"] == "agreement CKFTA 1"
                   for one in shown), shown

    @step("the same file again changes nothing")
    def _():
        says(kr.comesh("agreement", "import", path), "held already")
        result = kr.comesh("agreement", "compare", path)
        says(result, "the same text")

    @step("a new version is taken while messages are on their way, and none is lost")
    def _():
        id_.stop()
        taken_all(kr.submit(documents("CKFTA", EACH, 100)))
        id_.start()
        menu = menu_file(mesh.folder, "CKFTA", 2, "optional Item/Commodity/Producer (tests)\n")
        mesh.agree("CKFTA", "--menu", menu, "--until", "2040-01-01")
        for node in (kr, id_):
            wait_until(lambda node=node: state(node, "CKFTA:2") == "in force", "version 2")
        taken_all(kr.submit(documents("CKFTA", EACH, 500, version=2)))
        mesh.settle()
        same_channel(kr, id_)
        for first, version in ((100, 1), (500, 2)):
            for document in documents("CKFTA", EACH, first, version)[::10]:
                outcome = verdict(kr, document)
                assert outcome["outcome"].startswith("accepted"), outcome
        assert len(id_.take_all()) == 2 * EACH

    @step("nothing new is sent under the menu that was replaced")
    def _():
        refused(kr.submit(documents("CKFTA", 1, 900)), "not-found", "menu version 1",
                "menu version 2")

    @step("a policy officer sees what the version changed")
    def _():
        said = kr.comesh("agreement", "diff", "CKFTA:1", "CKFTA:2").stdout
        assert "menus: 1 → 2" in said and "- menu line: menu CKFTA 1" in said, said
        assert "+ menu line: optional Item/Commodity/Producer" in said, said
        assert "until: " in said and "2040-01-01" in said, said
        changes = kr.json("agreement", "diff", "CKFTA")
        assert {"what": "menus", "before": "1", "after": "2"} in changes, changes

    @step("a party joins, and its certificates go; its role is kept")
    def _():
        mesh.agree("CKFTA", "--join", "UY", "--quorum", "2", "--role", "UY=exporter",
                   parties=("KR", "ID", "UY"))
        wait_until(lambda: state(uy, "CKFTA") == "in force", "version 3 at UY")
        certificate = documents("CKFTA", 1, 1, 2, "UY", "ID")[0]
        taken_all(uy.submit([certificate]))
        assert verdict(uy, certificate)["outcome"] == "accepted"
        refused(kr.submit(documents("CKFTA", 1, 1, 2, "KR", "UY")), "denied",
                "party 'UY' is no importer under agreement 'CKFTA', version 3")

    @step("a party leaves by the quorum of the others, and is refused at once")
    def _():
        file = mesh.agree("CKFTA", "--leave", "UY", "--quorum", "2")
        refused(kr.submit(documents("CKFTA", 1, 1, 2, "KR", "UY")), "not-found",
                "party 'UY' is not in agreement 'CKFTA', version 4")
        uy.comesh("agreement", "import", file)
        refused(uy.submit(documents("CKFTA", 1, 2, 2, "UY", "ID")), "not-found", "'UY' is not in")

    @step("every version is kept")
    def _():
        rows = kr.json("agreement", "list", "--all")
        assert [one["version"] for one in rows if one["code"] == "CKFTA"] == [1, 2, 3, 4], rows

    @step("two different next versions are shown with who signed them, and none is overwritten")
    def _():
        other = os.path.join(mesh.folder, "other.agreement")
        id_.stop()  # or the mesh would bring it the first one
        kr.comesh("agreement", "new", "CKFTA", "--grace", "10")
        kr.unlocked("agreement", "sign", "CKFTA")
        id_.comesh("agreement", "new", "CKFTA", "--grace", "20")
        id_.unlocked("agreement", "sign", "CKFTA", "--output", other)
        says(kr.comesh("agreement", "import", other, check=False), "version 5 is held as",
             "signed by KR; not by ID", "signed by ID; not by KR", "nothing was changed", code=DATA)
        says(kr.comesh("agreement", "compare", other, check=False), "NOT the same text",
             "days of grace: 10 → 20", code=1)
        assert kr.json("agreement", "show", "CKFTA:5")["grace_days"] == 10
        kr.comesh("agreement", "drop", "CKFTA")
        says(kr.comesh("agreement", "import", other), "a proposal")
        for node in (kr, id_):
            node.comesh("agreement", "drop", "CKFTA")
        id_.start()

    @step("an older version that is played again changes nothing")
    def _():
        file = os.path.join(kr.folder, "agreements", "CKFTA", "0001.agreement")
        says(id_.comesh("agreement", "import", file), "version 1 is held already; the newest is 4")
        assert state(id_, "CKFTA") == "in force"

    @step("a first version without the own signature needs a person who confirms its fingerprint")
    def _():
        menu = menu_file(mesh.folder, "THREE", 1)
        kr.comesh("agreement", "new", "THREE", "--name", "Three", "--reference", "of the tests",
                  "--join", "ID", "--join", "UY", "--menu", menu, "--quorum", "2")
        file = os.path.join(mesh.folder, "three.agreement")
        kr.unlocked("agreement", "sign", "THREE", "--output", file)
        id_.comesh("agreement", "import", file)
        id_.unlocked("agreement", "sign", "THREE", "--output", file)
        says(uy.comesh("agreement", "import", file, check=False), "NOT IMPORTED", code=77)
        says(uy.comesh("agreement", "import", file, "--fingerprint", "1" * 25, check=False),
             "another fingerprint", code=DATA)
        words = kr.json("agreement", "show", "THREE:1")["fingerprint"]["words"]
        says(uy.comesh("agreement", "import", file, "--fingerprint", words), "is accepted")
        kr.comesh("agreement", "import", file)

    @step("a signature of a stranger, a changed text, carriage returns and a megabyte are refused")
    def _():
        with open(path, encoding="utf-8") as file:
            good = file.read()
        stranger = good.replace("beacukai.go.id/identity", "beacukai.go.xx/identity")
        bad = {
            "stranger": (stranger, "no party of it"),
            "changed": (good.replace("quorum 2", "quorum 1", 1), "quorum"),
            "shorter": (good.replace("days\n", "days", 1), "line"),
            "returns": (good.replace("\n", "\r\n"), "carriage return"),
            "twice": (good + good.splitlines()[-1] + "\n", "a second signature"),
            "second": (good + "\n" + good, "second signature block"),
            "mega": (good + "x" * (1 << 20), "over 262144 bytes"),
            "lookalike": (good.replace("name China", "name Chin\u0430", 1), "words of two scripts"),
        }
        for name, (text, words) in bad.items():
            file_name = os.path.join(mesh.folder, name + ".agreement")
            with open(file_name, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            result = kr.comesh("agreement", "import", file_name, check=False)
            assert result.returncode != 0, name
            assert words in result.stderr, f"{name}: {result.stderr}"
        assert kr.json("agreement", "show", "CKFTA")["version"] == 4

    @step("a signed agreement takes the place of its section in the configuration")
    def _():
        mesh.agree_first("AKFTA")
        for node in (kr, id_):
            node.wait_log('event="a section has no effect" code=AKFTA')
        refused(kr.submit(documents("AKFTA", 1, 1, 1, "KR", "UY")), "not-found",
                "party 'UY' is not in agreement 'AKFTA', version 1")
        certificate = documents("AKFTA", 1, 2000)[0]
        taken_all(kr.submit([certificate]))
        assert verdict(kr, certificate)["outcome"] == "accepted"

    @step("an end that comes near is told by status, by show and in the log")
    def _():
        mesh.agree_first("GSP", "--until", time_text(20 * 86400))
        said = kr.comesh("status").stdout
        assert "AGREEMENT GSP ENDS in 20 days" in said, said
        assert "ENDS in 20 days" in kr.comesh("agreement", "show", "GSP").stdout
        assert any(one["code"] == "GSP" and one["days_left"] == 20
                   for one in kr.json("status")["agreements"])
        kr.stop()
        kr.start()
        kr.wait_log('event="ends soon" code=GSP')

    @step("a code list in another edition than was agreed is told")
    def _():
        menu = menu_file(mesh.folder, "LISTED", 1)
        mesh.agree_first("LISTED", "--menu", menu, "--list", "un-ece-21")
        agreed = kr.json("agreement", "show", "LISTED")["lists"]
        assert [one["list"] for one in agreed] == ["un-ece-21"], agreed
        path = os.path.join(mesh.folder, "packages.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("# list: un-ece-21\n# edition: our own\nvalue,name,from,until\nCT,carton,,\n")
        kr.comesh("codes", "import", path)
        kr.comesh("reload")
        kr.wait_log('event="another edition of a code list" code=LISTED list=un-ece-21')
        os.unlink(os.path.join(kr.folder, "codes", "un-ece-21.csv"))
        kr.comesh("reload")

    @step("after its end nothing new is sent; what was under way is taken within the grace alone")
    def _():
        for code in ("WITH-GRACE", "WITHOUT"):
            menu = menu_file(mesh.folder, code, 1)
            days = "30" if code == "WITH-GRACE" else "0"
            mesh.agree_first(code, "--menu", menu, "--grace", days, "--until", time_text(20))
        id_.stop()
        sent = {code: documents(code, 1, 3000 + at)[0]
                for at, code in enumerate(("WITH-GRACE", "WITHOUT"))}
        taken_all(kr.submit(sent.values()))
        for code, ended in (("WITH-GRACE", "in its grace"), ("WITHOUT", "ended")):
            wait_until(lambda code=code, ended=ended: state(kr, code) == ended, f"{code} {ended}")
            refused(kr.submit(documents(code, 1, 3100)), "denied", "ended at", "sign a new version")
        id_.start()
        assert verdict(kr, sent["WITH-GRACE"])["outcome"] == "accepted"
        outcome = verdict(kr, sent["WITHOUT"])
        assert outcome["outcome"] == "refused", outcome
        assert any("ended at" in one["detail"] for one in outcome["remarks"]), outcome
        assert "AGREEMENT WITHOUT HAS ENDED" in kr.comesh("status").stdout

    @step("a first version that has ended is refused, with the clock of this machine")
    def _():
        menu = menu_file(mesh.folder, "PAST", 1)
        result = kr.comesh("agreement", "new", "PAST", "--name", "Past", "--reference", "x",
                           "--join", "ID", "--menu", menu, "--from", "2020-01-01", "--until",
                           "2021-01-01", check=False)
        says(result, "its grace is over; the clock of this machine says", code=DATA)

    @step("a power cut in the middle of taking it leaves a folder that loads")
    def _():
        id_.stop()
        kr.comesh("agreement", "new", "CKFTA", "--grace", "11")
        for name in ("file.written", "file.synced", "file.renamed"):
            result = kr.unlocked("agreement", "sign", "CKFTA", check=False,
                                 extra={"COMESH_FAILPOINT": name})
            assert result.returncode == -signal.SIGKILL, f"{name}: {result}"
            kr.comesh("agreement", "list")
        kr.unlocked("agreement", "sign", "CKFTA", check=False)
        assert "signed by KR; not by ID" in kr.comesh("agreement", "show", "CKFTA:5").stdout
        kr.comesh("agreement", "drop", "CKFTA")
        id_.start()

    @step("a folder that somebody changed is not taken, and the node goes on as it was")
    def _():
        file = os.path.join(kr.folder, "agreements", "CKFTA", "0004.agreement")
        shutil.copy(file, file + ".kept")
        os.rename(file + ".kept", os.path.join(mesh.folder, "kept"))
        with open(file, encoding="utf-8") as text:
            lines = text.read().splitlines(keepends=True)
        with open(file, "w", encoding="utf-8") as text:
            text.write("".join(lines[:-1]))
        assert kr.comesh("reload", check=False).returncode != 0
        kr.wait_log("reload refused")
        taken_all(kr.submit(documents("CKFTA", 1, 4000, 2)))
        shutil.copy(os.path.join(mesh.folder, "kept"), file)
        kr.comesh("reload")

    @step("a party changes its identity key: a new version names it, and the mesh brings its card")
    def _():
        id_.unlocked("key", "rotate", "identity", keys=2)
        card = os.path.join(mesh.folder, "ID-new.card")
        with open(card, "w", encoding="utf-8") as file:
            file.write(id_.comesh("card", "export").stdout)
        fingerprint = id_.json("card", "fingerprint")["digits"]
        says(kr.comesh("agreement", "new", "CKFTA", "--identity", card, check=False), "NOT MADE",
             "nobody confirmed", code=77)
        kr.comesh("agreement", "new", "CKFTA", "--identity", card, "--fingerprint", fingerprint)
        says(kr.unlocked("agreement", "sign", "CKFTA", "--output", path),
             "ID GETS A NEW IDENTITY KEY", "identity key of ID: ")
        id_.comesh("agreement", "import", path, "--propose")
        says(id_.unlocked("agreement", "sign", path, "--output", path, keys=2), "is accepted")
        kr.comesh("agreement", "import", path)
        serial = id_.json("card", "show")["serial"]
        wait_until(lambda: kr.json("card", "show", "ID")["serial"] == serial,
                   "KR takes the card that the agreement vouches for")
        assert kr.json("card", "show", "ID")["fingerprint"] == fingerprint
        certificate = documents("CKFTA", 1, 5000, 2)[0]
        taken_all(kr.submit([certificate]))
        assert verdict(kr, certificate)["outcome"] == "accepted"

    @step("a newer version is signed without any file: the mesh carries it to and fro")
    def _():
        version = kr.json("agreement", "show", "CKFTA")["version"] + 1
        kr.comesh("agreement", "new", "CKFTA", "--until", "2041-01-01")
        kr.unlocked("agreement", "sign", "CKFTA")
        name = f"CKFTA:{version}"
        wait_until(lambda: id_.comesh("agreement", "show", name, check=False).returncode == 0,
                   "the proposal reaches ID")
        assert "signed by KR; not by ID" in id_.comesh("agreement", "show", name).stdout
        says(id_.unlocked("agreement", "sign", "CKFTA"), "is accepted")
        wait_until(lambda: kr.json("agreement", "show", name)["state"] == "in force",
                   "the signature of ID reaches KR")

    @step("what an option cannot be is told, with what can")
    def _():
        for words, code, told in (
                (("AKFTA", "--role", "XX=both"), 64, "of a party that takes part"),
                (("AKFTA", "--until", "soon"), 64, "accepted: a day, as 2026-01-31"),
                (("AKFTA", "--join", "UY", "--quorum", "1"), DATA, "2 at least"),
                (("AKFTA", "--leave", "ID"), DATA, "two at least"),
                (("AKFTA", "--join", "ID"), 64, "ID takes part already"),
                (("NEW", "--name", "x", "--reference", "y", "--join", "ID"), 66, "--menu"),
                (("../NEW", "--name", "x", "--reference", "y", "--join", "ID", "--menu", "AKFTA"),
                 DATA, "1 to 35 capital letters")):
            says(kr.comesh("agreement", "new", *words, check=False), told, code=code)

    @step("in prod a section of the configuration is refused")
    def _():
        uy.edit_config("environment = test", "environment = prod")
        says(uy.comeshd("--check-config"), "dev and test alone", code=CONFIG)
        uy.edit_config("environment = prod", "environment = test")

    @step("every act stands in the audit log")
    def _():
        folder = os.path.join(id_.folder, "audit")
        text = "".join(open(os.path.join(folder, name), encoding="utf-8").read()
                       for name in os.listdir(folder))
        for verb in ("import", "sign", "new", "drop"):
            assert re.search(rf"\tagreement {verb}\tCKFTA\t", text), f"{verb}: {text}"

report()
