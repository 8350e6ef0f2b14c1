"""The words of the notices: templates by language and kind, checked when they are read.

A template names what is filled in by ``{name}``; nothing else in braces is taken. Pure, but for
reading the files once.
"""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from services.notify.tables import UnusableTable, one_of
from suishoupai.clock import LOCAL
from suishoupai.contracts.words import ACTIVITIES, LANGUAGES, NOTICE_KINDS

Document = dict[str, Any]

PARTS: Mapping[str, frozenset[str]] = {
    "subject": frozenset({"urgent", "title", "number"}),
    "urgent": frozenset(),
    "where": frozenset({"place", "address"}),
    "due": frozenset({"due_at", "activity"}),
    "reason": frozenset({"why"}),
    "party": frozenset({"party"}),
    "main": frozenset({"main"}),
    "count": frozenset({"title", "count"}),
    "between": frozenset(),
    "urgent_cases": frozenset({"count", "numbers"}),
}
"""Part of a text → the names it may use."""
NAMES = frozenset(
    {
        *("number", "category", "due_at", "activity", "urgent", "where", "due", "reason"),
        *("party", "main", "date", "urgent_cases", "counts", "division", "month", "link"),
    }
)
"""The names a notice's text may use."""
NEEDED = {"parts": PARTS, "activities": ACTIVITIES, "notices": NOTICE_KINDS}
UNKNOWN = "–"


@dataclass(frozen=True)
class Words:
    """Everything that is said in one language."""

    parts: Mapping[str, str]
    activities: Mapping[str, str]
    titles: Mapping[str, str]
    texts: Mapping[str, str]

    def subject(self, kind: str, facts: Document) -> str:
        """The heading of a notice, in one line."""
        number = facts["number"] or ""
        urgent = self.parts["urgent"] if facts["urgent"] else ""
        title = self.titles[kind]
        return self.parts["subject"].format(urgent=urgent, title=title, number=number).strip()

    def text(self, kind: str, facts: Document) -> str:
        """What a notice says."""
        return self.texts[kind].format(**self._filled(facts)).strip()

    def _filled(self, facts: Document) -> dict[str, str]:
        due_at = _local(facts["due_at"])
        activity = self.activities.get(facts["activity"] or "disposal", "")
        place, address, why = facts["place"] or "", facts["address"], facts["why"]
        return {
            "number": facts["number"] or "",
            "category": facts["category"] or UNKNOWN,
            "due_at": due_at or UNKNOWN,
            "activity": activity,
            "urgent": self._part("urgent", facts["urgent"]),
            "where": self._part("where", place or address, place=place, address=address),
            "due": self._part("due", due_at, due_at=due_at, activity=activity),
            "reason": self._part("reason", why, why=why),
            "party": self._part("party", facts["party"], party=facts["party"]),
            "main": self._part("main", facts["main"], main=facts["main"]),
            **self._summed_up(facts.get("digest")),
            **_reported(facts.get("report")),
        }

    def _part(self, name: str, present: object, **values: object) -> str:
        return self.parts[name].format(**values) if present else ""

    def _summed_up(self, digest: Document | None) -> dict[str, str]:
        """What only a digest says: its date, its urgent cases, how many notices of each kind."""
        if digest is None:
            return {"date": "", "urgent_cases": "", "counts": ""}
        urgent, counts = digest["urgent"], digest["counts"]
        between = self.parts["between"]
        numbers = between.join(urgent["numbers"])
        return {
            "date": digest["date"],
            "urgent_cases": self._part(
                "urgent_cases", urgent["count"], count=urgent["count"], numbers=numbers
            ),
            "counts": between.join(
                self.parts["count"].format(title=self.titles[kind], count=counts[kind])
                for kind in NOTICE_KINDS
                if counts.get(kind)
            ),
        }


Texts = Mapping[str, Words]
"""Language → its words."""


def _reported(report: Document | None) -> dict[str, str]:
    """What only the notice of a report says: of which division and month, and where it is."""
    names = ("division", "month", "link")
    return {name: str(report[name]) if report else "" for name in names}


def _local(at: datetime | None) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}" if at else ""


def read_texts(folder: Path) -> Texts:
    """The words of every language, from ``templates.LANGUAGE.yaml`` in a folder.

    Raises ``UnusableTable`` naming the line and the kind at fault.
    """
    return {name: _read(folder / f"templates.{name}.yaml") for name in LANGUAGES}


def _read(path: Path) -> Words:
    text = path.read_text(encoding="utf-8")
    try:
        lines = dict(_lines(yaml.compose(text), ()))
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UnusableTable(path, mark.line + 1 if mark else 1, str(error)) from error
    for where, reason in _faults(content):
        known = next(where[:n] for n in range(len(where), -1, -1) if where[:n] in lines or n == 0)
        raise UnusableTable(path, lines.get(known, 1), f"{'.'.join(where)}: {reason}")
    notices = content["notices"]
    return Words(
        parts=content["parts"],
        activities=content["activities"],
        titles={kind: notices[kind]["title"] for kind in NOTICE_KINDS},
        texts={kind: notices[kind]["text"] for kind in NOTICE_KINDS},
    )


def _lines(node: yaml.Node | None, at: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place = (*at, str(key.value))
            yield place, key.start_mark.line + 1
            yield from _lines(value, place)


def _faults(content: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where in the file something is wrong, and what; nothing else may be read after the first."""
    yield from _strange((), content, NEEDED)
    for section, names in NEEDED.items():
        yield from _strange((section,), content[section], names)
    for kind in NOTICE_KINDS:
        yield from _strange(("notices", kind), content["notices"][kind], ("title", "text"))
        yield from _misspelt(("notices", kind, "title"), content["notices"][kind]["title"], ())
        yield from _misspelt(("notices", kind, "text"), content["notices"][kind]["text"], NAMES)
    for part, allowed in PARTS.items():
        yield from _misspelt(("parts", part), content["parts"][part], allowed)
    for activity in ACTIVITIES:
        yield from _misspelt(("activities", activity), content["activities"][activity], ())


def _strange(
    where: tuple[str, ...], found: Any, needed: Collection[str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    if not isinstance(found, dict):
        yield where, f"must hold {', '.join(needed)}"
        return
    for name in needed:
        if name not in found:
            yield (*where, name), "is missing"
    for name in found:
        if name not in needed:
            yield (*where, str(name)), f"is unknown, {one_of(needed)}"


def _misspelt(
    where: tuple[str, ...], template: Any, allowed: Collection[str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    if not isinstance(template, str):
        yield where, "must be a text"
        return
    try:
        fields = list(string.Formatter().parse(template))
    except ValueError as error:
        yield where, str(error)
        return
    for _, name, form, conversion in fields:
        if name is not None and (name not in allowed or form or conversion):
            yield where, f"{{{name}}} is no name to fill in, {one_of(allowed)}"
