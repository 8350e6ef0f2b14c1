"""Where messages go in a test: an HTTP sink and a mailbox behind a real SMTP server."""

import email
import email.policy
import json
import threading
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from suishoupai.local.ports import free_port


class Sink:
    """Takes what is posted to it, unless it is told to refuse; may be away altogether."""

    def __init__(self):
        self.received, self.refusals, self.refusing = [], 0, False
        self.port = free_port()
        self._server = None

    def start(self):
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if sink.refusing:
                    sink.refusals += 1
                else:
                    sink.received.append((self.path, body))
                self.send_response(500 if sink.refusing else 200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}/{path}"

    def at(self, path):
        return [json.loads(body) for where, body in self.received if where == f"/{path}"]


class Mailbox:
    """An SMTP server's handler that keeps what it is given."""

    def __init__(self):
        self.received = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        self.received.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"

    def at(self, address):
        """(subject, text) of each message to an address."""
        messages = [
            email.message_from_bytes(content, policy=email.policy.default)
            for to, content in self.received
            if address in to
        ]
        return [
            (str(make_header(decode_header(each["Subject"]))), text_of(each)) for each in messages
        ]


def text_of(message):
    return message.get_body(preferencelist=("plain", "html")).get_content().strip()
