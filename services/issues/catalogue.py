"""The catalogue as dated data: what is in force when, and what an import of a file changes.

A row is one version of a category. It is in force on the local dates from ``valid_from`` to before
``valid_to``, or for good when that is None: ``valid_to`` is the first day on which it no longer
is, and so the ``valid_from`` of what follows it. Versions of one code never overlap. A case keeps
the row it was filed under, whatever becomes of the catalogue (DOMAIN: catalogue).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

Document = dict[str, Any]
Versions = Sequence[Document]
"""The versions of one code, in the order in which they begin."""

PERIOD = ("valid_from", "valid_to")
"""Fields of a row: ISO 8601 local dates."""

CONTENT = (
    "kind",
    "major_name",
    "name",
    "responsible",
    "limit",
    "limit_unit",
    "limit_basis",
    "confidential",
    "auto_dispatch",
    "filing_condition",
    "check_limit",
    "check_unit",
    "extensible",
    "emergency",
)
"""What a row says of its category."""

NEVER = "9999-99-99"
"""After every date."""


@dataclass(frozen=True)
class Step:
    """What becomes of a code on a local date; of a changed one also field, old and new value."""

    code: str
    name: str
    on: str
    fields: tuple[tuple[str, Any, Any], ...] = ()


@dataclass(frozen=True)
class Changes:
    """What an import changes, by code, and what has to be written for it."""

    added: tuple[Step, ...]
    """Codes that begin on a date on which they were not in force."""
    changed: tuple[Step, ...]
    ended: tuple[Step, ...]
    """Codes that from a date on are no longer in force."""
    unchanged: tuple[str, ...]
    """Codes of the file that stay as they are."""
    missing: tuple[str, ...]
    """Codes in force that are not in the file, and stay as they are."""
    written: tuple[Document, ...]
    """Versions as they shall be: new ones, and old ones with another end."""
    replaced: tuple[Document, ...]
    """Versions as they were that will be gone, or say something else."""

    @property
    def nothing(self) -> bool:
        """Whether everything stays as it is."""
        return not self.written and not self.replaced


def compare(
    present: Iterable[Document], wanted: Iterable[Document], on: date, end_missing: bool = False
) -> Changes:
    """What must change so that from a local date on the catalogue is as the wanted rows say.

    What was in force before that date stays as it was. A wanted code whose first row begins later
    stays until then as it is, too; a row that began earlier (or does not say when) begins on the
    date. A code that is not wanted stays, unless ``end_missing``.
    """
    start, old, new = on.isoformat(), by_code(present), by_code(wanted)
    parts: dict[str, list[Any]] = {field.name: [] for field in fields(Changes)}
    for code in sorted({*old, *new}):
        before = after = old.get(code, [])
        if code in new:
            after = _followed(before, new[code], start)
        elif end_missing:
            after = _until(before, start)
        elif any(_end(version) > start for version in before):
            parts["missing"].append(code)
        if before != after:
            _take(parts, before, after)
        elif code in new:
            parts["unchanged"].append(code)
    return Changes(**{name: tuple(part) for name, part in parts.items()})


def overwritten(changes: Changes, today: date) -> list[str]:
    """Codes of which a version would be gone that began today or before, and so was in force."""
    begun = today.isoformat()
    return sorted({row["code"] for row in changes.replaced if row["valid_from"] <= begun})


def in_force(versions: Iterable[Document], day: str) -> Document | None:
    """The version of a code that is in force on a local date, or None."""
    for version in versions:
        if version["valid_from"] <= day < _end(version):
            return version
    return None


def by_code(rows: Iterable[Document]) -> dict[str, list[Document]]:
    """The rows of each code, in the order in which they begin."""
    found = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["valid_from"] or ""):
        found[row["code"]].append(row)
    return dict(found)


def from_day(rows: Iterable[Document], on: date) -> list[Document]:
    """The rows that are in force on a local date or later: wanted again, they change nothing."""
    return [row for row in rows if _end(row) > on.isoformat()]


def overlap(one: Document, other: Document) -> bool:
    """Whether both rows are in force on some day; one without ``valid_from`` always was."""
    return (one["valid_from"] or "") < _end(other) and (other["valid_from"] or "") < _end(one)


def _end(row: Document) -> str:
    end: str | None = row["valid_to"]
    return end or NEVER


def _followed(before: Versions, wanted: Versions, start: str) -> list[Document]:
    """What is before, and from the first wanted row on only what is wanted."""
    kept = _until(before, max(start, wanted[0]["valid_from"] or start))
    new = [_version(row, start) for row in wanted if _end(row) > start]
    if kept and new and _goes_on(kept[-1], new[0]) and not _begins(before, new[0]):
        new[0] = {**kept.pop(), "valid_to": new[0]["valid_to"]}
    return kept + new


def _until(versions: Versions, day: str) -> list[Document]:
    """The versions without what would be in force on the day or later."""
    return [
        version if _end(version) <= day else {**version, "valid_to": day}
        for version in versions
        if version["valid_from"] < day
    ]


def _version(row: Document, start: str) -> Document:
    """A wanted row as it is kept, in force from ``start`` on at the earliest."""
    begins = max(row["valid_from"] or start, start)
    content = {name: row[name] for name in ("code", *CONTENT)}
    period = {"valid_from": begins, "valid_to": row["valid_to"]}
    return {"_id": f"{row['code']}@{begins}", **content, **period}


def _goes_on(version: Document, following: Document) -> bool:
    return bool(version["valid_to"] == following["valid_from"]) and _same(version, following)


def _begins(versions: Versions, wanted: Document) -> bool:
    """Whether one of the versions begins with the wanted one and says the same."""
    return any(each["_id"] == wanted["_id"] and _same(each, wanted) for each in versions)


def _same(one: Document, other: Document) -> bool:
    return all(one[name] == other[name] for name in CONTENT)


def _take(parts: dict[str, list[Any]], before: Versions, after: Versions) -> None:
    """Adds what becomes of a code."""
    later = {version["_id"]: version for version in after}
    parts["written"] += (new := [version for version in after if version not in before])
    parts["replaced"] += (
        old for old in before if old["_id"] not in later or not _same(old, later[old["_id"]])
    )
    parts["ended"] += _ended(before, after)
    for version in new:
        was = in_force(before, version["valid_from"])
        if was is None:
            parts["added"].append(_step(version, version["valid_from"]))
        elif differences := tuple(_differences(was, version)):
            parts["changed"].append(_step(version, version["valid_from"], differences))


def _ended(before: Versions, after: Versions) -> Iterator[Step]:
    """The first day on which the code was in force before, and is not after."""
    days = {version["valid_from"] for version in before} | {_end(version) for version in after}
    for day in sorted(days):
        was = in_force(before, day)
        if was and not in_force(after, day):
            yield _step(was, day)
            return


def _differences(was: Document, now: Document) -> Iterator[tuple[str, Any, Any]]:
    for name in CONTENT:
        if was[name] != now[name]:
            yield name, was[name], now[name]
    if _same(was, now) and _end(now) > _end(was):
        yield "valid_to", was["valid_to"], now["valid_to"]


def _step(row: Document, on: str, differences: tuple[tuple[str, Any, Any], ...] = ()) -> Step:
    return Step(row["code"], row["name"], on, differences)
