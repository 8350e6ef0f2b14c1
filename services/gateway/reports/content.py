"""What a report says, as data: made from the answers to its questions, and turned into a workbook
and into a page by others. A pure function.

Shapes: a figure is {id, name, value, numerator?, denominator?, previous, year_before}, each of the
last two {value, change, direction}; counts are whole numbers, indicators shares from 0 to 1, scores
out of 100; None where nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from services.gateway.reports.months import bounds, said
from services.gateway.reports.questions import (
    Answers,
    names_of_parties,
    of_parties,
)
from suishoupai.clock import local_day, parse_instant

Document = dict[str, Any]

TITLE = "月度报告"
LEVEL_NAMES = {"town": "镇街", "community": "社区（村）", "grid": "网格"}
"""What lies below, in words."""
SPANS = ("previous", "year_before")
TOLD_OF_UNITS = (
    "handling_rate",
    "on_time_handling_rate",
    "on_time_closing_rate",
    "rework_rate",
    "response_rate",
    "satisfaction_rate",
)
"""Indicators that stand beside each other for parties and divisions, where they are in force."""
OF_REPORTED = "valid_report_rate"
"""The indicator whose denominator is all that was reported."""


def content(
    division: str, month: str, answers: Answers, names: Mapping[str, str], made_at: datetime
) -> Document:
    """The report of a division and a month; ``names``: of divisions by code."""
    since, until = bounds(month)
    comparison = answers["comparison"]
    to = parse_instant(comparison["to"])
    name = names.get(division, division)
    return {
        "title": f"{name}{said(month)}{TITLE}",
        "division": {"code": division, "name": name},
        "month": month,
        "from": since.isoformat(),
        "to": to.isoformat(),
        "whole": to >= until,
        "made_at": made_at.isoformat(),
        "previous": comparison["previous"],
        "year_before": comparison["year_before"],
        "counts": list(_figures("count", answers)),
        "indicators": list(_figures("indicator", answers)),
        "scores": list(_figures("score", answers)),
        "days": _days(answers),
        "categories": _top(answers["categories"], _categories(answers)),
        "parties": _with_figures(
            _top(answers["parties"], names_of_parties(answers)),
            {party: answers[f"party {party}"] for party in of_parties(answers)},
        ),
        "stages": [_named(stage, "of_first") for stage in answers["funnel"]["stages"]],
        "states": [_named(state) for state in answers["funnel"]["states"]],
        "children": _children(answers, names),
        "formulas": [_formula(each) for each in answers["indicators"]["items"]],
        "score_formulas": [_score_formula(each) for each in answers["indicators"]["scores"]],
    }


def _figures(kind: str, answers: Answers) -> Iterator[Document]:
    """The figures of a kind beside the month before and the year before."""
    made_of = {each["id"]: each for each in answers["indicators"]["items"]}
    for item in answers["comparison"]["items"]:
        if item["kind"] != kind:
            continue
        parts = made_of.get(item["id"], {}) if kind == "indicator" else {}
        yield {
            "id": item["id"],
            "name": item["name"]["zh"],
            "value": item["value"],
            **{name: parts[name] for name in ("numerator", "denominator") if parts},
            **{span: item[span] for span in SPANS},
        }


def _days(answers: Answers) -> Document:
    """{columns: [{id, name}], rows: [{day, counts}]}: a row for each day, an empty one too."""
    counts = [item for item in answers["comparison"]["items"] if item["kind"] == "count"]
    points = answers["trend"]["points"]
    return {
        "columns": [{"id": item["id"], "name": item["name"]["zh"]} for item in counts],
        "rows": [
            {
                "day": local_day(parse_instant(point["start"])).isoformat(),
                "counts": [point["counts"][item["id"]] for item in counts],
            }
            for point in points
        ],
    }


def _categories(answers: Answers) -> dict[str, str]:
    return {row["code"]: row["name"] for row in answers["catalogue"]["items"]}


def _top(answer: Document, names: Mapping[str, str]) -> Document:
    """{cases, rows: [{code, name, cases, share}], others, without}."""
    return {
        "cases": answer["cases"],
        "rows": [
            {
                "code": item["value"],
                "name": item["name"] or names.get(item["value"], item["value"]),
                "cases": item["cases"],
                "share": item["share"],
            }
            for item in answer["items"]
        ],
        "others": answer["others"],
        "without": answer["without"],
    }


def _with_figures(top: Document, answers: Mapping[str, Document]) -> Document:
    """The rows with what of each indicator is told, from the answer about its value of the cut."""
    rows = []
    for row in top["rows"]:
        groups = answers[row["code"]]["groups"]
        items = groups[0]["items"] if groups else []
        rows.append({**row, "indicators": _told(items)})
    columns = rows[0]["indicators"] if rows else []
    return {
        **top,
        "columns": [{"id": each["id"], "name": each["name"]} for each in columns],
        "rows": rows,
    }


def _told(items: list[Document]) -> list[Document]:
    by_id = {item["id"]: item for item in items}
    return [
        {
            "id": id,
            "name": by_id[id]["name"]["zh"],
            **{name: by_id[id][name] for name in ("numerator", "denominator", "value")},
        }
        for id in TOLD_OF_UNITS
        if id in by_id
    ]


def _named(row: Document, *more: str) -> Document:
    return {
        "name": row["name"]["zh"],
        "cases": row["cases"],
        **{name: row[name] for name in more},
    }


def _children(answers: Answers, names: Mapping[str, str]) -> Document:
    """{level, score, columns, rows}: ranked ones first, best first, then the others by code, each
    with the reason why it has no rank."""
    ranking = answers["ranking"]
    ranked = [_child(unit, answers, names) for unit in ranking["rows"]]
    unranked = sorted(ranking["unranked"], key=lambda unit: str(unit["code"]))
    rows = [*ranked, *(_child(unit, answers, names) for unit in unranked)]
    return {
        "level": LEVEL_NAMES[ranking["group"]],
        "score": f"{ranking['score']['name']['zh']} v{ranking['score']['version']}",
        "listed": ranking["listed"]["zh"],
        "columns": [{"id": each["id"], "name": each["name"]} for each in _columns(rows)],
        "rows": rows,
    }


def _columns(rows: list[Document]) -> list[Document]:
    found: list[Document] = rows[0]["indicators"] if rows else []
    return found


def _child(unit: Document, answers: Answers, names: Mapping[str, str]) -> Document:
    code = unit["code"]
    items = answers[f"child {code}"]["items"]
    reported = next((item["denominator"] for item in items if item["id"] == OF_REPORTED), None)
    ranked = "rank" in unit
    return {
        "code": code,
        "name": unit["name"] or names.get(code, code),
        "rank": unit["rank"] if ranked else None,
        "score": unit["score"] if ranked else None,
        "word": unit["light"]["word"]["zh"] if ranked else unit["reason"]["zh"],
        "colour": unit["light"]["colour"] if ranked else None,
        "reported": reported,
        "indicators": _told(items),
    }


def _formula(item: Document) -> Document:
    names = ("id", "version", "valid_from", "source", "note", "complement")
    return {"name": item["name"]["zh"], **{name: item[name] for name in names}}


def _score_formula(score: Document) -> Document:
    return {
        "name": score["name"]["zh"],
        **{name: score[name] for name in ("id", "version", "source", "note")},
        "parts": [(part["indicator"], part["weight"]) for part in score["parts"]],
    }
