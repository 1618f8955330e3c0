#!/usr/bin/python3
"""Makes the corpus: documents out of tests/samples by named changes, each with what must come of
it.

    tests/corpus/make.py [--compare]

writes tests/corpus/valid, tests/corpus/invalid and tests/corpus/index.json, which are committed, or
only compares. A change of the tree is made in JSON and in XML; a change of the text in one of them.
Every row says which findings must come, with code and place (a JSON pointer, an XPath in XML), and,
where the schema of that language takes the document all the same, why it cannot do otherwise. XML
is written here by a hand of its own, so that two writers must agree."""

import copy
import json
import os
import shutil
import sys
from xml.sax.saxutils import escape, quoteattr

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = os.path.join(HERE, "..", "samples")
NAMESPACE = "urn:comesh:own-binding:wco-dm-4:1"
HEADINGS = (("WCODataModelVersionCode", "4"), ("ResponsibleAgencyName", "comesh"),
            ("AgencyAssignedCustomizationCode", "comesh-co"),
            ("AgencyAssignedCustomizationVersionCode", "1"))
OPERATIONS = {"co": "send-co", "amendment": "send-amendment-notification",
              "status": "send-cancelation-status", "feedback": "send-feedback"}

# Why a schema takes what the check refuses.
DAY = "depends on the day of issue: no schema language of these knows one"
ROUTE = "compares two elements: no schema language of these does"
POSITION = "the number must be its own position, which no schema language of these knows"
LETTERS = "what a number is found by is a rule of the look-up, not of the form"
OPERATION = "XML Schema 1.0 knows the document, not the operation that it is for"
FORMAT = "XML Schema 1.0 cannot make a value depend on an attribute"
PARSED = "a parser of JSON has taken it away before a schema sees it"
INFOSET = "a schema sees elements and attributes, not how they were written"
NUMBER = "to JSON Schema 1.0 is an integer, the same as 1"
SURROGATE = "half a character cannot be written in a pattern"


# ---- documents ----

def sample(name):
    with open(os.path.join(SAMPLES, name), encoding="utf-8") as file:
        return json.load(file)


def short_certificate(name):
    """The certificate with few of its elements, so that the corpus stays small."""
    whole = sample(name)["LPCO"]
    keep = ("FunctionCode", "FunctionalReferenceID", "TypeCode", "ID", "IssueDateTime",
            "IssuingCountryCode", "AgreementID", "MenuVersionID", "TotalGrossMassMeasure",
            "Authentication", "Exporter", "GoodsShipment")
    lpco = {key: whole[key] for key in whole if key in keep}
    lpco["Authentication"] = [{"RoleCode": "EXP", "Authenticator": {"Name": "Lee Seo-yeon"}}]
    lpco["Exporter"] = {"Name": whole["Exporter"]["Name"], "ID": whole["Exporter"]["ID"]}
    shipment = whole["GoodsShipment"]
    items = []
    for item in shipment["GovernmentAgencyGoodsItem"][:2]:
        commodity = item["Commodity"]
        items.append({
            "SequenceNumeric": item["SequenceNumeric"],
            "Commodity": {"Description": commodity["Description"][:60],
                          "Classification": commodity["Classification"][:1]},
            "Origin": {"CountryCode": "KR", "RuleCode": ["RVC"],
                       "RegionalValueContentPercent": "45.5"}})
    lpco["GoodsShipment"] = {"Destination": shipment["Destination"],
                             "GovernmentAgencyGoodsItem": items}
    return {"LPCO": lpco}


BASES = {
    "co": short_certificate("kr-id-co.json"),
    "amendment": sample("kr-id-amendment.json"),
    "status": sample("id-kr-cancelation-status.json"),
    "feedback": sample("id-kr-feedback.json"),
}


def as_json(tree):
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def xml_element(name, value):
    attributes = ""
    if isinstance(value, dict) and "Value" in value:
        attributes = "".join(f" {key[0].lower()}{key[1:]}={quoteattr(text, {chr(10): '&#10;'})}"
                             for key, text in value.items() if key != "Value")
        content = escape(value["Value"])
        if "FormatCode" in value or name.endswith("DateTime"):
            return f"<{name}><DateTimeString{attributes}>{content}</DateTimeString></{name}>"
    elif isinstance(value, dict):
        content = "".join(xml_elements(key, part) for key, part in value.items())
    elif isinstance(value, bool):
        content = "true" if value else "false"
    else:
        content = escape(str(value))
    return f"<{name}{attributes}>{content}</{name}>"


