"""A report as XLSX: numbers that are numbers, and charts that refer to their cells. A pure function
of its content.

Packing it keeps a core busy: call this in a thread.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

from services.gateway.exports.sheets import TEXTS_STAY_TEXTS
from services.gateway.reports.drawing import COLOURS, GREY
from services.gateway.reports.wording import DIRECTIONS, METHOD
from suishoupai.clock import LOCAL, parse_instant

Document = dict[str, Any]
Value = str | int | float | date | datetime | None

FORMATS = {
    "title": {"bold": True, "font_size": 16},
    "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"},
    "text": {},
    "long": {"text_wrap": True, "valign": "top"},
    "count": {"num_format": "#,##0"},
    "share": {"num_format": "0.0%"},
    "score": {"num_format": "0.00"},
    "share_change": {"num_format": "+0.0%;-0.0%;0.0%"},
    "score_change": {"num_format": "+0.00;-0.00;0.00"},
    "day": {"num_format": "yyyy-mm-dd"},
    "instant": {"num_format": "yyyy-mm-dd hh:mm"},
}
KINDS = {
    "count": ("count", "share_change"),
    "indicator": ("share", "share_change"),
    "score": ("score", "score_change"),
}
"""Kind of figure → the formats of its value and of its change."""
DRAWN = ("reported", "filings", "closures")
"""Counts whose lines are drawn."""
ARROW, NARROW, MIDDLE, WIDE = 3, 11, 20, 34
"""Characters of a column; a Chinese one takes two."""
COMPARED = (MIDDLE, NARROW, MIDDLE, ARROW, NARROW, MIDDLE, ARROW, NARROW, NARROW)
"""Columns of a value, twice of an earlier one with change and direction, and of both sets."""
TITLE_HEIGHT = 24


def workbook(report: Document) -> bytes:
    """The whole file."""
    file = io.BytesIO()
    book: Any = xlsxwriter.Workbook(file, {**TEXTS_STAY_TEXTS, "in_memory": True})
    book.set_properties({"title": report["title"]})
    formats = {name: book.add_format(each) for name, each in FORMATS.items()}
    for fill in (_summary, _days, _categories, _parties, _progress, _children, _method):
        fill(_Sheet(book, formats), report)
    book.close()
    return file.getvalue()


class _Sheet:
    """A sheet that is being filled, from top to bottom."""

    def __init__(self, book: Any, formats: Document) -> None:
        self._formats = formats
        self.book = book
        self.row = 0

    def begin(self, name: str, widths: Sequence[int]) -> None:
        """A new sheet with columns of these widths."""
        self.name = name
        self.sheet = self.book.add_worksheet(name)
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        for place, width in enumerate(widths):
            self.sheet.set_column(place, place, width)

    def put(self, values: Iterable[tuple[Value, str]]) -> int:
        """A row of (value, name of its format); answers its number. What is not known stays empty,
        and a text is a text, whatever it begins with."""
        for place, (value, name) in enumerate(values):
            style = self._formats[name]
            if isinstance(value, str):
                self.sheet.write_string(self.row, place, value, style)
            elif isinstance(value, datetime | date):
                self.sheet.write_datetime(self.row, place, value, style)
            elif value is not None:
                self.sheet.write_number(self.row, place, value, style)
        self.row += 1
        return self.row - 1

    def head(self, *names: str) -> int:
        """A row of heads."""
        return self.put((name, "head") for name in names)

    def skip(self) -> None:
        """An empty row."""
        self.row += 1

    def draw(
        self,
        kind: Document,
        title: str,
        rows: tuple[int, int],
        columns: Sequence[tuple[int, str]],
        at: tuple[int, int],
        labels: int = 0,
        most: float | None = None,
    ) -> None:
        """A chart of some columns, each with its colour, over rows from the first to the last, that
        takes the labels from one column and the name of each series from the row above; its axis
        ends at ``most``, where there is such a value."""
        chart = self.book.add_chart(kind)
        first, last = rows
        for column, colour in columns:
            chart.add_series(
                {
                    "name": [self.name, first - 1, column],
                    "categories": [self.name, first, labels, last, labels],
                    "values": [self.name, first, column, last, column],
                    "line": {"color": colour, "width": 1.75},
                    "fill": {"color": colour},
                }
            )
        chart.set_title({"name": title, "overlay": False, "name_font": {"size": 12}})
        if kind["type"] == "bar":
            chart.set_y_axis({"reverse": True})
            chart.set_x_axis({"min": 0, "max": most})
        chart.set_legend({"position": "bottom"} if len(columns) > 1 else {"none": True})
        chart.set_size({"width": 720, "height": max(300, 60 + 24 * (last - first + 1))})
        self.sheet.insert_chart(*at, chart)


def _summary(into: _Sheet, report: Document) -> None:
    into.begin("概览", [WIDE, *COMPARED])
    into.sheet.set_row(into.put([(report["title"], "title")]), TITLE_HEIGHT)
    division = report["division"]
    into.put([("区划", "head"), (division["name"], "text"), (division["code"], "text")])
    for name, part in (("自", "from"), ("至（不含）", "to"), ("生成于", "made_at")):
        into.put([(name, "head"), (_local(report[part]), "instant")])
    if not report["whole"]:
        into.put([("本月未完，截至生成时", "text")])
    into.skip()
    into.head("件数", "值", "上期", "环比", "", "上年同期", "同比", "")
    for each in report["counts"]:
        into.put([(each["name"], "text"), *_compared("count", each)])
    into.skip()
    last, year = ("上期", "环比（百分点）", ""), ("上年同期", "同比（百分点）", "")
    into.head("指标", "值", *last, *year, "分子", "分母")
    rows = [
        into.put(
            [
                (each["name"], "text"),
                *_compared("indicator", each),
                (each["numerator"], "count"),
                (each["denominator"], "count"),
            ]
        )
        for each in report["indicators"]
    ]
    into.skip()
    into.head("得分（满分 100）", "值", "上期", "环比", "", "上年同期", "同比", "")
    for each in report["scores"]:
        into.put([(each["name"], "text"), *_compared("score", each)])
    if rows:
        columns = [(1, COLOURS[0]), (2, GREY)]
        span, at = (rows[0], rows[-1]), (into.row + 1, 0)
        into.draw({"type": "bar"}, "指标：本期与上期", span, columns, at, most=1)


def _local(instant: str) -> datetime:
    return parse_instant(instant).astimezone(LOCAL).replace(tzinfo=None)


def _compared(kind: str, each: Document) -> Iterable[tuple[Value, str]]:
    """Value, then value, change and direction of the month before and of the year before."""
    value, change = KINDS[kind]
    yield each["value"], value
    for span in ("previous", "year_before"):
        yield each[span]["value"], value
        yield each[span]["change"], change
        yield DIRECTIONS[each[span]["direction"]], "text"


def _days(into: _Sheet, report: Document) -> None:
    columns = report["days"]["columns"]
    into.begin("每日趋势", [NARROW + 2, *[NARROW] * len(columns)])
    into.head("日期", *(column["name"] for column in columns))
    rows = [
        into.put(
            [
                (date.fromisoformat(row["day"]), "day"),
                *((value, "count") for value in row["counts"]),
            ]
        )
        for row in report["days"]["rows"]
    ]
    drawn = [place for place, column in enumerate(columns, 1) if column["id"] in DRAWN]
    if rows and drawn:
        coloured = list(zip(drawn, COLOURS, strict=False))
        at = (0, len(columns) + 2)
        into.draw({"type": "line"}, "每日趋势", (rows[0], rows[-1]), coloured, at)


def _categories(into: _Sheet, report: Document) -> None:
    into.begin("案件类别", [WIDE, NARROW, NARROW, NARROW])
    into.head("类别", "代码", "上报", "占比")
    top = report["categories"]
    rows = [
        into.put(
            [(row["name"], "text"), (row["code"], "text"), *_of_all(row["cases"], row["share"])]
        )
        for row in top["rows"]
    ]
    _put_rest(into, top, 1)
    if rows:
        span = (rows[0], rows[-1])
        into.draw({"type": "bar"}, "上报最多的类别", span, [(2, COLOURS[0])], (0, 5))


def _of_all(cases: int, share: float) -> Iterable[tuple[Value, str]]:
    yield cases, "count"
    yield share, "share"


def _put_rest(into: _Sheet, top: Document, empty: int) -> None:
    """What is beyond those that are named, where there is any."""
    for part, name in (("others", "其余"), ("without", "尚无")):
        if top[part]:
            share = top[part] / top["cases"]
            into.put([(name, "text"), *[("", "text")] * empty, *_of_all(top[part], share)])


def _parties(into: _Sheet, report: Document) -> None:
    top = report["parties"]
    columns = top["columns"]
    into.begin("责任单位", [WIDE, NARROW, NARROW, NARROW, *[NARROW] * 3 * len(columns)])
    into.head("责任单位", "标识", "上报", "占比", *_heads(columns))
    rows = [
        into.put(
            [
                (row["name"], "text"),
                (row["code"], "text"),
                *_of_all(row["cases"], row["share"]),
                *_shares(row["indicators"]),
            ]
        )
        for row in top["rows"]
    ]
    _put_rest(into, top, 1)
    if rows:
        span = (rows[0], rows[-1])
        into.draw({"type": "bar"}, "案件最多的责任单位", span, [(2, COLOURS[1])], (into.row + 1, 0))


def _heads(columns: Iterable[Document]) -> Iterable[str]:
    for column in columns:
        yield from (column["name"], "分子", "分母")


def _shares(indicators: Iterable[Document]) -> Iterable[tuple[Value, str]]:
    for each in indicators:
        yield each["value"], "share"
        yield each["numerator"], "count"
        yield each["denominator"], "count"


def _progress(into: _Sheet, report: Document) -> None:
    into.begin("进展", [WIDE, NARROW, NARROW])
    into.head("环节", "案件", "占首项")
    rows = [
        into.put([(stage["name"], "text"), (stage["cases"], "count"), (stage["of_first"], "share")])
        for stage in report["stages"]
    ]
    into.skip()
    into.head("现在的状态", "案件")
    for state in report["states"]:
        into.put([(state["name"], "text"), (state["cases"], "count")])
    span = (rows[0], rows[-1])
    into.draw({"type": "bar"}, "本期上报案件的进展", span, [(1, COLOURS[2])], (0, 4))


def _children(into: _Sheet, report: Document) -> None:
    found = report["children"]
    columns = found["columns"]
    into.begin("下级区划", [NARROW, WIDE, WIDE, NARROW, NARROW, *[NARROW] * (3 * len(columns) + 1)])
    into.put([(f"按 {found['score']} 排名；{found['listed']}。", "text")])
    into.head("名次", found["level"], "代码", "得分", "评价", "上报", *_heads(columns))
    rows = [
        into.put(
            [
                (row["rank"], "count"),
                (row["name"], "text"),
                (row["code"], "text"),
                (row["score"], "score"),
                (row["word"], "text"),
                (row["reported"], "count"),
                *_shares(row["indicators"]),
            ]
        )
        for row in found["rows"]
    ]
    ranked = [row for row, each in zip(rows, found["rows"], strict=True) if each["rank"]]
    if ranked:
        span = (ranked[0], ranked[-1])
        columns_drawn = [(3, COLOURS[0])]
        into.draw({"type": "bar"}, "得分", span, columns_drawn, (into.row + 1, 0), labels=1)


def _method(into: _Sheet, report: Document) -> None:
    into.begin("口径", [WIDE, NARROW - 4, NARROW + 1, 2 * WIDE, 3 * WIDE])
    for note in METHOD:
        into.put([(note, "text")])
    into.skip()
    into.head("公式", "版本", "起用", "来源", "说明")
    for each in report["formulas"]:
        into.put([*_version(each, each["valid_from"]), (each["note"], "long")])
    for each in report["score_formulas"]:
        into.put([*_version(each, ""), (each["note"], "long")])


def _version(each: Document, since: str) -> Iterable[tuple[Value, str]]:
    yield each["name"], "long"
    yield each["version"], "count"
    yield (date.fromisoformat(since) if since else ""), "day"
    yield each["source"], "long"
