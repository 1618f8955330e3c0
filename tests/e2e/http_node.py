"""A node's private listener as a national system uses it: plain HTTP with the standard library."""

import http.client
import json
import socket
import uuid

from mesh import free_port, sample


def certificate(number, party="KR", importer="ID"):
    """The sample of the corpus under another number, with an id of its own."""
    document = sample(f"{party.lower()}-{importer.lower()}-co.json")
    document["LPCO"]["ID"] = number
    document["LPCO"]["FunctionalReferenceID"] = str(uuid.uuid4())
    return document


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a UNIX socket."""

    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def lines(self):
        return [json.loads(line) for line in self.body.splitlines()]

    def is_problem(self, status, code=None):
        """That it is an RFC 9457 problem of that status, and which."""
        assert self.status == status, f"{self.status}, not {status}: {self.body[:500]!r}"
        assert self.headers["content-type"] == "application/problem+json", self.headers
        problem = self.json
        assert problem["status"] == status and problem["title"] and problem["detail"], problem
        assert problem["request"] == self.headers["x-request-id"], problem
        assert code is None or problem["code"] == code, problem
        return problem


class Listener:
    """The private listener of a node that is not started yet, with tokens made on demand."""

    def __init__(self, node, unix=False):
        self.node = node
        self.port = free_port()
        self.path = f"{node.folder}/private.socket" if unix else None
        self.tokens = {}
        listen = "unix:private.socket" if unix else f"127.0.0.1:{self.port}"
        node.append_config(f"\nprivate\n    listen = {listen}\n")

    def token(self, *roles):
        """A token with these roles; the same one again for the same roles."""
        if roles not in self.tokens:
            options = [word for role in roles for word in ("--role", role)]
            name = "-".join(roles)
            self.tokens[roles] = self.node.comesh("token", "new", name, *options).stdout.strip()
        return self.tokens[roles]

    def connect(self, timeout=120):
        if self.path is not None:
            return UnixConnection(self.path)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method, path, body=None, media="application/json", token=None, headers=None,
            connection=None):
        """One request; the token has all roles unless told, "" is none."""
        if token is None:
            token = self.token("submit", "read", "take")
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            sent["Content-Type"] = media
            body = body if isinstance(body, bytes) or hasattr(body, "__next__") else body.encode()
        sent.update(headers or {})
        made = connection or self.connect()
        try:
            made.request(method, path, body=body, headers=sent)
            return Answer(made.getresponse())
        finally:
            if connection is None:
                made.close()

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, body, **options):
        return self.ask("POST", path, body if isinstance(body, (str, bytes)) else json.dumps(body),
                        **options)
