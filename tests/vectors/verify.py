#!/usr/bin/python3
"""Recomputes every golden vector of this folder from its inputs, and compares.

It shares nothing with the C code: hashlib, PyNaCl and msgpack, and the texts themselves: RFC 6962,
C2SP signed-note, tlog-checkpoint and tlog-cosignature, and proto/README.md. tests/unit/vectors_test.c
holds the C code against the same files.

    verify.py            checks; the last line counts
    verify.py --write    fills the outputs in, after an input was added
"""
import base64
import hashlib
import json
import pathlib
import re
import sys

import msgpack
import nacl.exceptions
import nacl.signing

HERE = pathlib.Path(__file__).resolve().parent
OPERATIONS = ["none", "send-co", "send-amendment-notification", "send-cancelation-status",
              "send-feedback", "verdict"]
KINDS = ["", "hello", "welcome", "push", "receipt", "card", "agreement", "refuse", "ask",
         "holds", "texts", "want", "revocation", "fetch", "entries"]
OUTCOMES = ["accepted", "accepted-with-warnings", "refused", "duplicate"]
PLAIN, COSIGNATURE = 1, 4


def sha256(data):
    return hashlib.sha256(data).digest()


def pack(value):
    return msgpack.packb(value, use_bin_type=True)


# --- RFC 6962, section 2.1, as it is written there

def split(count):
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def leaf_hash(data):
    return sha256(b"\x00" + data)


