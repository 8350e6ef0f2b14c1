"""What the gateway adds to a question about figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.exports.streaming import csv_lines
from services.gateway.routes import Gateway
from suishoupai.clock import parse_instant
from suishoupai.web import answer

Document = dict[str, Any]

PAGE = 100
"""Cases that are asked for at a time."""
HEAD = ("number", "counts_at", "in_numerator", "issue")


def counted(gateway: Gateway, call: Call) -> Response:
    """What is counted of one case, for whoever may see the case: figures do not know which cases
    are confidential, and to whom."""
    gateway.peers.ask("issues", "actions", call.caller, **call.path)
    return answer(gateway.peers.ask("stats", "counted", call.caller, **call.path))


def explain(gateway: Gateway, call: Call) -> Response:
    """What an indicator is made of, with the numbers of the cases that the caller may see."""
    return answer(_explained(gateway, call, call.query))


def explain_as_csv(gateway: Gateway, call: Call) -> Response:
    """All the cases of an indicator's denominator, page by page as they are read."""
    wanted = {**call.query, "limit": str(PAGE)}
    # The first page is read before anything is answered: a refusal is still one.
    first = _explained(gateway, call, wanted)
    name = f"{first['id']}-{first['division']}.csv"
    return Response(
        csv_lines(HEAD, _pages(gateway, call, wanted, first)),
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
        content_type="text/csv; charset=utf-8",
        direct_passthrough=True,
    )


def _explained(gateway: Gateway, call: Call, filters: Mapping[str, Any]) -> Document:
    page: Document = gateway.peers.ask(
        "stats", "explain", call.caller, filters=dict(filters), **call.path
    )
    numbers = _numbers(gateway, call, [each["issue"] for each in page["cases"]])
    page["cases"] = [_named(each, numbers) for each in page["cases"]]
    return page


def _named(case: Document, numbers: Mapping[str, str]) -> Document:
    number = numbers.get(case["issue"])
    return {**case, "issue": case["issue"] if number else None, "number": number}


def _numbers(gateway: Gateway, call: Call, issues: list[str]) -> dict[str, str]:
    """Id → number of those cases that the caller may see; figures do not know which."""
    if not issues:
        return {}
    found = gateway.peers.ask("issues", "find_changed", call.caller, filters={"issues": issues})
    return {case["id"]: case["number"] for case in found["items"]}


def _pages(
    gateway: Gateway, call: Call, wanted: Document, page: Document
) -> Iterator[Iterator[list[Any]]]:
    yield map(_row, page["cases"])
    while page["next"]:
        page = _explained(gateway, call, {**wanted, "cursor": page["next"]})
        yield map(_row, page["cases"])


def _row(case: Document) -> list[Any]:
    return [case["number"], parse_instant(case["at"]), case["in_numerator"], case["issue"]]
