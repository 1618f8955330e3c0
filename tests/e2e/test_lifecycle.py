"""The life of a certificate over two nodes: uses until nothing is left, what is refused with the
balance, treatment by item, reversal, amendments that cross, and the same state at both ends."""

import copy
import json
import os
import uuid

from mesh import Mesh, report, sample, step, wait_until

DATA = 65


def certificate(number, quantities=("100", "50.5")):
    """A certificate of KR for ID with two items, counted in pieces."""
    document = sample("kr-id-co.json")
    lpco = document["LPCO"]
    lpco["ID"] = number
    lpco["FunctionalReferenceID"] = str(uuid.uuid4())
    items = lpco["GoodsShipment"]["GovernmentAgencyGoodsItem"][:len(quantities)]
    for item, quantity in zip(items, quantities):
        item["Commodity"]["GoodsMeasure"]["TariffQuantity"] = {"Value": quantity, "UnitCode": "C62"}
    lpco["GoodsShipment"]["GovernmentAgencyGoodsItem"] = items
    return document


with Mesh(("KR", "ID")) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]

    def issue(number, **options):
        document = certificate(number, **options)
        kr.comesh("send", "--wait", "-", stdin=json.dumps(document, ensure_ascii=False))
        return document

    def life(node, number):
        rows = node.json("status", number)
        assert len(rows) == 1, rows
        return rows[0]

    def same(number):
        """That both ends tell the same life; gives it."""
        mesh.settle()
        ours, theirs = life(kr, number), life(id_, number)
        assert ours == theirs, f"{ours}\nis not\n{theirs}"
        return ours

    def ledger(number):
        return [(item["used"], item["left"]) for item in same(number)["items"]]

    def use(number, item, quantity, declaration, treatment="GRT", check=True):
        return id_.comesh("feedback", "--number", number, "--item", item, "--treatment", treatment,
                          "--used", quantity, "--declaration", declaration, check=check)

    def refused(result, *words):
        assert result.returncode == DATA, result
        for word in words:
            assert word in result.stderr, f"'{word}' is not in: {result.stderr}"

    @step("a certificate is issued, valid for twelve months, with all of its quantities left")
    def _():
        issue("KR-LIFE-1")
        told = same("KR-LIFE-1")
        assert told["issued"] == "2026-01-05" and told["valid_until"] == "2027-01-05", told
        assert told["revision"] == 1 and told["open"] == [], told
        assert ledger("KR-LIFE-1") == [("0", "100"), ("0", "50.5")]
        assert "no item is treated yet" in kr.comesh("status", "kr life 1").stdout

    @step("partial uses are counted exactly, until the certificate is exhausted")
    def _():
        use("KR-LIFE-1", 1, "33.3:C62", "D-1")
        use("KR-LIFE-1", 1, "33.3:C62", "D-2")
        assert ledger("KR-LIFE-1") == [("66.6", "33.4"), ("0", "50.5")]
        use("KR-LIFE-1", 1, "33.400000:C62", "D-3")
        use("KR-LIFE-1", 2, "50.5:C62", "D-3")
        assert ledger("KR-LIFE-1") == [("100", "0"), ("50.5", "0")]
        assert same("KR-LIFE-1")["state"] == "exhausted"

    @step("over-use is refused with the balance, and stores nothing")
    def _():
        issue("KR-LIFE-2")
        use("KR-LIFE-2", 1, "60:C62", "D-1")
        refused(use("KR-LIFE-2", 1, "40.000001:C62", "D-2", check=False),
                "40 C62 are left", "100 certified", "60 used before")
        assert ledger("KR-LIFE-2") == [("60", "40"), ("0", "50.5")]

    @step("another unit and an item that is not there are refused")
    def _():
        refused(use("KR-LIFE-2", 1, "1:KGM", "D-2", check=False), "KGM", "counted in C62", "40")
        refused(use("KR-LIFE-2", 3, "1:C62", "D-2", check=False), "item 3", "items 1 to 2")

    @step("of feedbacks sent together, those that fit are taken and the first too much is refused")
    def _():
        issue("KR-LIFE-3")
        text = id_.comesh("feedback", "--dry-run", "--number", "KR-LIFE-3", "--item", 1,
                          "--treatment", "GRT", "--used", "30:C62", "--declaration", "D-X").stdout
        one = json.loads(text)
        documents = []
        for number in range(4):
            more = copy.deepcopy(one)
            more["Response"]["FunctionalReferenceID"] = str(uuid.uuid4())
            item = more["Response"]["GoodsShipment"]["GovernmentAgencyGoodsItem"][0]
            item["AdditionalDocument"][0]["ID"] = f"D-{number}"
            documents.append(json.dumps(more))
        answers = id_.submit(documents, "send-feedback")
        assert [answer["code"] == "ok" for answer in answers] == [True, True, True, False], answers
        assert "10 C62 are left" in answers[3]["sentence"], answers[3]
        assert ledger("KR-LIFE-3") == [("90", "10"), ("0", "50.5")]

    @step("a denial of one item leaves the others, and its reasons are due until they are given")
    def _():
        id_.comesh("feedback", "--number", "KR-LIFE-3", "--item", 2, "--treatment", "DEN")
        told = same("KR-LIFE-3")
        assert [item["treatment"] for item in told["items"]] == ["granted", "denied"], told
        assert told["treated"] == "some items are denied", told
        assert [(one["what"], one["item"]) for one in told["open"]] == [
            ("reasons for the denial", 2)], told
        use("KR-LIFE-3", 1, "10:C62", "D-9")
        id_.comesh("feedback", "--number", "KR-LIFE-3", "--item", 2, "--treatment", "DEN",
                   "--reason", "ORC")
        assert same("KR-LIFE-3")["open"] == []

    @step("a treatment is reversed: suspended with its two dates, then reinstated, then used")
    def _():
        id_.comesh("feedback", "--number", "KR-LIFE-3", "--item", 2, "--treatment", "SUS")
        told = same("KR-LIFE-3")
        assert [one["what"] for one in told["open"]] == [
            "reply to the verification", "end of the verification"], told
        assert all(one["due"] > one["since"] for one in told["open"]), told
        assert "end of the verification" in kr.comesh("status", "KR-LIFE-3").stdout
        id_.comesh("feedback", "--number", "KR-LIFE-3", "--item", 2, "--treatment", "REI")
        told = same("KR-LIFE-3")
        assert told["open"] == [] and told["items"][1]["treatment"] == "reinstated", told
        use("KR-LIFE-3", 2, "50.5:C62", "D-9")
        assert same("KR-LIFE-3")["state"] == "exhausted"

    @step("a declaration told again replaces what it used; a denial gives it back")
    def _():
        use("KR-LIFE-2", 1, "10:C62", "D-1")
        assert ledger("KR-LIFE-2")[0] == ("10", "90")
        use("KR-LIFE-2", 1, "10:C62", "D-1", treatment="DEN")
        assert ledger("KR-LIFE-2")[0] == ("0", "100")

    def sent_apart(first, second):
        """Both nodes say something before they hear each other: their channels cross."""
        kr.stop()
        second()
        id_.stop()
        kr.start()
        first()
        id_.start()
        wait_until(lambda: kr.partner("ID")["outgoing"] == "open", "KR reaches ID again", 90)
        wait_until(lambda: id_.partner("KR")["outgoing"] == "open", "ID reaches KR again", 90)
        mesh.settle()

    @step("a cancelation that crosses a use gives the same at both ends, and the answer decides")
    def _():
        issue("KR-LIFE-4")
        sent_apart(lambda: kr.comesh("amend", "--number", "KR-LIFE-4", "--reason", "CNL"),
                   lambda: use("KR-LIFE-4", 1, "25:C62", "D-1"))
        told = same("KR-LIFE-4")
        assert told["state"] == "cancelation asked" and told["items"][0]["used"] == "25", told
        id_.comesh("cancel-status", "--number", "KR-LIFE-4", "--status", "13")
        told = same("KR-LIFE-4")
        assert told["state"] == "issued" and told["open"] == [], told

    @step("a cancelled certificate cannot be used or amended, at either end")
    def _():
        issue("KR-LIFE-5")
        kr.comesh("amend", "--number", "KR-LIFE-5", "--reason", "CNL")
        mesh.settle()
        id_.comesh("cancel-status", "--number", "KR-LIFE-5", "--status", "1")
        assert same("KR-LIFE-5")["state"] == "cancelled"
        refused(use("KR-LIFE-5", 1, "1:C62", "D-1", check=False), "is cancelled", "NFD")
        refused(kr.comesh("amend", "--number", "KR-LIFE-5", "--reason", "COR", check=False),
                "is cancelled", "issue a new one")

    @step("an amendment that crosses a cancelation is refused by the verdict, and nothing differs")
    def _():
        issue("KR-LIFE-6")
        kr.comesh("amend", "--number", "KR-LIFE-6", "--reason", "CNL")
        mesh.settle()
        sent_apart(lambda: kr.comesh("amend", "--number", "KR-LIFE-6", "--reason", "COR"),
                   lambda: id_.comesh("cancel-status", "--number", "KR-LIFE-6", "--status", "1"))
        assert same("KR-LIFE-6")["state"] == "cancelled"
        rows = [row for row in kr.json("trace", "KR-LIFE-6") if row["outcome"] == "refused"]
        assert len(rows) == 1 and "cancelled" in rows[0]["remark"], rows

    @step("a corrected certificate has the next revision, and a replaced one names the new")
    def _():
        issue("KR-LIFE-7")
        kr.comesh("amend", "--number", "KR-LIFE-7", "--reason", "COR")
        mesh.settle()
        assert same("KR-LIFE-7")["state"] == "change asked"
        id_.comesh("cancel-status", "--number", "KR-LIFE-7", "--status", "1")
        told = same("KR-LIFE-7")
        assert (told["state"], told["revision"]) == ("amended", 2), told
        path = os.path.join(mesh.folder, "new.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(certificate("KR-LIFE-8"), file)
        kr.comesh("amend", "--number", "KR-LIFE-7", "--reason", "RPL", "--replacement", path)
        mesh.settle()
        id_.comesh("cancel-status", "--number", "KR-LIFE-7", "--status", "1")
        told = same("KR-LIFE-7")
        assert (told["state"], told["replaced_by"]) == ("replaced", "KR-LIFE-8"), told
        assert same("KR-LIFE-8")["state"] == "issued"

    @step("views made again tell the same lives")
    def _():
        numbers = [f"KR-LIFE-{number}" for number in range(1, 9)]
        before = [same(number) for number in numbers]
        id_.stop()
        id_.drop_views()
        id_.start()
        assert [life(id_, number) for number in numbers] == before

    @step("a certificate is found by the id of its messages; what is not held is said so")
    def _():
        first = kr.json("trace", "KR-LIFE-4")[-1]["id"]
        assert life(kr, first)["number"] == "KR-LIFE-4"
        result = kr.comesh("status", "KR-NOWHERE", check=False)
        assert result.returncode != 0 and "no certificate 'KR-NOWHERE'" in result.stderr, result

report()
