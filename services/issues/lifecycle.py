"""The life of a case as one table: state × action × role → state, with what each step needs
(DOMAIN: life of a case).

``TRANSITIONS`` is the rule; ``docs/lifecycle.md`` and its picture are made from it. A step that
ends in the state it began in is an event in the life of a case and not a change of state, such as
催办. Who is what towards a case (its reporter, its handler, its dispatcher) is ``roles_towards``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.issues.guards import GUARDS, holds
from suishoupai.access import Caller
from suishoupai.contracts.words import ACTIONS, ENDED, STATES

Document = dict[str, Any]

SYSTEM = "system"
"""The role of what happens by itself: the grid's assignment, the clock."""

REPORTER = frozenset({"reporter"})
HANDLER = frozenset({"handler"})
DISPATCHER = frozenset({"dispatcher"})
CHIEF = frozenset({"supervisor", "admin"})
DESK = DISPATCHER | CHIEF
"""A supervisor can take over what a dispatcher does (DOMAIN: words)."""
ITSELF = frozenset({SYSTEM})

OPEN = tuple(state for state in STATES if state not in ENDED)
IN_HAND = ("handling", "extension_asked", "suspension_asked")
"""A party works on it; a request of its own may wait for an answer."""
WITH_PARTY = ("dispatched", *IN_HAND)
HELD = (*WITH_PARTY, "suspended", "returned", "checking")
"""It is still a party's, whoever has to act now."""
MERGEABLE = ("reported", "verifying", "accepted", "filed", *WITH_PARTY)
"""Wider than before filing: what goes to its party by itself is found to be a duplicate later."""
TIMED = ("verifying", *WITH_PARTY, "checking")
"""States in which a clock runs."""


@dataclass(frozen=True)
class Transition:
    """One row: who may take a case from one state to another by an action, and what it takes."""

    action: str
    source: str | None
    target: str
    roles: frozenset[str]
    needs: tuple[str, ...] = ()
    """Fields that must be given."""
    takes: tuple[str, ...] = ()
    """Fields that may be given besides."""
    guards: tuple[str, ...] = ()
    """Names in ``GUARDS``; all must hold."""
    photos: int = 0
    """Fewest photos where ``photos`` are needed."""


def _rows(  # noqa: PLR0913 - the columns of the table
    action: str,
    sources: Sequence[str | None],
    target: str | None,
    roles: frozenset[str],
    needs: Sequence[str] = (),
    takes: Sequence[str] = (),
    guards: Sequence[str] = (),
    *,
    photos: int = 0,
) -> Iterator[Transition]:
    """A row for each source; without a target each stays where it is."""
    for source in sources:
        yield Transition(
            action,
            source,
            target or str(source),
            roles,
            tuple(needs),
            tuple(takes),
            tuple(guards),
            photos,
        )


