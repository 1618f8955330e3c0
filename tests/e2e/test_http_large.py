"""Hundreds of documents of nearly 256 KiB about one certificate. What one answer holds is bounded and says
so, pages and the feed go on, and a partner hides nothing behind what was refused."""

import copy
import json
import uuid

from http_node import Listener
from mesh import Mesh, certificates, number_of, report, sample, step, taken_all, wait_until

ACCEPTED = 150   # so large that the evidence is above what one answer holds
REFUSED = 340    # so large that they have no room in memory together
REASON = "x" * 2000
GROWTH_KIB = 256 * 1024
PATH = "/v1/certificates/KR/KR-020-26-0001742"


def feedback():
    """A feedback on the sample certificate with as many reasons as there may be."""
    document = copy.deepcopy(sample("id-kr-feedback.json"))
    response = document["Response"]
    reasons = [{"StatementDescription": REASON} for _ in range(50)]
    response["FunctionalReferenceID"] = str(uuid.uuid4())
    response["AdditionalInformation"] = reasons
    items = response["GoodsShipment"]["GovernmentAgencyGoodsItem"]
    for item in items:
        item.pop("AdditionalDocument", None)
        item["AdditionalInformation"] = reasons[:20]
    return json.dumps(document)


with Mesh(("KR", "ID"), start=False) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]
    ours, theirs = Listener(kr), Listener(id_)
    options = {"ASAN_OPTIONS": "detect_leaks=1:exitcode=99:quarantine_size_mb=8"}
    for node in (kr, id_):
        node.start(options)
    kr.wait_lane("ID")
    with open(kr.config, encoding="utf-8") as file:
        config = file.read()

    def say(count):
        answer = theirs.post("/send-feedback", "\n".join(feedback() for _ in range(count)),
                             media="application/x-ndjson")
        told = {one["status"] for one in answer.lines}
        assert told == {201} and len(answer.lines) == count, answer.body[:600]
        id_.wait_receipts("KR", 240)

    def kr_has_agreements(text):
        kr.stop()
        with open(kr.config, "w", encoding="utf-8") as file:
            file.write(text)
        kr.start(options)
        id_.wait_lane("KR")

    @step("more about a certificate than one answer holds is said so; it is looked up as before")
    def _():
        taken_all(kr.submit([sample("kr-id-co.json")]))
        wait_until(lambda: theirs.get(PATH).status == 200, "the certificate is there")
        say(ACCEPTED)
        before = id_.rss_kib()
        for path, accept in ((PATH + "/evidence", "application/json"), (PATH, "text/html")):
            problem = theirs.get(path, headers={"Accept": accept}).is_problem(422, "too-much-said")
            assert "/v1/messages/{id}" in problem["detail"], problem
        told = theirs.get(PATH)
        assert told.status == 200 and len(told.json["messages"]) >= ACCEPTED + 1, told.body[:300]
        assert theirs.get(PATH + "/document").status == 200
        assert id_.rss_kib() - before < GROWTH_KIB, (before, id_.rss_kib())

    @step("what was refused hides nothing in the feed, however large it is")
    def _():
        kr_has_agreements(config.replace("AKFTA", "EXAMPLE-1"))
        say(REFUSED)
        kr_has_agreements(config)
        document, = certificates("ID", "KR", 1)
        taken_all(id_.submit([document]))
        id_.wait_receipts("KR", 240)
        before, cursor, told = kr.rss_kib(), "", []
        while number_of(document) not in told[-1:]:
            page = ours.get(f"/v1/events?limit=1000&wait=30&after={cursor}")
            assert page.status == 200, page.body[:300]
            cursor = page.json["cursor"]
            told += [one["number"] for one in page.json["events"] if one["event"] != "verdict"]
        assert len(told) == ACCEPTED + 1, len(told)
        assert kr.rss_kib() - before < GROWTH_KIB, (before, kr.rss_kib())

    @step("a page of messages is a page, however large they are")
    def _():
        for listener, direction in ((ours, "incoming"), (theirs, "outgoing")):
            page = listener.get(f"/v1/messages?direction={direction}&limit=1000")
            assert page.status == 200, page.body[:300]
            assert len(page.json["messages"]) > ACCEPTED + REFUSED, len(page.json["messages"])

    @step("when it has no room in memory it is 422 as well, for this certificate alone")
    def _():
        for listener in (ours, theirs):
            listener.get(PATH).is_problem(422, "too-much-said")
            listener.get(PATH + "/document").is_problem(422, "too-much-said")
        document, = certificates("ID", "KR", 1)
        assert ours.get(f"/v1/certificates/ID/{number_of(document)}").status == 200

report()
