"""Keys that are revoked: lanes with them close, nothing that they sign or open is accepted after, what
was stored stays, and a new card by the identity mends it without a restart; of an identity, what a
person or the agreement's quorum confirms."""

import os
import sys

from mesh import (Mesh, certificates, passphrase_pipe, report, same_channel, step, taken_all,
                  wait_until)

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
    """A certificate each way arrives, and both ends hold the same."""
    for sender, receiver in ((one, other), (other, one)):
        taken_all(sender.submit(certificates(sender.party, receiver.party, 1, first=next(serials))))
        sender.wait_receipts(receiver.party)
    mesh.settle()
    same_channel(one, other)
    same_channel(other, one)


def not_held(*nodes):
    for node in nodes:
        assert not any(channel["held"] for channel in node.ask("channels")), node.party


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

report()
