"""The OpenAPI document that the private listener serves: a linter finds nothing, its examples are
taken by the node, its paths are there, and the schemas beside it are those of the repository."""

import json
import os
import re
import subprocess
from xml.etree import ElementTree

from http_node import Listener
from mesh import BUILD, ROOT, Mesh, report, step

REDOCLY = os.path.join(BUILD, "npm", "node_modules", ".bin", "redocly")
IN_ORDER = ["send-co", "send-amendment-notification", "send-cancelation-status", "send-feedback"]

with Mesh(("KR", "ID"), start=False) as mesh:
    kr, id_ = mesh["KR"], mesh["ID"]
    listeners = {"KR": Listener(kr), "ID": Listener(id_)}
    ours = listeners["KR"]
    mesh.start()
    kr.wait_lane("ID")
    id_.wait_lane("KR")
    document = ours.get("/openapi.json", token="").json

    @step("a linter finds nothing, the examples fit their schemas")
    def _():
        path = os.path.join(mesh.folder, "openapi.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file)
        result = subprocess.run(
            [REDOCLY, "lint", path], capture_output=True, text=True, cwd=mesh.folder,
            env={**os.environ, "REDOCLY_TELEMETRY": "off", "HOME": mesh.folder,
                 "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"})
        assert result.returncode == 0, result.stdout + result.stderr
        assert "warning" not in result.stdout + result.stderr, result.stderr

    @step("the example of each operation is committed by the node of the party that says it")
    def _():
        for operation in IN_ORDER:
            content = document["paths"][f"/{operation}"]["post"]["requestBody"]["content"]
            example = content["application/json"]["example"]
            party = "KR" if "LPCO" in example else "ID"
            answer = listeners[party].post(f"/{operation}", example)
            assert answer.status == 201, f"{operation}: {answer.body}"
            mesh.settle()
        receipt = document["components"]["schemas"]["Receipt"]
        assert set(answer.json) == set(receipt["required"]), answer.json

    @step("receipts and refusals come as XML to whom asks for it, as the document says")
    def _():
        post = document["paths"]["/send-co"]["post"]["responses"]
        problem = document["components"]["responses"]["Problem"]["content"]
        example = document["paths"]["/send-co"]["post"]["requestBody"]["content"][
            "application/json"]["example"]
        wants = {"Accept": "application/xml"}

        def is_xml(answer, status, root, content):
            kind = answer.headers["content-type"]
            assert answer.status == status and kind in content, (answer.status, kind, content)
            assert ElementTree.fromstring(answer.body).tag == root, answer.body
        receipt = ours.post("/send-co", example, headers=wants)
        is_xml(receipt, 200, "{urn:comesh:own-binding:receipt:1}receipt", post["200"]["content"])
        for status, asked in {
                400: ("POST", "/send-co", "no json", {}), 401: ("GET", "/v1/partners", None, {}),
                404: ("GET", "/nothing", None, {}), 405: ("GET", "/send-co", None, {}),
                413: ("POST", "/send-co", " " * 300_000, {}),
                415: ("POST", "/send-co", "{}", {"Content-Encoding": "gzip"}),
                421: ("GET", "/livez", None, {"Host": "elsewhere.example"}),
                422: ("POST", "/send-co", "{}", {})}.items():
            method, path, body, headers = asked
            token = "" if status == 401 else None
            answer = ours.ask(method, path, body, token=token, headers={**wants, **headers})
            is_xml(answer, status, "{urn:ietf:rfc:7807}problem", problem)

    @step("what is answered is of a status and a media type that the document names")
    def _():
        for path, methods in document["paths"].items():
            if "get" not in methods or "{" in path and "{file}" not in path:
                continue
            query = "?menus=AKFTA,RCEP" if "menus" in path else ""
            for name in ("send-co.json", "comesh.xsd"):
                answer = ours.get(path.replace("{file}", name) + query)
                named = methods["get"]["responses"][str(answer.status)]["content"]
                assert answer.headers["content-type"].split(";")[0] in named, (path, named)

    @step("every path of the document is there, and asks for the roles it names")
    def _():
        for path, methods in document["paths"].items():
            real = re.sub(r"\{id\}", "5b0a6f0e-2c2a-4a51-9d4b-7d3f1a9c0e01", path)
            real = real.replace("{exporter}", "KR").replace("{number}", "KR-020-26-0001742")
            real = real.replace("{file}", "send-co.json")
            for method, what in methods.items():
                answer = ours.ask(method.upper(), real, token="")
                if what["security"]:
                    answer.is_problem(401)
                else:
                    assert answer.status == 200, f"{method} {real}: {answer.status}"
            if "get" in methods and "menus" not in path:
                assert ours.get(real).status == 200, real

    @step("the endpoint's pattern is there with its variables")
    def _():
        server = next(one for one in document["servers"] if "variables" in one)
        assert server["url"] == "https://{environment}.coconnect.{domain}", server
        assert server["variables"]["environment"]["enum"] == ["dev", "test", "prod"]

    @step("the schemas that are served are those of the repository")
    def _():
        folder = os.path.join(ROOT, "proto", "schema")
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as file:
                assert ours.get(f"/schema/{name}", token="").body == file.read(), name
        ours.get("/schema/verdict.json", token="").is_problem(404)

report()
