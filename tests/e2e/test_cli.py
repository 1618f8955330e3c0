"""The command `comesh` where it needs no running node: help, options, exit codes, init, cards."""

import ctypes
import ctypes.util
import os
import pty
import re
import stat
import subprocess

from mesh import Mesh, passphrase_pipe, report, step

USAGE, DATA, NO_INPUT, UNAVAILABLE, NO_PERMISSION, CONFIG = 64, 65, 66, 69, 77, 78


def fails(result, code, *words):
    """That the call ended with the code, said each word on stderr, and printed no data."""
    assert result.returncode == code, f"{result.returncode}, not {code}: {result.stderr}"
    for word in words:
        assert word in result.stderr, f"'{word}' is not in: {result.stderr}"
    assert result.stdout == "", f"on stdout: {result.stdout}"


def works(result, *words):
    assert result.returncode == 0, f"{result.returncode}: {result.stderr}"
    for word in words:
        assert word in result.stdout, f"'{word}' is not in: {result.stdout}"
    return result.stdout


def run(node, *arguments, directory=None, environment=None, **options):
    program = os.path.join(node.programs, "comesh")
    where = [] if directory is None else ["-C", directory]
    return subprocess.run([program, *where, *arguments], capture_output=True, text=True,
                          env=node.environment(environment), **options)


def init(node, folder, *options):
    read = passphrase_pipe()
    try:
        return run(node, "init", "--party", "KR", "--domain", "customs.go.kr", "--environment",
                   "test", "--name", "Korea Customs Service", "--kdf", "interactive",
                   "--passphrase-fd", str(read), *options, directory=folder, pass_fds=[read])
    finally:
        os.close(read)


def on_terminal(node, typed, *arguments):
    """Runs the command on a terminal where a person types; gives exit code and what was shown."""
    process, terminal = pty.fork()
    if process == 0:
        program = os.path.join(node.programs, "comesh")
        os.execve(program, [program, "-C", node.folder, *arguments], node.environment())
    shown = b""
    answers = [typed] if isinstance(typed, str) else list(typed)
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
        if answers and piece.endswith(b"to you: "):
            os.write(terminal, answers.pop(0).encode() + b"\n")
    os.close(terminal)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), shown.decode()


def qr_modules(lines):
    """The modules drawn in half blocks, a row of booleans each, without the light border."""
    rows = []
    for line in lines:
        if line.startswith("\x1b[38;5;16;48;5;231m"):
            drawn = line.strip().removeprefix("\x1b[38;5;16;48;5;231m").removesuffix("\x1b[0m")
            rows += [[c in "\u2580\u2588" for c in drawn], [c in "\u2584\u2588" for c in drawn]]
    width = len(rows[0]) - 8
    assert not any(map(any, rows[:4])) and not any(map(any, rows[4 + width:])), "no light border"
    assert not any(any(row[:4]) or any(row[-4:]) for row in rows), "no light border"
    return [row[4:-4] for row in rows[4:4 + width]]


def qr_expected(text):
    """The same modules, straight from the library."""
    class Code(ctypes.Structure):
        _fields_ = [("version", ctypes.c_int), ("width", ctypes.c_int),
                    ("data", ctypes.POINTER(ctypes.c_ubyte))]
    library = ctypes.CDLL(ctypes.util.find_library("qrencode"))
    library.QRcode_encodeData.restype = ctypes.POINTER(Code)
    code = library.QRcode_encodeData(len(text), text.encode(), 0, 1).contents
    return [[code.data[y * code.width + x] & 1 == 1 for x in range(code.width)]
            for y in range(code.width)]


