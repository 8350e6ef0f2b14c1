"""Messages that can never be handled, of ten kinds."""

import json
from pathlib import Path

EVENTS = Path(__file__).resolve().parents[1] / "contract" / "events"


def _event(**changes):
    raw = json.loads((EVENTS / "issue.assigned-1.json").read_text(encoding="utf-8"))
    return json.dumps({**raw, **changes}).encode()


def _without(name):
    raw = json.loads(_event())
    del raw[name]
    return json.dumps(raw).encode()


def _data(**changes):
    return _event(data={**json.loads(_event())["data"], **changes})


KINDS = {
    "empty": b"",
    "not JSON": b"<html>502 Bad Gateway</html>",
    "not text": b"\xff\xfe\x00\x01",
    "a list": b"[1, 2, 3]",
    "no subject": _without("subject"),
    "another CloudEvents version": _event(specversion="0.3"),
    "a sequence that is no number": _event(sequence="first"),
    "an unknown type": _event(type="issue.vanished"),
    "an unknown version": _event(dataschema="urn:suishoupai:event:issue.assigned:99"),
    "data of another shape": _data(responsible={"id": 7}, reported_at="yesterday"),
}
"""Kind → body."""
