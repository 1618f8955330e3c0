"""`comesh conformance`: our own public listener passes every assertion, and a server with a planted
fault fails by the number of what it breaks. The faults are planted by a proxy in front of the
listener, so that everything else of the server is the real one."""

import http.client
import http.server
import json
import os
import ssl
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers"))

from mesh import SAMPLES, Mesh, certificates, free_port, report, sample, step, taken_all, \
    wait_until
from rest_peer import RestPeer, make_certificate

HOST = "test.coconnect.customs.go.kr"


class Proxy:
    """Takes the client's connection and asks the listener as the partner does, but for a fault."""

    def __init__(self, scene):
        self.scene = scene
        self.fault = None
        self.port = free_port()

    def serve(self, fault):
        proxy = self
        self.fault = fault

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def pass_on(self):
                proxy.pass_on(self)

            do_POST = do_GET = pass_on

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # a client that broke off

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.scene.public + ".pem", self.scene.public + ".key")
        if fault is OLD_TLS:
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.set_ciphers("DEFAULT@SECLEVEL=0")
        else:
            context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_verify_locations(self.scene.peer.client_path + ".pem")
        context.verify_mode = ssl.CERT_NONE if fault is ANY_CLIENT else ssl.CERT_OPTIONAL
        self.server = Server(("127.0.0.1", self.port), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def failed(self, fault):
        """What fails with this fault."""
        self.serve(fault)
        try:
            return self.scene.failed(self.port)
        finally:
            self.stop()

    def pass_on(self, handler):
        request = {"method": handler.command, "path": handler.requestline.split(" ")[1],
                   "headers": dict(handler.headers.items()),
                   "body": handler.rfile.read(int(handler.headers.get("Content-Length", "0")))}
        known = self.fault is ANY_CLIENT or handler.connection.getpeercert()
        if known:
            (self.fault.on_request or (lambda request: None))(request)
            answer = self.ask(request)
            (self.fault.on_answer or (lambda request, answer: None))(request, answer)
        else:
            answer = {"status": 401, "headers": {"Content-Type": "application/problem+json"},
                      "body": b'{"status": 401, "title": "Unauthorized", "code": "client"}'}
        handler.send_response(answer["status"])
        for name, value in answer["headers"].items():
            if name.lower() not in ("content-length", "connection", "date", "server"):
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer["body"])))
        handler.end_headers()
        handler.wfile.write(answer["body"])

    def ask(self, request):
        peer = self.scene.peer
        context = ssl.create_default_context(cafile=self.scene.public + ".pem")
        context.check_hostname = False
        context.load_cert_chain(peer.client_path + ".pem", peer.client_path + ".key")
        connection = http.client.HTTPSConnection("127.0.0.1", self.scene.port, context=context)
        connection.putrequest(request["method"], request["path"], skip_host=True,
                              skip_accept_encoding=True)
        for name, value in request["headers"].items():
            connection.putheader(name, value)
        connection.endheaders(request["body"])
        came = connection.getresponse()
        answer = {"status": came.status, "headers": dict(came.getheaders()), "body": came.read()}
        connection.close()
        return answer


class Fault:
    def __init__(self, sentence, breaks, on_request=None, on_answer=None):
        self.sentence = sentence
        self.breaks = set(breaks)
        self.on_request = on_request
        self.on_answer = on_answer


def path(change):
    def on_request(request):
        request["path"] = change(request["path"])
    return on_request


def header(name, value=None):
    def on_request(request):
        request["headers"].pop(name, None)
        if value is not None:
            request["headers"][name] = value
    return on_request


def status(old, new):
    def on_answer(_, answer):
        if answer["status"] == old:
            answer["status"] = new
    return on_answer


def lost(name):
    def on_answer(_, answer):
        for one in [one for one in answer["headers"] if one.lower() == name]:
            del answer["headers"][one]
    return on_answer


def plain(_, answer):
    if answer["status"] >= 400:
        answer["headers"]["Content-Type"] = "text/plain"


def without_pointers(_, answer):
    if answer["status"] == 422:
        problem = json.loads(answer["body"])
        for error in problem.get("errors", []):
            error.pop("pointer", None)
        answer["body"] = json.dumps(problem).encode()


def new_receipt(_, answer):
    if answer["status"] == 200:
        body = json.loads(answer["body"])
        body["receipt"]["time"] = "2026-01-01T00:00:00Z"
        answer["body"] = json.dumps(body).encode()


def json_always(request, answer):
    if "xml" in request["headers"].get("Accept", ""):
        answer["headers"]["Content-Type"] = "application/json"


NO_FAULT = Fault("no fault", [])
OLD_TLS = Fault("TLS 1.0 is spoken", ["1.3"])
ANY_CLIENT = Fault("any client is let in", ["1.4", "1.5"])
FAULTS = [
    OLD_TLS, ANY_CLIENT,
    Fault("every Host is ours", ["2.1", "2.2"], on_request=header("Host", HOST)),
    Fault("a slash behind the path is forgiven", ["2.4"],
          on_request=path(lambda given: given.rstrip("/"))),
    Fault("upper case is forgiven", ["2.5"], on_request=path(str.lower)),
    Fault("two slashes are forgiven", ["2.6"],
          on_request=path(lambda given: given.replace("//", "/"))),
    Fault("a version in the path is forgiven", ["2.8"],
          on_request=path(lambda given: given.replace("/v1/", "/"))),
    Fault("405 does not say what is allowed", ["2.9"], on_answer=lost("allow")),
    Fault("201 instead of 200 for a duplicate", ["3.3"], on_answer=status(200, 201)),
    Fault("a duplicate gets a new receipt", ["3.3", "3.8"], on_answer=new_receipt),
    Fault("no Location", ["3.2"], on_answer=lost("location")),
    Fault("a conflict is called a success", ["3.4", "3.5"], on_answer=status(409, 200)),
    Fault("XML is answered in JSON", ["3.6"], on_answer=json_always),
    Fault("findings do not say where", ["3.10", "4.3", "5.2", "6.2"], on_answer=without_pointers),
    Fault("the Content-Encoding is not looked at", ["7.3"], on_request=header("Content-Encoding")),
    Fault("the Accept is not looked at", ["3.6", "7.4"], on_request=header("Accept", "*/*")),
    Fault("problems are plain text", ["8.1"], on_answer=plain),
]


