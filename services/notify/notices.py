"""What a notice holds and how it is shown: pure functions from an event to its notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.notify.changes import change_of, division_of, facts_of
from services.notify.recipients import listeners, readers
from services.notify.rules import Rule, Rules, recipients
from services.notify.texts import Words
from suishoupai.contracts.events import Event, new_event
from suishoupai.ids import new_id

Document = dict[str, Any]

SOURCE = "/notify"
KEY = ("issue", "sequence", "recipient")
"""What makes a notice one: a digest is about no issue, and its sequence is its local date."""


@dataclass(frozen=True)
class Ordered:
    """A notice that must be there, and the line of the rule table that says so."""

    notice: Document
    rule: Rule

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes it one."""
        return key_of(self.notice)


def key_of(notice: Document) -> tuple[Any, ...]:
    """The values of ``KEY``."""
    return tuple(notice[name] for name in KEY)


def notices_of(event: Event, rules: Rules, at: datetime) -> list[Ordered]:
    """The notices that an event causes, one for each recipient, each with its ``notice.sent``.

    Told twice, it is the same notice: unique by issue, sequence of the event, and recipient.
    ``told_as_well`` are the inboxes that another notice of the same event shows up in: whoever
    reads one of those too need not be shown this one.
    """
    found = recipients(change_of(event), rules)
    if not found:
        return []
    facts = facts_of(event)
    ordered, told = [], list[str]()
    # Reporters come last: no notice to anybody else may hold their names.
    for recipient in sorted(found, key=lambda key: key.startswith("account:")):
        rule = found[recipient]
        notice = _notice(event, facts, recipient, rule.kind, at)
        ordered.append(Ordered({**notice, "told_as_well": told}, rule))
        if not recipient.startswith("account:"):
            told = [*told, *listeners(recipient)]
    return ordered


def _notice(event: Event, facts: Document, recipient: str, kind: str, at: datetime) -> Document:
    notice_id, division = new_id(at), division_of(event)
    category = event.data.get("category")
    confidential = bool(category and category["confidential"])
    return {
        "_id": notice_id,
        "issue": event.subject,
        "kind": kind,
        "sequence": event.sequence,
        "recipient": recipient,
        "party": party_of(recipient),
        "readers": readers(recipient, division, confidential),
        "division": division,
        "urgent": facts["urgent"],
        "number": facts["number"],
        "category": category and {name: category[name] for name in ("code", "name")},
        "address": facts["address"],
        "facts": facts,
        "channel": "inbox",
        "sent_at": at,
        "outbox": [_sent(event, notice_id, kind, recipient, at).to_dict()],
    }


def party_of(recipient: str) -> str | None:
    """Id of the party whose inbox it is, or None for another's."""
    kind, _, name = recipient.partition(":")
    return name if kind == "party" else None


def _sent(event: Event, notice_id: str, kind: str, recipient: str, at: datetime) -> Event:
    return new_event(
        "notice.sent",
        source=SOURCE,
        subject=event.subject,
        sequence=1,
        trace=event.trace,
        data={
            "notice": notice_id,
            "number": event.data["number"],
            "kind": kind,
            "recipient": recipient,
            "channel": "inbox",
            "at": at.isoformat(),
        },
    )


def about(notice: Document) -> str:
    """What a notice tells of, the same for all who are told: a person gets it once by a channel,
    through however many inboxes."""
    if notice["kind"] == "monthly_report":
        return f"report:{notice['sequence']}"
    if notice["issue"] is None:
        return f"digest:{notice['sequence']}:{notice['recipient']}"
    return f"{notice['issue']}:{notice['sequence']}"


def shown(notice: Document, words: Words, is_read: bool) -> Document:
    """A notice as its reader sees it, in the reader's language.

    One of before notices had facts says what it said then.
    """
    kind = notice["kind"]
    names = ("issue", "number", "party", "category", "address", "channel", "recipient", "urgent")
    if "facts" in notice:
        facts = notice["facts"]
        said = {"title": words.subject(kind, facts), "text": words.text(kind, facts)}
    else:
        said = {"title": words.titles[kind], "text": notice["text"]}
    return {
        "id": notice["_id"],
        "kind": kind,
        **{name: notice[name] for name in names},
        **said,
        "link": notice.get("facts", {}).get("report", {}).get("link"),
        "read": is_read,
        "sent_at": notice["sent_at"].isoformat(),
    }
