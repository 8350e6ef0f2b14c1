"""Asks the questions of the table, in this process and with what changes from time to time drawn
anew: the very methods that answer for the API, called by whoever has the division."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from pymongo.database import Database

from bench.county import DemoCounty
from bench.questions import BY_ITSELF, Question
from services.stats.definitions import current
from services.stats.periods import end_of, start_of
from services.stats.service import StatsService
from services.stats.store import StatsStore
from suishoupai.access import Caller
from suishoupai.clock import LOCAL, local_day
from suishoupai.divisions import LEVELS

Document = dict[str, Any]
Span = tuple[datetime, datetime]

YEARS = timedelta(days=730)
BOX_DEGREES = 0.06
"""About 6 km: a screen of the map at the zoom that is asked for."""


class Asking:
    """The stats service over filled figures."""

    def __init__(self, database: Database[Document], county: DemoCounty, until: datetime) -> None:
        """``until``: the last instant that the figures tell of."""
        self._county, self._until = county, until
        self._service = StatsService()
        self._service.store = StatsStore(database)  # type: ignore[assignment]
        self._service.county = county.outline
        self._lengths = {level: length for length, level in LEVELS.items()}
        day = local_day(until)
        self._indicators = [each.id for each in current().in_force(day)]

    def prepare(self) -> None:
        """Does what the service does by itself from time to time."""
        for method in BY_ITSELF:
            if hasattr(StatsService, method):
                getattr(self._service, method)()

    def knows(self, question: Question) -> bool:
        """Whether the service has an answer to it."""
        return hasattr(StatsService, question.method)

    def prepared(self, question: Question, chance: random.Random) -> Callable[[], Any]:
        """A question with everything drawn, to be asked and timed."""
        spot = self._county.spot(chance, None)
        division = spot.grid[: self._lengths[question.level]]
        terms = self._terms(spot.lng, spot.lat, chance)
        filters: Document = {"division": division, **self._span(question.span, chance)}
        filters |= _filled(question.filters, terms)
        caller = Caller("bench", ("supervisor",), division=division)
        answers = getattr(StatsService, question.method).__wrapped__
        arguments = _filled(question.arguments, terms)
        return lambda: answers(self._service, caller, **arguments, filters=filters)

    def _terms(self, lng: float, lat: float, chance: random.Random) -> Mapping[str, str]:
        half = BOX_DEGREES / 2
        west, south, east, north = lng - half, lat - half, lng + half, lat + half
        return {
            "category": chance.choice(("06010", "06012", "09010", "91001", "01037")),
            "party": chance.choice(self._county.parties)["_id"],
            "member": f"member-{chance.randint(1, 270):04d}",
            "indicator": chance.choice(self._indicators),
            "box": f"{west:.6f},{south:.6f},{east:.6f},{north:.6f}",
        }

    def _span(self, span: str, chance: random.Random) -> dict[str, str]:
        if not span:
            return {}
        since, until = DRAWN[span](self._until, chance)
        return {"from": since.isoformat(), "to": until.isoformat()}


def _filled(given: Mapping[str, str], terms: Mapping[str, str]) -> dict[str, str]:
    return {name: value.format_map(terms) for name, value in given.items()}


def _whole(period: str, until: datetime, chance: random.Random) -> Span:
    """A whole period of the two years; the one that runs is as far as it has come."""
    at = until - YEARS * chance.random()
    return start_of(period, at), end_of(period, at)


def _odd(until: datetime, chance: random.Random) -> Span:
    """From some minute to another, 40 to 400 days later."""
    length = timedelta(minutes=chance.randint(40 * 1440, 400 * 1440))
    since = until - YEARS + (YEARS - length) * chance.random()
    since = since.replace(microsecond=0)
    return since, since + length


def _days(until: datetime, chance: random.Random) -> Span:
    """From some day to another, as dates are picked."""
    since, to = _odd(until, chance)
    return start_of("day", since), end_of("day", to)


def _all(until: datetime, chance: random.Random) -> Span:
    first = local_day(until - YEARS)
    return datetime.combine(first, time(), LOCAL).astimezone(UTC), until


DRAWN: Mapping[str, Callable[[datetime, random.Random], Span]] = {
    "month": lambda until, chance: _whole("month", until, chance),
    "quarter": lambda until, chance: _whole("quarter", until, chance),
    "year": lambda until, chance: _whole("year", until, chance),
    "two years": _all,
    "days": _days,
    "odd range": _odd,
}
"""Name of a span of the table → how it is drawn."""
