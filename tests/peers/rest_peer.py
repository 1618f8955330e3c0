"""A party without a node: a small HTTPS server with its national system inside, and a client.

Written from the endpoint pattern of the framework and node/README.md, with Python's standard library
and the openssl command alone: nothing of comesh is used. It receives the four operations at
https://{environment}.coconnect.{domain}/{operation}, asks for the node's client certificate, answers
each message once and the same again, and posts its own documents with its own client certificate.

As a program it serves until it is killed, and prints a JSON line for each document that it took; or,
with --post, it posts a document to a node and prints what is answered."""

import argparse
import http.client
import http.server
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading

OPERATIONS = ("send-co", "send-amendment-notification", "send-cancelation-status", "send-feedback")


def make_certificate(path, name, days=30):
    """A self-signed certificate PATH.pem with its key PATH.key for a DNS name."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path + ".key", "-out",
               path + ".pem", "-subj", "/CN=" + name[:60], "-addext", "subjectAltName=DNS:" + name]
    command += ["-days", str(days)]
    subprocess.run(command, check=True, capture_output=True)
    os.chmod(path + ".key", 0o600)
    return path + ".pem"


def make_expired(path, name, start="20200101000000Z", end="20200201000000Z"):
    """The same, valid in January 2020, or in another time that is over or to come."""
    folder = path + ".ca"
    os.makedirs(folder)
    with open(os.path.join(folder, "ca.conf"), "w", encoding="utf-8") as file:
        file.write("[ca]\ndefault_ca = made\n[made]\ndatabase = index.txt\nnew_certs_dir = .\n"
                   "rand_serial = yes\ndefault_md = sha256\npolicy = any\n"
                   "[any]\ncommonName = supplied\n")
    open(os.path.join(folder, "index.txt"), "w", encoding="utf-8").close()
    make = ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path + ".key", "-out", "asked.csr",
            "-subj", "/CN=" + name[:60]]
    sign = ["openssl", "ca", "-batch", "-notext", "-selfsign", "-config", "ca.conf", "-keyfile",
            path + ".key", "-in", "asked.csr", "-out", path + ".pem", "-startdate", start,
            "-enddate", end]
    for command in (make, sign):
        subprocess.run(command, check=True, capture_output=True, cwd=folder)


def message_id(document):
    """The id of a message stands in the document, whatever its operation."""
    return next(iter(document.values()))["FunctionalReferenceID"]


class RestPeer:
    """The party's server, and what its national system has taken."""

    def __init__(self, folder, party, domain, environment="test", node_certificate=None, port=0):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.party = party
        self.domain = domain
        self.environment = environment
        self.host = f"{environment}.coconnect.{domain}"
        self.server_path = os.path.join(folder, "server")
        self.client_path = os.path.join(folder, "client")
        if not os.path.exists(self.server_path + ".pem"):
            make_certificate(self.server_path, self.host)
            make_certificate(self.client_path, self.host)
        self.taken = {}       # id: (operation, document)
        self.order = []       # ids, as they were taken
        self.requests = []    # (operation, id, Idempotency-Key), every one
        self.looks = 0        # requests by GET
        self.connections = 0  # that were opened to its server
        self.mood = None      # a function of the handler that answers instead; None: as it should
        self.on_taken = None  # called with operation and document, after the answer
        self.lock = threading.Lock()
        self.serve(node_certificate, port)

    # ---- the server ----

    def serve(self, node_certificate, port, change=None):
        """`change` is called with the TLS context, before it serves."""
        peer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_POST(self):
                peer.answer(self)

            def do_GET(self):
                peer.look(self)

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def get_request(self):
                peer.connections += 1
                return super().get_request()

            def handle_error(self, request, client_address):
                pass  # a client that broke off

        self.server = Server(("127.0.0.1", port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.server_path + ".pem", self.server_path + ".key")
        if node_certificate is not None:
            context.load_verify_locations(node_certificate)
            context.verify_mode = ssl.CERT_REQUIRED
        if change is not None:
            change(context)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @staticmethod
    def reply(handler, status, value=None, headers=()):
        body = b"" if value is None else json.dumps(value).encode()
        handler.send_response(status)
        kind = "application/problem+json" if status >= 400 else "application/json"
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, text in headers:
            handler.send_header(name, text)
        handler.end_headers()
        handler.wfile.write(body)

    def problem(self, handler, status, detail):
        self.reply(handler, status, {"type": "about:blank", "status": status,
                                     "title": http.client.responses.get(status, ""),
                                     "detail": detail})

    def look(self, handler):
        """A GET, which changes nothing and gets nothing."""
        with self.lock:
            self.looks += 1
            mood = self.mood
        if mood is not None:
            mood(handler)
        elif handler.headers.get("Host", "").split(":")[0] != self.host:
            self.problem(handler, 421, "this is another host")
        else:
            self.reply(handler, 405, headers=[("Allow", "POST")])

    def answer(self, handler):
        length = int(handler.headers.get("Content-Length", "0"))
        body = handler.rfile.read(length)
        operation = handler.path.lstrip("/")
        key = (handler.headers.get("Idempotency-Key") or "").strip('"')
        try:
            document = json.loads(body)
            identity = message_id(document)
        except (ValueError, KeyError, StopIteration, AttributeError):
            self.problem(handler, 400, "the body is no document")
            return
        with self.lock:
            self.requests.append((operation, identity, key))
            mood = self.mood
        if mood is not None:
            mood(handler)
            return
        if handler.headers.get("Host", "").split(":")[0] != self.host:
            self.problem(handler, 421, "this is another host")
        elif operation not in OPERATIONS:
            self.problem(handler, 404, "there is no such operation")
        else:
            self.take(handler, operation, identity, document)

    def take(self, handler, operation, identity, document):
        with self.lock:
            known = self.taken.get(identity)
            if known is None:
                self.taken[identity] = (operation, document)
                self.order.append(identity)
        if known is not None and known != (operation, document):
            self.problem(handler, 409, "this message id is taken by other content")
            return
        self.reply(handler, 201 if known is None else 200, {"message": identity, "taken": True})
        if known is None and self.on_taken is not None:
            self.on_taken(operation, document)

    # ---- the client ----

    def context(self, server_certificate=None, client=True, version=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if server_certificate is None:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        else:
            context.load_verify_locations(server_certificate)
        if version is not None:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = version
            context.maximum_version = version
        if client:
            context.load_cert_chain(self.client_path + ".pem", self.client_path + ".key")
        return context

    @staticmethod
    def dial(port):
        """A connection to a node on which nothing has been said."""
        return socket.create_connection(("127.0.0.1", port), timeout=30)

    def connect(self, host, port, context=None):
        """An HTTPS connection to a node, by its name though it is on loopback."""
        context = context or self.context()
        raw = self.dial(port)
        connection = http.client.HTTPSConnection(host, port, context=context)
        connection.sock = context.wrap_socket(raw, server_hostname=host)
        return connection

    def post(self, host, port, operation, document, headers=None, context=None):
        """Posts a document; gives status, headers and the answer's JSON."""
        connection = self.connect(host, port, context)
        try:
            body = document if isinstance(document, bytes) else json.dumps(document).encode()
            sent = {"Content-Type": "application/json", "Host": host}
            sent.update(headers or {})
            connection.putrequest("POST", "/" + operation, skip_host=True,
                                  skip_accept_encoding=True)
            for name, value in {"Content-Length": str(len(body)), **sent}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, dict(answer.getheaders()), json.loads(text) if text else None
        finally:
            connection.close()


def post_file(arguments):
    """Posts a document to a node, and prints what is answered."""
    peer = RestPeer(arguments.folder, arguments.party, arguments.domain, arguments.environment)
    port, host, operation, path = arguments.post
    with open(path, "rb") as file:
        status, _, answer = peer.post(host, int(port), operation, file.read())
    peer.stop()
    print(f"{arguments.party} posted {operation}: {status} {answer.get('state', answer)}, receipt "
          f"for {answer.get('receipt', {}).get('size')} entries of "
          f"{answer.get('receipt', {}).get('origin')}")
    return 0 if status in (200, 201) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--party", required=True)
    parser.add_argument("--domain", required=True)
    parser.add_argument("--environment", default="test")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--node-certificate")
    parser.add_argument("--post", nargs=4, metavar=("PORT", "HOST", "OPERATION", "FILE"))
    arguments = parser.parse_args()
    if arguments.post:
        return post_file(arguments)
    peer = RestPeer(arguments.folder, arguments.party, arguments.domain, arguments.environment,
                    arguments.node_certificate, arguments.port)

    def tell(operation, document):
        print(json.dumps({"operation": operation, "id": message_id(document)}), flush=True)
    peer.on_taken = tell
    signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())
