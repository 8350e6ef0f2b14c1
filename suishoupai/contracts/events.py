"""Events: CloudEvents 1.0 in JSON, one marshmallow schema for the data of each type and version.

Example::

    event = new_event("issue.reported", source="/issues", subject=issue_id, sequence=1, data={...})
    wire = event.to_json()
    assert read_event(wire) == event
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from ulid import ULID

from suishoupai.contracts import shapes
from suishoupai.contracts.words import (
    ACTION_EVENTS,
    ACTIONS,
    ACTIVITIES,
    OUTCOMES,
    PARTY_KINDS,
    SOURCES,
)
from suishoupai.tracing import Trace


class IssueReported(Schema):
    """A report was taken: ``issue.reported`` by issues."""

    number = fields.String(required=True)
    category = fields.Nested(shapes.Category, required=True)
    description = fields.String(required=True)
    location = fields.Nested(shapes.Location, required=True)
    address = fields.String(required=True)
    photos = fields.List(fields.String(), required=True)
    reported_at = fields.AwareDateTime(required=True, format="iso")
    observed_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    reporter = fields.String(required=True)


class IssueReported2(IssueReported):
    """Says also how the report came."""

    source = fields.String(required=True, validate=validate.OneOf(list(SOURCES)))
    courier = fields.Boolean(required=True, allow_none=True)
    """Whether its reporter is a grid member who is a courier; nothing else is told of them."""


class IssueAssigned(Schema):
    """A report found its grid and responsible party: ``issue.assigned`` by grid."""

    number = fields.String(required=True)
    category = fields.Nested(shapes.Category, required=True)
    address = fields.String(required=True)
    reported_at = fields.AwareDateTime(required=True, format="iso")
    grid = fields.Nested(shapes.Named, required=True)
    community = fields.Nested(shapes.Named, required=True)
    town = fields.Nested(shapes.Named, required=True)
    county = fields.Nested(shapes.Named, required=True)
    compound = fields.Nested(shapes.Compound, required=True, allow_none=True)
    responsible = fields.Nested(shapes.Party, required=True)
    rule = fields.String(required=True)
    why = fields.String(required=True)


class IssueAssigned2(IssueAssigned):
    """Says also who must never get the case, and whether its party is clear."""

    barred = fields.List(fields.String(), required=True)
    barred_kinds = fields.List(
        fields.String(validate=validate.OneOf(list(PARTY_KINDS))), required=True
    )
    clear = fields.Boolean(required=True)


class IssueDispatched(Schema):
    """A case went to its responsible party: ``issue.dispatched`` by issues."""

    number = fields.String(required=True)
    from_state = fields.String(required=True, data_key="from")
    to_state = fields.String(required=True, data_key="to")
    at = fields.AwareDateTime(required=True, format="iso")
    by = fields.String(required=True)
    why = fields.String(required=True)
    responsible = fields.Nested(shapes.Party, required=True)


class IssueDispatched2(IssueDispatched):
    """Says also when the case is due; null for one whose catalogue row has no limit."""

    due_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)


class IssueDueSoon(Schema):
    """A quarter of a case's limit is left: ``issue.due_soon`` by issues."""

    number = fields.String(required=True)
    category = fields.Nested(shapes.Category, required=True)
    address = fields.String(required=True)
    due_at = fields.AwareDateTime(required=True, format="iso")
    responsible = fields.Nested(shapes.Party, required=True)
    grid = fields.Nested(shapes.Named, required=True)
    compound = fields.Nested(shapes.Compound, required=True, allow_none=True)
    at = fields.AwareDateTime(required=True, format="iso")


class IssueOverdue(IssueDueSoon):
    """The limit of a case has passed: ``issue.overdue`` by issues."""