class Scene:
    """Korea's node, and Indonesia's developer."""

    def __init__(self, mesh):
        self.node = mesh["KR"]
        self.folder = mesh.folder
        self.public = os.path.join(self.node.folder, "public")
        make_certificate(self.public, HOST)
        make_certificate(os.path.join(self.node.folder, "outbound"), HOST)
        self.peer = RestPeer(os.path.join(mesh.folder, "rest"), "ID", "beacukai.go.id")
        self.port = free_port()
        self.node.append_config(
            "outbound\n    certificate = outbound.pem\n    key = outbound.key\n"
            f"    connect = test.coconnect.beacukai.go.id=127.0.0.1:{self.peer.port}\n"
            f"public\n    listen = 127.0.0.1:{self.port}\n    certificate = public.pem\n"
            "    key = public.key\n")
        self.add_partner()

    def add_partner(self):
        made = self.node.comesh("rest", "new", "--party", "ID", "--name", "Bea dan Cukai",
                                "--environment", "test", "--domain", "beacukai.go.id", "--client",
                                self.peer.client_path + ".pem", "--server",
                                self.peer.server_path + ".pem")
        card = os.path.join(self.folder, "ID.card")
        with open(card, "w", encoding="utf-8") as file:
            file.write(made.stdout)
        self.node.comesh("rest", "add", card, "--fingerprint", made.stderr.split()[-1])

    def send_ours(self):
        """What the node sent to Indonesia, to be answered."""
        taken_all(self.node.submit([sample("kr-id-co.json")]))
        taken_all(self.node.submit([sample("kr-id-amendment.json")],
                                   "send-amendment-notification"))
        wait_until(lambda: len(self.peer.order) == 2, "both are posted")
        self.co = os.path.join(self.folder, "co.json")
        with open(self.co, "w", encoding="utf-8") as file:
            file.write(certificates("ID", "KR", 1, first=1)[0])

    def conformance(self, *options, port=None, documents=True):
        arguments = ["conformance", "https://" + HOST, "--connect",
                     f"127.0.0.1:{port or self.port}", "--cacert", self.public + ".pem",
                     "--certificate", self.peer.client_path + ".pem", "--key",
                     self.peer.client_path + ".key"]
        if documents:
            arguments += ["--co", self.co, "--their-co", os.path.join(SAMPLES, "kr-id-co.json"),
                          "--their-amendment", os.path.join(SAMPLES, "kr-id-amendment.json")]
        return self.node.comesh(*arguments, *options, check=False)

    def failed(self, port=None):
        result = self.conformance("--json", port=port)
        told = json.loads(result.stdout)
        assert result.returncode == (1 if told["failed"] else 0), result.stderr
        return {one["number"]: one.get("why", "") for one in told["assertions"]
                if one["outcome"] == "failed"}


def run(scene):
    proxy = Proxy(scene)

    @step("our own public listener passes every assertion")
    def _():
        result = scene.conformance()
        assert result.returncode == 0, result.stdout + result.stderr
        assert " 0 failed, 0 skipped" in result.stdout, result.stdout

    @step("again, and again, for its certificates have numbers of their own")
    def _():
        assert scene.failed() == {} and scene.failed() == {}

    @step("without documents what needs them is skipped, and says what it needs")
    def _():
        result = scene.conformance("--json", documents=False)
        told = json.loads(result.stdout)
        assert result.returncode == 0 and told["failed"] == 0 and told["skipped"] > 20, told
        assert all("needs --" in one["why"] for one in told["assertions"]
                   if one["outcome"] == "skipped")

    @step("the proxy without a fault passes too")
    def _():
        assert proxy.failed(NO_FAULT) == {}

    for fault in FAULTS:
        @step(f"{fault.sentence}: {', '.join(sorted(fault.breaks))} fails, and nothing else")
        def _():
            failed = proxy.failed(fault)
            assert set(failed) == fault.breaks, failed
            assert all(failed.values()), failed

    @step("what a hostile endpoint says does not reach the terminal as it is")
    def _():
        def hostile(_, answer):
            answer["headers"]["Content-Type"] = "text/\x1b[2Jplain"
            answer["body"] = b"\x1b]0;owned\x07" + answer["body"]
        proxy.serve(Fault("escapes", [], on_answer=hostile))
        result = scene.conformance(port=proxy.port)
        proxy.stop()
        assert result.returncode == 1 and "FAILED" in result.stdout, result.stderr
        assert "\x1b" not in result.stdout + result.stderr, "an escape got through"

    @step("an endpoint that is not there, or in production, is told as such")
    def _():
        result = scene.conformance(port=free_port())
        assert result.returncode == 69 and "cannot be spoken with" in result.stderr, result.stderr
        result = scene.node.comesh("conformance", "https://prod.coconnect.customs.go.kr",
                                   "--certificate", "a", "--key", "b", check=False)
        assert result.returncode == 64 and "--prod" in result.stderr, result.stderr


with Mesh(("KR",), start=False) as mesh:
    scene = Scene(mesh)
    mesh["KR"].start()
    scene.send_ours()
    run(scene)
    scene.peer.stop()
report()
