"""Several actions in one call, each as if it had been sent alone."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.cases.handlers import party_named
from services.gateway.cases.identity import reporters_seen
from services.gateway.photos.references import named
from services.gateway.routes import Gateway
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import BulkActions, load
from suishoupai.web import answer

Document = dict[str, Any]

BULK = BulkActions()
HOP = 25
"""Actions in one question to the issues service, so that it is answered well within its time."""


def act_on_all(gateway: Gateway, call: Call) -> Response:
    """Takes up to a hundred actions in the order given; answers each of them."""
    items = load(BULK, call.body)["items"]
    gateway.gate.charge(call, len(items) - 1)
    parties, barred = _parties(gateway, call, items)
    refused = {n: why for n, item in enumerate(items) if (why := barred.get(party_named(item)))}
    refused |= _without_photos(gateway, call, items)
    sent = [item for n, item in enumerate(items) if n not in refused]
    done = _sent(gateway, call, sent, parties)
    reporters_seen(gateway, call, _cases(done))
    answers = iter(done)
    return answer(
        {
            "items": [
                _refusal(item, refused[n]) if n in refused else next(answers)
                for n, item in enumerate(items)
            ]
        }
    )


def _cases(answers: list[Document]) -> list[Document]:
    """The cases that are shown in answers: after an action, or as they are where it is refused."""
    shown = (each.get("case") or each.get("problem", {}).get("current") for each in answers)
    return [case for case in shown if case]


def _without_photos(gateway: Gateway, call: Call, items: list[Document]) -> dict[int, Problem]:
    """The places of those that name a photo that is not there, and why each is refused."""
    refused = {}
    for n, item in enumerate(items):
        try:
            named(gateway, call.caller, item)
        except Problem as problem:
            refused[n] = problem
    return refused


def _parties(
    gateway: Gateway, call: Call, items: list[Document]
) -> tuple[dict[str, Document], dict[str | None, Problem]]:
    """The parties that are named, each looked up once; and those that cannot be had, with why."""
    found: dict[str, Document] = {}
    refused: dict[str | None, Problem] = {}
    for party in filter(None, dict.fromkeys(map(party_named, items))):
        try:
            found[party] = gateway.peers.ask("grid", "party", call.caller, party=party)
        except Problem as problem:
            refused[party] = problem
    return found, refused


def _sent(
    gateway: Gateway, call: Call, items: list[Document], parties: dict[str, Document]
) -> list[Document]:
    """What became of each; once the issues service is not there, the rest is not tried."""
    answers: list[Document] = []
    for start in range(0, len(items), HOP):
        part = items[start : start + HOP]
        try:
            answers += gateway.peers.ask(
                "issues", "act_all", call.caller, items=part, parties=parties
            )
        except Problem as problem:
            return answers + [_refusal(item, problem) for item in items[start:]]
    return answers


def _refusal(item: Document, problem: Problem) -> Document:
    return {"issue": item["issue"], "status": problem.status, "problem": problem.to_dict()}
