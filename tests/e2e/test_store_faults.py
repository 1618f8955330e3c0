"""What can happen to a store: no room on the disk, a torn tail, a flipped bit, a segment that is
gone. A node takes nothing that it cannot keep, goes on by itself when there is room again, and
never starts on a damaged journal as if it were whole."""

import errno
import os
import shutil

from mesh import (Mesh, certificates, number_of, report, same_channel, step, taken_all,
                  wait_until)

MIB = 1 << 20
NEEDED = 4   # MiB, the configured minimum
DISK = 24    # MiB, the whole disk


def on_small_disk(node):
    """Starts the node with a store on a disk of its own, in a mount namespace of its own."""
    script = f'mount -t tmpfs -o size={DISK}m none "$1"; shift; exec "$@"'
    flags = "-m" if os.getuid() == 0 else "-rm"
    node.option("store", "segment", "1MiB")
    node.option("store", "minimum_free", f"{NEEDED}MiB")
    return node.start(prefix=["unshare", flags, "sh", "-ec", script, "sh", node.store])


def seen_by(node, path):
    """The path as the node's mount namespace has it."""
    return f"/proc/{node.process.pid}/root{path}"


def fill(node, left):
    """Leaves so many bytes on the node's disk, while the node may take some itself."""
    with open(seen_by(node, os.path.join(node.store, "filler")), "ab") as filler:
        while True:
            disk = os.statvfs(seen_by(node, node.store))
            spare = disk.f_bavail * disk.f_frsize - left
            if spare <= 0:
                return
            try:
                os.posix_fallocate(filler.fileno(), os.fstat(filler.fileno()).st_size, spare)
            except OSError as problem:
                if problem.errno != errno.ENOSPC:
                    raise


def make_room(node):
    os.unlink(seen_by(node, os.path.join(node.store, "filler")))


def refusal_of_full(node, document):
    """Submits until it is refused for lack of room (what is free is asked ten times a second)."""
    def refused():
        answer = node.submit([document])[0]
        return answer if answer["code"] == "full" else None
    return wait_until(refused, "a submit is refused for lack of room", 10)


with Mesh(("KR", "ID", "UY"), start=False) as mesh:
    kr, id_, uy = mesh["KR"], mesh["ID"], mesh["UY"]
    sent = []

    def send(count, first):
        documents = certificates("KR", "ID", count, first=first)
        taken_all(kr.submit(documents))
        sent.extend(number_of(one) for one in documents)

    def arrived():
        return [row["number"] for row in id_.rows_of("messages", "KR", "incoming")
                if row["operation"] == "send-co"]

    kr.start()
    uy.start()
    on_small_disk(id_)

    @step("under the minimum of room a submit is refused with what is free and what is needed")
    def _():
        send(50, 1)
        mesh.settle()
        fill(id_, (NEEDED - 1) * MIB)
        answer = refusal_of_full(id_, certificates("ID", "KR", 1, first=90_001)[0])
        assert "disk full" in answer["sentence"], answer
        assert f"{NEEDED - 2} MiB free" in answer["sentence"] \
            or f"{NEEDED - 1} MiB free" in answer["sentence"], answer
        assert f"{NEEDED} MiB needed" in answer["sentence"], answer

    @step("the partner gets credit 0, keeps what it has to say, and shows why it waits")
    def _():
        send(100, 101)
        wait_until(lambda: kr.partner("ID")["credit_bytes"] == 0, "KR has no credit with ID")
        row = kr.ask("queue")[0]
        assert row["count"] >= 100 and "no room" in row["why"], row
        assert arrived() == sent[:50]

    @step("what can be read still is, and other partners are not concerned")
    def _():
        assert id_.ask("show", sent[0], "")[0]["number"] == sent[0]
        document = certificates("KR", "UY", 1, first=80_001)
        taken_all(kr.submit(document))
        kr.wait_receipts("UY", 10)

    @step("with room again all goes on by itself, in order")
    def _():
        make_room(id_)
        kr.wait_receipts("ID", 20)
        mesh.settle()
        assert arrived() == sent
        same_channel(kr, id_)

    @step("with no byte left at all nothing half written counts, and the node stays up")
    def _():
        send(100, 301)
        fill(id_, 0)
        send(400, 501)
        wait_until(lambda: kr.partner("ID")["credit_bytes"] == 0, "KR has no credit with ID")
        refusal_of_full(id_, certificates("ID", "KR", 1, first=90_002)[0])
        assert arrived() == sent[:len(arrived())]
        make_room(id_)
        kr.wait_receipts("ID", 20)
        mesh.settle()
        assert arrived() == sent
        same_channel(kr, id_)

    @step("a disk that fills up under load is met and left behind, many times")
    def _():
        for round_ in range(3):
            fill(id_, (400 << 10) * round_)
            refusal_of_full(id_, certificates("ID", "KR", 1, first=90_010 + round_)[0])
            send(200, 1001 + 200 * round_)
            wait_until(lambda: kr.partner("ID")["credit_bytes"] == 0, "no credit")
            make_room(id_)
            kr.wait_receipts("ID", 20)
        mesh.settle()
        assert arrived() == sent
        same_channel(kr, id_)

    @step("a node that dies on a full disk starts again when there is room, whole")
    def _():
        outside = os.path.join(mesh.folder, "kept")
        fill(id_, 0)
        refusal_of_full(id_, certificates("ID", "KR", 1, first=90_003)[0])
        send(100, 5001)
        wait_until(lambda: kr.partner("ID")["credit_bytes"] == 0, "no credit")
        shutil.copytree(seen_by(id_, id_.store), outside,
                        ignore=shutil.ignore_patterns("filler", "lock"))
        id_.kill()
        shutil.rmtree(id_.store)
        os.rename(outside, id_.store)
        id_.start()
        kr.wait_lane("ID")
        kr.wait_receipts("ID", 20)
        mesh.settle()
        assert arrived() == sent
        same_channel(kr, id_)
        id_.comesh("verify")

