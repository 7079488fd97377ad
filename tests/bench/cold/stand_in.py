"""What a function talks to, on loopback: the Runtime API of Lambda, and every service of a stack behind TLS."""

import base64
import json
import os
import queue
import ssl
import subprocess
import tempfile
import threading
import time
from collections import namedtuple
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SYSTEM_ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")
PATIENCE_SECONDS = 120

Turn = namedtuple("Turn", "seconds cpu_ns answer")


def certificates(folder):
    """An authority and a server's certificate from it; answers the environment of who trusts it beside the roots of the system."""
    (folder / "leaf.ext").write_text("subjectAltName=IP:127.0.0.1\n")
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=sidenote cold start"]
    sign = ["openssl", "x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2"]
    for command in (
        [*new, "-x509", "-days", "2", "-keyout", "ca.key", "-out", "ca.pem"],
        [*new, "-keyout", "leaf.key", "-out", "leaf.csr"],
        [*sign, "-CAcreateserial", "-extfile", "leaf.ext", "-out", "leaf.pem"],
    ):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    system = SYSTEM_ROOTS.read_text() if SYSTEM_ROOTS.exists() else ""
    (folder / "roots.pem").write_text(system + (folder / "ca.pem").read_text())
    return {"SSL_CERT_FILE": str(folder / "roots.pem")}


class Handler(BaseHTTPRequestHandler):
    """Connections stay open, and an answer leaves in one piece."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536

    def log_message(self, *_):
        pass

    def body(self):
        return self.rfile.read(int(self.headers.get("content-length", 0)))

    def reply(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()


class Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A function is killed with its connections open; what else goes wrong shows in its log."""


class Server:
    """Serves on a free port until it is closed."""

    def __init__(self, handler, context=None):
        self.http = Http(("127.0.0.1", 0), handler)
        if context:
            # The handshake is left to the thread of the connection.
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
        self.address = "127.0.0.1:%d" % self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()


class Stack:
    """The services of a stack in which nothing is stored."""

    def __init__(self, folder, analysis_version):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "leaf.pem", folder / "leaf.key")

        class Service(Handler):
            def answer(self):
                self.reply(*answer(self.command, self.path, self.headers, self.body(), analysis_version))

            do_GET = do_HEAD = do_POST = do_PUT = answer

        self.server = Server(Service, context)
        address = "https://" + self.server.address
        self.environment = {
            "SIDENOTE_TABLE_MAIN": "main",
            "SIDENOTE_TABLE_LOG": "log",
            "SIDENOTE_BUCKET": "media",
            "SIDENOTE_KMS_KEY": "8d3f2f6e-0f4d-4c58-9a53-0d6a2b0a4f11",
            "SIDENOTE_OPENSEARCH": address,
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_ENDPOINT_URL_DYNAMODB": address,
            "AWS_ENDPOINT_URL_S3": address,
            "AWS_ENDPOINT_URL_KMS": address,
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.close()


def answer(method, path, headers, body, analysis_version):
    """Status, body and headers of what any of the services says."""
    operation = headers.get("x-amz-target", "")
    if operation:
        told = {
            "Query": {"Items": [], "Count": 0, "ScannedCount": 0},
            "BatchGetItem": {"Responses": {}, "UnprocessedKeys": {}},
            "Decrypt": {"KeyId": "key", "Plaintext": base64.b64encode(bytes(32)).decode()},
        }.get(operation.split(".")[1], {})
        kind = "application/x-amz-json-1.1" if operation.startswith("Trent") else "application/x-amz-json-1.0"
        return 200, json.dumps(told).encode(), [("content-type", kind)]
    if path.startswith("/media/"):
        stamps = [("etag", '"1"'), ("last-modified", "Wed, 25 Nov 2026 15:04:01 GMT")]
        if path.startswith("/media/keys/"):
            return 200, b"wrapped", stamps
        missing = b"<Error><Code>NoSuchKey</Code><Message>none</Message></Error>"
        return 404, missing, [("content-type", "application/xml")]
    told = {"timed_out": False, "hits": {"hits": []}, "aggregations": {"articles": {"doc_count": 0}}}
    if "_alias" in path:
        told = {"parts-1": {"aliases": {"parts": {}, "parts-1-write": {}}}}
    elif "_mapping" in path:
        told = {"parts-1": {"mappings": {"_meta": {"analysis": analysis_version}}}}
    elif "_count" in path:
        told = {"count": 0}
    elif "_msearch" in path:
        told = {"responses": [told | {"status": 200}] * (body.count(b"\n") // 2)}
    return 200, json.dumps(told).encode(), [("content-type", "application/json")]


class Lambda:
    """One process of a function under the Runtime API; it is killed at the end, as Lambda does it."""

    def __init__(self, name, command, environment, group=None):
        self.events, self.turns = queue.Queue(), queue.Queue()
        self.server = Server(self.runtime_api())
        self.output = tempfile.TemporaryFile()
        self.started, self.init_seconds, self.ready = time.perf_counter(), 0, threading.Event()
        join = None
        if group:
            join = lambda: (group / "cgroup.procs").write_text(str(os.getpid()))
        self.process = subprocess.Popen(
            command,
            env=environment
            | {
                "AWS_LAMBDA_RUNTIME_API": self.server.address,
                "AWS_LAMBDA_FUNCTION_NAME": name,
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
                "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
                "AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/25/[$LATEST]0",
            },
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=self.output,
            preexec_fn=join,
        )

    def runtime_api(self):
        function = self

        class Api(Handler):
            def do_GET(self):
                if not function.ready.is_set():
                    function.init_seconds = time.perf_counter() - function.started
                    function.ready.set()
                event = function.events.get()
                headers = [
                    ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-000000000001"),
                    ("lambda-runtime-deadline-ms", str(int(time.time() * 1000) + 30_000)),
                    ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:123456789012:function:f"),
                    ("content-type", "application/json"),
                ]
                function.since = time.perf_counter()
                self.reply(200, event, headers)

            def do_POST(self):
                answer = self.body()
                seconds = time.perf_counter() - function.since
                # The function waits for the reply, so that nothing of what follows is counted.
                function.turns.put((self.path, Turn(seconds, function.cpu_ns(), answer)))
                self.reply(202, b"{}")

        return Api

    def cpu_ns(self):
        """Processor time of all its threads since it was started."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)

    def ask(self, event):
        """Sends an event; what came of it. A function that does not answer, or by a fault of its own, ends the run."""
        self.events.put(json.dumps(event).encode())
        try:
            path, turn = self.turns.get(timeout=PATIENCE_SECONDS)
        except queue.Empty:
            raise SystemExit(f"{self.process.args} does not answer:\n{self.log()}") from None
        status = json.loads(turn.answer or b"{}")
        if not path.endswith("/response") or isinstance(status, dict) and status.get("statusCode", 200) >= 500:
            raise SystemExit(f"{self.process.args} fails: {path} {turn.answer.decode()}\n{self.log()}")
        return turn

    def log(self):
        self.output.seek(0)
        return self.output.read().decode(errors="replace")

    def end(self):
        self.process.terminate()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.events.put(b"{}")
        self.server.close()
