"""What `comesh doctor` says of a node, for the tests that plant faults."""

import json
import os
import subprocess

OK, WARNING, FAILED = "ok", "warning", "failed"
OF_THE_MACHINE = ("time service", "limits")  # may be warned of on a machine that tests run on


def doctor(node, *prefix, options=()):
    """The results, as they are listed."""
    result = subprocess.run(
        [*prefix, os.path.join(node.programs, "comesh"), "-C", node.folder, "doctor", "--json",
         *options],
        capture_output=True, text=True, timeout=60, env=node.environment())
    answer = json.loads(result.stdout)
    assert result.returncode == (1 if answer["failed"] else 0), result
    levels = [one["result"] for one in answer["checks"]]
    assert answer["failed"] == levels.count(FAILED)
    assert answer["warnings"] == levels.count(WARNING)
    assert all(one["remedy"] for one in answer["checks"] if one["result"] != OK)
    return answer["checks"]


def finds(node, level, check, *words, prefix=(), options=()):
    """That exactly this is found to be so; other names may suffer from it."""
    rows = doctor(node, *prefix, options=options)
    for row in rows:
        if row["check"] == check and row["result"] == level and \
                all(word in row["what"] for word in words):
            return row
    raise AssertionError(f"no {level} '{check}' with {words} in: {rows}")


def is_well(node, *but):
    for row in doctor(node):
        if row["check"] not in but + OF_THE_MACHINE:
            assert row["result"] == OK, row


class Changed:
    """A file that holds something else for a while, or is away."""

    def __init__(self, node, name, content=None, mode=None):
        self.path = os.path.join(node.folder, name)
        self.content, self.mode = content, mode

    def __enter__(self):
        with open(self.path, "rb") as file:
            self.before = file.read()
        self.before_mode = os.stat(self.path).st_mode
        if self.content is not None:
            with open(self.path, "wb") as file:
                file.write(self.content if isinstance(self.content, bytes)
                           else self.content(self.before))
        elif self.mode is not None:
            os.chmod(self.path, self.mode)
        else:
            os.unlink(self.path)

    def __exit__(self, *_):
        with open(self.path, "wb") as file:
            file.write(self.before)
        os.chmod(self.path, self.before_mode)