def _table() -> Iterator[Transition]:  # noqa: PLR0915 - a table is as long as what it lists
    yield from _rows("report", [None], "reported", REPORTER | DESK)
    # The grid says where a case lies and whose it is; that may come after somebody was quicker.
    yield from _rows("place", list(STATES), None, ITSELF)

    # 案卷建立
    yield from _rows("verify", ["reported"], "verifying", DESK, takes=["note"])
    yield from _rows("accept", ["reported"], "accepted", DESK, takes=["note"], guards=["patrol"])
    yield from _rows("accept", ["verifying"], "accepted", DESK, ["note"], ["photos"])
    before_filing = ["reported", "verifying", "accepted"]
    yield from _rows("reject", before_filing, "rejected", DESK, ["reason"])
    yield from _rows("withdraw", ["reported"], "withdrawn", REPORTER, ["reason"])
    yield from _rows("file", ["accepted"], "filed", DESK, takes=["note"])
    on_the_spot = ["reported", "accepted", "filed", "dispatched"]
    for who, guards in ((REPORTER, ["patrol"]), (DESK, [])):
        yield from _rows(
            "self_handle", on_the_spot, "closed", who, ["photos"], ["note"], guards, photos=2
        )

    # 任务派遣
    yield from _rows("dispatch", ["reported"], "dispatched", ITSELF, guards=["placed"])
    yield from _rows(
        "dispatch",
        ["filed", "reopened"],
        "dispatched",
        DESK,
        takes=["party", "reason"],
        guards=["placed", "party_allowed"],
    )
    yield from _rows("return", ["dispatched"], "returned", HANDLER, ["reason"], ["photos"])
    yield from _rows("refuse_return", ["returned"], "dispatched", DESK, ["reason"])
    yield from _rows(
        "redispatch",
        ["returned"],
        "dispatched",
        DESK,
        ["party", "reason"],
        guards=["placed", "party_allowed", "another_party"],
    )
    yield from _rows("recall", [*WITH_PARTY, "suspended"], "filed", DESK, ["reason"])
    # From a party that must not have it, once its category is another one.
    yield from _rows("recall", HELD, "filed", ITSELF)
    signed = ["reason", "signed_by"]
    cannot_do = ["accepted", "filed", "returned", "reopened"]
    yield from _rows("escalate", cannot_do, "escalated", DISPATCHER, signed)
    yield from _rows(
        "hand_down",
        ["escalated"],
        "dispatched",
        CHIEF,
        ["party", "reason"],
        guards=["placed", "party_allowed"],
    )

    # 任务处置
    yield from _rows("take", ["dispatched"], "handling", HANDLER, takes=["note"])
    yield from _rows(
        "ask_extension",
        ["handling"],
        "extension_asked",
        HANDLER,
        ["reason", "extension"],
        guards=["extensible", "extension_left"],
    )
    asked = ["extension_asked"]
    yield from _rows(
        "grant_extension", asked, "handling", DISPATCHER, takes=["note"], guards=["first_extension"]
    )
    yield from _rows("grant_extension", asked, "handling", CHIEF, takes=["note"])
    yield from _rows("refuse_extension", asked, "handling", DESK, ["reason"])
    until = ["reason", "until"]
    yield from _rows("ask_suspension", ["handling"], "suspension_asked", HANDLER | DESK, until)
    yield from _rows("suspend", ["handling", "suspension_asked"], "suspended", CHIEF, until)
    yield from _rows("refuse_suspension", ["suspension_asked"], "handling", CHIEF, ["reason"])
    yield from _rows("resume", ["suspended"], "handling", HANDLER | DESK, takes=["note"])
    yield from _rows("resume", ["suspended"], "handling", ITSELF)

    # 处理反馈, 核查结案
    yield from _rows(
        "feed_back", IN_HAND, "checking", HANDLER, ["note", "photos"], guards=["public"], photos=1
    )
    yield from _rows(
        "feed_back", IN_HAND, "checking", HANDLER, ["note"], ["photos"], guards=["confidential"]
    )
    yield from _rows("check", ["checking"], None, DESK, ["note"], ["photos"])
    yield from _rows("check", ["checking"], None, REPORTER, ["note"], ["photos"], ["patrol"])
    yield from _rows("rework", ["checking"], "handling", DESK, ["reason"], ["photos"])
    yield from _rows(
        "close", ["checking"], "closed", DESK, takes=["note", "outcome"], guards=["checked"]
    )

    # 综合评价
    yield from _rows("rate", ["closed"], "rated", REPORTER, ["solved", "satisfaction"], ["note"])
    yield from _rows(
        "reopen", ["closed"], "reopened", REPORTER, ["reason"], ["photos"], ["lately_closed"]
    )

    # 并案, 改类, 作废
    yield from _rows("merge", MERGEABLE, "merged", DESK, ["main"], ["reason"])
    for state in MERGEABLE:
        yield from _rows(
            "unmerge", ["merged"], state, DESK, ["reason"], guards=[f"merged_from_{state}"]
        )
    yield from _rows("absorb", OPEN, None, ITSELF)
    yield from _rows("release", list(STATES), None, ITSELF)
    yield from _rows("recategorise", OPEN, None, DESK, ["category", "reason"])
    yield from _rows("void", [*OPEN, "closed"], "void", CHIEF, ["reason"])

    # What is said of a case besides, also after it was closed and before it is opened again.
    anybody = REPORTER | HANDLER | DESK
    yield from _rows("remark", [*OPEN, "closed"], None, anybody, ["note"], ["photos"])

    # 催办, 督办, and what time brings about
    pressed = [*WITH_PARTY, "returned", "checking"]
    yield from _rows("urge", pressed, None, REPORTER | DESK, takes=["note"])
    yield from _rows("supervise", pressed, None, CHIEF, ["reason"])
    yield from _rows("due_soon", TIMED, None, ITSELF)
    yield from _rows("overdue", TIMED, None, ITSELF)
    yield from _rows("write_notice", WITH_PARTY, None, ITSELF)
    yield from _rows("circulate", WITH_PARTY, None, ITSELF)


