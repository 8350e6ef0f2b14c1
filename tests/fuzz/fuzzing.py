"""One caller against the whole OpenAPI document: what schemathesis sends, and what was wrong.

Beside schemathesis' own checks: what was refused is sent again to a stack at rest, and must have
changed nothing.
"""

import json
from collections import Counter
from dataclasses import dataclass, field

import schemathesis
import urllib3
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events

from services.gateway.api import OPERATIONS
from services.gateway.live.operations import STREAM
from services.gateway.photos.operations import PIECES

from ..integration.api.callers import COMMUNITY, COMPOUND, TOWN
from ..integration.api.footprint import at_rest, difference
from .rules import ALSO_ALLOWED, is_meant
from .telling import told

READING = {"GET", "HEAD", "OPTIONS", "TRACE"}
CREDENTIALS = ("Authorization", "X-API-Key")
REPLAYED = 3
"""Refused requests of one operation and one reason that are sent again."""
STREAM_SECONDS = 0.5
"""How long a stream is listened to."""
TOKEN_SECONDS = 30
"""How long one token is used; a fuzzed call may end its session."""

schemathesis.serializer.alias(PIECES, "application/octet-stream")


@dataclass(frozen=True)
class Effort:
    """How much is sent."""

    examples: int
    """Of each operation, by the generator of arbitrary data."""
    covered: frozenset[str] | None = None
    """Ids of the operations of which every boundary of every schema is tried besides; None: all."""
    seed: int = 1
    seconds: int | None = None
    """When to stop; None: once everything was sent."""
    operation: str | None = None
    """Id of the only operation that is called."""


@dataclass
class Outcome:
    """What one round showed."""

    caller: str
    statuses: Counter = field(default_factory=Counter)
    """(operation id, status) → how many."""
    faults: dict = field(default_factory=dict)
    """(operation, check, what was wrong) → a request that shows it."""
    refused: dict = field(default_factory=dict)
    """(operation id, status, problem) → requests that change nothing."""
    replayed: int = 0

    @property
    def requests(self):
        return self.statuses.total()

    def report(self):
        """Every fault in words, with the request that shows it."""
        return "\n\n".join(
            f"[{self.caller}] {operation} · {check}: {what}\n    {sample}"
            for (operation, check, what), sample in self.faults.items()
        )


def fuzz(world, callers, caller, effort, values, advance=lambda: None):
    """Sends what schemathesis makes of the document, as one caller; the outcome.

    ``values``: parameter → things that are really there, which are named most of the time.
    """
    outcome = Outcome(caller)
    schema = _schema(world, callers, caller, effort, values)
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _learn(outcome, event.recorder)
            advance()
        elif isinstance(event, events.NonFatalError):
            outcome.faults[event.label, "engine", repr(event.value)] = ""
        elif isinstance(event, events.FatalError):
            raise event.exception
    _replay(world, callers, outcome)
    return outcome


def _schema(world, callers, caller, effort, values):
    document = json.loads(world.pool.request("GET", f"{world.stack.url}/openapi.json").data)
    if effort.operation:
        document["paths"] = _only(document["paths"], effort.operation)
    config = SchemathesisConfig.from_dict(_config(world.stack.url, effort, values))
    schema = schemathesis.openapi.from_dict(document, config=config)

    @schema.auth(refresh_interval=TOKEN_SECONDS)
    class Login:
        def get(self, case, context):
            callers.renew()
            return callers.headers(caller)

        def set(self, case, headers, context):
            for name in CREDENTIALS:  # which the document describes, and which are made up too
                case.headers.pop(name, None)
            case.headers.update(headers)

    return schema


def _only(paths, operation):
    """The path of one operation, with nothing else."""
    return {
        path: {method: each}
        for path, methods in paths.items()
        for method, each in methods.items()
        if each["operationId"] == operation
    }


def _config(url, effort, values):
    named = {name: found for name, found in values.items() if found}
    config = {
        "base-url": url,
        "seed": effort.seed,
        "cache": {"enabled": False},
        "continue-on-failure": True,
        "request-timeout": 10,
        "max-stream-events": 3,
        "generation": {
            "max-examples": effort.examples,
            "deterministic": effort.seconds is None,
            "no-shrink": True,
            "database": "none",
        },
        "dictionaries": {name: {"values": found} for name, found in named.items()},
        "parameters": {f"path.{name}": {"dictionary": name, "probability": 0.6} for name in named},
        "operations": [
            one for each in OPERATIONS if len(one := _of_operation(each.id, effort)) > 1
        ],
        # A header or an address that is too long is refused before anything reads it.
        "checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}},
    }
    return config if effort.seconds is None else {**config, "max-time": effort.seconds}