def xml_elements(name, value):
    return "".join(xml_element(name, one) for one in value) if isinstance(value, list) \
        else xml_element(name, value)


def as_xml(tree):
    headings = "".join(f"<{name}>{value}</{name}>" for name, value in HEADINGS)
    content = "".join(xml_elements(key, value) for key, value in tree.items())
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<MetaData xmlns="{NAMESPACE}">{headings}{content}</MetaData>')


def as_xpath(pointer):
    steps = "".join(f"[{int(step) + 1}]" if step.isdigit() else f"/{step}"
                    for step in pointer.split("/")[1:])
    return "/MetaData" + steps


# ---- changes ----

def put(path, value, behind=None):
    """Puts a value at a path below the root; a new one at the end, or behind the one named."""
    def change(tree):
        group = next(iter(tree.values()))
        steps = path.split("/")
        for step in steps[:-1]:
            group = group[int(step)] if isinstance(group, list) else group[step]
        last = steps[-1]
        if isinstance(group, list):
            group[int(last):int(last) + 1] = [value]
        elif last in group or behind is None:
            group[last] = value
        else:
            pairs = list(group.items())
            at = [key for key, _ in pairs].index(behind) + 1
            group.clear()
            group.update(pairs[:at] + [(last, value)] + pairs[at:])
    return change


def drop(path):
    def change(tree):
        group = next(iter(tree.values()))
        steps = path.split("/")
        for step in steps[:-1]:
            group = group[int(step)] if isinstance(group, list) else group[step]
        del group[int(steps[-1]) if isinstance(group, list) else steps[-1]]
    return change


def first(path, value):
    """Puts a new member before all others of a group."""
    def change(tree):
        group = next(iter(tree.values()))
        *steps, last = path.split("/")
        for step in steps:
            group = group[int(step)] if isinstance(group, list) else group[step]
        pairs = list(group.items())
        group.clear()
        group.update([(last, value)] + pairs)
    return change


def both(*changes):
    def change(tree):
        for one in changes:
            one(tree)
    return change


def replace(old, new):
    """A change of the text."""
    def change(text):
        assert old in text, old
        return text.replace(old, new, 1)
    return change


class Corpus:
    def __init__(self):
        self.index = []
        self.files = {}  # name to bytes

    def add(self, name, base, extension, content, findings, accepted):
        file = f"{'invalid' if findings else 'valid'}/{base}-{name}.{extension}"
        row = {"file": file, "operation": OPERATIONS[base],
               "findings": [{"code": code, "place": place} for code, place in findings]}
        if accepted:
            row["schema_accepts"] = accepted
        assert file not in [one["file"] for one in self.index], file
        self.index.append(row)
        self.files[file] = content if isinstance(content, bytes) else content.encode("utf-8")

    def tree(self, name, base, change, *findings, json_why=None, xml_why=None, only=None):
        """A change of the tree, in both languages or `only` one."""
        tree = copy.deepcopy(BASES[base])
        change(tree)
        if only != "xml":
            self.add(name, base, "json", as_json(tree), findings, json_why)
        if only != "json":
            places = [(code, as_xpath(place)) for code, place in findings]
            self.add(name, base, "xml", as_xml(tree), places, xml_why)

    def text(self, name, base, extension, change, *findings, why=None):
        """A change of the text; it may give bytes."""
        write = as_json if extension == "json" else as_xml
        self.add(name, base, extension, change(write(BASES[base])), findings, why)

    def finish(self):
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in self.index)
        self.files["index.json"] = f"[\n{lines}\n]\n".encode("utf-8")

    def save(self):
        for folder in ("valid", "invalid"):
            shutil.rmtree(os.path.join(HERE, folder), ignore_errors=True)
            os.makedirs(os.path.join(HERE, folder))
        for file, content in self.files.items():
            with open(os.path.join(HERE, file), "wb") as out:
                out.write(content)

    def compare(self):
        for file, content in self.files.items():
            with open(os.path.join(HERE, file), "rb") as committed:
                if committed.read() != content:
                    sys.exit(f"tests/corpus/{file} is another one; run tests/corpus/make.py")