TRANSITIONS = tuple(_table())


class NotAllowed(Exception):
    """The table has no such step now; ``wrong_role`` when another role could take it."""

    def __init__(self, detail: str, wrong_role: bool = False) -> None:
        super().__init__(detail)
        self.wrong_role = wrong_role


def roles_towards(caller: Caller, case: Document) -> frozenset[str]:
    """What a caller is towards a case (DOMAIN: roles in the product).

    Its reporter is who reported it, its handler who acts for the responsible party: also a
    dispatcher whose own community has it.
    """
    held = set(caller.roles)
    roles = set()
    if case["reporter"] == caller.account:
        roles.add("reporter")
    responsible = case.get("responsible")
    if held & {"handler", "dispatcher"} and responsible and responsible["id"] == caller.party:
        roles.add("handler")
    if caller.division in case["divisions"]:
        roles |= held & DESK
    if "admin" in held and caller.division is None:
        roles.add("admin")
    return frozenset(roles)


def find_transition(
    action: str, case: Document, roles: Iterable[str], given: Document, at: datetime
) -> Transition:
    """The row by which ``roles`` may do ``action`` on a case now; raises ``NotAllowed``.

    ``given``: the fields brought along, for guards that look at them.
    """
    mine = frozenset(roles)
    rows = [row for row in TRANSITIONS if row.action == action]
    if not any(row.roles & mine for row in rows):
        raise NotAllowed(f"{_named(action)}: not for this role", wrong_role=True)
    here = [row for row in rows if row.source == case["state"]]
    if not here:
        raise NotAllowed(f"{_named(action)}: not in state {_state(case['state'])}")
    allowed = [row for row in here if row.roles & mine]
    if not allowed:
        raise NotAllowed(
            f"{_named(action)}: not for this role in state {_state(case['state'])}", wrong_role=True
        )
    for row in allowed:
        if all(holds(guard, case, given, at) for guard in row.guards):
            return row
    raise NotAllowed(f"{_named(action)}: {_why_not(allowed[-1], case, given, at)}")


def offered(case: Document, roles: Iterable[str], at: datetime) -> list[Transition]:
    """The rows that are open to these roles now, one for each action."""
    mine = frozenset(roles)
    found: dict[str, Transition] = {}
    for row in TRANSITIONS:
        fits = row.source == case["state"] and row.roles & mine
        if fits and all(holds(guard, case, {}, at) for guard in row.guards):
            found.setdefault(row.action, row)
    return list(found.values())


def replayed(history: Iterable[Document]) -> str | None:
    """The state in which a history ends, each step looked up in the table.

    Raises ``NotAllowed`` for a step that the table does not have.
    """
    state: str | None = None
    for entry in history:
        step = (entry["action"], state, entry["to"], entry["role"])
        if entry["from"] != state or step not in STEPS:
            raise NotAllowed(f"from {state} by a step {entry['from']} → {entry['to']}")
        state = entry["to"]
    return state


STEPS = frozenset(
    (row.action, row.source, row.target, role) for row in TRANSITIONS for role in row.roles
)
"""(action, from, to, role) of every step there is."""


def _why_not(row: Transition, case: Document, given: Document, at: datetime) -> str:
    return next(GUARDS[name].says for name in row.guards if not holds(name, case, given, at))


def _named(action: str) -> str:
    return f"{action} ({ACTIONS[action]})"


def _state(state: str) -> str:
    return f"{state} ({STATES[state]})"
