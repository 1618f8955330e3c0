"""Certificates and everything said about them cross a real mesh of three parties, and both ends can
prove it: states, receipts, verdicts, duplicates, conflicts, agreements, reload."""

import copy
import json
import signal

from mesh import (Mesh, certificates, number_of, report, sample, same_channel, step, taken_all,
                  wait_until)

CO = "KR-020-26-0001742"


def refused(answers, code, *words):
    """That the one answer refuses with the code, and that its sentence says each word."""
    assert len(answers) == 1
    answer = answers[0]
    said = f"{answer['code']}: {answer['sentence']} {answer['findings']}"
    assert answer["code"] == code, said
    for word in words:
        assert word in said, f"'{word}' is not in: {said}"


with Mesh() as mesh:
    kr, id_, uy = mesh["KR"], mesh["ID"], mesh["UY"]

    @step("certificates in all six directions arrive, each as it was sent")
    def _():
        sent = {}
        for at, (here, there) in enumerate([(a, b) for a in mesh.nodes for b in mesh.nodes
                                            if a != b]):
            documents = certificates(here, there, 5, first=1000 * at + 1, items=5)
            taken_all(mesh[here].submit(documents))
            sent[here, there] = [number_of(one) for one in documents]
        mesh.settle()
        for (here, there), numbers in sent.items():
            rows = [row["number"] for row in mesh[there].rows_of("messages", here, "incoming")
                    if row["operation"] == "send-co"]
            assert rows == numbers, f"{here} to {there}: {rows}"

    @step("a full certificate, its amendment, the status and the feedback answer each other")
    def _():
        taken_all(kr.submit([sample("kr-id-co.json")]))
        taken_all(kr.submit([sample("kr-id-amendment.json")], "send-amendment-notification"))
        taken_all(uy.submit([sample("uy-kr-co.json")]))
        wait_until(lambda: len([row for row in id_.ask("inbox", 100) if row["number"] == CO]) == 2,
                   "ID holds the certificate and its amendment")
        taken_all(id_.submit([sample("id-kr-cancelation-status.json")], "send-cancelation-status"))
        taken_all(id_.submit([sample("id-kr-feedback.json")], "send-feedback"))
        mesh.settle()
        said = [row["operation"] for row in kr.ask("trace", CO, "KR")]
        assert said == ["send-co", "send-amendment-notification", "send-cancelation-status",
                        "send-feedback"], said

    @step("the answer names the message that it answers, at both ends")
    def _():
        for node in (kr, id_):
            amendment = node.message(CO, "send-amendment-notification")
            status = node.message(CO, "send-cancelation-status")
            assert status["reply_to"] == amendment["id"], status

    @step("a message passes queued, stored, delivered and answered, each with its time, in order")
    def _():
        id_.take_all()
        mesh.settle()

        def delivered():
            row = kr.message(CO)
            return row if row["delivered"] else None
        row = wait_until(delivered, "KR learns that its certificate was taken")
        assert row["queued"] <= row["stored"] * 1000 + 999, row
        assert row["stored"] * 1000 <= row["delivered"], row
        assert row["judged"] and row["outcome"] == "accepted", row
        assert row["answered"], row

    @step("both ends of every channel hold the same entries, sizes and roots")
    def _():
        mesh.settle()
        for here in mesh.nodes.values():
            for there in mesh.nodes.values():
                if here is not there:
                    same_channel(here, there)

    @step("every receipt carries the names of both parties' keys and is the same at both ends")
    def _():
        left, right = kr.message(CO)["receipt"], id_.message(CO)["receipt"]
        assert left == right
        assert b"customs.go.kr/checkpoint" in left and b"beacukai.go.id/receipt" in left, left

    @step("comesh verify proves every store again while the nodes run")
    def _():
        for node in mesh.nodes.values():
            said = node.comesh("verify").stdout
            assert "Verified" in said and "receipts with both signatures" in said, said

    @step("the same message again has the effect of one and gets the first place and receipt")
    def _():
        before = kr.channel("ID", "outgoing")["size"]
        first = kr.message(CO)
        answer = kr.submit([sample("kr-id-co.json")])[0]
        assert answer["code"] == "duplicate", answer
        assert (answer["channel"], answer["index"]) == (first["channel"], first["index"]), answer
        assert kr.channel("ID", "outgoing")["size"] == before
        assert kr.message(CO)["receipt"] == first["receipt"]

    @step("the same message twice in one request is taken once")
    def _():
        document = certificates("KR", "ID", 1, first=20001)[0]
        codes = [one["code"] for one in kr.submit([document, document])]
        assert codes == ["ok", "duplicate"], codes

    @step("the same number with other content is refused by the name of the difference")
    def _():
        document = sample("kr-id-co.json")
        document["LPCO"]["FunctionalReferenceID"] = "00000000-0000-4000-8000-00000000aaaa"
        document["LPCO"]["Exporter"]["Name"] = "Somebody Else"
        refused(kr.submit([document]), "conflict", CO, "Exporter", "amendment")

    @step("the number written another way is the same number")
    def _():
        document = sample("kr-id-co.json")
        document["LPCO"]["FunctionalReferenceID"] = "00000000-0000-4000-8000-00000000aaab"
        document["LPCO"]["ID"] = "kr-020-26-0001742"
        refused(kr.submit([document]), "conflict", "kr-020-26-0001742")

    @step("the same message id with other content is refused by the name of the difference")
    def _():
        document = sample("kr-id-co.json")
        document["LPCO"]["ID"] = "KR-020-26-0009999"
        refused(kr.submit([document]), "conflict", "message id", "ID")

    @step("an amendment of a certificate that is not held is refused")
    def _():
        document = sample("kr-id-amendment.json")
        document["LPCO"]["FunctionalReferenceID"] = "00000000-0000-4000-8000-00000000aaac"
        document["LPCO"]["ID"] = "KR-NEVER-ISSUED"
        refused(kr.submit([document], "send-amendment-notification"), "not-found",
                "KR-NEVER-ISSUED")

    @step("an answer to a message that is not held is refused")
    def _():
        document = sample("id-kr-cancelation-status.json")
        document["Response"]["FunctionalReferenceID"] = "00000000-0000-4000-8000-00000000aaad"
        document["Response"]["ReferencedMessageID"] = "00000000-0000-4000-8000-00000000ffff"
        refused(id_.submit([document], "send-cancelation-status"), "not-found",
                "00000000-0000-4000-8000-00000000ffff")

    @step("a message in the wrong role is refused with whose it is to say")
    def _():
        document = json.loads(certificates("KR", "ID", 1, first=21001)[0])
        refused(id_.submit([document]), "denied", "KR", "ID")
        feedback = sample("id-kr-feedback.json")
        refused(kr.submit([feedback], "send-feedback"), "denied", "ID", "KR")

    @step("an unknown agreement and an unknown menu version are refused with what is known")
    def _():
        document = json.loads(certificates("KR", "ID", 1, first=22001)[0])
        other = copy.deepcopy(document)
        other["LPCO"]["AgreementID"] = "NAFTA"
        refused(kr.submit([other]), "not-found", "NAFTA")
        other = copy.deepcopy(document)
        other["LPCO"]["MenuVersionID"] = 7
        refused(kr.submit([other]), "not-found", "7", "AKFTA")

    @step("a party without a card is refused with the command that helps")
    def _():
        kr.add_menu("THREE")
        kr.append_config("agreement\n    code = THREE\n    menu = 1\n    parties = KR VN\n")
        kr.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "agreements=4" in kr.log(), "KR takes the new agreement over")
        document = json.loads(certificates("KR", "VN", 1, first=23001)[0])
        document["LPCO"]["AgreementID"] = "THREE"
        refused(kr.submit([document]), "not-found", "VN", "comesh card import")

    @step("an agreement that only the receiver lacks: stored, receipted, refused by verdict")
    def _():
        kr.add_menu("CKFTA")
        kr.append_config("agreement\n    code = CKFTA\n    menu = 1\n    parties = KR ID\n")
        kr.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "agreements=5" in kr.log(), "KR takes the new agreement over")
        first, second = certificates("KR", "ID", 2, first=24001)
        unknown = json.loads(first)
        unknown["LPCO"]["AgreementID"] = "CKFTA"
        taken_all(kr.submit([unknown, second]))
        mesh.settle()
        row = wait_until(lambda: kr.message(number_of(first))["judged"]
                         and kr.message(number_of(first)), "the verdict comes back")
        assert row["outcome"] == "refused" and row["stored"], row
        assert any("CKFTA" in remark["detail"] for remark in row["remarks"]), row["remarks"]
        assert kr.message(number_of(second))["outcome"] == "accepted"

    @step("what a verdict refused is not in the inbox; what came behind it is")
    def _():
        first, second = certificates("KR", "ID", 2, first=24001)
        numbers = [row["number"] for row in id_.take_all()]
        assert number_of(second) in numbers and number_of(first) not in numbers, numbers

    @step("after SIGHUP the receiver knows the agreement, too, and accepts")
    def _():
        id_.add_menu("CKFTA")
        id_.append_config("agreement\n    code = CKFTA\n    menu = 1\n    parties = KR ID\n")
        id_.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "agreements=4" in id_.log(), "ID takes the new agreement over")
        document = json.loads(certificates("KR", "ID", 1, first=25001)[0])
        document["LPCO"]["AgreementID"] = "CKFTA"
        taken_all(kr.submit([document]))
        number = document["LPCO"]["ID"]
        row = wait_until(lambda: kr.message(number)["judged"] and kr.message(number), "a verdict")
        assert row["outcome"] == "accepted", row

    @step("a reload with a broken configuration is refused and the node goes on as it was")
    def _():
        uy.edit_config("party = UY", "partty = UY")
        uy.process.send_signal(signal.SIGHUP)
        uy.wait_log("reload refused")
        taken_all(uy.submit(certificates("UY", "KR", 1, first=26001)))
        uy.edit_config("partty = UY", "party = UY")

    @step("a reload that would change who the node is needs a restart, and says so")
    def _():
        uy.edit_config("environment = test", "environment = dev")
        uy.process.send_signal(signal.SIGHUP)
        uy.wait_log("node/environment changed")
        uy.edit_config("environment = dev", "environment = test")

    @step("a held certificate is found by its number written with blanks and small letters")
    def _():
        assert kr.ask("show", " kr-020-26-0001742 ", "")[0]["number"] == CO

    @step("both ends hold the same again, and every store proves again")
    def _():
        mesh.settle()
        for here, there in ((kr, id_), (id_, kr), (uy, kr), (kr, uy)):
            same_channel(here, there)
        for node in mesh.nodes.values():
            node.comesh("verify")

report()
