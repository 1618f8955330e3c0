"""Documents as people and programs write them, good and bad, through `comesh send`: what is wrong is
told by element, ids, place and remedy, with the exit code of sysexits.h; nothing that is refused is
stored; good documents beside bad ones go."""

import copy
import json
import os
import re

from mesh import Mesh, certificates, number_of, report, sample, step

OK, DATA, NO_INPUT = 0, 65, 66


def text_of(document):
    return json.dumps(document, ensure_ascii=False)


def replaced(path, value):
    """The sample with the value at a path of names and places; None takes the element away."""
    document = sample("kr-id-co.json")
    place = document
    for name in path[:-1]:
        place = place[name]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return text_of(document)


def with_text(old, new):
    text = text_of(sample("kr-id-co.json"))
    assert old in text, old
    return text.replace(old, new, 1)


ITEM = ["LPCO", "GoodsShipment", "GovernmentAgencyGoodsItem", 1]
VERY_DEEP = 100_000

# sentence, document, what the message must say
REFUSED = [
    ("a name given twice", with_text('"TypeCode"', '"ID": "TWICE", "TypeCode"'),
     ["ID", "/LPCO/ID"]),
    ("a number where a text belongs", replaced(["LPCO", "ID"], 42), ["ID", "D014", "/LPCO/ID"]),
    ("a text where an object belongs", replaced(["LPCO", "Exporter"], "Hanbit"),
     ["Exporter", "/LPCO/Exporter"]),
    ("an array where an object belongs", replaced(["LPCO", "Exporter"], []), ["/LPCO/Exporter"]),
    ("an object where an array belongs",
     replaced(["LPCO", "GoodsShipment", "GovernmentAgencyGoodsItem"], {}),
     ["GovernmentAgencyGoodsItem"]),
    ("null", replaced(["LPCO", "ID"], None).replace('"LPCO": {', '"LPCO": {"ID": null, ', 1),
     ["/LPCO/ID"]),
    ("a U+FFFD, the sign of a broken conversion",
     replaced(["LPCO", "Exporter", "Name"], "Hanbit \ufffd Co."), ["U+FFFD", "/LPCO/Exporter/Name"]),
    ("an invisible character in an identifier", replaced(["LPCO", "ID"], "KR-020\u200b-1"),
     ["U+200B", "/LPCO/ID"]),
    ("a right-to-left mark in an identifier", replaced(["LPCO", "ID"], "KR-020\u202e-1"),
     ["U+202E", "/LPCO/ID"]),
    ("a full-width dash in an identifier", replaced(["LPCO", "ID"], "KR\uff0d020"),
     ["U+FF0D", "/LPCO/ID"]),
    ("a blank at the end of an identifier", replaced(["LPCO", "ID"], "KR-020 "), ["/LPCO/ID"]),
    ("a measure as a binary float",
     replaced(ITEM + ["Commodity", "GoodsMeasure", "NetNetWeightMeasure", "Value"], 17350.5),
     ["NetNetWeightMeasure", "/LPCO/GoodsShipment/GovernmentAgencyGoodsItem/1"]),
    ("a measure in scientific notation",
     replaced(ITEM + ["Commodity", "GoodsMeasure", "NetNetWeightMeasure", "Value"], "1e5"),
     ["NetNetWeightMeasure", "1e5"]),
    ("a whole number as a float", replaced(["LPCO", "MenuVersionID"], 1.5),
     ["/LPCO/MenuVersionID"]),
    ("a date that does not exist",
     replaced(["LPCO", "IssueDateTime", "Value"], "20260230093000+0900"), ["/LPCO/IssueDateTime"]),
    ("a time without an offset", replaced(["LPCO", "IssueDateTime", "Value"], "20260105093000"),
     ["/LPCO/IssueDateTime"]),
    ("a required element that is missing", replaced(["LPCO", "ID"], None),
     ["ID", "D014", "/LPCO/ID"]),
    ("an element that nobody knows", with_text('"Exporter"', '"Exportr"'), ["Exportr", "Exporter"]),
    ("a message id that is none", replaced(["LPCO", "FunctionalReferenceID"], "one"),
     ["/LPCO/FunctionalReferenceID", "one"]),
    ("a text over its length", replaced(["LPCO", "Exporter", "Name"], "x" * 5000),
     ["/LPCO/Exporter/Name", "500"]),
    ("a lone surrogate", with_text("Hanbit", "\\ud800"), ["/LPCO/Exporter/Name"]),
    ("a NUL in a text", with_text("Hanbit", "\\u0000"), ["U+0000", "/LPCO/Exporter/Name"]),
    ("another document altogether", '{"Invoice": {"ID": "1"}}', ["LPCO"]),
    ("an array", "[1, 2, 3]", ["line 1"]),
    ("something behind the document", text_of(sample("kr-id-co.json")) + " {}", []),
    ("a document that ends too early", text_of(sample("kr-id-co.json"))[:-20], []),
    ("what is not JSON", "certificate: yes", []),
    ("XML", "<LPCO/>", []),
    ("deep nesting of objects", '{"LPCO":' * VERY_DEEP + "1" + "}" * VERY_DEEP, []),
    ("deep nesting of arrays", "[" * VERY_DEEP + "]" * VERY_DEEP, []),
    ("deep nesting in an unknown element",
     with_text('"TypeCode"', '"Foo": ' + "[" * 5000 + "]" * 5000 + ', "TypeCode"'), []),
    ("ten megabytes", replaced(["LPCO", "Exporter", "Name"], "x" * 10_000_000), []),
    ("ten megabytes of blanks", " " * 10_000_000 + "{}", []),
]