def valid(corpus):
    item = "GoodsShipment/GovernmentAgencyGoodsItem/0"
    for base in BASES:
        corpus.tree("whole", base, lambda tree: None)
    for name, path, value in (
            ("name-of-500", "Exporter/Name", "한" * 500),
            ("name-in-two-lines", "Exporter/Name", "Hanbit\nTrading"),
            ("name-with-marks", "Exporter/Name", "\"A\" & <B> 'C' \\ / é ß 𝄞"),
            ("number-of-70", "ID", "K" * 70),
            ("number-with-blanks", "ID", "KR 020 26 0001742"),
            ("number-in-hangul", "ID", "부산-2026-17"),
            ("id-without-scheme", "Exporter/ID", "220-81-62517"),
            ("date-without-time", "IssueDateTime", {"Value": "20240229", "FormatCode": "102"}),
            ("date-in-utc", "IssueDateTime", {"Value": "20260105003000Z", "FormatCode": "304"}),
            ("date-west", "IssueDateTime", {"Value": "20260105003000-0330", "FormatCode": "304"}),
            ("date-in-hours", "IssueDateTime", {"Value": "20240229235959+14", "FormatCode": "304"}),
            ("weight-of-nothing", "TotalGrossMassMeasure", {"Value": "0", "UnitCode": "KGM"}),
            ("weight-with-zeros", "TotalGrossMassMeasure", {"Value": "12.500", "UnitCode": "KGM"}),
            ("weight-of-16-digits", "TotalGrossMassMeasure",
             {"Value": "1234567890.123456", "UnitCode": "TNE"}),
            ("weight-of-a-milligram", "TotalGrossMassMeasure",
             {"Value": "0.000001", "UnitCode": "KGM"}),
            ("code-of-18-digits", item + "/Commodity/Classification/0/ID", "840734000000000001"),
            ("code-with-edition", item + "/Commodity/Classification/0/ID",
             {"Value": "840734", "VersionID": "2022"}),
            ("criterion-composite", item + "/Origin",
             {"CountryCode": "KR", "TypeCode": "2", "RuleCode": ["RVC", "CTSH"],
              "RuleQualifierCode": ["ACU", "DMI"], "RegionalValueContentPercent": "40",
              "RuleDescription": "RVC 40% + CTSH", "CumulationCountryCode": ["ID", "VN"]}),
            ("region-of-origin", item + "/Origin", {"CountryCode": "KR", "RegionID": "KR-26"}),
            ("menu-of-9-digits", "MenuVersionID", 999999999)):
        corpus.tree(name, "co", put(path, value))
    for name, path, value, behind in (
            ("revision", "VersionID", "2", "ID"),
            ("blanket-period", "BlanketPeriodStartDateTime",
             {"Value": "20260101", "FormatCode": "102"}, "MenuVersionID"),
            ("place", "IssueLocationID", "KRPUS", "IssueDateTime"),
            ("remarks", "AdditionalInformation",
             [{"StatementCode": "IRT"}, {"StatementDescription": "Two\nlines."}],
             "Authentication"),
            ("back-to-back", "AdditionalDocument", [{"TypeCode": "861", "ID": "CN-1"}],
             "Authentication"),
            ("replaced", "PreviousDocument", [{"ID": "KR-020-25-0001"}], "Authentication"),
            ("two-currencies", "CurrencyExchange",
             [{"CurrencyTypeCode": "USD"}, {"CurrencyTypeCode": "KRW"}], "Exporter"),
            ("invoices", "GoodsShipment/Invoice",
             [{"ID": "A-1", "ThirdCountryIndicator": True}, {"ID": "A-2"}], "Destination")):
        corpus.tree(name, "co", put(path, value, behind=behind))
    corpus.tree("two-declarations", "feedback",
                put("PreviousDocument", [{"TypeCode": "929", "ID": "1"}, {"ID": "2"}]))
    corpus.text("blanks", "status", "json",
                lambda text: "\n" + json.dumps(json.loads(text), indent="\t") + "\r\n")
    corpus.text("escapes", "status", "json",
                lambda text: json.dumps(json.loads(text)).replace("/", "\\/"))
    corpus.text("another-order", "status", "json", lambda text: as_json(
        {"Response": dict(reversed(json.loads(text)["Response"].items()))}))
    corpus.text("byte-order-mark", "status", "xml", lambda text: "\ufeff" + text)
    corpus.text("no-declaration", "status", "xml", lambda text: text.split("\n", 1)[1])
    corpus.text("comments", "status", "xml", replace("<Response>", "<!-- a --><Response>\n<!---->"))
    corpus.text("cdata", "feedback", "xml", replace("KPU Bea", "KPU <![CDATA[B]]>ea"))
    corpus.text("references", "feedback", "xml", replace("KPU Bea", "&#75;&#x50;U &#66;ea"))
    corpus.text("prefix", "status", "xml", lambda text: text.replace("</", "</c:")
                .replace("<", "<c:").replace("<c:/", "</").replace("<c:?", "<?")
                .replace("xmlns=", "xmlns:c="))
    corpus.text("schema-location", "status", "xml", replace(
        f'xmlns="{NAMESPACE}"',
        f'xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{NAMESPACE} comesh.xsd"'))


