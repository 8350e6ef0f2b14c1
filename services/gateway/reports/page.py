"""A report as a page of HTML to be printed on A4: complete in itself, without any script. A pure
function of its content; every text in it is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from services.gateway.reports import drawing
from services.gateway.reports.style import STYLE
from services.gateway.reports.wording import METHOD, NOTHING, VALUES, change, count, score, share
from suishoupai.clock import LOCAL, parse_instant

Document = dict[str, Any]
DRAWN = ("reported", "filings", "closures")
"""Counts whose lines are drawn."""


def page(report: Document) -> str:
    """The whole page."""
    parts = (
        _head(report),
        _counts(report),
        _section("指标", "Indicators", _indicators(report), _scores(report)),
        _section("与上期对比", "Beside the month before", _beside(report)),
        _section("每日趋势", "Day by day", _lines(report), _days(report)),
        _section("案件类别", "Categories", _top_bars(report["categories"]), _categories(report)),
        _section("责任单位", "Responsible parties", _parties(report)),
        _section("进展", "How far they got", _stages(report), _states(report)),
        _section(report["children"]["level"], "Divisions below", _children(report)),
        _section("口径", "Method", _method(report)),
    )
    return (
        '<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(report['title'])}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n{''.join(parts)}</body>\n</html>\n"
    )


def _head(report: Document) -> str:
    since, to = (_said(report[name]) for name in ("from", "to"))
    partly = "" if report["whole"] else "（本月未完，截至生成时）"
    division = report["division"]
    return (
        f"<header><h1>{escape(report['title'])}</h1>"
        f"<p>{escape(division['name'])}（{escape(division['code'])}）　{since} 至 {to}{partly}"
        f"　生成于 {_said(report['made_at'])}</p></header>\n"
    )


def _said(instant: str) -> str:
    return f"{parse_instant(instant).astimezone(LOCAL):%Y-%m-%d %H:%M}"


def _section(chinese: str, english: str, *parts: str) -> str:
    return (
        f"<section><h2>{escape(chinese)} <small>{english}</small></h2>\n{''.join(parts)}"
        "</section>\n"
    )


def _counts(report: Document) -> str:
    cards = (
        f'<div class="card"><span>{escape(each["name"])}</span><b>{count(each["value"])}</b>'
        f"<span>环比 {change('count', each['previous'])}</span>"
        f"<span>同比 {change('count', each['year_before'])}</span></div>"
        for each in report["counts"]
    )
    return f'<div class="cards">{"".join(cards)}</div>\n'


def _table(
    head: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1, kind: str = ""
) -> str:
    """Rows of escaped cells, whose lines stand below each other; the first ``texts`` columns are
    texts, the others numbers."""
    names = ['class="text"' if place < texts else "" for place in range(len(head))]
    top = "".join(f"<th {name}>{escape(each)}</th>" for name, each in zip(names, head, strict=True))
    body = "".join(
        f"<tr>{''.join(_cell(cell, name) for cell, name in zip(row, names, strict=True))}</tr>"
        for row in rows
    )
    return f'<table class="{kind}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>\n'


def _cell(text: str, name: str) -> str:
    return f"<td {name}>{'<br>'.join(map(escape, text.splitlines()))}</td>"


def _compared(kind: str, each: Document) -> list[str]:
    said = VALUES[kind]
    return [
        text
        for span in ("previous", "year_before")
        for text in (said(each[span]["value"]), change(kind, each[span]))
    ]


def _indicators(report: Document) -> str:
    head = ("指标", "分子", "分母", "值", "上期", "环比", "上年同期", "同比")
    return _table(
        head,
        (
            [
                each["name"],
                count(each["numerator"]),
                count(each["denominator"]),
                share(each["value"]),
                *_compared("indicator", each),
            ]
            for each in report["indicators"]
        ),
    )


def _scores(report: Document) -> str:
    head = ("得分（满分 100）", "值", "上期", "环比", "上年同期", "同比")
    return _table(
        head,
        (
            [each["name"], score(each["value"]), *_compared("score", each)]
            for each in report["scores"]
        ),
    )


def _beside(report: Document) -> str:
    rows = [
        (each["name"], each["value"], each["previous"]["value"]) for each in report["indicators"]
    ]
    return f"<figure>{drawing.pairs(rows, ('本期', '上期'))}</figure>\n"


def _lines(report: Document) -> str:
    days = report["days"]
    labels = [row["day"][-2:] for row in days["rows"]]
    series = [
        (column["name"], [row["counts"][place] for row in days["rows"]])
        for place, column in enumerate(days["columns"])
        if column["id"] in DRAWN
    ]
    return f"<figure>{drawing.lines(labels, series)}</figure>\n"


def _days(report: Document) -> str:
    days = report["days"]
    head = ("日期", *(column["name"] for column in days["columns"]))
    rows = ([row["day"], *map(count, row["counts"])] for row in days["rows"])
    return _table(head, rows, kind="small")


def _top_bars(top: Document) -> str:
    rows = [
        (row["name"], row["cases"], f"{count(row['cases'])}　{share(row['share'])}")
        for row in top["rows"]
    ]
    return f"<figure>{drawing.bars(rows)}</figure>\n"


def _categories(report: Document) -> str:
    top = report["categories"]
    rows = [
        [row["code"], row["name"], count(row["cases"]), share(row["share"])] for row in top["rows"]
    ]
    return _table(("代码", "类别", "上报", "占比"), [*rows, *_rest(top)], texts=2)


def _rest(top: Document) -> list[list[str]]:
    """What is beyond those that are named, where there is any."""
    said = (("others", "其余"), ("without", "尚无"))
    return [
        ["", name, count(top[part]), share(top[part] / top["cases"])]
        for part, name in said
        if top[part]
    ]


def _parties(report: Document) -> str:
    top = report["parties"]
    columns = [column["name"] for column in top["columns"]]
    rows = [
        [row["name"], count(row["cases"]), share(row["share"]), *map(_shared, row["indicators"])]
        for row in top["rows"]
    ]
    rest = [[*cells[1:], *([""] * len(columns))] for cells in _rest(top)]
    return _table(("责任单位", "上报", "占比", *columns), [*rows, *rest], kind="small")


def _shared(each: Document) -> str:
    """A share, and below it what it is made of: beside it, ten columns are wider than a page."""
    return f"{share(each['value'])}\n{count(each['numerator'])}/{count(each['denominator'])}"


def _stages(report: Document) -> str:
    rows = [
        (stage["name"], stage["cases"], f"{count(stage['cases'])}　{share(stage['of_first'])}")
        for stage in report["stages"]
    ]
    return f"<figure>{drawing.bars(rows, drawing.COLOURS[2])}</figure>\n"


def _states(report: Document) -> str:
    rows = ([state["name"], count(state["cases"])] for state in report["states"] if state["cases"])
    return _table(("现在的状态", "案件"), rows)


def _children(report: Document) -> str:
    found = report["children"]
    if not found["rows"]:
        return f"<p>{escape(found['listed'])}</p>"
    head = (
        "名次",
        found["level"],
        "得分",
        "评价",
        "上报",
        *(each["name"] for each in found["columns"]),
    )
    rows = [
        [
            count(row["rank"]),
            row["name"],
            score(row["score"]),
            row["word"],
            count(row["reported"]),
            *(_shared(each) for each in row["indicators"]),
        ]
        for row in found["rows"]
    ]
    note = f"<p>按 {escape(found['score'])} 排名；{escape(found['listed'])}。</p>"
    return note + _table(head, rows, texts=2, kind="small")


def _method(report: Document) -> str:
    notes = "".join(f"<li>{escape(note)}</li>" for note in METHOD)
    rows = [
        [
            each["name"],
            f"v{each['version']}",
            each.get("valid_from", ""),
            each["source"],
            each["note"] or NOTHING,
        ]
        for each in (*report["formulas"], *report["score_formulas"])
    ]
    head = ("公式", "版本", "起用", "来源", "说明")
    return f"<ul>{notes}</ul>" + _table(head, rows, texts=5, kind="small method")
