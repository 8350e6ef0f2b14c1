"""What is known of an issue: pure functions from events to facts.

A fact is all that stats knows of one issue. Events change facts in any order and any number of
times with the same result; every figure is a sum over facts (see ``tallies``). A fact holds every
step that is known of its case, by sequence, each once; a step leaves out what there was not.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from suishoupai.contracts.events import Event
from suishoupai.divisions import ancestry
from suishoupai.truth.records import Step

Document = dict[str, Any]

NOT_TOLD: Document = {"steps": [], "source": None, "courier": None, "member": None, "point": None}
"""What facts of earlier times do not tell, of the time before steps were counted or before points
were."""
ORIGIN = ("source", "courier", "member", "point")
"""How the report came, and from where: what is known once is known for good. The point of a case
is the one it was reported at; being placed or recategorised leaves it where it is."""

TELLING = ("dispatched", "handed_down")
"""Kinds of notices by which a party learns that it has a case."""


def new_fact(issue: str) -> Document:
    """What is known of an issue before its first event."""
    return {
        "_id": issue,
        "reported": None,
        "assignment": None,
        "case": None,
        "notices": [],
        **NOT_TOLD,
    }


def as_today(fact: Document) -> Document:
    """A kept fact in today's shape; the same document when it has it.

    Before cases had actions, a fact told their state and their assigned party each by itself; later
    it told no steps, then no point. ``suishoupai rebuild stats`` makes such facts anew.
    """
    if fact.keys() >= NOT_TOLD.keys():
        return fact
    return {**NOT_TOLD, **(fact if "case" in fact else _with_case(fact))}


def _with_case(fact: Document) -> Document:
    given, was, told = fact["assignment"], fact["state"], fact["reported"]
    party = {"id": given["party"], "kind": given["party_kind"]} if given else None
    return {
        **fact,
        "reported": told and {name: told[name] for name in ("at", "county")},
        "assignment": given and assignment(given["sequence"], given["grid"]),
        "case": told and was and case(was["sequence"], was["value"], told["category"], party),
    }


def learn(fact: Document, event: Event) -> Document:
    """The fact after an event; the same fact when the event tells nothing new."""
    return merge(fact, {**new_fact(event.subject), **_told(event)})


def merge(fact: Document, other: Document) -> Document:
    """What two facts of one issue tell together; commutative, associative and idempotent.

    Of two assignments or versions of the case the one with the higher sequence holds; steps are
    united by sequence. When the other tells nothing new, the very same fact is returned.
    """
    merged = {
        **fact,
        "reported": fact["reported"] or other["reported"],
        "assignment": _later(fact["assignment"], other["assignment"]),
        "case": _later(fact["case"], other["case"]),
        "notices": sorted({*fact["notices"], *other["notices"]}),
        "steps": _united(fact["steps"], other["steps"]),
        **{name: _known(fact[name], other[name]) for name in ORIGIN},
    }
    return fact if merged == fact else merged


def _later(one: Document | None, other: Document | None) -> Document | None:
    if one is None or other is None:
        return one or other
    return other if other["sequence"] > one["sequence"] else one


def _united(steps: list[Document], others: list[Document]) -> list[Document]:
    """The steps of both, by sequence. An event of an earlier version tells less of a step than its
    case: what one of two leaves out is taken from the other."""
    if not others:
        return steps
    known = {step["sequence"]: step for step in steps}
    for other in others:
        step = known.get(other["sequence"], {})
        names = step.keys() | other.keys()
        known[other["sequence"]] = {
            name: _known(step.get(name), other.get(name)) for name in sorted(names)
        }
    return [known[sequence] for sequence in sorted(known)]


def _known(one: Any, other: Any) -> Any:
    """What is known of two; never do they differ, and if they did, the order would not matter."""
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)


def counted_step(step: Step) -> Document:
    """A step as a fact holds it: {sequence, action, from, to, at, role, category, …}, without what
    there was not."""
    plain = dict(vars(step))
    plain |= {"from": plain.pop("source"), "to": plain.pop("target")}
    return {name: plain[name] for name in sorted(plain) if plain[name] is not None}


def origin(source: str | None, courier: bool | None, reporter: str) -> Document:
    """The part of a fact that tells how a report came. It names who was on patrol, and never a
    resident."""
    member = reporter if source == "patrol" else None
    return {"source": source, "courier": courier, "member": member}


def point(lng: float, lat: float) -> list[float]:
    """The part of a fact that tells where a report was made: WGS-84, degrees."""
    return [float(lng), float(lat)]


def reported(at: datetime, number: str) -> Document:
    """The part of a fact that a report makes; a case number begins with its county's code."""
    return {"at": at, "county": number[:6]}


