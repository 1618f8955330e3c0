"""Menus and code lists: the commands without a node, then two nodes whose menus differ."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from html.parser import HTMLParser

from mesh import BUILD, ROOT, SAMPLES, Mesh, certificates, report, step, taken_all, wait_until

USAGE, DATA, NO_INPUT, CONFIG = 64, 65, 66, 78
CO = os.path.join(SAMPLES, "kr-id-co.json")


def comesh(*arguments, folder=".", code=0):
    """The release program, as an officer without a node has it."""
    result = subprocess.run([os.path.join(BUILD, "release", "comesh"), "-C", folder, *arguments],
                            capture_output=True, text=True)
    assert result.returncode == code, f"{result.returncode}: {result.stderr}{result.stdout}"
    return result


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def changed_sample(folder, change):
    with open(CO, encoding="utf-8") as file:
        document = json.load(file)
    change(document["LPCO"])
    return write(folder, "changed.json", json.dumps(document))


class Page(HTMLParser):
    """What a page is made of: its tags, and the files it asks for."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.references = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.references += [value for name, value in attrs if name in ("src", "href")]


with tempfile.TemporaryDirectory() as folder:
    @step("the menus that ship are listed, and the text that is shown is read again")
    def _():
        rows = json.loads(comesh("menu", "list", "--json").stdout)
        codes = {row["agreement"] for row in rows}
        assert {"ATIGA", "RCEP", "AKFTA", "ACFTA", "GSP", "EXAMPLE-1"} <= codes, codes
        for row in rows:
            text = comesh("menu", "show", f"{row['agreement']}:{row['version']}").stdout
            comesh("menu", "check", write(folder, "again.menu", text))

    @step("the three columns of the presentation are compared as they stand there")
    def _():
        said = comesh("menu", "compare", "EXAMPLE-1", "EXAMPLE-2", "EXAMPLE-3").stdout
        rows = {line.split("  ")[0]: line.split()[-3:] for line in said.splitlines()}
        item = "GoodsShipment/GovernmentAgencyGoodsItem/"
        wanted = {
            "Exporter": "✓ ✓ ✓", "GoodsShipment/Consignee": "✗ ✓ ✓", "BorderTransportMeans": "✓ ✓ ✗",
            item + "Packaging/MarksNumbersID": "✓ ✓ ✓",
            item + "Commodity/GoodsMeasure/GrossMassMeasure": "✗ ✗ ✗",
            item + "Origin/CountryCode": "✓ ✓ ✓", item + "Origin/RuleCode": "✓ ✓ ✓",
            "New data element?": "? ? ?",
        }
        for name, cells in wanted.items():
            assert rows[name] == cells.split(), f"{name}: {rows.get(name)}"
        assert said.index("BorderTransportMeans") < said.index("The same in all") \
            < said.index("Exporter"), said

    @step("a comparison is JSON, CSV, or a page that asks for nothing else")
    def _():
        rows = json.loads(comesh("menu", "compare", "AKFTA", "RCEP", "--json").stdout)
        assert rows[0]["differs"] and not rows[-1]["differs"]
        lines = comesh("menu", "compare", "AKFTA", "RCEP", "--csv").stdout.splitlines()
        assert lines[0] == "element,label,wco,differs,AKFTA 1,RCEP 1", lines[0]
        assert len(lines) == len(rows) + 1
        page = Page(comesh("menu", "compare", "AKFTA", "RCEP", "--html").stdout)
        assert page.references == [] and "script" not in page.tags
        assert {"html", "title", "h1", "table", "caption", "thead", "th", "td"} <= set(page.tags)

    @step("a certificate is checked by its own menu or another, with the nearest code")
    def _():
        assert "takes it" in comesh("menu", "check", CO).stderr
        said = comesh("menu", "check", CO, "--menu", "RCEP", code=DATA).stderr
        assert "RuleCode" in said and "RCEP" in said and "did you mean CTC?" in said, said
        path = changed_sample(folder, lambda lpco: lpco["GoodsShipment"].pop("Consignee"))
        found = json.loads(comesh("menu", "check", path, "--json", code=DATA).stdout)
        assert [(one["code"], one["place"]) for one in found] == \
            [("missing", "/LPCO/GoodsShipment/Consignee")], found

    @step("a menu that is wrong is told by file and line")
    def _():
        path = write(folder, "wrong.menu", "menu X 1\ntitle X\nvalid from 2026-01-01\n"
                                           "mandatory Exporter/Nmae (ours)\n")
        said = comesh("menu", "check", path, code=DATA).stderr
        assert f"{path}:4: 'Nmae' is no element of Exporter; did you mean Name?" in said, said
        said = comesh("menu", "show", "AKFTA:7", code=NO_INPUT).stderr
        assert "AKFTA 1" in said, said

    @step("coverage counts what a certificate fills of its menu")
    def _():
        rows = json.loads(comesh("menu", "coverage", CO, "--json").stdout)
        one = next(row for row in rows if row["element"].endswith("FreeOnBoardAmount"))
        assert (one["filled"], one["places"]) == (4, 4), one

    @step("a proposal becomes the request to the TCRO and the DMPT")
    def _():
        said = comesh("menu", "propose", "--name", "Health certificate", "--definition",
                      "its number", "--reason", "both ask for it", "--wco-id", "D999").stdout
        for word in ("TCRO", "DMPT", "Health certificate", "its number", "both ask", "D999"):
            assert word in said, said
        assert "New data element?" in comesh("menu", "propose", "EXAMPLE-2").stdout
        comesh("menu", "propose", "--name", "x", code=USAGE)
        comesh("menu", "propose", "AKFTA", code=NO_INPUT)

    @step("codes are listed with edition, source and licence, and shown with their days")
    def _():
        lists = {row["list"]: row for row in json.loads(comesh("codes", "list", "--json").stdout)}
        assert lists["iso-3166-1"]["licence"].startswith("LGPL-2.1+"), lists["iso-3166-1"]
        assert all(row["edition"] and row["source"] and row["licence"] for row in lists.values())
        rows = json.loads(comesh("codes", "show", "iso-4217", "HRK", "--json").stdout)
        assert rows == [{"value": "HRK", "name": "Kuna", "from": "", "until": "2023-01-14"}], rows
        assert "did you mean KGM?" in comesh("codes", "show", "un-ece-20", "KGN",
                                             code=NO_INPUT).stderr
        assert "did you mean iso-4217?" in comesh("codes", "show", "iso-4271", code=NO_INPUT).stderr

    @step("a list in a file is compared with the one that is held")
    def _():
        head = "# list: signer\n# edition: 2\nvalue,name,from,until\n"
        path = write(folder, "signer.csv", head + "AUT,authority that certifies,,\nPRO,producer,,\n")
        rows = json.loads(comesh("codes", "diff", "signer", path, "--json").stdout)
        assert [(row["change"], row["value"]) for row in rows] == \
            [("removed", "EXP"), ("added", "PRO")], rows
        comesh("codes", "diff", "denial", path, code=DATA)

    @step("the ISO lists are what the package of that edition says")
    def _():
        subprocess.run([sys.executable, os.path.join(ROOT, "proto", "lists", "generate.py"), folder],
                       check=True)
        for name in ("iso-3166-1.csv", "iso-3166-2.csv", "iso-4217.csv"):
            with open(os.path.join(folder, name), encoding="utf-8") as made, \
                 open(os.path.join(ROOT, "proto", "lists", name), encoding="utf-8") as held:
                made, held = made.read().splitlines(), held.read().splitlines()
                assert made[2] != held[2] or made == held, f"{name}: run 'make lists', commit it"


