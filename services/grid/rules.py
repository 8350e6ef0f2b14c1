"""The routing rules as data: what a row of ``routing.csv`` says, and whether it speaks of a case.

A row either decides (names who gets the case) or bars (names who must never get it). It speaks of
a case when all that it says of date, category, place and responsible words fits; an empty cell
fits everything. Rules that bar are looked at first, all of them; then those that decide, by their
order. Rules of the same order are for different responsible words: of those the word that the
catalogue names first comes first.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from suishoupai.contracts.problems import Problem
from suishoupai.contracts.words import PARTY_KINDS

Document = dict[str, Any]

FILE = "routing.csv"
"""The file in the county's folder."""

COMPOUND_PROPERTY = "本小区物业"
COMMUNITY = "社区"
TOWN = "镇街"
DEPARTMENT = "部门"
INSIDE, OUTSIDE = "小区内", "小区外"
PLACEHOLDERS = ("小区", "责任", "社区", "镇街")
"""What a reason may hold in braces: names of the place, and the responsible word that fitted."""
PLACEHOLDER = re.compile(r"{(.*?)}")

ANY_WORD, OTHER_THAN = "*", "!"


class InvalidRules(Problem):
    """A set of rules that cannot be used; says every line and field at fault."""

    def __init__(self, faults: Iterable[str]) -> None:
        super().__init__("invalid", f"{FILE}: {'; '.join(faults)}")


@dataclass(frozen=True)
class Matter:
    """What rules look at: a category's code and responsible words, the place, the local date."""

    category: str
    responsible: tuple[str, ...]
    in_compound: bool
    on: date


