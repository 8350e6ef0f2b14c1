"""What streams read from: the last happenings in memory, and for who is behind those, the log.

Pure but for the page it reads from the log. Memory is bounded by ``KEPT``, however many read and
however slowly: a stream is a position in the log, and nothing waits for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

from services.gateway.live import frames
from services.gateway.live.happenings import Document, shown_left
from suishoupai.access import Reach, Whereabouts, lies_within

KEPT = 2_000
"""Happenings in memory."""
PAGE = 40
"""Most happenings looked at, and told, at once: a thousand streams may each hold as many."""


class Gap(LookupError):
    """What follows a position is not in the log any more, or never was."""


@dataclass(frozen=True)
class Entry:
    """One line of the log, ready to be sent."""

    number: int
    """Its place in the log; the next has the next number."""
    type: str
    whereabouts: Whereabouts
    left: tuple[Whereabouts, ...]
    shown: Document

    @cached_property
    def whole(self) -> bytes:
        """The frame for who sees the case."""
        return frames.frame(self.type, self.number, self.shown)

    @cached_property
    def farewell(self) -> bytes:
        """The frame for who does not see it any more."""
        return frames.frame(self.type, self.number, shown_left(self.shown))


@dataclass(frozen=True)
class Wanted:
    """What a stream is to tell: what lies within a reach, narrowed."""

    limits: Reach
    types: frozenset[str] = frozenset()
    """Types of events; empty for all."""
    division: str | None = None
    """Code of a division that the cases lie in."""

    def frame(self, entry: Entry) -> bytes | None:
        """What is told of an entry, or None."""
        if self.types and entry.type not in self.types:
            return None
        if self._sees(entry.whereabouts):
            return entry.whole
        return entry.farewell if any(map(self._sees, entry.left)) else None

    def _sees(self, case: Whereabouts) -> bool:
        inside = self.division is None or self.division in case.divisions
        return inside and lies_within(self.limits, case)


@dataclass(eq=False)
class Audience:
    """All streams that are told the same."""

    wanted: Wanted
    latest: int
    """Number of the last happening that may concern it."""
    members: set[Any] = field(default_factory=set)


class Feed:
    """The end of the log in memory, and who reads it."""

    def __init__(
        self, read_page: Callable[[int, int], Sequence[Entry]], kept: int = KEPT, page: int = PAGE
    ) -> None:
        """``read_page``: at most so many entries of the log after a number, in order."""
        self._read_page = read_page
        self._page = page
        self._ring: deque[Entry] = deque(maxlen=kept)
        self._audiences: dict[Wanted, Audience] = {}
        self.last = 0
        """Number of the last entry it knows of."""

    def begin(self, number: int) -> None:
        """Goes on after this number, whatever was before it: that is in the log."""
        self._ring.clear()
        self.last = number
        for audience in self._audiences.values():
            audience.latest = number

    def extend(self, entries: Sequence[Entry]) -> list[Audience]:
        """Takes the next entries of the log; says whom they concern."""
        if not entries:
            return []
        if entries[0].number != self.last + 1:
            # The log was begun anew under our hands; its readers find that out when they read it.
            self.begin(entries[-1].number)
            return list(self._audiences.values())
        self._ring.extend(entries)
        self.last = entries[-1].number
        return [audience for audience in self._audiences.values() if _concerns(entries, audience)]

    def join(self, wanted: Wanted, member: Any) -> Audience:
        """Makes somebody a member of the audience that wants this."""
        audience = self._audiences.setdefault(wanted, Audience(wanted, self.last))
        audience.members.add(member)
        return audience

    def leave(self, audience: Audience, member: Any) -> None:
        """Lets a member go; leaving again changes nothing."""
        audience.members.discard(member)
        if not audience.members:
            self._audiences.pop(audience.wanted, None)

    def take(self, audience: Audience, position: int) -> tuple[int, list[bytes]]:
        """How far a reader at ``position`` has got after a page, and what it is told on the way.

        Raises ``Gap`` when the log does not go on from there.
        """
        if position >= audience.latest:
            return max(position, self.last), []
        entries = self._after(position)
        told = [told for entry in entries if (told := audience.wanted.frame(entry))]
        return entries[-1].number, told

    def _after(self, position: int) -> Sequence[Entry]:
        first = self.last - len(self._ring)
        if position >= first:
            return list(islice(self._ring, position - first, position - first + self._page))
        entries = self._read_page(position, self._page)
        if not entries or entries[-1].number - position != len(entries):
            raise Gap(position)
        return entries


def _concerns(entries: Sequence[Entry], audience: Audience) -> bool:
    numbers = [entry.number for entry in entries if audience.wanted.frame(entry)]
    if numbers:
        audience.latest = numbers[-1]
    return bool(numbers)
