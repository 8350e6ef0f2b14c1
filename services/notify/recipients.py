"""Who is meant by a role in a case, and which inboxes a notice can be read in. Pure functions.

A recipient is the key of an inbox: ``account:NAME``, ``party:ID``, ``dispatcher:COMMUNITY``,
``supervisor:TOWN`` or ``supervisor:COUNTY``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from suishoupai.divisions import ancestry
from suishoupai.truth.records import Told


def _reporters(change: Told) -> list[str]:
    names = dict.fromkeys([change.reporter, *change.followers])
    return [f"account:{name}" for name in names if name]


def _dispatchers(change: Told) -> list[str]:
    # A confidential case passes its community by (DOMAIN: special routing).
    return [] if change.confidential else _key("dispatcher", change.community)


def _key(kind: str, name: str | None) -> list[str]:
    return [f"{kind}:{name}"] if name else []


ROLES: Mapping[str, Callable[[Told], list[str]]] = {
    "reporter": _reporters,
    "party": lambda change: _key("party", change.party),
    "previous": lambda change: _key("party", change.previous),
    "dispatcher": _dispatchers,
    "town": lambda change: _key("supervisor", change.town),
    "county": lambda change: _key("supervisor", change.county),
}
"""Role in the rule table → the recipients it means in a case."""


def listeners(recipient: str) -> list[str]:
    """The inboxes that show what is sent to a recipient: its own, and for a division those of its
    role in the divisions above, the highest first."""
    kind, _, name = recipient.partition(":")
    if kind in ("dispatcher", "supervisor"):
        return [f"{kind}:{code}" for code in ancestry(name)]
    return [recipient]


def subscriptions(recipient: str) -> list[str]:
    """The inboxes whose people get a message of their own.

    A dispatcher of a town does the work of all its communities; a supervisor of the county reads
    what the towns are told, and is not woken by it.
    """
    return listeners(recipient) if recipient.startswith("dispatcher:") else [recipient]


def readers(recipient: str, division: str | None, confidential: bool) -> list[str]:
    """Every key by which a notice may be read: its inboxes, ``under:CODE`` for whoever sees a whole
    division, and ``under:`` for whoever sees everything. A confidential case is under its town and
    county only."""
    lowest = 9 if confidential else 15
    above = ["", *(ancestry(division) if division else ())]
    return [*listeners(recipient), *(f"under:{code}" for code in above if len(code) <= lowest)]