with Mesh(("KR", "ID")) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]
    documents = certificates("KR", "ID", 40)
    for document in documents:
        taken_all(kr.submit([document]))
    mesh.settle()
    kr.stop()
    whole = os.path.join(mesh.folder, "whole")
    shutil.copytree(kr.store, whole)

    def as_it_was():
        kr.stop()
        shutil.rmtree(kr.store)
        shutil.copytree(whole, kr.store)

    def end_of_records(path):
        """Where the zeros of the preallocated room begin, about."""
        with open(path, "rb") as file:
            return len(file.read().rstrip(b"\0"))

    def change(path, act):
        with open(path, "r+b") as file:
            act(file)

    def refused_to_start(*words):
        result = kr.start_beside()
        for word in words:
            assert word in result.stderr, f"'{word}' is not in: {result.stderr}"

    @step("a torn tail is cut: what was committed is there, what was not comes again")
    def _():
        for cut in (1, 7, 24, 100, 1000):
            as_it_was()
            kr.drop_views()
            end = end_of_records(kr.segments()[-1])
            change(kr.segments()[-1], lambda file: file.truncate(end - cut))
            kr.start()
            rows = kr.rows_of("messages", "ID", "outgoing")
            numbers = [row["number"] for row in rows if row["operation"] == "send-co"]
            assert numbers == [number_of(one) for one in documents][:len(numbers)]
            kr.comesh("verify")

    @step("a journal of which half is gone: the partner gives back what it holds, entry by entry")
    def _():
        as_it_was()
        kr.drop_views()
        end = end_of_records(kr.segments()[-1])
        change(kr.segments()[-1], lambda file: file.truncate(end // 2))
        before = len(kr.log())
        kr.start()
        kr.wait_lane("ID")
        assert "fetching back what this store has lost" in kr.log()[before:]
        same_channel(kr, id_)
        rows = kr.rows_of("messages", "ID", "outgoing")
        assert [row["number"] for row in rows if row["operation"] == "send-co"] == \
            [number_of(one) for one in documents]
        kr.comesh("verify")

    @step("garbage behind the last record is cut, too")
    def _():
        for garbage in (os.urandom(5000), b"\xff" * 300, b"\0" * 100 + os.urandom(100)):
            as_it_was()
            end = (end_of_records(kr.segments()[-1]) + 7) // 8 * 8

            def spoil(file):
                file.seek(end)
                file.write(garbage)
            change(kr.segments()[-1], spoil)
            kr.start()
            kr.wait_lane("ID")
            assert kr.channel("ID", "outgoing")["size"] == len(documents)
            same_channel(kr, id_)

    victim = []  # the payload of an entry in the middle of what KR says

    @step("after a cut the node is as able as before")
    def _():
        taken_all(kr.submit(certificates("KR", "ID", 10, first=2001)))
        mesh.settle()
        same_channel(kr, id_)
        rows = kr.rows_of("entries", "ID", "outgoing")
        victim.append(rows[len(rows) // 2]["payload"])
        kr.stop()
        id_.stop()
        shutil.rmtree(whole)
        shutil.copytree(kr.store, whole)

    @step("a flipped bit in the middle is found at the start, by segment and place")
    def _():
        as_it_was()
        kr.drop_views()
        with open(kr.segments()[0], "rb") as file:
            at = file.read().index(victim[0]) + len(victim[0]) // 2

        def flip(file):
            file.seek(at)
            byte = file.read(1)
            file.seek(at)
            file.write(bytes([byte[0] ^ 0x10]))
        change(kr.segments()[0], flip)
        refused_to_start("journal", os.path.basename(kr.segments()[0]))

    @step("a flipped bit below what the views have applied is found by comesh verify")
    def _():
        shutil.copy(os.path.join(whole, "views.sqlite"), kr.store)
        result = kr.comesh("verify", check=False)
        assert result.returncode == 65 and "journal" in result.stderr, result

    @step("a node that runs on it never sends the bad entry, and names it")
    def _():
        id_.start()
        kr.start()
        kr.wait_lane("ID")
        rows = 0
        said = None
        try:
            rows = len(kr.rows_of("entries", "ID", "outgoing"))
        except Exception as problem:
            said = str(problem)
        assert said is not None and ("corrupt" in said or "damage" in said), (rows, said)
        assert kr.is_running()

    @step("a missing segment is refused by its name")
    def _():
        as_it_was()
        id_.stop()
        shutil.rmtree(kr.store)
        os.mkdir(kr.store)
        kr.option("store", "segment", "1MiB")
        kr.start()
        taken_all(kr.submit(certificates("KR", "ID", 1000, first=10_001, items=5)))
        taken_all(kr.submit(certificates("KR", "ID", 1000, first=20_001, items=5)))
        kr.stop()
        segments = kr.segments()
        assert len(segments) >= 3, segments
        os.rename(segments[1], segments[1] + ".away")
        kr.drop_views()
        refused_to_start("journal")
        os.rename(segments[1] + ".away", segments[1])
        kr.start()
        assert kr.channel("ID", "outgoing")["size"] == 2000

    @step("a journal that is gone while its views are there is a loss, not a first start")
    def _():
        kr.stop()
        shutil.rmtree(os.path.join(kr.store, "journal"))
        refused_to_start("journal")

report()