with Mesh(("KR", "ID"), start=False) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]
    scratch = os.path.join(mesh.folder, "scratch")
    id_card = os.path.join(mesh.folder, "ID.card")
    with open(id_card, "w", encoding="utf-8") as file:
        file.write(id_.comesh("card", "export").stdout)
    fingerprint = id_.json("card", "fingerprint")
    words, digits = fingerprint["words"], fingerprint["digits"]

    @step("the help begins with examples and lists every command")
    def _():
        text = works(run(kr, "help"), "comesh -C /srv/kr send certificate.json")
        assert text.index("send certificate.json") < text.index("Commands:")
        for name in ("init", "card import", "send", "amend", "cancel-status", "feedback", "inbox",
                     "queue", "trace", "show", "export", "verify", "rebuild", "partner list"):
            assert f"\n  {name} " in text, name
        assert works(run(kr, "--help")) == text

    @step("every command has its own help, with an example first")
    def _():
        names = re.findall(r"^  ([a-z]+(?:-[a-z]+)?(?: [a-z]+)?)  +\S", works(run(kr, "help")),
                           re.MULTILINE)
        assert len(names) >= 20, names
        for name in names:
            text = works(run(kr, "help", *name.split()), f"comesh {name} ", "Examples:")
            assert works(run(kr, *name.split(), "--help")) == text

    @step("the help of the configuration lists every option with its default")
    def _():
        works(run(kr, "help", "config"), "receipt_alarm", "1h", "agreement", "control.socket")

    @step("the version is told")
    def _():
        assert re.fullmatch(r"comesh \d+\.\d+\.\d+\n", works(run(kr, "--version")))

    @step("a misspelt command, option or word is answered with the nearest one")
    def _():
        fails(run(kr, "trase", "X"), USAGE, "'trase'", "did you mean 'trace'?")
        fails(run(kr, "card", "import", "--fingerprnt", "1", "x"), USAGE, "'--fingerprint'")
        fails(run(kr, "card"), USAGE, "needs a second word")
        fails(run(kr, "send", "--operation", "amendmant", "x", directory=kr.folder), USAGE,
              "did you mean 'amendment'?")
        assert run(kr).returncode == USAGE

    @step("wrong operands and values are refused before anything is done")
    def _():
        fails(run(kr, "trace"), USAGE, "an operand is missing")
        fails(run(kr, "trace", "a", "b"), USAGE, "one operand too many")
        fails(run(kr, "inbox", "--max", "many"), USAGE, "'many'")
        fails(run(kr, "inbox", "--max"), USAGE, "needs a value")
        fails(run(kr, "inbox", "--max", "1", "--max", "2"), USAGE, "given twice")
        fails(run(kr, "export", "X", "--entry", "1:0"), USAGE, "either")
        fails(run(kr, "amend", "--reason", "COR"), USAGE, "--number")

    @step("init makes a directory that only its owner can read, with a good configuration")
    def _():
        works(init(kr, scratch, "--bind", "tcp://*:7447", "--agreement", "AKFTA:1:KR,ID"),
              "Fingerprint", "comeshd --config")
        for folder, _, files in os.walk(scratch):
            assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700, folder
            for name in files:
                path = os.path.join(folder, name)
                assert stat.S_IMODE(os.stat(path).st_mode) == 0o600, path
        checked = subprocess.run([os.path.join(kr.programs, "comeshd"), "--config",
                                  os.path.join(scratch, "comesh.zpl"), "--check-config"],
                                 capture_output=True, text=True, env=kr.environment())
        assert checked.returncode == 0, checked.stderr

    @step("init never overwrites")
    def _():
        before = {}
        for folder, _, files in os.walk(scratch):
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    before[os.path.join(folder, name)] = file.read()
        fails(init(kr, scratch), DATA, "comesh.zpl is there already")
        for path, content in before.items():
            with open(path, "rb") as file:
                assert file.read() == content, path

    @step("what init cannot take leaves nothing behind")
    def _():
        fresh = os.path.join(mesh.folder, "fresh")
        fails(init(kr, fresh, "--bind", "nowhere"), USAGE, "link.bind", "nothing was made")
        fails(init(kr, fresh, "--agreement", "AKFTA"), USAGE, "CODE:MENU:PARTIES")
        fails(init(kr, fresh, "--agreement", "AKFTA:1:ID,UY"), USAGE, "lacks the own party 'KR'")
        fails(init(kr, fresh, "--endpoint", "http://x"), USAGE, "http://x")
        fails(run(kr, "init", "--party", "KR", directory=fresh), USAGE, "--domain is missing")
        assert not os.path.exists(fresh)

    @step("a directory without a node, or with a bad configuration, is told")
    def _():
        fails(run(kr, "status", directory=mesh.folder), NO_INPUT, "no node in", "comesh init")
        broken = os.path.join(mesh.folder, "broken")
        os.mkdir(broken)
        with open(os.path.join(broken, "comesh.zpl"), "w", encoding="utf-8") as file:
            file.write("node\n    party = K\nlnk\n")
        fails(run(kr, "status", directory=broken), CONFIG, "comesh.zpl:2: node.party",
              "comesh.zpl:3: lnk", "did you mean 'link'?")

    @step("the directory comes from the option, before or behind the command, or the environment")
    def _():
        first = works(run(kr, "card", "fingerprint", directory=kr.folder))
        assert works(run(kr, "card", "fingerprint", "--directory", kr.folder)) == first
        assert works(run(kr, "card", "fingerprint",
                         environment={"COMESH_DIRECTORY": kr.folder})) == first
        assert works(run(kr, "card", "fingerprint", cwd=kr.folder)) == first

    @step("a command that needs the node says how to start it")
    def _():
        fails(kr.comesh("status", check=False), UNAVAILABLE, "does not run", "comeshd --config")
        fails(kr.comesh("send", "-", check=False, stdin=""), UNAVAILABLE, "does not run")

    @step("the own card is shown, exported as it is, and fingerprinted alike")
    def _():
        card = kr.json("card", "show")
        assert card["party"] == "KR" and card["serial"] == 1
        assert sorted(card["keys"]) == ["checkpoint", "identity", "receipt", "transport"]
        assert card["fingerprint"] == kr.comesh("card", "fingerprint").stdout.strip()
        assert card["fingerprint"] in kr.comesh("card", "show").stdout
        with open(os.path.join(kr.folder, "cards", "own.card"), encoding="utf-8") as file:
            assert kr.comesh("card", "export").stdout == file.read()

    @step("partners are listed with their fingerprints")
    def _():
        partners = kr.json("partner", "list")
        assert [one["party"] for one in partners] == ["ID"]
        assert digits in kr.comesh("partner", "list").stdout

    @step("a removed partner is gone, and gone once only")
    def _():
        kr.comesh("card", "remove", "ID")
        assert kr.json("partner", "list") == []
        fails(kr.comesh("card", "remove", "ID", check=False), NO_INPUT, "no card of 'ID'")
        fails(kr.comesh("card", "remove", "../own", check=False), DATA, "is no party")
        fails(kr.comesh("card", "remove", "KR", check=False), NO_PERMISSION, "own party")

    @step("a card whose fingerprint nobody confirmed is refused")
    def _():
        fails(kr.comesh("card", "import", id_card, check=False, stdin=""), NO_PERMISSION,
              "NOT IMPORTED", "--fingerprint")
        fails(kr.comesh("card", "import", id_card, "--fingerprint", digits[:11], check=False),
              DATA, "NOT IMPORTED")
        wrong = ("1" if digits[0] != "1" else "2") + digits[1:]
        fails(kr.comesh("card", "import", id_card, "--fingerprint", wrong, check=False), DATA,
              "NOT IMPORTED")
        fails(kr.comesh("card", "import", id_card, "--fingerprint", "", check=False), DATA,
              "NOT IMPORTED")
        assert kr.json("partner", "list") == []

    @step("on a terminal a person types what the partner reads, and a part or something else does "
          "not do")
    def _():
        code, shown = on_terminal(kr, [digits[:11]] * 3, "card", "import", id_card)
        assert code == DATA and "10 digits, where all 25" in shown and "NOT IMPORTED" in shown, shown
        code, shown = on_terminal(kr, "zoom " * 6, "card", "import", id_card)
        assert code == DATA and "NOT IMPORTED" in shown and "another fingerprint" in shown, shown
        assert kr.json("partner", "list") == []
        code, shown = on_terminal(kr, ["yes", words.upper()], "card", "import", id_card)
        assert code == 0 and "'yes' is none of the words" in shown and "go.id" in shown, shown
        assert [one["party"] for one in kr.json("partner", "list")] == ["ID"]

    @step("the card is shown without its fingerprint, so that nobody can copy it from the screen")
    def _():
        _, shown = on_terminal(kr, "zoom " * 6, "card", "import", id_card)
        assert "beacukai.go.id" in shown and digits not in shown and words not in shown, shown

    @step("words and digits alike are taken from a script")
    def _():
        kr.comesh("card", "import", id_card, "--fingerprint", words.replace(" ", "-"))
        kr.comesh("card", "import", id_card, "--fingerprint", digits.replace("-", " "))
        kr.comesh("card", "import", id_card, "--fingerprint", id_.comesh("card", "fingerprint").stdout)
        fails(kr.comesh("card", "import", id_card, "--fingerprint", words + "x", check=False), DATA,
              "is none of the words")

    @step("on a terminal the fingerprint is words, digits and a QR code that a camera reads")
    def _():
        code, shown = on_terminal(kr, [], "card", "fingerprint", "ID")
        assert code == 0 and f"words   {words}" in shown and f"digits  {digits}" in shown, shown
        assert qr_modules(shown.splitlines()) == qr_expected(f"ID test {digits}")
        plain = kr.comesh("card", "fingerprint", "ID").stdout
        assert plain == digits + "\n", plain
        assert qr_modules(kr.comesh("card", "fingerprint", "ID", "--qr").stdout.splitlines()) == \
            qr_expected(f"ID test {digits}")

    @step("a card that was changed, is of another environment, or is the own one is refused")
    def _():
        with open(id_card, encoding="utf-8") as file:
            text = file.read()
        changed = os.path.join(mesh.folder, "changed.card")
        with open(changed, "w", encoding="utf-8") as file:
            file.write(text.replace("beacukai", "beacukay"))
        result = kr.comesh("card", "import", changed, "--fingerprint", digits, check=False)
        fails(result, DATA)
        own = os.path.join(kr.folder, "cards", "own.card")
        fails(kr.comesh("card", "import", own, "--fingerprint", digits, check=False),
              NO_PERMISSION, "own party")
        fails(kr.comesh("card", "import", "/nowhere", check=False), NO_INPUT, "/nowhere")

    @step("documents that cannot be read are told before anything is sent")
    def _():
        empty = os.path.join(mesh.folder, "empty")
        os.mkdir(empty)
        fails(kr.comesh("send", "/nowhere.json", check=False), NO_INPUT, "/nowhere.json")
        fails(kr.comesh("send", empty, check=False), NO_INPUT, "no .json, .jsonl or .xml files")

report()
