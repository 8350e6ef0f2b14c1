"""Listening to a stream of server-sent events, as WHATWG HTML 9.2 says a client does."""

import http.client
import json
import re
import socket
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True)
class Told:
    """One event."""

    id: str
    type: str
    text: str

    @property
    def data(self):
        return json.loads(self.text)


@dataclass
class Reader:
    """Makes events of lines; what a client keeps between them is here."""

    last_id: str = ""
    retry: int | None = None
    comments: list = field(default_factory=list)
    _data: list = field(default_factory=list)
    _type: str = ""
    _id: str | None = None

    def line(self, line):
        """The event that this line, without its end, completes, or None."""
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not name:
            self.comments.append(value)
        elif name == "data":
            self._data.append(value)
        elif name == "event":
            self._type = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isdigit():
            self.retry = int(value)
        return None

    def text(self, text):
        """The events in a text."""
        lines = re.split("\r\n|\r|\n", text)
        return [told for line in lines[:-1] if (told := self.line(line))]

    def _dispatch(self):
        # Not before: of an event that did not arrive whole, nothing has been heard.
        self.last_id = self.last_id if self._id is None else self._id
        data, event_type = self._data, self._type
        self._data, self._type = [], ""
        return Told(self.last_id, event_type or "message", "\n".join(data)) if data else None


class Stream:
    """One connection to ``/api/v1/stream``; ``status`` and ``headers`` are there at once."""

    def __init__(self, url, token=None, last=None, timeout=30, receive_buffer=None, **query):
        self.reader = Reader(last_id=last or "")
        self.heard = []
        where = urlsplit(url)
        self.connection = http.client.HTTPConnection(where.hostname, where.port, timeout=timeout)
        self.connection.sock = _connected(where, timeout, receive_buffer)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if last:
            headers["Last-Event-ID"] = last
        path = "/api/v1/stream" + (f"?{urlencode(query)}" if query else "")
        self.connection.request("GET", path, headers=headers)
        self.response = self.connection.getresponse()
        self.status, self.headers = self.response.status, self.response.headers
        self.problem = None if self.status == 200 else json.loads(self.response.read())
        if self.status == 200:
            # Its greeting says that it listens: what happens from now on is heard.
            while not self.reader.last_id or self.reader.retry is None:
                self._line()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def next(self):
        """The next event; None at the end of the stream."""
        while (line := self._line()) is not None:
            if told := self.reader.line(line):
                self.heard.append(told)
                return told
        return None

    def until(self, condition):
        """Every event up to the first for which the condition holds."""
        found = []
        while (told := self.next()) is not None:
            found.append(told)
            if condition(told):
                return found
        raise AssertionError(f"the stream ended after {found}")

    def take(self, count):
        """The next events, so many."""
        found = [self.next() for _ in range(count)]
        assert None not in found, "the stream ended"
        return found

    def await_id(self, number):
        """Reads on until it has heard all up to that place in the log; every event since."""
        already = len(self.heard)
        while int(self.reader.last_id) < number:
            assert self.next_frame(), "the stream ended"
        return self.heard[already:]

    def next_frame(self):
        """Reads up to the next blank line, whether or not that makes an event; False at the end."""
        while (line := self._line()) is not None:
            if told := self.reader.line(line):
                self.heard.append(told)
            if not line:
                return True
        return False

    def close(self):
        """Leaves, whatever is still on its way."""
        self.response.close()
        self.connection.close()

    def _line(self):
        line = self.response.readline()
        if not line:
            return None
        text = line.decode().rstrip("\n")
        if self.reader.retry is None or not self.reader.last_id:
            self.reader.line(text)
        return text


def _connected(where, timeout, receive_buffer):
    sock = socket.socket()
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.settimeout(timeout)
    sock.connect((where.hostname, where.port))
    return sock