class IssueChanged(Schema):
    """Something happened to a case: its ``action`` says what, ``responsible`` who has it now.

    What others must know of the case, as it is after the change. ``by`` and ``reporter`` are for
    the services alone: no handler is ever shown them (DOMAIN: catalogue).
    """

    number = fields.String(required=True)
    action = fields.String(required=True, validate=validate.OneOf(list(ACTIONS)))
    from_state = fields.String(required=True, data_key="from")
    to_state = fields.String(required=True, data_key="to")
    at = fields.AwareDateTime(required=True, format="iso")
    by = fields.String(required=True)
    role = fields.String(required=True)
    why = fields.String(required=True)
    category = fields.Nested(shapes.Category, required=True)
    urgent = fields.Boolean(required=True)
    address = fields.String(required=True)
    reported_at = fields.AwareDateTime(required=True, format="iso")
    reporter = fields.String(required=True)
    followers = fields.List(fields.String(), required=True)
    """Accounts whose reports of the same problem were merged into this case."""
    responsible = fields.Nested(shapes.Party, required=True, allow_none=True)
    previous = fields.Nested(shapes.Party, required=True, allow_none=True)
    """The party that loses the case by this change."""
    grid = fields.Nested(shapes.Named, required=True, allow_none=True)
    community = fields.Nested(shapes.Named, required=True, allow_none=True)
    town = fields.Nested(shapes.Named, required=True, allow_none=True)
    county = fields.Nested(shapes.Named, required=True, allow_none=True)
    compound = fields.Nested(shapes.Compound, required=True, allow_none=True)
    activity = fields.String(
        required=True, allow_none=True, validate=validate.OneOf([*ACTIVITIES, None])
    )
    """What the running clock measures."""
    due_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    outcome = fields.String(
        required=True, allow_none=True, validate=validate.OneOf([*OUTCOMES, None])
    )
    main = fields.Nested(shapes.Reference, required=True, allow_none=True)
    """The case that this one was merged into."""


class IssueRecategorised(IssueChanged):
    """A case is of another category now, so whose it is has to be said anew: says also where."""

    location = fields.Nested(shapes.Location, required=True)


class IssueChanged2(IssueChanged):
    """Says also what figures are made of: the limit over all rounds, and what was judged so far."""

    bundled_due_at = fields.AwareDateTime(required=True, format="iso", allow_none=True)
    """Limit of disposal over all rework rounds (捆绑时限); null while its clock does not run."""
    on_time = fields.Boolean(required=True, allow_none=True)
    """Whether the party fed back in time, by that limit; null before it did."""
    source = fields.String(required=True, validate=validate.OneOf(list(SOURCES)))
    courier = fields.Boolean(required=True, allow_none=True)
    """Whether its reporter is a grid member who is a courier; null where that was not kept."""
    solved = fields.Boolean(required=True, allow_none=True)
    satisfaction = fields.Integer(required=True, allow_none=True, validate=validate.Range(1, 5))
    """How its reporter rated it; null before."""


class IssueRecategorised2(IssueChanged2, IssueRecategorised):
    """The same of a case that is of another category now."""


class NoticeSent(Schema):
    """A party was told of a case: ``notice.sent`` by notify."""

    notice = fields.String(required=True)
    number = fields.String(required=True)
    party = fields.Nested(shapes.Party, required=True)
    channel = fields.String(required=True, validate=validate.OneOf(["inbox"]))
    at = fields.AwareDateTime(required=True, format="iso")


class NoticeSent2(Schema):
    """Somebody was told of a case; says who and what of."""

    notice = fields.String(required=True)
    number = fields.String(required=True)
    kind = fields.String(required=True)
    recipient = fields.String(required=True, metadata={"example": "party:property-001"})
    channel = fields.String(required=True, validate=validate.OneOf(["inbox"]))
    at = fields.AwareDateTime(required=True, format="iso")


class ReportMade(Schema):
    """The monthly report of a division is there to be read: ``report.made`` by gateway."""

    division = fields.Nested(shapes.Named, required=True)
    month = fields.String(required=True, metadata={"example": "2026-10"})
    made_at = fields.AwareDateTime(required=True, format="iso")
    link = fields.String(required=True)
    """Where it is read; a path, where the gateway does not know its public address."""
    subscribers = fields.List(fields.String(), required=True)
    """Accounts to be told, all of whom see the division."""


PUBLISHED: dict[tuple[str, int], type[Schema]] = {
    ("issue.reported", 1): IssueReported,
    ("issue.reported", 2): IssueReported2,
    ("issue.assigned", 1): IssueAssigned,
    ("issue.assigned", 2): IssueAssigned2,
    ("issue.dispatched", 1): IssueDispatched,
    ("issue.dispatched", 2): IssueDispatched2,
    ("issue.dispatched", 3): IssueChanged,
    ("issue.dispatched", 4): IssueChanged2,
    ("issue.due_soon", 1): IssueDueSoon,
    ("issue.due_soon", 2): IssueChanged,
    ("issue.due_soon", 3): IssueChanged2,
    ("issue.overdue", 1): IssueOverdue,
    ("issue.overdue", 2): IssueChanged,
    ("issue.overdue", 3): IssueChanged2,
    ("issue.recategorised", 1): IssueRecategorised,
    ("issue.recategorised", 2): IssueRecategorised2,
    ("notice.sent", 1): NoticeSent,
    ("notice.sent", 2): NoticeSent2,
    ("report.made", 1): ReportMade,
}
"""What has a history or a shape of its own; what else happens to a case is ``IssueChanged``,
then ``IssueChanged2``."""

