"""What is asked for a report, one question after the other: a pure function of what was answered so
far, so that whoever takes a report up goes on where another was killed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.gateway.reports.months import bounds
from suishoupai.contracts.questions import LONGEST_PAGE
from suishoupai.divisions import LEVELS

Document = dict[str, Any]
Answers = Mapping[str, Any]
"""Key of a question → its answer."""

GROUPS = {"county": "town", "town": "community", "community": "grid"}
"""Level of a division → what lies below it and is ranked."""
MOST = 10
"""Categories and parties that a report names."""


@dataclass(frozen=True)
class Question:
    """One question to a service."""

    key: str
    service: str
    name: str
    arguments: Document


def has_reports(division: str) -> bool:
    """Whether there are reports of a division: of a county, a town or a community."""
    return LEVELS.get(len(division)) in GROUPS


def questions(division: str, month: str, answers: Answers) -> Iterator[Question]:
    """All that is known so far to be asked, in order; more comes up with the answers.

    The comparison is asked first: of a month that is not over it says up to when it goes, and so
    far everything else goes too.
    """
    since, until = bounds(month)
    span = {"division": division, "from": since.isoformat(), "to": until.isoformat()}
    yield _figures("comparison", "comparison", span)
    if "comparison" not in answers:
        return
    span["to"] = answers["comparison"]["to"]
    group = GROUPS[LEVELS[len(division)]]
    yield _figures("indicators", "indicators", span)
    yield _figures("trend", "trend", {**span, "period": "day"})
    yield _figures("categories", "top", {**span, "by": "category", "limit": str(MOST)})
    yield _figures("parties", "top", {**span, "by": "party", "limit": str(MOST)})
    yield _figures("funnel", "funnel", span)
    yield _figures("ranking", "ranking", {**span, "group": group})
    yield Question("catalogue", "issues", "categories", {})
    yield from _parties(span, answers)
    for code in children(answers):
        yield _figures(f"child {code}", "indicators", {**span, "division": code})


def children(answers: Answers) -> list[str]:
    """The codes of the divisions one level below, by code."""
    ranking = answers.get("ranking", {"rows": [], "unranked": []})
    return sorted(unit["code"] for part in ("rows", "unranked") for unit in ranking[part])


def of_parties(answers: Answers) -> list[str]:
    """The ids of the parties with the most cases, in that order."""
    return [item["value"] for item in answers.get("parties", {"items": []})["items"]]


def names_of_parties(answers: Answers) -> dict[str, str]:
    """Id → name of the parties that were answered so far."""
    pages = (answers[key] for key in answers if key.startswith("names "))
    return {row["id"]: row["name"] for page in pages for row in page["items"]}


def _parties(span: Document, answers: Answers) -> Iterator[Question]:
    """The figures of each party with the most cases; and pages of parties until each of them has
    its name."""
    wanted = of_parties(answers)
    for party in wanted:
        yield _figures(f"party {party}", "indicators", {**span, "cut": "party", "value": party})
    cursor: str | None = "" if wanted else None
    named = set[str]()
    while cursor is not None:
        key = f"names {cursor}"
        filters = {"division": span["division"], "limit": str(LONGEST_PAGE), "cursor": cursor}
        yield Question(key, "grid", "parties", {"filters": filters})
        if key not in answers:
            return
        named |= {row["id"] for row in answers[key]["items"]}
        cursor = None if named.issuperset(wanted) else answers[key]["next"]


def _figures(key: str, name: str, filters: Document) -> Question:
    return Question(key, "stats", name, {"filters": filters})
