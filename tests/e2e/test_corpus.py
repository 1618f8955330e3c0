"""The corpus of documents, right and wrong, through `comesh convert`: every finding comes with its
code and place, every right document survives every way round, and JSON Schema (ajv) and XML Schema
(xmllint) judge as the check does, save where the index says why they cannot."""

import itertools
import json
import os
import re
import subprocess
import sys

from mesh import BUILD, ROOT, report, step

CORPUS = os.path.join(ROOT, "tests", "corpus")
SCHEMAS = os.path.join(ROOT, "proto", "schema")
ENCODINGS = ("json", "xml", "msgpack")
OK, DATA = 0, 65

with open(os.path.join(CORPUS, "index.json"), encoding="utf-8") as file:
    INDEX = json.load(file)


def comesh(*arguments, data=None, variant="release"):
    return subprocess.run([os.path.join(BUILD, variant, "comesh"), *arguments], input=data,
                          capture_output=True, check=False)


def convert(row, *arguments, data=None):
    result = comesh("convert", "--operation", row["operation"], "--compact", *arguments, data=data)
    assert result.returncode == OK, f"{row['file']}: {result.stderr.decode()}"
    return result.stdout


def encoding_of(row):
    return row["file"].rsplit(".", 1)[1]


def check_all(variant):
    for row in INDEX:
        result = comesh("convert", "--operation", row["operation"], "--from", encoding_of(row),
                        "--check", "--json", os.path.join(CORPUS, row["file"]), variant=variant)
        found = [{"code": one["code"], "place": one["place"]} for one in json.loads(result.stdout)]
        assert found == row["findings"], f"{row['file']}: {found}, wanted {row['findings']}"
        assert result.returncode == (DATA if found else OK), f"{row['file']}: {result}"


def must_agree(accepted):
    """That a schema accepts what is right, and of what is wrong what the index has a reason for."""
    for file, accepts in accepted.items():
        row = next(one for one in INDEX if one["file"] == file)
        wanted = not row["findings"] or "schema_accepts" in row
        assert accepts == wanted, f"{file}: the schema {'accepts' if accepts else 'refuses'} it"


@step("the corpus has 40 right and 120 wrong documents at least, and its files are its index")
def _():
    right = sum(not row["findings"] for row in INDEX)
    assert right >= 40 and len(INDEX) - right >= 120, (right, len(INDEX))
    there = {f"{folder}/{name}" for folder in ("valid", "invalid")
             for name in os.listdir(os.path.join(CORPUS, folder))}
    assert there == {row["file"] for row in INDEX}


@step("the corpus is what its script makes of the samples")
def _():
    subprocess.run([sys.executable, os.path.join(CORPUS, "make.py"), "--compare"], check=True)


@step("every document gives its findings, with code and place, and its exit code")
def _():
    check_all("release")


@step("the same under ASan and UBSan")
def _():
    check_all("san")


@step("every right document survives every way round, byte for byte")
def _():
    for row in INDEX:
        if row["findings"]:
            continue
        path = os.path.join(CORPUS, row["file"])
        forms = {to: convert(row, "--from", encoding_of(row), "--to", to, path)
                 for to in ENCODINGS}
        for source, to in itertools.product(ENCODINGS, ENCODINGS):
            again = convert(row, "--from", source, "--to", to, data=forms[source])
            assert again == forms[to], f"{row['file']}: {source} to {to}"


@step("a document in JSON and the same in XML pack to the same bytes")
def _():
    files = {row["file"]: row for row in INDEX if not row["findings"]}
    pairs = [(name, name[:-4] + "xml") for name in files
             if name.endswith(".json") and name[:-4] + "xml" in files]
    assert len(pairs) >= 30, len(pairs)
    for pair in pairs:
        packed = {convert(files[name], "--to", "msgpack", os.path.join(CORPUS, name))
                  for name in pair}
        assert len(packed) == 1, pair


@step("JSON Schema, by ajv, judges as the check does")
def _():
    output = subprocess.run(["node", os.path.join(CORPUS, "judge.js"),
                             os.path.join(BUILD, "npm"), SCHEMAS],
                            capture_output=True, check=True, text=True).stdout
    judged = dict(line.rsplit(" ", 1) for line in output.splitlines())
    assert len(judged) == sum(encoding_of(row) == "json" for row in INDEX)
    must_agree({file: word == "accepts" for file, word in judged.items()})


@step("XML Schema, by xmllint, judges as the check does")
def _():
    files = [row["file"] for row in INDEX if encoding_of(row) == "xml"]
    result = subprocess.run(["xmllint", "--noout", "--nonet", "--schema",
                             os.path.join(SCHEMAS, "comesh.xsd"),
                             *[os.path.join(CORPUS, one) for one in files]],
                            capture_output=True, check=False)
    said = result.stderr.decode("utf-8", "replace")
    accepted = {os.path.relpath(path, CORPUS)
                for path in re.findall(r"^(/.*) validates$", said, re.MULTILINE)}
    assert accepted, said[-500:]
    must_agree({one: one in accepted for one in files})


@step("the schemas that the program prints are those that are committed")
def _():
    for name in sorted(os.listdir(SCHEMAS)):
        words = ["xsd"] if name.endswith(".xsd") else ["json", "--operation", name[:-5]]
        printed = comesh("dataset", "schema", *words).stdout
        with open(os.path.join(SCHEMAS, name), "rb") as committed:
            assert committed.read() == printed, name


@step("an element is found by its name, path and ids, and listed with how often it stands")
def _():
    for wanted in ("D014", "LPCO/ID", "OIF.001", "Origin/RuleCode"):
        shown = json.loads(comesh("dataset", "show", wanted, "--json").stdout)
        assert shown, wanted
        assert comesh("dataset", "show", wanted).stdout.decode().startswith(shown[0]["path"])
    listed = {row["path"]: row for row in json.loads(comesh("dataset", "list", "--json").stdout)}
    assert listed["LPCO/Exporter"]["occurs"] == {
        "send-co": "1", "send-amendment-notification": "0..1"}
    assert listed["Response/GoodsShipment"]["occurs"]["send-feedback"] == "1"
    assert len(comesh("dataset", "list").stdout.splitlines()) == len(listed) + 1
    nothing = comesh("dataset", "show", "RulCode")
    assert nothing.returncode != OK and b"did you mean RuleCode?" in nothing.stderr


@step("a wrong call says what is accepted")
def _():
    for arguments, words in (
            (["--to", "xml"], "--operation"),
            (["--operation", "certificate"], "--check"),
            (["--operation", "certificate", "--to", "yaml"], "json, xml, msgpack"),
            (["--operation", "certificat", "--check"], "did you mean 'certificate'?")):
        result = comesh("convert", *arguments, data=b"")
        assert result.returncode == 64 and words in result.stderr.decode(), result


report()
