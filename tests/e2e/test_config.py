"""The configuration is strict: every error at once, each a line with file, line, name, what is
accepted, and the nearest known name."""

import os
import re

from mesh import Mesh, report, step

TEN_ERRORS = """\
node
    party = Korea
    environment = production
    domian = customs.go.kr
link
    bind = 127.0.0.1:7001
    credit = plenty
    recept_alarm = 1h
store
    minimum_free = 12
lock
    level = info
log
    level = verbose
agreement
    code = AKFTA
    menu = one
    parties = KR ID
"""

# line, name, words of the sentence
EXPECTED = [
    (2, "node.party", ["'Korea'", "accepted: two capital letters"]),
    (3, "node.environment", ["'production'", "accepted: dev, test, prod"]),
    (4, "domian", ["accepted: party", "did you mean 'domain'?"]),
    (6, "link.bind", ["'127.0.0.1:7001'", "accepted: tcp://HOST:PORT"]),
    (7, "link.credit", ["'plenty'", "accepted: a whole number with KiB"]),
    (8, "recept_alarm", ["accepted: bind", "did you mean 'receipt_alarm'?"]),
    (10, "store.minimum_free", ["'12'", "accepted: a whole number with KiB"]),
    (11, "lock", ["accepted: node"]),
    (14, "log.level", ["'verbose'", "accepted: debug, info"]),
    (17, "agreement.menu", ["'one'", "accepted: one or two"]),
]

with Mesh(("KR",), start=False) as mesh:
    kr = mesh["KR"]

    def check(text):
        with open(kr.config, "w", encoding="utf-8") as file:
            file.write(text)
        return kr.comeshd("--check-config")

    with open(kr.config, encoding="utf-8") as file:
        good = file.read()

    @step("the configuration that comesh init wrote is good")
    def _():
        result = check(good)
        assert result.returncode == 0 and "good" in result.stdout, result

    @step("ten errors are told at once, a line each, in the order of the file")
    def _():
        result = check(TEN_ERRORS)
        assert result.returncode == 78, result
        lines = [line for line in result.stderr.splitlines()
                 if re.match(re.escape(kr.config) + r":\d+: ", line)]
        assert len(lines) == len(EXPECTED) == 10, result.stderr
        for line, (number, name, words) in zip(lines, EXPECTED):
            assert line.startswith(f"{kr.config}:{number}: {name}: "), f"{number} {name}: {line}"
            for word in words:
                assert word in line, f"'{word}' is not in: {line}"
        assert "10 errors" in result.stderr, result.stderr

    @step("a node does not start on it, and says the same")
    def _():
        result = kr.start_beside()
        assert result.returncode == 78 and "did you mean 'domain'?" in result.stderr, result

    @step("what must be there and is not is named")
    def _():
        for name in ("party", "environment", "domain"):
            text = re.sub(rf"    {name} = .*\n", "", good, count=1)
            result = check(text)
            assert result.returncode == 78, result
            assert f"node.{name}: is missing" in result.stderr, result

    @step("hostile texts are refused with a sentence, never with a crash")
    def _():
        agreement = "agreement\n    code = AKFTA\n    menu = 1\n    parties = KR ID\n"
        texts = ["", "\0", "=" * 5000, "node\n" * 5000, "    party = KR\n", "node = \n",
                 "node\n   party = KR\n", "node\n    party = \"KR\n", "a" * 300_000,
                 good + "\tparty = KR\n", good.replace("\n", "\r\n") + "x",
                 "node\n" + "    " * 400, good + agreement,
                 good.replace("party = KR", "party = \ufffd")]
        for text in texts:
            result = check(text)
            assert result.returncode == 78, f"{result.returncode} for {text[:60]!r}: " \
                                            f"{result.stderr[-2000:]}"
            assert result.stderr.strip(), repr(text[:60])

    @step("random bytes are refused, too")
    def _():
        for _ in range(10):
            with open(kr.config, "wb") as file:
                file.write(os.urandom(3000))
            result = kr.comeshd("--check-config")
            assert result.returncode == 78, result

    @step("a file that is not there is refused by its name")
    def _():
        os.unlink(kr.config)
        result = kr.comeshd("--check-config")
        assert result.returncode not in (0, 99) and kr.config in result.stderr, result

report()
