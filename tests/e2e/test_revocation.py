"""Keys that are revoked: lanes with them close, nothing that they sign or open is accepted after, what
was stored stays, and a new card by the identity mends it without a restart; of an identity, what a
person or the agreement's quorum confirms."""

import os
import shutil

from mesh import (Mesh, Node, certificates, free_port, number_of, passphrase_pipe, report,
                  same_channel, step, taken_all, wait_until)

serials = iter(range(1, 1_000_000))


def with_passphrase(node, *arguments, check=True):
    """A command that asks for the passphrase."""
    read = passphrase_pipe()
    result = node.comesh(*arguments, "--passphrase-fd", read, pass_fds=[read], check=check)
    os.close(read)
    return result


def revoke(node, key, *options):
    with_passphrase(node, "key", "revoke", key, "--reason", "the disk was stolen", "--yes",
                    *options)


def key_in_use(node, role):
    return next(row["key"] for row in node.json("key", "list")
                if row["role"] == role and row["state"] == "in use")


def goes_on(one, other):
    """A certificate each way is accepted, and both ends hold the same."""
    for sender, receiver in ((one, other), (other, one)):
        certificate = certificates(sender.party, receiver.party, 1, first=next(serials))
        taken_all(sender.submit(certificate))
        number = number_of(certificate[0])
        wait_until(lambda: sender.message(number)["outcome"] == "accepted", f"{number} is accepted")
    for sender, receiver in ((one, other), (other, one)):
        sender.wait_receipts(receiver.party)
    same_channel(one, other)
    same_channel(other, one)


def not_held(*nodes):
    for node in nodes:
        assert not any(channel["held"] for channel in node.ask("channels")), node.party


def thief_of(node):
    """Somebody with a copy of all that the node has: folder, keys, passphrase, store."""
    node.stop()
    thief = Node(mesh, node.party, "san")
    thief.folder = os.path.join(mesh.folder, f"thief-of-{node.party}")
    thief.log_path = thief.folder + ".log"
    shutil.copytree(node.folder, thief.folder, ignore=shutil.ignore_patterns("*.socket"))
    thief.edit_config(f":{node.port}", f":{free_port()}")
    node.start()
    for other in mesh.nodes.values():  # a partner that is away would not hear what is revoked next
        if other is not node:
            node.wait_lane(other.party)
            other.wait_lane(node.party)
    return thief


def steals_nothing(thief, victim, partner):
    """The thief speaks for the victim, and the partner takes nothing of it and holds nothing."""
    size = partner.channel(victim.party, "incoming")["size"]
    victim.stop()
    thief.start()
    taken_all(thief.submit(certificates(victim.party, partner.party, 1, first=next(serials))))
    told = wait_until(lambda: (thief.partner(partner.party) or {}).get("trouble"),
                      "the thief is told why")
    assert partner.channel(victim.party, "incoming")["size"] == size
    not_held(partner)
    thief.kill()
    shutil.rmtree(thief.folder)
    victim.start()
    return told


with Mesh(("KR", "ID", "UY")) as mesh:
    kr, id_, uy = mesh["KR"], mesh["ID"], mesh["UY"]
    for node in (kr, id_, uy):
        for other in (kr, id_, uy):
            if node is not other:
                node.wait_lane(other.party)
    goes_on(kr, id_)

    for role in ("transport", "checkpoint", "receipt"):
        @step(f"a revoked {role} key is replaced while the nodes run, and the traffic goes on")
        def _(role=role):
            before = key_in_use(kr, role)
            serial = kr.json("card", "show")["serial"]
            revoke(kr, role)
            assert key_in_use(kr, role) != before
            for node in (id_, uy):
                wait_until(lambda: node.partner("KR")["serial"] == serial + 1,
                           f"{node.party} has the new card")
            goes_on(kr, id_)
            goes_on(kr, uy)
            not_held(kr, id_, uy)

    @step("who stole a transport key gets nowhere with it once it is revoked")
    def _():
        thief = thief_of(kr)
        stolen = key_in_use(kr, "transport")
        serial = kr.json("card", "show")["serial"]
        revoke(kr, "transport")
        for node in (id_, uy):
            wait_until(lambda: node.partner("KR")["serial"] == serial + 1,
                       f"{node.party} has the new card")
        told = steals_nothing(thief, kr, id_)
        assert "does not admit our transport key" in told or "ended the handshake" in told, told
        assert stolen in id_.log(), "the gate names the key that it turned away"
        goes_on(kr, id_)

    @step("who stole a checkpoint key signs nothing more that counts; what was stored stays")
    def _():
        thief = thief_of(kr)
        serial = kr.json("card", "show")["serial"]
        size = id_.channel("KR", "incoming")["size"]
        revoke(kr, "checkpoint")
        for node in (id_, uy):
            wait_until(lambda: node.partner("KR")["serial"] == serial + 1,
                       f"{node.party} has the new card")
        steals_nothing(thief, kr, id_)
        audit = id_.comesh("audit", "show").stdout
        assert f"trusted up to {size} entries of test.coconnect.customs.go.kr/ID/1" in audit, audit
        goes_on(kr, id_)

    @step("a party whose identity is revoked is suspended; what is for it waits, and nothing is lost")
    def _():
        revoke(uy, "identity")
        wait_until(lambda: kr.partner("UY")["outgoing"] != "open"
                   and kr.partner("UY")["incoming"] != "open", "the lanes with UY are closed", 10)
        answers = kr.submit(certificates("KR", "UY", 3, first=800_000))
        taken_all(answers)
        assert kr.channel("UY", "outgoing")["receipt_size"] < kr.channel("UY", "outgoing")["size"]
        trouble = wait_until(lambda: kr.partner("UY")["trouble"], "KR says why")
        assert "identity key of UY is revoked" in trouble, trouble
        goes_on(kr, id_)

    @step("a person confirms the new identity of the party, and it goes on where it was")
    def _():
        with_passphrase(uy, "key", "rotate", "identity")
        for node in (kr, id_):
            node.trust(uy)
        goes_on(kr, uy)
        not_held(kr, uy)

    @step("what a revoked key signed past its time does not count, and all else proves")
    def _():
        before = kr.comesh("verify").stdout
        revoke(kr, "checkpoint", "--trusted-until", "2020-01-01T00:00:00Z")
        told = kr.comesh("verify").stdout
        assert "do not count" in told and told != before, told
        goes_on(kr, id_)

    @step("every store proves again, with the keys of the time")
    def _():
        for node in (kr, id_, uy):
            node.comesh("verify")

report()
