"""What a table of cases consists of: the columns of each field, their names, and their values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from suishoupai.contracts.issue_fields import SUMMARY_FIELDS
from suishoupai.contracts.words import ACTIVITIES, LIGHTS, OUTCOMES, PARTY_KINDS, STATES

Document = dict[str, Any]
Value = str | int | float | bool | datetime | None

YES, NO = "是", "否"


@dataclass(frozen=True)
class Column:
    """One column: its name, its Chinese name, and how its value is read of a case."""

    name: str
    """Path of the value in a case as the API shows it: ``category.code``."""
    chinese: str
    read: Callable[[Any], Value] = lambda found: found
    words: Mapping[str, str] | None = None
    """Chinese words of a closed vocabulary."""

    def value(self, case: Document) -> Value:
        """The value, typed: a text, a number, yes or no, an instant; None where there is none."""
        found: Any = case
        for step in self.name.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        return None if found is None else self.read(found)

    def said(self, case: Document) -> Value:
        """The value in Chinese, where it is one of a closed vocabulary or yes or no."""
        value = self.value(case)
        if isinstance(value, bool):
            return YES if value else NO
        return self.words.get(value, value) if self.words and isinstance(value, str) else value


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _listed(texts: Iterable[str]) -> str:
    return " ".join(texts)


def _numbers(found: Iterable[Document]) -> str:
    return _listed(each["number"] for each in found)


def _coded(name: str, chinese: str) -> tuple[Column, Column]:
    return Column(f"{name}.code", f"{chinese}代码"), Column(f"{name}.name", chinese)


def _timed(name: str, chinese: str) -> tuple[Column]:
    return (Column(name, chinese, _instant),)


def _plain(name: str, chinese: str) -> tuple[Column]:
    return (Column(name, chinese),)


COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "number": _plain("number", "案件编号"),
    "id": _plain("id", "案件标识"),
    "state": (Column("state", "状态", words=STATES),),
    "version": _plain("version", "版本"),
    "category": (*_coded("category", "类别"), Column("category.confidential", "保密")),
    "description": _plain("description", "描述"),
    "address": _plain("address", "地址"),
    "location": (
        Column("location.lng", "经度（WGS-84）"),
        Column("location.lat", "纬度（WGS-84）"),
    ),
    "photos": (Column("photos", "照片", _listed),),
    "urgent": _plain("urgent", "紧急"),
    "emergency": (Column("emergency", "应急电话", _numbers),),
    "reported_at": _timed("reported_at", "上报时间"),
    "observed_at": _timed("observed_at", "发现时间"),
    "county": _coded("county", "县区"),
    "town": _coded("town", "镇街"),
    "community": _coded("community", "社区"),
    "grid": _coded("grid", "网格"),
    "compound": (Column("compound.id", "小区标识"), Column("compound.name", "小区")),
    "responsible": (
        Column("responsible.id", "责任单位标识"),
        Column("responsible.name", "责任单位"),
        Column("responsible.kind", "责任单位类型", words=PARTY_KINDS),
    ),
    "activity": (Column("activity", "当前环节", words=ACTIVITIES),),
    "due_at": _timed("due_at", "环节时限"),
    "due_soon_at": _timed("due_soon_at", "临期时间"),
    "bundled_due_at": _timed("bundled_due_at", "捆绑时限"),
    "due_assumed": _plain("due_assumed", "时限为推定"),
    "light": (Column("light", "时限状态", words=LIGHTS),),
    "asked": (
        Column("asked.reason", "申请事由"),
        Column("asked.at", "申请时间", _instant),
        Column("asked.until", "申请挂账至", _instant),
    ),
    "suspended_until": _timed("suspended_until", "挂账至"),
    "extensions": _plain("extensions", "延期次数"),
    "reworks": _plain("reworks", "返工次数"),
    "reopens": _plain("reopens", "重新打开次数"),
    "followers": _plain("followers", "另报人数"),
    "main": (Column("main.number", "主案件编号"),),
    "closed_at": _timed("closed_at", "结案时间"),
    "outcome": (Column("outcome", "结案类型", words=OUTCOMES),),
    "rating": (
        Column("rating.solved", "是否解决"),
        Column("rating.satisfaction", "满意度"),
    ),
    "reporter": _plain("reporter", "上报人"),
    "proposal": (
        Column("proposal.party.id", "建议单位标识"),
        Column("proposal.party.name", "建议单位"),
        Column("proposal.why", "建议理由"),
    ),
    "similar": (Column("similar", "疑似重复案件", _numbers),),
    "merged": (Column("merged", "并入的案件", _numbers),),
}
"""Field → its columns. A history is no column of a table: it is read case by case."""

USUAL = tuple(name for name in COLUMNS if name in SUMMARY_FIELDS)
"""The fields of a table when none are named, in the order of its columns."""


@dataclass(frozen=True)
class Table:
    """Which fields, under which names: ``zh`` for Chinese names and words."""

    fields: tuple[str, ...] = USUAL
    header: str = "names"

    @property
    def columns(self) -> list[Column]:
        """Its columns, from left to right."""
        return [column for name in self.fields for column in COLUMNS[name]]

    def head(self) -> list[Value]:
        """The first row."""
        return [each.chinese if self.header == "zh" else each.name for each in self.columns]

    def rows(self, cases: Iterable[Document]) -> list[list[Value]]:
        """A row for each case, as the API shows it to whom the table is for."""
        columns = self.columns
        if self.header == "zh":
            return [[column.said(case) for column in columns] for case in cases]
        return [[column.value(case) for column in columns] for case in cases]