def assignment(sequence: int, grid: str) -> Document:
    """The part of a fact that tells where an issue lies."""
    return {"sequence": sequence, "grid": grid}


def case(sequence: int, state: str, category: str, party: Document | None) -> Document:
    """The part of a fact that each version of a case makes: what it is and who has it."""
    return {
        "sequence": sequence,
        "state": state,
        "category": category,
        "party": party["id"] if party else None,
        "party_kind": party["kind"] if party else None,
    }


def is_telling(kind: str, recipient: str) -> bool:
    """Whether a notice tells a responsible party that it has a case."""
    return kind in TELLING and recipient.startswith("party:")


def _told(event: Event) -> Document:
    """The parts of a fact that an event tells; none of an event of the time before cases had
    actions, whose state its report and its assignment tell as well."""
    tell = _TOLD.get(event.type, _changed)
    return tell(event)


def _reported(event: Event) -> Document:
    data = event.data
    at = datetime.fromisoformat(data["reported_at"])
    step = Step(
        sequence=event.sequence,
        action="report",
        source=None,
        target="reported",
        at=at,
        role="reporter",
        category=data["category"]["code"],
        confidential=data["category"]["confidential"],
        urgent=None,
        party=None,
        party_kind=None,
    )
    return {
        "reported": reported(at, data["number"]),
        "case": case(event.sequence, "reported", data["category"]["code"], None),
        "steps": [counted_step(step)],
        **_origin(data),
    }


def _origin(data: Document) -> Document:
    """How the report came, and from where; earlier versions and most events do not say."""
    told = origin(data.get("source"), data.get("courier"), data["reporter"])
    where = data.get("location")
    return {**told, "point": point(where["lng"], where["lat"])} if where else told


def _assigned(event: Event) -> Document:
    return {"assignment": assignment(event.sequence, event.data["grid"]["code"])}


def _changed(event: Event) -> Document:
    data = event.data
    if "action" not in data:
        return {}
    party = data["responsible"] or {"id": None, "kind": None}
    rated = data if data["action"] == "rate" else {}
    step = Step(
        sequence=event.sequence,
        action=data["action"],
        source=data["from"],
        target=data["to"],
        at=datetime.fromisoformat(data["at"]),
        role=data["role"],
        category=data["category"]["code"],
        confidential=data["category"]["confidential"],
        urgent=data["urgent"],
        party=party["id"],
        party_kind=party["kind"],
        due_at=_instant(data["due_at"]),
        bundled_due_at=_instant(data.get("bundled_due_at")),
        on_time=data.get("on_time"),
        outcome=data["outcome"],
        solved=rated.get("solved"),
        satisfaction=rated.get("satisfaction"),
    )
    return {
        "case": case(event.sequence, data["to"], data["category"]["code"], data["responsible"]),
        "steps": [counted_step(step)],
        **_origin(data),
    }


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _noticed(event: Event) -> Document:
    data = event.data
    if not is_telling(data.get("kind", "dispatched"), data.get("recipient", "party:")):
        return {}
    return {"notices": [data["notice"]]}


_TOLD = {
    "issue.reported": _reported,
    "issue.assigned": _assigned,
    "notice.sent": _noticed,
}
"""Event type → the parts of a fact that it tells; every other type tells a version of the case."""


COUNTED = ("reported", "assigned", "noticed")
"""What is told of a single issue: whether it is reported, has a responsible party, and a party was
told; and since when it counts so."""


def figures(fact: Document) -> dict[str, int]:
    """1 for each of ``COUNTED`` that holds of an issue, else 0; nothing before its report."""
    if not fact["reported"]:
        return {}
    held = (True, fact["case"]["party"] is not None, bool(fact["notices"]))
    return dict(zip(COUNTED, map(int, held), strict=True))


def divisions_of(fact: Document) -> list[str]:
    """The divisions whose figures an issue counts in: all above its grid, or just the county."""
    if fact["assignment"]:
        return ancestry(fact["assignment"]["grid"])
    return [fact["reported"]["county"]] if fact["reported"] else []