@dataclass(frozen=True)
class Rule:
    """One row: conditions (empty fits everything), and whom it names or bars."""

    id: str
    order: int
    valid_from: date
    valid_to: date | None
    """The first local date on which it is no longer in force; None for open."""
    category: str
    """A code (``92001``) or the beginning of codes (``94*``)."""
    responsible: tuple[str, ...]
    """Words of which one must be the category's; ``*`` any, ``!社区`` any other than those."""
    place: str
    decides: str
    """本小区物业, 社区, 镇街, 部门 (whose duty the word is) or 部门:城管 (of that duty)."""
    bars: tuple[str, ...]
    """本小区物业, or kinds of party."""
    clear: bool
    """Whether the party is named by what the case is, not for want of any other."""
    reason: str

    def in_force(self, on: date) -> bool:
        """Whether the rule holds on a local date."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    def names(self, word: str) -> bool:
        """Whether a responsible word is one of those that the rule is for."""
        first, *others = self.responsible
        if first.startswith(OTHER_THAN):
            return word not in (first.removeprefix(OTHER_THAN), *others)
        return first == ANY_WORD or word in self.responsible


def misfit(rule: Rule, matter: Matter) -> str:
    """Why a rule does not speak of a case, for people to read; empty when it does."""
    if matter.on < rule.valid_from:
        return f"{rule.valid_from}起才施行"
    if not rule.in_force(matter.on):
        return f"已于{rule.valid_to}失效"
    if not _covers(rule.category, matter.category):
        return f"只适用于类别{rule.category}"
    if rule.place and (rule.place == INSIDE) != matter.in_compound:
        return f"只适用于{rule.place}"
    return "" if words(rule, matter) else f"责任单位中没有{_meant(rule.responsible)}"


def _meant(responsible: Sequence[str]) -> str:
    if responsible[0] == ANY_WORD:
        return "任何单位"
    others = "以外的单位" if responsible[0].startswith(OTHER_THAN) else ""
    return f"“{'、'.join(responsible).removeprefix(OTHER_THAN)}”{others}"


def words(rule: Rule, matter: Matter) -> list[tuple[int, str]]:
    """The responsible words of a case that a rule is for, each after its position; one empty word
    when the rule is for any case."""
    if not rule.responsible:
        return [(0, "")]
    return [pair for pair in enumerate(matter.responsible) if rule.names(pair[1])]


def _covers(condition: str, category: str) -> bool:
    if condition.endswith("*"):
        return category.startswith(condition[:-1])
    return condition in ("", category)


def read_rows(content: bytes) -> list[Document]:
    """The rows of a rules file as they are kept: cells by column, and ``line``.

    Raises ``InvalidRules`` when it is no CSV in UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), restkey="more cells than columns")
        return [{**_cells(raw), "line": reader.line_num} for raw in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidRules([f"not CSV in UTF-8: {error}"]) from error


def _cells(raw: Mapping[str, Any]) -> Document:
    stripped = {name: str(cell or "").strip() for name, cell in raw.items()}
    return {name: cell for name, cell in stripped.items() if cell}


def read_rules(rows: Sequence[Document]) -> list[Rule]:
    """The rules of all rows, by their order; raises ``InvalidRules`` naming each line and field."""
    rules, faults = [], []
    for row in rows:
        cells = {name: cell for name, cell in row.items() if name not in ("_id", "line")}
        try:
            rules.append((row.get("line", 0), _rule(cells)))
        except ValidationError as error:
            faults += [
                f"line {row.get('line', 0)}: {field}: {' '.join(map(str, messages))}"
                for field, messages in error.messages_dict.items()
            ]
    faults += [] if faults else [*_clashes(rules), *_gaps([rule for _, rule in rules])]
    if faults:
        raise InvalidRules(faults)
    return sorted((rule for _, rule in rules), key=lambda rule: (rule.order, rule.id))


def _clashes(rules: Sequence[tuple[int, Rule]]) -> Iterator[str]:
    """Rules that cannot be told apart: by their id, or by which of them comes first."""
    for (line, one), (other_line, other) in combinations(rules, 2):
        if one.id == other.id:
            yield f"line {other_line}: id: {other.id} is also that of line {line}"
        elif one.order == other.order and _meet(one, other):
            yield (
                f"line {other_line}: order: {other.order} is also that of line {line};"
                " only rules for different responsible words may share it"
            )


def _meet(one: Rule, other: Rule) -> bool:
    """Whether two rules may both want to decide the same word of the same case."""
    later = max(one.valid_from, other.valid_from)
    if not (one.decides and other.decides and one.in_force(later) and other.in_force(later)):
        return False
    if not (one.responsible and other.responsible):
        return True
    said = {word.removeprefix(OTHER_THAN) for word in (*one.responsible, *other.responsible)}
    return any(one.names(word) and other.names(word) for word in {*said, "a word of neither"})


def _gaps(rules: Sequence[Rule]) -> Iterator[str]:
    """Dates from which on a case could belong to nobody (DOMAIN: life of a case; 属地管理)."""
    last = [r for r in rules if r.decides == TOWN and not (r.category or r.responsible or r.place)]
    ends = {rule.valid_to for rule in last if rule.valid_to}
    turns = {rule.valid_from for rule in rules} | ends
    if not last:
        yield f"decides: no rule without conditions names {TOWN}: a case could belong to nobody"
    elif gap := [on for on in sorted(turns) if not any(rule.in_force(on) for rule in last)]:
        yield f"valid_from, valid_to: from {gap[0]} on no rule without conditions names {TOWN}"


def _rule(cells: Document) -> Rule:
    given: Document = ROW.load(cells)
    for name in ("responsible", "bars"):
        given[name] = tuple(filter(None, given[name].split("|")))
    given["decides"] = given["decides"].replace("：", ":")
    return Rule(**{**given, "clear": given["clear"] == "是"})


def _known_placeholders(reason: str) -> None:
    for name in PLACEHOLDER.findall(reason):
        if name not in PLACEHOLDERS:
            raise ValidationError(f"{{{name}}} is not one of: {', '.join(PLACEHOLDERS)}")


def _one_of(pattern: str, words: str) -> validate.Regexp:
    return validate.Regexp(rf"^(?:{pattern})\Z", error=f"must be {words}")


_PARTIES = "|".join([COMPOUND_PROPERTY, *PARTY_KINDS.values()])


class Row(Schema):
    """A row of the rules file; empty cells are left out."""

    id = fields.String(required=True, validate=_one_of("[a-z0-9-]{1,60}", "a-z, 0-9 and -"))
    order = fields.Integer(required=True, validate=validate.Range(min=0))
    valid_from = fields.Date(required=True, format="%Y-%m-%d")
    valid_to = fields.Date(load_default=None, format="%Y-%m-%d")
    category = fields.String(
        load_default="",
        validate=_one_of("[0-9]{5}|[0-9]{1,4}[*]", "five digits, or the first of them and *"),
    )
    responsible = fields.String(
        load_default="",
        validate=_one_of("[*]|!?[^|!*]+([|][^|!*]+)*", "word|word, !word|word, or *"),
    )
    place = fields.String(load_default="", validate=validate.OneOf([INSIDE, OUTSIDE]))
    decides = fields.String(
        load_default="",
        validate=_one_of(
            f"{COMPOUND_PROPERTY}|{COMMUNITY}|{TOWN}|{DEPARTMENT}([:：][^:：]+)?",
            f"{COMPOUND_PROPERTY}, {COMMUNITY}, {TOWN}, {DEPARTMENT} or {DEPARTMENT}:duty",
        ),
    )
    bars = fields.String(
        load_default="",
        validate=_one_of(f"({_PARTIES})([|]({_PARTIES}))*", f"one or more of {_PARTIES}"),
    )
    clear = fields.String(load_default="", validate=validate.OneOf(["是", "否"]))
    reason = fields.String(required=True, validate=_known_placeholders)

    @validates_schema
    def _fits_together(self, row: Document, **kwargs: Any) -> None:
        if row["valid_to"] and row["valid_to"] <= row["valid_from"]:
            raise ValidationError("must be after valid_from", "valid_to")
        if bool(row["decides"]) == bool(row["bars"]):
            raise ValidationError("a rule either decides or bars", "decides")
        if bool(row["decides"]) != bool(row["clear"]):
            raise ValidationError("是 or 否 for a rule that decides, else empty", "clear")
        if row["decides"] == DEPARTMENT and not row["responsible"]:
            raise ValidationError("which department? * for any word of the category", "responsible")


ROW = Row()