ITEM = "GoodsShipment/GovernmentAgencyGoodsItem/0"
AT_ITEM = "/LPCO/" + ITEM


def wrong_values(corpus):
    """One value that its type does not have: name, path, value, code."""
    weight, name, number = "TotalGrossMassMeasure", "Exporter/Name", "ID"
    rows = [("weight-" + what, weight, {"Value": value, "UnitCode": "KGM"}, code)
            for what, value, code in (
                ("negative", "-1", "not-a-decimal"), ("signed", "+1", "not-a-decimal"),
                ("with-comma", "12,5", "not-a-decimal"), ("grouped", "1 000", "not-a-decimal"),
                ("exponent", "1e3", "not-a-decimal"), ("leading-zero", "012", "not-a-decimal"),
                ("no-fraction", "12.", "not-a-decimal"), ("no-whole", ".5", "not-a-decimal"),
                ("too-precise", "0.0000001", "too-precise"),
                ("too-long", "12345678901234567", "too-long"), ("empty", "", "empty"))]
    rows += [("date-" + what, "IssueDateTime", {"Value": value, "FormatCode": form}, code)
             for what, value, form, code in (
                 ("no-leap-year", "20230229", "102", "not-a-date"),
                 ("century", "21000229", "102", "not-a-date"),
                 ("31-april", "20260431", "102", "not-a-date"),
                 ("month-13", "20261301", "102", "not-a-date"),
                 ("before-1900", "18991231", "102", "not-a-date"),
                 ("iso-8601", "2026-01-05", "102", "not-a-date"),
                 ("hour-24", "20260105240000Z", "304", "not-a-date"),
                 ("no-offset", "20260105093000", "304", "no-offset"),
                 ("offset-15-hours", "20260105093000+1500", "304", "no-offset"),
                 ("offset-with-colon", "20260105093000+09:00", "304", "no-offset"))]
    rows += [("text-" + what, name, value, code) for what, value, code in (
        ("too-long", "한" * 501, "too-long"), ("empty", "", "empty"),
        ("tab", "Hanbit\tTrading", "control-character"),
        ("c1-control", "Hanbit\u0085Trading", "control-character"),
        ("replacement", "Hanbit \ufffd", "replacement-character"),
        ("noncharacter", "Hanbit \ufdd0", "not-a-character"),
        ("noncharacter-beyond", "Hanbit \U0001ffff", "not-a-character"))]
    rows += [("number-" + what, number, value, code) for what, value, code in (
        ("zero-width", "KR-020\u200b-26", "invisible-character"),
        ("bidi", "KR-020\u202e-26", "invisible-character"),
        ("soft-hyphen", "KR-020\u00ad26", "invisible-character"),
        ("byte-order-mark", "\ufeffKR-020", "invisible-character"),
        ("no-break-blank", "KR\u00a0020", "look-alike"),
        ("dash", "KR\u2013020", "look-alike"), ("minus", "KR\u2212020", "look-alike"),
        ("full-width", "ＫＲ-020", "full-width"),
        ("blank-before", " KR-020", "blanks"), ("blank-behind", "KR-020 ", "blanks"),
        ("two-blanks", "KR  020", "blanks"), ("line-feed", "KR\n020", "control-character"),
        ("too-long", "K" * 71, "too-long"), ("empty", "", "empty"))]
    rows += [
        ("type-unknown", "TypeCode", "999", "not-in-list"),
        ("function-unknown", "FunctionCode", "3", "not-in-list"),
        ("country-small", "IssuingCountryCode", "kr", "not-in-list"),
        ("country-of-three", ITEM + "/Origin/CountryCode", "KOR", "not-in-list"),
        ("country-unknown", ITEM + "/Origin/CountryCode", "ZZ", "not-in-list"),
        ("unit-unknown", weight, {"Value": "1", "UnitCode": "KGN"}, "not-in-list"),
        ("agreement-with-blank", "AgreementID", "AK FTA", "not-in-list"),
        ("unit-small", weight, {"Value": "1", "UnitCode": "kgm"}, "not-in-list"),
        ("unit-empty", weight, {"Value": "1", "UnitCode": ""}, "empty"),
        ("format-unknown", "IssueDateTime", {"Value": "20260105", "FormatCode": "203"},
         "not-in-list"),
        ("code-with-dots", ITEM + "/Commodity/Classification/0/ID", "8407.34", "not-in-list"),
        ("code-of-4-digits", ITEM + "/Commodity/Classification/0/ID", "8407", "not-in-list"),
        ("edition-unknown", ITEM + "/Commodity/Classification/0/ID",
         {"Value": "840734", "VersionID": "2019"}, "not-in-list"),
        ("signer-unknown", "Authentication/0/RoleCode", "XYZ", "not-in-list"),
        ("percent-too-precise", ITEM + "/Origin/RegionalValueContentPercent", "45.555",
         "too-precise"),
        ("scheme-too-long", "Exporter/ID", {"Value": "1", "SchemeID": "S" * 36}, "too-long"),
        ("scheme-empty", "Exporter/ID", {"Value": "1", "SchemeID": ""}, "empty"),
        ("menu-of-10-digits", "MenuVersionID", 1234567890, "too-long"),
        ("item-of-6-digits", ITEM + "/SequenceNumeric", 100000, "too-long"),
    ]
    for what, path, value, code in rows:
        corpus.tree(what, "co", put(path, value), (code, "/LPCO/" + path))


