"""The public listener, as those see it who ask too much of it: too often, too slowly, or what is not
theirs to ask; and as its operator does, who renews its certificate."""

import json

from mesh import Mesh, certificates, report, step, wait_until
from rest_node import HOST, Scene

PACE = 5         # requests a second
BURST = 10 * PACE


with Mesh(("KR",), start=False) as mesh:
    scene = Scene(mesh)
    node, peer = scene.node, scene.peer
    documents = iter(json.loads(one) for one in certificates("ID", "KR", 600, 1))
    node.start()
    scene.add()

    def post(document=None, **options):
        return peer.post(HOST, scene.port, "send-co", document or next(documents), **options)

    def stored():
        return len(node.rows_of("messages", "ID", "incoming"))

    @step("who asks too often is told 429, which limit it is and when to come again; nothing was done")
    def _():
        node.option("public", "requests_per_second", PACE)
        node.comesh("reload")
        before, taken = stored() if node.channel("ID", "incoming") else 0, 0
        answers = []
        connection = peer.connect(HOST, scene.port)
        while len(answers) < 10 * BURST and 429 not in [one[0] for one in answers]:
            document = next(documents)
            connection.request("POST", "/send-co", json.dumps(document),
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answers.append((answer.status, answer.headers, json.loads(answer.read()), document))
            taken += answer.status == 201
        status, headers, problem, document = answers[-1]
        assert status == 429 and taken >= BURST, (status, taken)
        assert headers["Content-Type"] == "application/problem+json", headers
        assert headers["Retry-After"] == "1" and problem["code"] == "too-many-requests", problem
        assert problem["title"] == "Too Many Requests" and problem["status"] == 429, problem
        for words in ("ID", f"than {PACE} times a second", "public.requests_per_second"):
            assert words in problem["detail"], problem
        assert stored() == before + taken, "what was refused is stored"
        assert node.metric("paced") == 1
        assert wait_until(lambda: next(iter({post(document)[0]} - {429}), None),
                          "its time has come") == 201, "the refused one was taken"

    @step("another limit counts with the next reload, and 0 is none")
    def _():
        node.option("public", "requests_per_second", 0)
        node.comesh("reload")
        before = node.metric("paced")
        assert {post()[0] for _ in range(2 * BURST)} == {201}
        assert node.metric("paced") == before

    peer.stop()

report()
