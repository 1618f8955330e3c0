"""The commands of `comesh` with running nodes: sending, answering, looking, taking."""

import json
import os
import uuid

from mesh import Mesh, SAMPLES, report, sample, step, wait_until

CO = "KR-020-26-0001742"
DATA, NO_INPUT, UNAVAILABLE = 65, 66, 69


def numbered(count, first=1):
    """Certificates of KR for ID with numbers and message ids of their own."""
    document = sample("kr-id-co.json")
    for number in range(first, first + count):
        document["LPCO"]["ID"] = f"KR-021-26-{number:07d}"
        document["LPCO"]["FunctionalReferenceID"] = str(uuid.uuid4())
        yield json.dumps(document, ensure_ascii=False)


def inbox_numbers(node):
    return [row["number"] for row in node.json("inbox", "--max", 1000)]


with Mesh(("KR", "ID")) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]

    @step("a certificate is sent, and --wait ends when the partner has stored it")
    def _():
        result = kr.comesh("send", "--wait", os.path.join(SAMPLES, "kr-id-co.json"))
        assert CO in result.stdout and "queued" not in result.stdout, result.stdout
        assert "stored by every partner" in result.stderr, result.stderr
        assert kr.channel("ID", "outgoing")["receipt_size"] >= 1

    @step("sending it again is no second message")
    def _():
        result = kr.comesh("send", os.path.join(SAMPLES, "kr-id-co.json"))
        assert "known already" in result.stdout, result.stdout
        assert inbox_numbers(id_) == [CO]

    @step("each refused document is told with file, line, element and remedy; the others are sent")
    def _():
        path = os.path.join(mesh.folder, "some.jsonl")
        good = list(numbered(3))
        bad = json.loads(good[1])
        bad["LPCO"]["IssuingCountryCode"] = "kr"
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join([good[0], json.dumps(bad), "", good[2], '{"LPCO": }']) + "\n")
        result = kr.comesh("send", path, "--wait", check=False)
        assert result.returncode == DATA, result.stderr
        for word in (f"{path}:2:", "/LPCO/IssuingCountryCode", "'kr'", f"{path}:5:", "not JSON",
                     "2 of 4 documents refused"):
            assert word in result.stderr, f"'{word}' is not in: {result.stderr}"
        assert inbox_numbers(id_) == [CO, "KR-021-26-0000001", "KR-021-26-0000003"]

    @step("files, folders and stdin are sent in one call each")
    def _():
        folder = os.path.join(mesh.folder, "folder")
        os.mkdir(folder)
        for at, text in enumerate(numbered(3, first=10)):
            with open(os.path.join(folder, f"{at}.json"), "w", encoding="utf-8") as file:
                file.write(json.dumps(json.loads(text), indent=4, ensure_ascii=False))
        with open(os.path.join(folder, "note.txt"), "w", encoding="utf-8") as file:
            file.write("no document")
        kr.comesh("send", folder, "--wait")
        kr.comesh("send", "-", "--wait", stdin="\n".join(numbered(2, first=20)))
        assert inbox_numbers(id_)[-5:] == [f"KR-021-26-{number:07d}"
                                           for number in (10, 11, 12, 20, 21)]

    @step("--json gives a line for each document, with its place")
    def _():
        result = kr.comesh("send", "-", "--json", stdin="\n".join([*numbered(1, first=30), "{}"]),
                           check=False)
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        assert [row["line"] for row in rows] == [1, 2], rows
        assert rows[0]["code"] == "ok" and rows[0]["partner"] == "ID", rows
        assert rows[1]["code"] == "invalid" and rows[1]["findings"], rows

    @step("10,000 documents go in a stream, in order, with their sum told")
    def _():
        result = kr.comesh("send", "-", "--wait", stdin="\n".join(numbered(10000, first=1000)))
        assert "10000 queued" in result.stderr and result.stdout == "", result.stderr
        last = kr.comesh("trace", "KR-021-26-0010999").stdout
        assert "stored" in last, last

    @step("a document that is too large is refused here, whatever its form")
    def _():
        for text in ("x" * 300_000, "{" + " " * 300_000 + "}", "{\n" + " " * 300_000):
            result = kr.comesh("send", "-", stdin=text, check=False)
            assert result.returncode == DATA and "too-large" in result.stderr, result.stderr

    @step("show is readable, and export gives the document as it was sent")
    def _():
        shown = kr.comesh("show", CO).stdout
        for word in ("한빛무역 주식회사", "48215.500 KGM", "certificate number", "authority that"):
            assert word in shown, word
        assert json.loads(kr.comesh("export", CO).stdout) == sample("kr-id-co.json")
        compact = id_.comesh("export", CO, "--compact").stdout
        assert compact.count("\n") == 1 and json.loads(compact) == sample("kr-id-co.json")
        entry = json.loads(id_.comesh("export", "--entry", "1:0").stdout)
        assert entry["operation"] == "send-co" and entry["receipt"].count("\n— ") == 2, entry

    @step("a number is found however it is written, and what is not held is told")
    def _():
        for spelling in ("kr020260001742", "KR 020 26 0001742", "KR-O2O-26-OOO1742"):
            assert CO in kr.comesh("trace", spelling).stdout, spelling
        missing = kr.comesh("trace", "KR-1", check=False)
        assert missing.returncode == NO_INPUT and "KR-1" in missing.stderr, missing.stderr

    @step("taking prints each document once as a line of JSON, and its sender sees it delivered")
    def _():
        first = id_.comesh("inbox", "--take", "--max", 1).stdout.splitlines()
        assert len(first) == 1 and json.loads(first[0])["document"] == sample("kr-id-co.json")
        rest = [json.loads(line) for line in id_.comesh("inbox", "--take").stdout.splitlines()]
        assert len(rest) == 10008, len(rest)
        numbers = [row["number"] for row in rest]
        assert len(set(numbers)) == len(numbers) and CO not in numbers
        empty = id_.comesh("inbox")
        assert empty.stdout == "" and "empty" in empty.stderr, empty.stderr
        wait_until(lambda: kr.json("trace", CO)[0]["delivered"], "KR sees it delivered")

    @step("an amendment made of options reaches the partner, which answers it")
    def _():
        kr.comesh("amend", "--number", CO, "--reason", "COR", "--pointer", "68A:128:2", "--remark",
                  "The net weight of item 2")
        wait_until(lambda: inbox_numbers(id_) == [CO], "the amendment is there")
        amendment = json.loads(id_.comesh("inbox", "--take").stdout)
        content = amendment["document"]["LPCO"]
        assert content["FunctionCode"] == "4", content
        assert content["Amendment"] == [{
            "ChangeReasonCode": "COR", "ChangeReasonDescription": "The net weight of item 2",
            "Pointer": [{"SequenceNumeric": 2, "DocumentSectionCode": "68A", "TagID": "128"}]}]
        id_.comesh("cancel-status", "--number", CO, "--status", "43")
        id_.comesh("cancel-status", "--reply-to", amendment["id"], "--status", "1", "--remark",
                   "Not used yet")
        wait_until(lambda: len(inbox_numbers(kr)) == 2, "both answers are there")
        last = json.loads(kr.comesh("inbox", "--take").stdout.splitlines()[1])
        assert last["reply_to"] == amendment["id"], last
        assert last["document"]["Response"]["Status"][0]["NameCode"] == "1", last

    @step("feedback is made item by item")
    def _():
        id_.comesh("feedback", "--number", CO, "--item", 1, "--treatment", "GRT", "--used",
                   "1800:C62", "--declaration", "000415", "--item", 2, "--treatment", "DEN",
                   "--reason", "QTY", "--remark", "Thirteen were declared")
        wait_until(lambda: inbox_numbers(kr) == [CO], "the feedback is there")
        response = json.loads(kr.comesh("inbox", "--take").stdout)["document"]["Response"]
        items = response["GoodsShipment"]["GovernmentAgencyGoodsItem"]
        assert [one["Status"]["NameCode"] for one in items] == ["GRT", "DEN"], items
        assert items[0]["AdditionalDocument"][0]["WriteOff"] == {
            "QuantityQuantity": {"Value": "1800", "UnitCode": "C62"}}, items
        assert items[1]["AdditionalInformation"] == [
            {"StatementCode": "QTY", "StatementDescription": "Thirteen were declared"}], items
        assert response["Status"][0]["NameCode"] == "44", response

    @step("a replacement is sent before the amendment that names it")
    def _():
        path = os.path.join(mesh.folder, "replacement.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(next(numbered(1, first=50)))
        kr.comesh("amend", "--number", CO, "--reason", "RPL", "--replacement", path)
        wait_until(lambda: inbox_numbers(id_) == ["KR-021-26-0000050", CO], "both are there")
        lines = id_.comesh("inbox", "--take").stdout.splitlines()
        content = json.loads(lines[1])["document"]["LPCO"]
        assert content["FunctionCode"] == "5", content
        assert content["Amendment"][0]["ReplacementID"] == "KR-021-26-0000050", content

    @step("--dry-run prints the document and sends nothing")
    def _():
        before = kr.channel("ID", "outgoing")["size"]
        made = json.loads(kr.comesh("amend", "--number", CO, "--reason", "CNL", "--dry-run").stdout)
        assert made["LPCO"]["FunctionCode"] == "1" and made["LPCO"]["ID"] == CO, made
        assert kr.channel("ID", "outgoing")["size"] == before

    @step("what a document of options lacks is told, and the wrong side cannot make it")
    def _():
        wrong = kr.comesh("amend", "--number", CO, "--reason", "COX", check=False)
        assert wrong.returncode == DATA and "did you mean COR" in wrong.stderr, wrong.stderr
        other = kr.comesh("feedback", "--number", CO, "--item", 1, "--treatment", "GRT",
                          check=False)
        assert other.returncode == NO_INPUT and "no incoming certificate" in other.stderr

    @step("the trace tells the whole story with its times")
    def _():
        story = kr.comesh("trace", CO).stdout
        for word in ("certificate KR-020-26-0001742 to ID: answered", "queued     signed by us",
                     "countersigned by ID", "ID's verdict: accepted", "delivered",
                     "cancelation-status KR-020-26-0001742 from ID"):
            assert word in story, f"'{word}' is not in:\n{story}"

    @step("the status shows node, partners and channels, for people and for programs")
    def _():
        status = kr.json("status")
        assert status["node"]["party"] == "KR"
        assert [one["party"] for one in status["partners"]] == ["ID"]
        assert {one["direction"] for one in status["channels"]} == {"outgoing", "incoming"}
        shown = kr.comesh("status").stdout
        assert "PARTNER" in shown and "CHANNEL" in shown and "open" in shown, shown
        names = [row["name"] for row in kr.json("metrics")]
        assert "commits" in names, names

    @step("while the partner is down the queue says since when and why, and --wait can give up")
    def _():
        id_.comesh("stop")
        assert id_.process.wait(timeout=60) == 0
        result = kr.comesh("send", "-", "--wait", "--timeout", 1, check=False,
                           stdin="\n".join(numbered(2, first=60)))
        assert result.returncode == UNAVAILABLE, result.stderr
        assert "stays queued" in result.stderr, result.stderr
        row = kr.json("queue")[0]
        assert row["partner"] == "ID" and row["count"] >= 2 and row["why"], row
        assert "ID" in kr.comesh("queue").stdout

    @step("when it is back everything is stored, and the queue is empty")
    def _():
        id_.start()
        wait_until(lambda: kr.json("queue") == [], "the queue is empty")
        said = kr.comesh("queue")
        assert said.stdout == "" and "nothing waits" in said.stderr, said.stderr
        assert inbox_numbers(id_)[-2:] == ["KR-021-26-0000060", "KR-021-26-0000061"]

    @step("a card that changes while the node runs is taken over at once")
    def _():
        removed = kr.comesh("card", "remove", "ID")
        assert "has read its directory again" in removed.stderr, removed.stderr
        assert kr.json("status")["partners"] == []
        kr.trust(id_)
        wait_until(lambda: [one["outgoing"] for one in kr.json("status")["partners"]] == ["open"],
                   "the lane is open again")

    @step("the whole store is proven at both ends")
    def _():
        for node in (kr, id_):
            assert "Verified" in node.comesh("verify").stdout

    @step("the views are made again only when the node is stopped")
    def _():
        refused = kr.comesh("rebuild", check=False)
        assert refused.returncode == 75 and "in use" in refused.stderr, refused.stderr
        kr.comesh("stop")
        assert kr.process.wait(timeout=60) == 0
        assert "Views rebuilt" in kr.comesh("rebuild").stdout
        kr.start()
        assert CO in kr.comesh("trace", CO).stdout

report()