def wrong_trees(corpus):
    """Elements that lack, are too many, or have no place."""
    for path in ("FunctionCode", "ID", "IssueDateTime", "IssuingCountryCode", "AgreementID",
                 "GoodsShipment", "GoodsShipment/Destination", ITEM + "/SequenceNumeric",
                 "Authentication/0/RoleCode"):
        name = path.replace("/", "-").lower()
        corpus.tree("without-" + name, "co", drop(path), ("missing", "/LPCO/" + path))
    for path in ("Exporter", "TypeCode", ITEM + "/Commodity/Description"):
        name = path.replace("/", "-").lower()
        corpus.tree("without-" + name, "co", drop(path), ("missing", "/LPCO/" + path),
                    xml_why=OPERATION)
    for path, base, root in (("Amendment", "amendment", "LPCO"),
                             ("Status", "status", "Response"),
                             ("ReferencedMessageID", "feedback", "Response"),
                             ("LPCO/ID", "feedback", "Response")):
        name = path.replace("/", "-").lower()
        corpus.tree("without-" + name, base, drop(path), ("missing", f"/{root}/{path}"),
                    xml_why=OPERATION if base == "amendment" else None)
    corpus.tree("without-goodsshipment", "feedback", drop("GoodsShipment"),
                ("missing", "/Response/GoodsShipment"), xml_why=OPERATION)
    corpus.tree("group-empty", "co", put("Exporter", {}), ("empty", "/LPCO/Exporter"))
    corpus.tree("address-empty", "co", put("Exporter/Address", {}),
                ("empty", "/LPCO/Exporter/Address"))
    corpus.tree("cancelled", "co",
                put("CancellationDateTime", {"Value": "20260105", "FormatCode": "102"},
                    behind="MenuVersionID"),
                ("not-allowed", "/LPCO/CancellationDateTime"), xml_why=OPERATION)
    corpus.tree("unknown-element", "co", put("Colour", "red"),
                ("unknown-element", "/LPCO/Colour"))
    corpus.tree("unknown-in-item", "co", put(ITEM + "/Origin/Contry", "KR"),
                ("unknown-element", AT_ITEM + "/Origin/Contry"))
    corpus.tree("name-in-small-letters", "co", first("functioncode", "9"),
                ("unknown-element", "/LPCO/functioncode"))
    corpus.tree("item-out-of-sequence", "co", put(ITEM + "/SequenceNumeric", 2),
                ("out-of-sequence", AT_ITEM + "/SequenceNumeric"),
                json_why=POSITION, xml_why=POSITION)
    corpus.tree("not-a-uuid", "co", put("FunctionalReferenceID", "4711"),
                ("not-a-uuid", "/LPCO/FunctionalReferenceID"))
    corpus.tree("uuid-without-dashes", "feedback",
                put("ReferencedMessageID", "5b0a6f0e2c2a4a519d4b7d3f1a9c0e01"),
                ("not-a-uuid", "/Response/ReferencedMessageID"))
    corpus.tree("same-party", "co", put("GoodsShipment/Destination/CountryCode", "KR"),
                ("same-party", "/LPCO/GoodsShipment/Destination/CountryCode"),
                json_why=ROUTE, xml_why=ROUTE)
    corpus.tree("country-that-was", "co", put(ITEM + "/Origin/CountryCode", "AN"),
                ("not-valid-then", AT_ITEM + "/Origin/CountryCode"), json_why=DAY, xml_why=DAY)
    corpus.tree("edition-to-come", "co",
                put(ITEM + "/Commodity/Classification/0/ID",
                    {"Value": "840734", "VersionID": "2028"}),
                ("not-valid-then", AT_ITEM + "/Commodity/Classification/0/ID"),
                json_why=DAY, xml_why=DAY)
    corpus.tree("number-of-dashes", "co", put("ID", "--"), ("no-number", "/LPCO/ID"),
                json_why=LETTERS, xml_why=LETTERS)
    currencies = [{"CurrencyTypeCode": "USD"}] * 11
    corpus.tree("too-many-currencies", "co",
                put("CurrencyExchange", currencies, behind="Exporter"),
                ("too-many", "/LPCO/CurrencyExchange"))
    corpus.tree("two-findings", "co",
                both(put("TypeCode", "999"), put("Exporter/Name", "\t")),
                ("not-in-list", "/LPCO/TypeCode"), ("control-character", "/LPCO/Exporter/Name"))
    corpus.tree("time-in-format-102", "co",
                put("IssueDateTime", {"Value": "20260105093000Z", "FormatCode": "102"}),
                ("not-a-date", "/LPCO/IssueDateTime"), xml_why=FORMAT)
    corpus.tree("day-in-format-304", "co",
                put("IssueDateTime", {"Value": "20260105", "FormatCode": "304"}),
                ("not-a-date", "/LPCO/IssueDateTime"), xml_why=FORMAT)
    corpus.tree("no-unit", "co", put("TotalGrossMassMeasure", {"Value": "1"}),
                ("missing", "/LPCO/TotalGrossMassMeasure"))
    corpus.tree("no-format", "co", put("IssueDateTime", {"Value": "20260105"}),
                ("missing", "/LPCO/IssueDateTime"), only="json")
    corpus.tree("treatment-unknown", "feedback",
                put(ITEM + "/Status/NameCode", "YES"),
                ("not-in-list", "/Response/" + ITEM + "/Status/NameCode"))
    corpus.tree("status-unknown", "status", put("Status/0/NameCode", "99"),
                ("not-in-list", "/Response/Status/0/NameCode"))