def stricter(text):
    return text + "mandatory Exporter/Contact (ours)\n"


def warning(text):
    return text + "not used GoodsShipment/ExportCountry (ours)\n"


AGREEMENT = "agreement\n    code = TEST\n    menu = {}\n    parties = KR ID\n"


def certificate(serial, change=lambda lpco: None, version=1):
    document = json.loads(certificates("KR", "ID", 1, first=serial)[0])
    document["LPCO"]["AgreementID"] = "TEST"
    document["LPCO"]["MenuVersionID"] = version
    change(document["LPCO"])
    return document


with Mesh(parties=("KR", "ID")) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]

    @step("an agreement whose menu is missing is refused with file, line and what there is")
    def _():
        kr.append_config(AGREEMENT.format(1))
        result = kr.comeshd("--check-config")
        assert result.returncode == CONFIG, result
        for word in ("comesh.zpl:", "agreement.menu", "TEST", "version 1", "AKFTA 1", "menus"):
            assert word in result.stderr, result.stderr
        kr.process.send_signal(signal.SIGHUP)
        kr.wait_log("reload refused")

    @step("a menu laid into the directory is taken over by a reload")
    def _():
        id_.append_config(AGREEMENT.format("1 2"))
        kr.edit_config("code = TEST\n    menu = 1", "code = TEST\n    menu = 1 2")
        for node in (kr, id_):
            node.add_menu("TEST", change=warning)
        kr.add_menu("TEST", 2)
        id_.add_menu("TEST", 2, change=stricter)
        for node in (kr, id_):
            node.process.send_signal(signal.SIGHUP)
            wait_until(lambda node=node: "agreements=4" in node.log(), "the reload")

    @step("what the menu does not use is a warning that travels with the certificate")
    def _():
        document = certificate(1)
        answer = taken_all(kr.submit([document]))[0]
        assert [one["code"] for one in answer["findings"]] == ["not-used"], answer
        number = document["LPCO"]["ID"]
        row = wait_until(lambda: kr.message(number)["judged"] and kr.message(number), "a verdict")
        assert row["outcome"] == "accepted-with-warnings", row
        assert any("ExportCountry" in remark["element"] for remark in row["remarks"]), row
        assert number in [one["number"] for one in id_.take_all()]

    @step("what the menu makes mandatory and is missing is refused at the sender")
    def _():
        answer = kr.submit([certificate(2, lambda lpco: lpco["GoodsShipment"].pop("Consignee"))])[0]
        assert answer["code"] == "invalid", answer
        assert any(one["code"] == "missing" and "TEST, version 1" in one["detail"]
                   for one in answer["findings"]), answer

    @step("a receiver whose menu of that version asks for more refuses by verdict")
    def _():
        document = certificate(3, version=2)
        taken_all(kr.submit([document]))
        number = document["LPCO"]["ID"]
        row = wait_until(lambda: kr.message(number)["judged"] and kr.message(number), "a verdict")
        assert row["outcome"] == "refused", row
        assert any("Exporter" in remark["place"] and "TEST, version 2" in remark["detail"]
                   for remark in row["remarks"]), row

    @step("a list imported into the directory judges from then on")
    def _():
        path = write(mesh.folder, "rec21.csv",
                     "# list: un-ece-21\n# edition: test\nvalue,name,from,until\nZZ,mutual,,\n")
        said = kr.comesh("codes", "import", path).stderr
        assert "un-ece-21" in said and "codes" in said, said
        answer = kr.submit([certificate(4)])[0]
        assert answer["code"] == "invalid", answer
        assert any("UN/ECE Rec 21" in one["detail"] or "accepted: ZZ" in one["detail"]
                   for one in answer["findings"]), answer
        os.unlink(os.path.join(kr.folder, "codes", "un-ece-21.csv"))
        kr.comesh("reload")
        taken_all(kr.submit([certificate(4)]))
        mesh.settle()

report()
