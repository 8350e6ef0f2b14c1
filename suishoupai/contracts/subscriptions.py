"""Which service takes which events, for which purpose: one quorum queue for each line."""

from __future__ import annotations

from dataclasses import dataclass

from suishoupai.contracts.events import CHANGES, REPORTS


@dataclass(frozen=True)
class Subscription:
    """One consumer: its service, what it does with the events, and their types."""

    service: str
    purpose: str
    event_types: tuple[str, ...]


SUBSCRIPTIONS = (
    Subscription("grid", "assign", ("issue.reported", "issue.recategorised")),
    Subscription("issues", "dispatch", ("issue.assigned",)),
    Subscription("notify", "tell", CHANGES),
    Subscription("notify", "reports", REPORTS),
    Subscription("gateway", "stream", ("issue.reported", *CHANGES)),
    Subscription("gateway", "webhooks", ("issue.reported", *CHANGES)),
    Subscription("stats", "count", ("issue.reported", "issue.assigned", *CHANGES, "notice.sent")),
)


def find_subscription(service: str, purpose: str, event_types: tuple[str, ...]) -> Subscription:
    """The line of that service and purpose; raises ``LookupError`` when it is not declared here.

    A queue that only its consumer knows would miss what is published before its first start.
    """
    wanted = Subscription(service, purpose, event_types)
    if wanted not in SUBSCRIPTIONS:
        raise LookupError(f"{wanted} is not in suishoupai.contracts.subscriptions")
    return wanted


def subscriptions_of(service: str) -> list[Subscription]:
    """The lines of one service."""
    return [line for line in SUBSCRIPTIONS if line.service == service]
