"""Repeat places (重复投诉点): points complained about again and again (DOMAIN: indicators). Pure
functions.

What is looked at are the complaints of 30 days (``SPAN``). The one with the most complaints within
``WITHIN_METRES`` of it, itself among them, is the centre of a place; of several the latest, of
those the one with the lowest id. The place is made of all of these; they are taken out, and so it
goes on while there is one with ``LEAST``. So every complaint is in one place at most.

Every report is a complaint, one that was merged too: that the same is reported again is what is
looked for. Those in ``NO_COMPLAINT`` were taken back or were none. Confidential cases are never in
a place (the caller leaves them out): where they lie, nobody is told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from math import asin, cos, degrees, floor, radians, sin
from typing import Any

from suishoupai.distance import EARTH_RADIUS, Point, metres_between
from suishoupai.divisions import LEVELS

Document = dict[str, Any]

WITHIN_METRES = 50.0
SPAN = timedelta(days=30)
LEAST = 3
"""Complaints that make a place."""
COUNTED = (3, 5)
"""It is told how many places have at least so many."""
NO_COMPLAINT = ("rejected", "withdrawn", "void")
"""States of cases that do not count."""


@dataclass(frozen=True)
class Complaint:
    """A case as far as it makes a place."""

    id: str
    at: datetime
    """When it was reported."""
    point: Point
    category: str
    divisions: tuple[str, ...]
    """Codes of the divisions it lies in, the county first."""


@dataclass(frozen=True)
class Place:
    """A point and the complaints around it, in the order in which they were made."""

    centre: Complaint
    complaints: tuple[Complaint, ...]

    def to_dict(self) -> Document:
        """As it is kept and answered: {lng, lat, cases, first_at, last_at, categories, community,
        grid, divisions}; the most frequent category first."""
        categories = Counter(each.category for each in self.complaints)
        lies_in = {LEVELS[len(code)]: code for code in self.centre.divisions}
        lng, lat = self.centre.point
        return {
            "lng": lng,
            "lat": lat,
            "cases": len(self.complaints),
            "first_at": self.complaints[0].at,
            "last_at": self.complaints[-1].at,
            "categories": [
                {"code": code, "cases": cases}
                for code, cases in sorted(categories.items(), key=lambda each: (-each[1], each[0]))
            ],
            "community": lies_in.get("community"),
            "grid": lies_in.get("grid"),
            "divisions": list(self.centre.divisions),
        }


def complaints_of(facts: Iterable[Document]) -> list[Complaint]:
    """The complaints among the facts of cases that may be shown on a map."""
    return [
        Complaint(
            fact["_id"],
            fact["reported"]["at"],
            (fact["point"][0], fact["point"][1]),
            fact["case"]["category"],
            tuple(fact["divisions"]),
        )
        for fact in facts
        if fact["case"]["state"] not in NO_COMPLAINT
    ]


def found_places(complaints: Sequence[Complaint]) -> list[Place]:
    """The places of these complaints, those with the most first.

    Complaints at the very same point are one site: whatever is near one is near all. Time: the
    number of pairs of sites near each other, not of all. No point may lie across the 180th
    meridian from another.
    """
    sites = _sites(complaints)
    near = _near([site[0].point for site in sites])
    cases = [len(site) for site in sites]
    around = [sum(cases[other] for other in near[site]) for site in range(len(sites))]
    order = [
        (-around[n], -site[-1].at.timestamp(), _lowest_id(site), n)
        for n, site in enumerate(sites)
        if around[n] >= LEAST
    ]
    heapify(order)
    found = []
    while order:
        amount, last, lowest, centre = heappop(order)
        if cases[centre] and around[centre] == -amount:
            taken = [site for site in near[centre] if cases[site]]
            found.append(_place(sites, centre, taken))
            _take_out(taken, near, cases, around)
        elif cases[centre] and around[centre] >= LEAST:
            heappush(order, (-around[centre], last, lowest, centre))
    return found


def _sites(complaints: Iterable[Complaint]) -> list[list[Complaint]]:
    """The complaints of each point, in the order in which they were made."""
    sites: defaultdict[Point, list[Complaint]] = defaultdict(list)
    for each in sorted(complaints, key=lambda each: (each.at, each.id)):
        sites[each.point].append(each)
    return list(sites.values())


def _centre(site: Sequence[Complaint]) -> Complaint:
    """The latest of a site; of several the one with the lowest id."""
    return min((each for each in site if each.at == site[-1].at), key=lambda each: each.id)


def _lowest_id(site: Sequence[Complaint]) -> str:
    return _centre(site).id


def _place(sites: Sequence[Sequence[Complaint]], centre: int, taken: Iterable[int]) -> Place:
    made_of = [each for site in taken for each in sites[site]]
    made_of.sort(key=lambda each: (each.at, each.id))
    return Place(_centre(sites[centre]), tuple(made_of))


def _take_out(
    taken: Iterable[int], near: Sequence[Sequence[int]], cases: list[int], around: list[int]
) -> None:
    for site in taken:
        for other in near[site]:
            around[other] -= cases[site]
        cases[site] = 0


def _near(points: Sequence[Point]) -> list[list[int]]:
    """Of each point the numbers of those within ``WITHIN_METRES``, its own among them.

    Points are sorted into squares so large that only those of neighbouring ones can be near.
    """
    width, height = _square(points)
    squares: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    near: list[list[int]] = []
    for number, point in enumerate(points):
        near.append([number])
        x, y = floor(point[0] / width), floor(point[1] / height)
        beside = [(x + east, y + north) for east in (-1, 0, 1) for north in (-1, 0, 1)]
        for other in (other for square in beside for other in squares.get(square, ())):
            if metres_between(point, points[other]) <= WITHIN_METRES:
                near[number].append(other)
                near[other].append(number)
        squares[x, y].append(number)
    return near


def _square(points: Iterable[Point]) -> tuple[float, float]:
    """Width and height in degrees that points within ``WITHIN_METRES`` never differ by more."""
    angle = WITHIN_METRES / EARTH_RADIUS
    furthest = radians(max((abs(lat) for _, lat in points), default=0.0))
    half = sin(angle / 2) / max(cos(furthest), sin(angle / 2))
    margin = 1.000001  # for what rounding takes off
    return degrees(2 * asin(half)) * margin, degrees(angle) * margin