def wrong_json(corpus):
    """Other types than the table has, and other grammar."""
    for what, path, value, place in (
            ("number-as-number", "ID", 1742, ""), ("number-null", "ID", None, ""),
            ("number-as-array", "ID", ["1"], ""), ("number-true", "ID", True, ""),
            ("menu-as-string", "MenuVersionID", "1", ""),
            ("menu-negative", "MenuVersionID", -1, ""),
            ("weight-as-number", "TotalGrossMassMeasure", 12.5, ""),
            ("weight-as-string", "TotalGrossMassMeasure", "12.5", ""),
            ("value-as-number", "TotalGrossMassMeasure", {"Value": 12.5, "UnitCode": "KGM"}, ""),
            ("percent-as-number", ITEM + "/Origin/RegionalValueContentPercent", 45.5, ""),
            ("criterion-alone", ITEM + "/Origin/RuleCode", "RVC", ""),
            ("exporter-as-string", "Exporter", "Hanbit", ""),
            ("exporter-as-array", "Exporter", [{"Name": "Hanbit"}], "")):
        corpus.tree(what, "co", put(path, value), ("wrong-type", "/LPCO/" + path + place),
                    only="json")
    corpus.text("menu-as-fraction", "co", "json",
                replace('"MenuVersionID":1', '"MenuVersionID":1.0'),
                ("wrong-type", "/LPCO/MenuVersionID"), why=NUMBER)
    corpus.tree("criteria-empty", "co", put(ITEM + "/Origin/RuleCode", []),
                ("empty", AT_ITEM + "/Origin/RuleCode"), only="json")
    corpus.tree("value-unknown-member", "co",
                put("TotalGrossMassMeasure", {"Value": "1", "UnitCode": "KGM", "Unit": "kg"}),
                ("unknown-element", "/LPCO/TotalGrossMassMeasure"), only="json")
    corpus.text("duplicate", "co", "json", replace('"ID":', '"ID":"KR-1","ID":'),
                ("duplicate-name", "/LPCO/ID"), why=PARSED)
    corpus.text("half-a-surrogate-pair", "co", "json", replace('"ID":"', '"ID":"\\ud800'),
                ("lone-surrogate", "/LPCO/ID"), why=SURROGATE)
    corpus.text("another-root", "co", "json", replace('{"LPCO"', '{"Lpco"'),
                ("unknown-element", "/Lpco"), ("missing", ""))
    corpus.text("root-as-array", "co", "json", lambda text: '{"LPCO":[]}',
                ("wrong-type", "/LPCO"))
    for what, change in (
            ("comma-at-the-end", lambda text: text[:-2] + ",}}"),
            ("cut", lambda text: text[:200]), ("empty", lambda text: ""),
            ("two-documents", lambda text: text + text),
            ("byte-order-mark", lambda text: "\ufeff" + text),
            ("latin-1", lambda text: text.encode("utf-8").replace(b"Hanbit", b"H\xe4nbit")),
            ("control-character", replace("Hanbit", "Han\x01bit")),
            ("leading-zero", replace('"MenuVersionID":1', '"MenuVersionID":01'))):
        corpus.text("json-" + what, "co", "json", change, ("syntax", ""))