with Mesh(("KR", "ID")) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]
    folder = os.path.join(mesh.folder, "documents")
    os.mkdir(folder)

    def written(name, text):
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
        return path

    def size():
        channel = kr.channel("ID", "outgoing")
        return 0 if channel is None else channel["size"]

    for sentence, document, words in REFUSED:
        @step(f"{sentence} is refused by element and place, and nothing is stored")
        def _():
            path = written("bad.json", document)
            result = kr.comesh("send", path, check=False)
            said = result.stderr[:4000]
            assert result.returncode == DATA, f"{result.returncode}: {said}"
            assert "bad.json" in said, said
            for word in words:
                assert word in said, f"'{word}' is not in: {said}"
            assert kr.channel("ID", "outgoing") is None

    @step("bytes that are no UTF-8 are refused with their place")
    def _():
        text = text_of(sample("kr-id-co.json")).encode().replace(b"Hanbit", b"Han\xff\xfebit", 1)
        result = kr.comesh("send", written("bad.json", text), check=False)
        assert result.returncode == DATA and "UTF-8" in result.stderr, result

    @step("a UTF-16 file is refused with a sentence")
    def _():
        text = text_of(sample("kr-id-co.json")).encode("utf-16")
        result = kr.comesh("send", written("bad.json", text), check=False)
        assert result.returncode == DATA and result.stderr, result

    @step("a wrong code is refused with the nearest one")
    def _():
        path = written("bad.json", replaced(["LPCO", "Amendment"], [{"ChangeReasonCode": "CRO"}]))
        result = kr.comesh("send", path, check=False)
        assert result.returncode == DATA and "COR" in result.stderr, result

    @step("all that is wrong in a document is told at once")
    def _():
        document = sample("kr-id-co.json")
        document["LPCO"]["Amendment"] = [{"ChangeReasonCode": "CRO"}]
        document["LPCO"]["Exporter"]["Name"] = "\ufffd"
        del document["LPCO"]["AgreementID"]
        result = kr.comesh("send", written("bad.json", text_of(document)), check=False)
        for word in ("/LPCO/Amendment/0/ChangeReasonCode", "/LPCO/Exporter/Name",
                     "/LPCO/AgreementID"):
            assert word in result.stderr, f"{word} is not in: {result.stderr}"

    @step("findings as JSON name code, element, place and detail")
    def _():
        path = written("bad.json", replaced(["LPCO", "Amendment"], [{"ChangeReasonCode": "CRO"}]))
        result = kr.comesh("send", "--json", path, check=False)
        assert result.returncode == DATA, result
        answer = json.loads(result.stdout.splitlines()[0])
        finding = next(one for one in answer["findings"] if one["refuses"])
        assert finding["place"] == "/LPCO/Amendment/0/ChangeReasonCode", finding
        assert "ChangeReasonCode" in finding["element"], finding
        assert finding["code"] and "COR" in finding["detail"], finding

    @step("random changes of a good document never hurt the node")
    def _():
        import random
        randomness = random.Random(2026)
        text = text_of(sample("kr-id-co.json")).encode()
        for _ in range(30):
            bad = bytearray(text)
            for _ in range(randomness.randint(1, 10)):
                at = randomness.randrange(len(bad))
                if randomness.random() < 0.5:
                    bad[at] = randomness.randrange(256)
                else:
                    del bad[at:at + randomness.randint(1, 50)]
            answer = kr.submit([bytes(bad)])[0]
            assert answer["code"] in ("ok", "duplicate", "conflict") or answer["sentence"], answer
        assert kr.is_running()

    @step("a file that is not there is told by its name")
    def _():
        result = kr.comesh("send", os.path.join(folder, "nowhere.json"), check=False)
        assert result.returncode == NO_INPUT and "nowhere.json" in result.stderr, result

    @step("one file is sent, and the answer names number, partner and place")
    def _():
        document = certificates("KR", "ID", 1, first=101)[0]
        before = size()
        result = kr.comesh("send", written("good.json", document))
        assert number_of(document) in result.stdout and "ID" in result.stdout, result.stdout
        assert size() == before + 1

    @step("many files are sent; a bad one among them is told, the others go")
    def _():
        documents = certificates("KR", "ID", 5, first=201)
        paths = [written(f"many-{at}.json", one) for at, one in enumerate(documents)]
        paths.insert(2, written("many-bad.json", "{}"))
        before = size()
        result = kr.comesh("send", *paths, check=False)
        assert result.returncode == DATA and "many-bad.json" in result.stderr, result
        assert size() == before + 5

    @step("a directory is sent in the order of its names")
    def _():
        inner = os.path.join(folder, "directory")
        os.mkdir(inner)
        documents = certificates("KR", "ID", 12, first=301)
        for at, one in enumerate(documents):
            written(os.path.join("directory", f"{at:03}.json"), one)
        written(os.path.join("directory", "notes.txt"), "not a document")
        before = size()
        kr.comesh("send", inner)
        rows = kr.rows_of("messages", "ID", "outgoing")[before:]
        assert [row["number"] for row in rows] == [number_of(one) for one in documents]

    @step("JSON lines from stdin: bad lines are told by their number, the good ones go in order")
    def _():
        documents = certificates("KR", "ID", 50, first=401)
        lines = list(documents)
        lines.insert(10, "not JSON")
        lines.insert(20, replaced(["LPCO", "IssuingCountryCode"], "XQ"))
        lines.insert(30, "")
        before = size()
        result = kr.comesh("send", "-", stdin="\n".join(lines) + "\n", check=False)
        assert result.returncode == DATA, result
        told = [int(number) for number in re.findall(r":(\d+): ", result.stderr)]
        assert told == [11, 21], result.stderr
        rows = kr.rows_of("messages", "ID", "outgoing")[before:]
        assert [row["number"] for row in rows] == [number_of(one) for one in documents]

    @step("what was sent twice is known already, and that is no error")
    def _():
        document = certificates("KR", "ID", 1, first=101)[0]
        before = size()
        result = kr.comesh("send", written("good.json", document))
        assert result.returncode == OK and "known" in result.stdout, result
        assert size() == before

    @step("an amendment, a status and a feedback by their commands; each in the wrong command is told")
    def _():
        samples = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                               "samples")
        kr.comesh("send", written("co.json", text_of(sample("kr-id-co.json"))))
        wrong = kr.comesh("send", os.path.join(samples, "kr-id-amendment.json"), check=False)
        assert wrong.returncode == DATA, wrong
        kr.comesh("amend", os.path.join(samples, "kr-id-amendment.json"))
        mesh.settle()
        id_.comesh("cancel-status", os.path.join(samples, "id-kr-cancelation-status.json"))
        id_.comesh("feedback", os.path.join(samples, "id-kr-feedback.json"))
        mesh.settle()

    @step("all that was sent is at the partner, nothing else")
    def _():
        mesh.settle()
        ours = [row["number"] for row in kr.rows_of("messages", "ID", "outgoing")]
        theirs = [row["number"] for row in id_.rows_of("messages", "KR", "incoming")]
        assert ours == theirs

report()
