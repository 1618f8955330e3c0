"""The readable rendering of a certificate: everything that is filled is drawn, nothing that is
hostile gets out of its place, and 200 items are as good as one."""

import copy
import json
import os
import subprocess
import uuid

from html.parser import HTMLParser

from mesh import BUILD, Mesh, report, sample, step, taken_all

COMESH = os.path.join(BUILD, "release", "comesh")


class Page(HTMLParser):
    """Its words, its tags, and whether every element is closed."""

    VOID = {"meta", "br", "hr", "link", "img", "col", "rect", "path"}

    def __init__(self, text):
        super().__init__()
        self.words = []
        self.tags = []
        self.open = []
        self.feed(text)
        self.close()
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.words.append(data)


def draw(document, operation="send-co"):
    result = subprocess.run([COMESH, "convert", "--from", "json", "--to", "html", "--operation",
                             operation], input=json.dumps(document), capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    page = Page(result.stdout)
    assert not page.open, page.open
    return page


def values(node):
    """Every text of a document that stands as it is: not codes that are told in words, nor dates."""
    if isinstance(node, dict):
        for name, value in node.items():
            if "DateTime" not in name and name != "FormatCode":
                yield from values(value)
    elif isinstance(node, list):
        for value in node:
            yield from values(value)
    elif isinstance(node, str):
        yield node


def certificate():
    return sample("kr-id-co.json")


@step("every filled element of a certificate is drawn")
def _():
    page = draw(certificate())
    lacking = [value for value in values(certificate())
               if " ".join(value.split()) not in page.text]
    assert not lacking, lacking


@step("the page says that it is no certificate, has a language, a title, and heads with scope")
def _():
    page = draw(certificate())
    assert "not the certificate itself" in page.text
    tags = dict(page.tags)
    assert tags["html"].get("lang"), tags["html"]
    assert "title" in tags and "h1" in tags and "svg" in tags
    heads = [attributes for tag, attributes in page.tags if tag == "th"]
    assert heads and all("scope" in attributes for attributes in heads)


@step("it needs nothing from elsewhere, and runs nothing")
def _():
    page = draw(certificate())
    for tag, attributes in page.tags:
        assert tag not in ("script", "iframe", "object", "link", "img"), tag
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in ("src", "href", "action"), (tag, name, value)


@step("hostile text stays text")
def _():
    hostile = '</td><script>alert(1)</script><b title="x\' onload=y">&lt;'
    document = certificate()
    document["LPCO"]["Exporter"]["Name"] = hostile
    document["LPCO"]["GoodsShipment"]["GovernmentAgencyGoodsItem"][0]["Commodity"][
        "Description"] = hostile
    page = draw(document)
    assert page.text.count(hostile) == 2, page.text.count(hostile)
    assert all(tag not in ("script", "b") or "title" not in attributes
               for tag, attributes in page.tags)
    assert "script" not in dict(page.tags)


@step("a direction that is turned around does not turn the page around")
def _():
    document = certificate()
    document["LPCO"]["Exporter"]["Name"] = "Trading \u202eoC gnidarT"
    result = subprocess.run([COMESH, "convert", "--from", "json", "--to", "html", "--operation",
                             "send-co"], input=json.dumps(document), capture_output=True, text=True)
    assert "\u202e" not in result.stdout, "the override is in the page"
    assert "[U+202E]" in result.stdout, "nobody sees that it was there"


@step("a certificate of 200 items has 200 rows")
def _():
    document = certificate()
    items = document["LPCO"]["GoodsShipment"]["GovernmentAgencyGoodsItem"]
    first = items[0]
    items[:] = []
    for number in range(1, 201):
        item = copy.deepcopy(first)
        item["SequenceNumeric"] = number
        item["Commodity"]["Description"] = f"article number {number} of many"
        items.append(item)
    page = draw(document)
    assert all(f"article number {number} of many" in page.text for number in range(1, 201))


@step("amendments, cancelation statuses and feedback are drawn, too")
def _():
    for name, operation in (("kr-id-amendment.json", "send-amendment-notification"),
                            ("id-kr-cancelation-status.json", "send-cancelation-status"),
                            ("id-kr-feedback.json", "send-feedback")):
        assert "KR-020-26-0001742" in draw(sample(name), operation).text


with Mesh(parties=("KR", "ID"), variant="release") as mesh:
    @step("what a node holds is drawn with what proves it: message, entry, digest, receipt")
    def _():
        document = certificate()
        document["LPCO"]["FunctionalReferenceID"] = str(uuid.uuid4())
        taken_all(mesh["KR"].submit([json.dumps(document).encode()]))
        mesh.settle()
        page = Page(mesh["ID"].comesh("show", "KR-020-26-0001742", "--html").stdout)
        assert document["LPCO"]["FunctionalReferenceID"] in page.text
        assert "test.coconnect.customs.go.kr/ID/1" in page.text
        assert "SHA-256" in page.text and "not the certificate itself" in page.text

    @step("a certificate of 200 items crosses the mesh, and is shown, exported and drawn whole")
    def _():
        document = certificate()
        document["LPCO"]["FunctionalReferenceID"] = str(uuid.uuid4())
        document["LPCO"]["ID"] = "KR-020-26-0200200"
        items = document["LPCO"]["GoodsShipment"]["GovernmentAgencyGoodsItem"]
        first = items[0]
        items[:] = [copy.deepcopy(first) for _ in range(200)]
        for number, item in enumerate(items, 1):
            item["SequenceNumeric"] = number
        taken_all(mesh["KR"].submit([json.dumps(document).encode()]))
        mesh.settle()
        exported = json.loads(mesh["ID"].comesh("export", "KR-020-26-0200200").stdout)
        assert exported == document, "what is exported is not what was sent"
        assert len(mesh["ID"].comesh("show", "KR-020-26-0200200").stdout.splitlines()) > 2000
        page = Page(mesh["ID"].comesh("show", "KR-020-26-0200200", "--html").stdout)
        assert len([tag for tag, _ in page.tags if tag == "tr"]) >= 201  # with the head

report()
