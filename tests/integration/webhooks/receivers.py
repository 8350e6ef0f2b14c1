"""A receiver of webhooks: keeps what it is sent, and answers, refuses or hangs as it is told."""

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from suishoupai.local.ports import free_port


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict
    body: bytes

    @property
    def message(self):
        return json.loads(self.body)


class Receiver:
    """Answers each path with the status it is given, 200 unless told otherwise."""

    def __init__(self):
        self.port = free_port()
        self.received, self.refused, self.statuses, self.hanging = [], [], {}, set()
        self.held = []
        """Paths of requests that are hanging now."""
        self._go_on = threading.Event()
        self._server = None

    def start(self):
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                receiver.take(self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        if request.path in self.hanging:
            self.held.append(request.path)
            self._go_on.wait(timeout=60)
            return
        status = self.statuses.get(request.path, 200)
        headers = {name.lower(): value for name, value in request.headers.items()}
        kept = self.received if 200 <= status < 300 else self.refused
        kept.append(Received(request.path, headers, body))
        request.send_response(status)
        request.end_headers()

    def stop(self):
        self._go_on.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def url(self, path):
        return f"http://127.0.0.1:{self.port}/{path}"

    def at(self, path):
        """What was taken at a path."""
        return [each for each in self.received if each.path == f"/{path}"]

    def refused_at(self, path):
        return [each for each in self.refused if each.path == f"/{path}"]
