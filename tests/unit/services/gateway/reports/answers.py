"""Made-up answers of the services to the questions of a report, in the shapes of the API."""

from datetime import datetime, timedelta

from services.gateway.reports.content import content
from services.gateway.reports.questions import questions
from services.stats.definitions import current
from suishoupai.clock import LOCAL, parse_instant

COUNTY, TOWN = "341324", "341324001"
MONTH = "2026-10"
NAMES = {COUNTY: "泗县", TOWN: "泗城镇", "341324101": "大庄镇", "341324102": "=刘圩<镇>&"}
MADE_AT = datetime(2026, 11, 1, 6, 0, 12, tzinfo=LOCAL)
DAY = datetime(2026, 10, 1).date()
COUNTS = {"reported": "上报", "filings": "立案", "closures": "结案", "overdue_unhandled": "超期"}
PARTIES = {"property-1": "安居物业", "property-2": "=cmd|' /C calc'!A0", "department-1": "环卫"}
CATEGORIES = {"06010": "暴露垃圾", "01003": "<script>alert(1)</script>"}


def named(text):
    return {"zh": text, "en": text}


def figures(seed):
    """Every indicator of today with numbers of its own; one has no cases."""
    items = []
    for number, each in enumerate(current().in_force(DAY)):
        denominator = 0 if number == 5 else 100 + seed + number
        numerator = 0 if number == 5 else 30 + (seed * 7 + number * 11) % 70
        told = denominator - numerator if each.complement else numerator
        items.append(
            {
                "id": each.id,
                "version": each.version,
                "valid_from": each.valid_from.isoformat(),
                "name": dict(each.name),
                "complement": each.complement,
                "source": each.source,
                "note": each.note,
                "numerator": numerator,
                "denominator": denominator,
                "value": told / denominator if denominator else None,
            }
        )
    return items


def scores():
    return [
        {
            "id": each.id,
            "version": each.version,
            "name": dict(each.name),
            "value": None if number else 88.125,
            "parts": [
                {"indicator": part, "weight": weight, "value": 0.5} for part, weight in each.parts
            ],
            "source": each.source,
            "note": each.note,
        }
        for number, each in enumerate(current().scores_in_force(DAY))
    ]


def compared(value, kind):
    """The month before there was a quarter more; of the year before nothing is known."""
    unknown = {"value": None, "change": None, "direction": "unknown"}
    if value is None:
        return {"previous": unknown, "year_before": unknown}
    other = value * 1.25
    change = -0.2 if kind == "count" else value - other
    direction = "down" if value else "same"
    before = {"value": other, "change": change if value else None, "direction": direction}
    return {"previous": before, "year_before": unknown}


def comparison(filters):
    rows = [("count", id, name, 1200 - 100 * n) for n, (id, name) in enumerate(COUNTS.items())]
    rows += [("indicator", each["id"], each["name"]["zh"], each["value"]) for each in figures(0)]
    rows += [("score", each["id"], each["name"]["zh"], each["value"]) for each in scores()]
    return {
        "to": filters["to"],
        "previous": {"from": "2026-09-01T00:00:00+08:00", "to": filters["from"]},
        "year_before": {"from": "2025-10-01T00:00:00+08:00", "to": "2025-11-01T00:00:00+08:00"},
        "items": [
            {"id": id, "kind": kind, "name": named(name), "value": value, **compared(value, kind)}
            for kind, id, name, value in rows
        ],
    }


def trend(filters):
    since = parse_instant(filters["from"])
    days = (parse_instant(filters["to"]) - since).days
    starts = [since + timedelta(days=day) for day in range(days)]
    return {
        "points": [
            {
                "start": start.isoformat(),
                "counts": {id: (day * 13 + place * 5) % 61 for place, id in enumerate(COUNTS)},
            }
            for day, start in enumerate(starts)
        ]
    }


def top(filters):
    values = CATEGORIES if filters["by"] == "category" else PARTIES
    return {
        "cases": 1200,
        "items": [
            {"value": value, "name": None, "cases": 500 - 100 * n, "share": (500 - 100 * n) / 1200}
            for n, value in enumerate(values)
        ],
        "others": 100,
        "without": 0 if filters["by"] == "category" else 17,
    }


def indicators(filters):
    if "cut" not in filters:
        seed = int(filters["division"][-3:]) % 37 if filters["division"] != COUNTY else 0
        return {"items": figures(seed), "scores": scores(), "groups": []}
    seed = 40 + list(PARTIES).index(filters["value"])
    return {"items": [], "scores": [], "groups": [{"items": figures(seed)}]}


def funnel(filters):
    stages = [("上报", 1200), ("立案", 1100), ("结案", 900)]
    return {
        "stages": [
            {"set": "s", "name": named(name), "cases": cases, "of_first": cases / 1200}
            for name, cases in stages
        ],
        "states": [
            {"state": "closed", "name": named("已结案"), "cases": 900},
            {"state": "void", "name": named("作废"), "cases": 0},
        ],
    }


def ranking(filters):
    light = {"colour": "green", "word": named("良好")}
    unit = {"cases": 40, "parts": [], "light": light}
    reason = {"code": "too_few", **named("案件太少")}
    return {
        "group": filters["group"],
        "score": {"id": "handling_score", "version": 1, "name": named("处置综合得分")},
        "rows": [
            {
                **unit,
                "code": "341324101",
                "name": "大庄镇",
                "rank": 1,
                "score": 93.5,
            },
            {**unit, "code": TOWN, "name": "泗城镇", "rank": 2, "score": 71.25},
        ],
        "unranked": [{**unit, "code": "341324102", "name": None, "reason": reason}],
        "listed": {"code": "all", **named("列出全部单位")},
    }


def catalogue(filters):
    return {"items": [{"code": code, "name": name} for code, name in CATEGORIES.items()]}


def parties(filters):
    """Pages of two, by id."""
    rows = [{"id": id, "name": PARTIES[id]} for id in sorted(PARTIES) if id > filters["cursor"]]
    return {"items": rows[:2], "next": rows[1]["id"] if len(rows) > 2 else None}


ANSWERS = {
    "comparison": comparison,
    "indicators": indicators,
    "trend": trend,
    "top": top,
    "funnel": funnel,
    "ranking": ranking,
    "categories": catalogue,
    "parties": parties,
}


def answer(question):
    """The answer to one question."""
    return ANSWERS[question.name](question.arguments.get("filters", {}))


def answered(division=COUNTY, month=MONTH):
    """All answers, in the order in which they were asked for."""
    answers = {}
    while pending := [q for q in questions(division, month, answers) if q.key not in answers]:
        answers[pending[0].key] = answer(pending[0])
    return answers


def report():
    """The content of a report of the county."""
    return content(COUNTY, MONTH, answered(), NAMES, MADE_AT)