CHANGES = tuple(sorted(set(ACTION_EVENTS.values()) - {"issue.reported"}))
"""Types of the events that tell what happened to a case after its report."""

REPORTS = ("report.made",)
"""Types of the events that tell of a report."""

EVENTS: dict[tuple[str, int], type[Schema]] = {
    **{(event_type, 1): IssueChanged for event_type in CHANGES},
    **{(event_type, 2): IssueChanged2 for event_type in CHANGES},
    **PUBLISHED,
}
"""(type, version) → schema of the event's data. A published version is never changed."""

CURRENT = {event_type: version for event_type, version in sorted(EVENTS)}
"""The version of each type that is published today."""


class UnreadableEvent(ValueError):
    """A message that can never be read: not JSON, not a CloudEvent, unknown type, wrong shape."""


@dataclass(frozen=True)
class Event:
    """One CloudEvent. ``data`` holds plain JSON values, already shaped by its schema."""

    id: str
    source: str
    type: str
    subject: str
    time: str
    sequence: int
    """Version of the source's record of the subject after the change; orders events by source."""
    dataschema: str
    data: dict[str, Any]
    correlationid: str
    traceparent: str
    specversion: str = "1.0"
    datacontenttype: str = "application/json"

    @property
    def trace(self) -> Trace:
        """The trace this event belongs to, to be carried by what it causes."""
        return Trace(self.correlationid, self.traceparent)

    def to_dict(self) -> dict[str, Any]:
        """The event as JSON values, for an outbox."""
        return asdict(self)

    def to_json(self) -> str:
        """The event in CloudEvents' structured JSON mode."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


class Envelope(Schema):
    """The CloudEvents attributes of every event; attributes unknown here are ignored."""

    class Meta:
        """Extension attributes of others are allowed by CloudEvents."""

        unknown = EXCLUDE

    specversion = fields.String(required=True, validate=validate.Equal("1.0"))
    id = fields.String(required=True, validate=validate.Length(min=1))
    source = fields.String(required=True, validate=validate.Length(min=1))
    type = fields.String(required=True)
    subject = fields.String(required=True, validate=validate.Length(min=1))
    time = fields.String(required=True)
    sequence = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    dataschema = fields.String(required=True)
    datacontenttype = fields.String(required=True, validate=validate.Equal("application/json"))
    data = fields.Dict(required=True)
    correlationid = fields.String(required=True)
    traceparent = fields.String(required=True)


ENVELOPE = Envelope()


def schema_name(event_type: str, version: int) -> str:
    """The ``dataschema`` URI of one version of an event type."""
    return f"urn:suishoupai:event:{event_type}:{version}"


def new_event(
    event_type: str,
    *,
    source: str,
    subject: str,
    sequence: int,
    data: dict[str, Any],
    trace: Trace,
    at: datetime | None = None,
) -> Event:
    """A new event of today's version; raises ``UnreadableEvent`` when ``data`` does not fit."""
    version = CURRENT[event_type]
    return Event(
        id=str(ULID()),
        source=source,
        type=event_type,
        subject=subject,
        time=(at or datetime.now(UTC)).isoformat(),
        sequence=sequence,
        dataschema=schema_name(event_type, version),
        data=_checked(event_type, version, data),
        correlationid=trace.correlation,
        traceparent=trace.traceparent,
    )


def read_event(body: str | bytes) -> Event:
    """The event in a message; raises ``UnreadableEvent`` with the reason."""
    try:
        raw = json.loads(body)
    except ValueError as error:
        raise UnreadableEvent(f"not JSON: {error}") from error
    try:
        attributes: dict[str, Any] = ENVELOPE.load(raw)
    except ValidationError as error:
        raise UnreadableEvent(f"not an event: {error.messages}") from error
    event = Event(**attributes)
    prefix, _, version = event.dataschema.rpartition(":")
    if not version.isdigit() or prefix != f"urn:suishoupai:event:{event.type}":
        raise UnreadableEvent(f"dataschema {event.dataschema!r} does not name a {event.type!r}")
    _checked(event.type, int(version), event.data)
    return event


@cache
def _schema(event_type: str, version: int) -> Schema | None:
    """The schema of one version, made once: making one costs more than checking by it."""
    schema = EVENTS.get((event_type, version))
    return schema(unknown=EXCLUDE) if schema else None


def _checked(event_type: str, version: int, data: dict[str, Any]) -> dict[str, Any]:
    schema = _schema(event_type, version)
    if schema is None:
        raise UnreadableEvent(f"unknown event {event_type!r} version {version}")
    errors = schema.validate(data)
    if errors:
        raise UnreadableEvent(f"{event_type} version {version}: {errors}")
    return data