def wrong_xml(corpus):
    """What XML can do wrong besides."""
    def doctype(inside):
        return lambda text: text.replace("?>\n", "?>\n" + inside, 1)
    bomb = ('<!DOCTYPE MetaData [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
            '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>')
    for what, change in (
            ("plain", doctype("<!DOCTYPE MetaData>")),
            ("bomb", lambda text: doctype(bomb)(text).replace("Lee Seo-yeon", "&c;")),
            ("from-a-file", doctype('<!DOCTYPE MetaData [<!ENTITY x SYSTEM "file:///dev/null">]>')),
            ("from-the-net", doctype('<!DOCTYPE MetaData SYSTEM "http://127.0.0.1:9/x.dtd">')),
            ("behind-a-comment", doctype("<!-- -->\n<!DOCTYPE MetaData>"))):
        corpus.text("doctype-" + what, "co", "xml", change, ("not-accepted", ""),
                    why=None if what == "bomb" else INFOSET)
    corpus.text("instruction", "co", "xml", replace("<LPCO>", "<LPCO><?print now?>"),
                ("not-accepted", "/MetaData/LPCO"), why=INFOSET)
    corpus.text("instruction-before", "co", "xml", doctype("<?xml-stylesheet href='x.xsl'?>"),
                ("not-accepted", ""), why=INFOSET)
    corpus.text("comment-in-value", "co", "xml", replace("<ID>KR", "<ID>K<!-- -->R"),
                ("not-accepted", "/MetaData/LPCO/ID"), why=INFOSET)
    corpus.text("encoding-latin-1", "co", "xml", lambda text: text.replace("UTF-8", "ISO-8859-1")
                .encode("latin-1", "replace"), ("encoding", ""), why=INFOSET)
    corpus.text("encoding-utf-16", "co", "xml",
                lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16"),
                ("encoding", ""), why=INFOSET)
    corpus.text("bytes-latin-1", "co", "xml",
                lambda text: text.encode("utf-8").replace(b"Hanbit", b"H\xe4nbit"),
                ("encoding", ""))
    at = "/MetaData/LPCO/"
    for what, change, *findings in (
            ("no-namespace", lambda text: text.replace(f' xmlns="{NAMESPACE}"', ""),
             ("wrong-namespace", "/MetaData")),
            ("another-namespace", replace(NAMESPACE, "urn:wco:datamodel:WCO:DEC:4"),
             ("wrong-namespace", "/MetaData")),
            ("element-of-another-namespace", replace("<ID>", '<ID xmlns="urn:x">'),
             ("wrong-namespace", at + "ID")),
            ("no-wrapper", lambda text: text[:text.index("<WCO")].replace("<MetaData", "<LPCO")
             + text[text.index("<LPCO>") + 6:].replace("</MetaData>", ""),
             ("unknown-element", "/LPCO")),
            ("another-model", replace("Code>4<", "Code>3.6<"),
             ("not-in-list", "/MetaData/WCODataModelVersionCode")),
            ("another-version", replace("Code>1</Agency", "Code>2</Agency"),
             ("not-in-list", "/MetaData/AgencyAssignedCustomizationVersionCode")),
            ("no-agency", replace("<ResponsibleAgencyName>comesh</ResponsibleAgencyName>", ""),
             ("missing", "/MetaData/ResponsibleAgencyName")),
            ("no-document", lambda text: text[:text.index("<LPCO>")] + "</MetaData>",
             ("missing", "/MetaData/LPCO")),
            ("two-documents", replace("</LPCO>", "</LPCO><LPCO/>"),
             ("duplicate-name", "/MetaData/LPCO")),
            ("wrong-order", replace("<ID>", "<MenuVersionID>1</MenuVersionID><ID>"),
             ("wrong-order", at + "ID"), ("wrong-order", at + "IssueDateTime"),
             ("wrong-order", at + "IssuingCountryCode"), ("wrong-order", at + "AgreementID"),
             ("duplicate-name", at + "MenuVersionID")),
            ("two-numbers", replace("<ID>", "<ID>KR-1</ID><ID>"), ("duplicate-name", at + "ID")),
            ("text-between", replace("<LPCO>", "<LPCO>certificate"),
             ("wrong-type", "/MetaData/LPCO")),
            ("element-in-value", replace("<ID>KR", "<ID><b>K</b>R"), ("wrong-type", at + "ID")),
            ("attribute-unknown", replace("<ID>", '<ID type="old">'),
             ("unknown-element", at + "ID/@type")),
            ("attribute-in-capitals", replace("unitCode=", "UnitCode="),
             ("unknown-element", at + "TotalGrossMassMeasure/@UnitCode")),
            ("language", replace("<Name>", '<Name xml:lang="ko">'),
             ("unknown-element", at + "Authentication[1]/Authenticator/Name/@lang")),
            ("date-without-string", replace("<DateTimeString formatCode=\"304\">", ""),
             ("syntax", "")),
            ("date-as-attribute", lambda text: text.replace(
                '<IssueDateTime><DateTimeString formatCode="304">',
                '<IssueDateTime formatCode="304">').replace("</DateTimeString>", "", 1),
             ("unknown-element", at + "IssueDateTime/@formatCode"),
             ("wrong-type", at + "IssueDateTime"), ("missing", at + "IssueDateTime")),
            ("two-date-strings", replace("</DateTimeString>",
                                         '</DateTimeString><DateTimeString formatCode="102"/>'),
             ("duplicate-name", at + "IssueDateTime/DateTimeString")),
            ("not-closed", lambda text: text[:-4], ("syntax", "")),
            ("crossed", replace("</LPCO></MetaData>", "</MetaData></LPCO>"), ("syntax", "")),
            ("two-roots", lambda text: text + "<MetaData/>", ("syntax", "")),
            ("attribute-twice", replace("unitCode=", 'unitCode="KGM" unitCode='), ("syntax", "")),
            ("entity-undefined", replace("Lee Seo-yeon", "Lee &seo;"), ("syntax", "")),
            ("reference-to-nul", replace("Lee Seo-yeon", "Lee&#0;"), ("syntax", "")),
            ("control-character", replace("Lee Seo-yeon", "Lee\x01"), ("syntax", "")),
            ("prefix-undeclared", replace("<LPCO>", "<x:LPCO>"), ("syntax", "")),
            ("empty", lambda text: "", ("syntax", "")),
            ("depth", replace("<LPCO>", "<LPCO>" + "<x>" * 40), ("unknown-element", at + "x"),
             ("syntax", ""))):
        corpus.text("xml-" + what, "co", "xml", change, *findings)


def main():
    corpus = Corpus()
    valid(corpus)
    wrong_values(corpus)
    wrong_trees(corpus)
    wrong_json(corpus)
    wrong_xml(corpus)
    corpus.finish()
    if sys.argv[1:] == ["--compare"]:
        corpus.compare()
    else:
        corpus.save()
    right = sum(not row["findings"] for row in corpus.index)
    print(f"{right} valid, {len(corpus.index) - right} invalid documents")


main()