def tree_hash(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    k = split(len(leaves))
    return sha256(b"\x01" + tree_hash(leaves[:k]) + tree_hash(leaves[k:]))


def path(m, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return path(m, leaves[:k]) + [tree_hash(leaves[k:])]
    return path(m - k, leaves[k:]) + [tree_hash(leaves[:k])]


def subproof(m, leaves, whole):
    if m == len(leaves):
        return [] if whole else [tree_hash(leaves)]
    k = split(len(leaves))
    if m <= k:
        return subproof(m, leaves[:k], whole) + [tree_hash(leaves[k:])]
    return subproof(m - k, leaves[k:], False) + [tree_hash(leaves[:k])]


def tree_outputs(case, document):
    leaves = [bytes.fromhex(leaf) for leaf in document["leaves"]][:case["size"]]
    if case["what"] == "root":
        return {"root": tree_hash(leaves).hex()}
    if case["what"] == "inclusion":
        hashes = path(case["index"], leaves)
    else:
        hashes = subproof(case["old_size"], leaves, True) if case["old_size"] else []
    return {"hashes": [one.hex() for one in hashes]}


# --- entries, verdicts, frames

def entry_outputs(case, _):
    payload = bytes.fromhex(case["payload"])
    packed = pack([
        1, case["origin"], case["index"], OPERATIONS.index(case["operation"]),
        bytes.fromhex(case["id"]),
        None if case["reply_to"] is None else bytes.fromhex(case["reply_to"]),
        case["agreement"], case["menu_version"], case["time_ms"], len(payload), sha256(payload),
        bytes.fromhex(case["salt"])])
    return {"packed": packed.hex(), "leaf": leaf_hash(packed).hex()}


def verdict_outputs(case, _):
    document = {1: case["first"], 2: case["count"]}
    if case["taken"] is not None:
        document[3] = case["taken"]
    remarks = []
    for remark in case["remarks"]:
        pairs = {1: remark["index"], 2: OUTCOMES.index(remark["outcome"])}
        for key, name in enumerate(["code", "element", "place", "detail"], start=3):
            if remark[name]:
                pairs[key] = remark[name]
        remarks.append(pairs)
    if remarks:
        document[4] = remarks
    return {"packed": pack(document).hex()}


def run(case):
    """Items, each an entry and its payload, and the checkpoint behind them."""
    return [[[bytes.fromhex(entry), bytes.fromhex(payload)] for entry, payload in case["items"]],
            bytes.fromhex(case["checkpoint"])]


def frame_outputs(case, _):
    kind = case["kind"]
    frame = [KINDS.index(kind)]
    if kind == "hello":
        frame += [case["versions"], case["party"], case["environment"], case["origin"],
                  case["size"], case["card_serial"], case["time_ms"]]
    elif kind == "welcome":
        frame += [case["version"], case["size"], bytes.fromhex(case["checkpoint"]),
                  case["credit"], case["card_serial"], case["time_ms"]]
    elif kind == "push":
        frame += [case["first"], *run(case)]
    elif kind == "entries":
        frame += [case["first"], [run(one) for one in case["runs"]]]
    elif kind == "receipt":
        frame += [bytes.fromhex(case["checkpoint"]), case["credit"]]
    elif kind == "refuse":
        frame += [case["refusal"], case["sentence"], case["index"]]
    elif kind == "ask":
        frame += [case["number"], case["origin"], case["first"], case["max"]]
    elif kind == "fetch":
        frame += [case["origin"], case["first"]]
    elif kind == "holds":
        frame += [case["number"], case["size"],
                  [[row["operation"], bytes.fromhex(row["id"]), row["number"], row["time_ms"],
                    bytes.fromhex(row["leaf"]), row["judgement"], row["taken"]]
                   for row in case["rows"]]]
    elif kind in ("texts", "want"):
        frame += [[[row["kind"], row["name"], row["number"], bytes.fromhex(row["digest"])]
                   for row in case["rows"]]]
    else:
        frame += [bytes.fromhex(case["note"])]
    return {"packed": pack(frame).hex()}


# --- C2SP signed-note, tlog-checkpoint, tlog-cosignature

def key_id(name, algorithm, public):
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public)[:4]


def signature_line(name, key, body, time_s=None):
    """One line of a plain signature, or of a cosignature when there is a time."""
    public = bytes(key.verify_key)
    if time_s is None:
        raw = key_id(name, PLAIN, public) + key.sign(body.encode()).signature
    else:
        message = f"cosignature/v1\ntime {time_s}\n{body}".encode()
        raw = (key_id(name, COSIGNATURE, public) + time_s.to_bytes(8, "big") +
               key.sign(message).signature)
    return f"\u2014 {name} {base64.b64encode(raw).decode()}\n"


def note_outputs(case, document):
    keys = document["keys"]

    def key(name):
        return nacl.signing.SigningKey(bytes.fromhex(keys[name]["seed"]))

    if case["what"] == "key":
        public = bytes(key(case["key"]).verify_key)
        return {"public": public.hex(),
                "plain_id": key_id(case["name"], PLAIN, public).hex(),
                "cosignature_id": key_id(case["name"], COSIGNATURE, public).hex()}
    if case["what"] == "published":
        return {"holds": published_holds(case)}
    if case["what"] == "checkpoint":
        root = base64.b64encode(bytes.fromhex(case["root"])).decode()
        body = f"{case['origin']}\n{case['size']}\n{root}\n"
    else:
        body = case["body"]
    note = body + "\n" + signature_line(case["signer_name"], key(case["signer"]), body)
    outputs = {"note": note}
    if case["what"] == "checkpoint":
        outputs["cosigned"] = note + signature_line(
            case["cosigner_name"], key(case["cosigner"]), body, case["time_s"])
    return outputs


def published_holds(case):
    """A note that others published, with their public key."""
    body, line = case["note"].split("\n\n")
    body += "\n"
    name, encoded = line.rstrip("\n").split(" ")[1:]
    raw = base64.b64decode(encoded, validate=True)
    public = bytes.fromhex(case["public"])
    if name != case["name"] or raw[:4] != key_id(name, PLAIN, public):
        return False
    try:
        nacl.signing.VerifyKey(public).verify(body.encode(), raw[4:])
    except nacl.exceptions.BadSignatureError:
        return False
    return True


def card_outputs(case, _):
    key = nacl.signing.SigningKey(bytes.fromhex(case["identity_seed"]))
    name = f"{case['environment']}.coconnect.{case['domain']}/identity"
    label = f"comesh fingerprint v1\n{case['party']}\n{case['environment']}\n"
    digest = sha256(label.encode() + bytes(key.verify_key))
    groups = [int.from_bytes(digest[at:at + 4], "big") % 100000 for at in range(0, 20, 4)]
    return {"note": case["text"] + "\n" + signature_line(name, key, case["text"]),
            "fingerprint": "-".join(f"{group:05d}" for group in groups)}


def parties_of(text):
    """Quorum, and of each party its code, key name and identity key."""
    environment = re.search(r"^environment (.*)$", text, re.M)[1]
    quorum = int(re.search(r"^quorum (.*)$", text, re.M)[1])
    rows = re.findall(r"^party (\S+) (\S+) (\S+)", text, re.M)
    return quorum, [(code, f"{environment}.coconnect.{domain}/identity", base64.b64decode(key))
                    for code, domain, key in rows]


def signers_of(text, signed, lines):
    """Who of the parties that `text` names has signed `signed`."""
    found = []
    for code, name, key in parties_of(text)[1]:
        for line in lines:
            raw = base64.b64decode(line.split(" ")[2])
            if line.split(" ")[1] == name and raw[:4] == key_id(name, PLAIN, key):
                nacl.signing.VerifyKey(key).verify(signed.encode(), raw[4:])
                found.append(code)
    return found


def agreement_outputs(case, document):
    """A version with its signatures, in the order of their names and key ids, and its quorum."""
    text = case["text"]
    lines = [signature_line(one["name"], nacl.signing.SigningKey(bytes.fromhex(one["seed"])), text)
             for one in case["signers"]]
    lines.sort(key=lambda line: (line.split(" ")[1], base64.b64decode(line.split(" ")[2])[:4]))
    code = re.search(r"^code (.*)$", text, re.M)[1]
    version = re.search(r"^version (.*)$", text, re.M)[1]
    digest = sha256(f"comesh agreement fingerprint v1\n{code}\n{version}\n".encode() +
                    sha256(text.encode()))
    groups = [int.from_bytes(digest[at:at + 4], "big") % 100000 for at in range(0, 20, 4)]
    signed_by = signers_of(text, text, lines)
    met = len(signed_by) >= parties_of(text)[0]
    outputs = {}
    if "follows" in case:
        before = document["cases"][case["follows"]]["text"]
        previous = base64.b64encode(sha256(before.encode())).decode()
        assert f"\nprevious {previous}\n" in text, previous
        outputs["previous_signed_by"] = signers_of(before, text, lines)
        met = met and len(outputs["previous_signed_by"]) >= parties_of(before)[0]
    return {"note": text + "\n" + "".join(lines), "hash": sha256(text.encode()).hex(),
            "fingerprint": "-".join(f"{group:05d}" for group in groups),
            "signed_by": signed_by, **outputs, "met": met}


FILES = {
    "trees.json": tree_outputs,
    "entries.json": entry_outputs,
    "verdicts.json": verdict_outputs,
    "frames.json": frame_outputs,
    "notes.json": note_outputs,
    "cards.json": card_outputs,
    "agreements.json": agreement_outputs,
}


def main(write):
    passed = failed = 0
    for name, outputs_of in FILES.items():
        document = json.loads((HERE / name).read_text(encoding="utf-8"))
        for number, case in enumerate(document["cases"]):
            outputs = outputs_of(case, document)
            if write:
                case.update(outputs)
            for field, value in outputs.items():
                if case.get(field) == value:
                    passed += 1
                else:
                    failed += 1
                    print(f"{name}, case {number}: {field} is {case.get(field)!r}, "
                          f"computed {value!r}", file=sys.stderr)
        if write:
            text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
            (HERE / name).write_text(text, encoding="utf-8")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv[1:]))