def _of_operation(name, effort):
    """What is sent to one operation: of what is somebody else's share, a single example."""
    config = {"include-operation-id": name}
    if name == STREAM.id:  # it only ends because we go
        config["request-timeout"] = STREAM_SECONDS
    if effort.covered is not None and name not in effort.covered:
        config["generation"] = {"max-examples": 1}
        config["phases"] = {"coverage": {"enabled": False}}
    return config


REFUSALS = ["400", "401", "403", "404", "405", "406", "408", "409", "410", "411", "412", "413"]
REFUSALS += ["414", "415", "416", "422", "428", "429", "431"]


def _learn(outcome, recorder):
    for number, interaction in recorder.interactions.items():
        if interaction.response is None:
            continue
        case = recorder.cases[number].value
        name = case.operation.definition.raw.get("operationId", case.operation.label)
        status = interaction.response.status_code
        outcome.statuses[name, status] += 1
        if 400 <= status < 500 and interaction.request.method not in READING:
            problem = told(interaction.response)
            kept = outcome.refused.setdefault((name, status, problem.get("type")), [])
            if len(kept) < REPLAYED:
                kept.append(interaction.request)
    for number, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info:
                _blame(outcome, recorder, number, check)


def _blame(outcome, recorder, number, check):
    case, failure = recorder.cases[number].value, check.failure_info.failure
    interaction = recorder.interactions.get(number)
    name = case.operation.definition.raw.get("operationId", case.operation.label)
    problem = told(interaction.response) if interaction and interaction.response else {}
    if check.name == "positive_data_acceptance" and is_meant(name, problem):
        return
    if check.name == "allow_header_conformance" and name in ALSO_ALLOWED:
        return
    what = f"{failure.title}: {' '.join(failure.message.split())[:300]}"
    if check.name == "positive_data_acceptance":
        what += f" — answered {problem.get('status')} {problem.get('detail', '')[:200]!r}"
        what += " (say it in the schema, or add the rule to tests/fuzz/rules.py)"
    outcome.faults.setdefault((name, check.name, what), check.failure_info.code_sample[:1500])


def _replay(world, callers, outcome):
    """Sends what was refused once more, to a stack at rest: nothing at all may change."""
    waiting = [(key, each) for key, kept in outcome.refused.items() for each in kept]
    waiting, changed = _changed_by(world, callers, outcome.caller, waiting)
    outcome.replayed = len(waiting)
    if changed:
        _blame_refused(world, callers, outcome, waiting, changed)


def _blame_refused(world, callers, outcome, requests, changed):
    """Finds the refused calls that change something, by halves; where none does it alone, names
    the few that do it together."""
    if len(requests) > 1:
        middle, found = len(requests) // 2, False
        for half in (requests[:middle], requests[middle:]):
            refused, names = _changed_by(world, callers, outcome.caller, half)
            if names:
                found = True
                _blame_refused(world, callers, outcome, refused, names)
        if found:
            return
    (name, status, _), request = requests[0]
    alone = f"a call refused with {status}" if len(requests) == 1 else "refused calls together"
    sample = f"{request.method} {request.uri}\n    {(request.body or b'')[:500]!r}"
    what = f"{alone} changed {', '.join(changed)}"
    outcome.faults[name, "refused_changes_nothing", what] = sample


def _changed_by(world, callers, caller, requests):
    """The requests that are still refused, and the collections that differ after them; what is
    accepted by now, because what it lacked is there, is left out and the rest sent again."""
    while True:
        callers.renew()
        headers = callers.headers(caller)
        before = at_rest(world)
        refused = [each for each in requests if _send(world, *each, headers) >= 400]
        if len(refused) == len(requests):
            return refused, difference(before, at_rest(world))
        requests = refused


def _send(world, key, request, headers):
    sent = {name: each[0] for name, each in request.headers.items()}
    if any(name in sent for name in CREDENTIALS) and key[1] != 401:  # its token may have ended
        sent |= headers
    response = world.pool.request(
        request.method,
        request.uri,
        body=request.body,
        headers=sent,
        retries=False,
        redirect=False,
        timeout=urllib3.Timeout(10),
    )
    return response.status


def values_of(world):
    """Things that are really there, by the name of the parameter they are named in."""
    issues = world.database("issues")["issues"].find({}, {"_id": 1}).limit(20)
    notices = world.database("notify")["notices"].find({}, {"_id": 1}).limit(20)
    return {
        "issue": [each["_id"] for each in issues],
        "notice": [each["_id"] for each in notices],
        "action": ["accept", "dispatch", "take", "urge", "withdraw", "feed_back"],
        "division": [COMMUNITY, TOWN],
        "indicator": ["handling_rate", "solved_rate"],
        "score": ["handling_score", "three_rates_score"],
        "party": [COMPOUND["property"]],
    }
