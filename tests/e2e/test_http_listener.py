"""The private listener as its operator sees it: who comes in by which token, how often, and what it does
when the node is full, killed, stopped or reloaded."""

import json
import os
import stat

from http_node import Listener, certificate
from mesh import Mesh, report, same_channel, step


with Mesh(("KR", "ID"), start=False) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]
    ours, theirs = Listener(kr), Listener(id_, unix=True)
    mesh.start()
    kr.wait_lane("ID")

    # ---- tokens ----

    @step("a token is shown once, and only its hash is kept, mode 0600")
    def _():
        token = ours.token("submit", "read", "take")
        path = os.path.join(kr.folder, "tokens")
        assert token.startswith("comesh_") and len(token) == 50, token
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        with open(path, encoding="utf-8") as file:
            assert token[7:] not in file.read()
        rows = kr.json("token", "list")
        assert [(row["name"], row["roles"]) for row in rows] == \
            [("submit-read-take", "submit,read,take")], rows

    @step("without a token, with an unknown one, with another scheme: 401 with a challenge")
    def _():
        for given in ({}, {"Authorization": "Bearer comesh_" + "A" * 43},
                      {"Authorization": "Basic a2V5OmtleQ=="}, {"Authorization": "Bearer "}):
            answer = ours.get("/v1/messages", token="", headers=given)
            answer.is_problem(401, "token")
            assert answer.headers["www-authenticate"].startswith("Bearer realm="), answer.headers

    @step("a token without the role is refused with 403, which names it")
    def _():
        reader = ours.token("read")
        refused = ours.post("/send-co", certificate("KR-ROLE-1"), token=reader)
        assert "role submit, and 'read' has read" in refused.is_problem(403, "role")["detail"]
        assert ours.get("/v1/messages", token=reader).status == 200
        counter = ours.token("metrics")
        ours.get("/v1/messages", token=counter).is_problem(403, "role")
        assert ours.get("/metrics", token=counter).status == 200

    @step("a token that was revoked is refused at the next request, on the same connection")
    def _():
        token = kr.comesh("token", "new", "short", "--role", "read").stdout.strip()
        connection = ours.connect()
        assert ours.get("/v1/messages", token=token, connection=connection).status == 200
        kr.comesh("token", "revoke", "short")
        ours.get("/v1/messages", token=token, connection=connection).is_problem(401, "token")
        connection.close()
        assert kr.comesh("token", "revoke", "short", check=False).returncode != 0

    @step("a token that is over its time is refused")
    def _():
        token = kr.comesh("token", "new", "timed", "--role", "read", "--until",
                          "2100-01-01T00:00:00Z").stdout.strip()
        assert ours.get("/v1/messages", token=token).status == 200
        path = os.path.join(kr.folder, "tokens")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path + ".new", "w", encoding="utf-8",
                  opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(text.replace("2100-01-01T00:00:00Z", "2020-01-01T00:00:00Z"))
        os.rename(path + ".new", path)
        ours.get("/v1/messages", token=token).is_problem(401, "token")
        assert ours.get("/v1/messages").status == 200

    @step("with a damaged file of tokens nobody comes in, and the log says why")
    def _():
        ours.token("submit", "read", "take")
        path = os.path.join(kr.folder, "tokens")
        with open(path, "ab") as file:
            file.write(b"nonsense\n")
        ours.get("/v1/messages").is_problem(401, "token")
        kr.wait_log("no token is accepted until its file is mended")
        with open(path, "r+b") as file:
            file.truncate(os.path.getsize(path) - len(b"nonsense\n"))
        assert ours.get("/v1/messages").status == 200

    # ---- the process ----

    @step("the UNIX socket is its owner's alone")
    def _():
        assert stat.S_IMODE(os.stat(theirs.path).st_mode) == 0o600

    @step("killed between commit and answer: the retry gets the first receipt, stored once")
    def _():
        id_.stop()  # so that the first commit is the one of the request
        kr.stop()
        kr.start({"COMESH_FAILPOINT": "journal.after-sync:1"})
        document = certificate("KR-KILL-1")
        try:
            answer = ours.post("/send-co", document)
            raise AssertionError(f"answered {answer.status}")
        except OSError:
            pass
        kr.process.wait()
        kr.start()
        id_.start()
        again = ours.post("/send-co", document)
        assert again.status == 200, again.body
        assert again.body == ours.post("/send-co", document).body
        assert len(ours.get("/v1/certificates/KR/KR-KILL-1").json["messages"]) == 1

    @step("a token asks as often as it likes, until the configuration says how often; others go on")
    def _():
        kr.option("private", "requests_per_second", 1)
        kr.comesh("reload")
        for _ in range(200):
            answer = ours.get("/v1/partners")
            if answer.status == 429:
                break
        problem = answer.is_problem(429, "too-many-requests")
        assert "submit-read-take" in problem["detail"], problem
        assert "private.requests_per_second" in problem["detail"], problem
        assert int(answer.headers["retry-after"]) == 1, answer.headers
        document = ours.get("/openapi.json", token="").json
        for methods in document["paths"].values():
            for told in methods.values():
                assert ("429" in told["responses"]) == bool(told["security"]), told
        assert document["components"]["responses"]["TooManyRequests"]["headers"]["Retry-After"]
        assert ours.get("/v1/partners", token=ours.token("read")).status == 200
        kr.option("private", "requests_per_second", 0)
        kr.comesh("reload")
        for _ in range(30):
            assert ours.get("/v1/partners").status == 200

    @step("with the store full it is 503 with Retry-After, and not ready; then it goes on by itself")
    def _():
        kr.stop()
        kr.option("store", "minimum_free", "1TiB")
        kr.start()
        answer = ours.post("/send-co", certificate("KR-FULL-1"))
        problem = answer.is_problem(503, "full")
        assert int(answer.headers["retry-after"]) > 0 and "free" in problem["detail"], problem
        ours.get("/readyz", token="").is_problem(503)
        lines = ours.post("/send-co", json.dumps(certificate("KR-FULL-1")),
                          media="application/x-ndjson").lines
        assert [one["status"] for one in lines] == [503], lines
        assert ours.get("/livez", token="").status == 200
        kr.stop()
        kr.option("store", "minimum_free", "64MiB")
        kr.start()
        assert ours.post("/send-co", certificate("KR-FULL-1")).status == 201

    @step("a stop answers who waits, and ends in order")
    def _():
        cursor = ours.get("/v1/events?limit=1000").json["cursor"]
        waiting = ours.connect()
        waiting.request("GET", f"/v1/events?after={cursor}&wait=60",
                        headers={"Authorization": f"Bearer {ours.token('submit', 'read', 'take')}"})
        assert b"comesh_" in ours.get("/metrics").body, "what came before is read by now"
        kr.stop()
        assert waiting.getresponse().status in (200, 503)
        waiting.close()
        kr.start()

    @step("a reload keeps the listener; another address needs a restart, and is refused by name")
    def _():
        kr.comesh("reload")
        kr.option("private", "listen", "127.0.0.1:1")
        result = kr.comesh("reload", check=False)
        assert result.returncode != 0 and "private/listen" in result.stderr, result
        kr.option("private", "listen", f"127.0.0.1:{ours.port}")
        assert ours.get("/livez", token="").status == 200

    @step("an address beyond loopback is refused unless the configuration says so")
    def _():
        kr.stop()
        kr.option("private", "listen", f"0.0.0.0:{ours.port}")
        result = kr.start_beside()
        assert "beyond_loopback" in result.stderr, result.stderr
        kr.option("private", "beyond_loopback", "yes")
        kr.start()
        assert ours.get("/livez", token="").status == 200
        same_channel(kr, id_)

report()
