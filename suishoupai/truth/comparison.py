"""What differs between a case and what the other services hold of it: pure functions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from suishoupai.truth.records import Assignment, Case, Difference, Notice, Told

Recipients = Callable[[Told, Collection[str]], Collection[str]]
"""Who had to be told of a change, given who was: the rule tables of notify."""


def case_differences(
    case: Case,
    assignment: Assignment | None,
    notices: Sequence[Notice],
    recipients: Recipients,
) -> Iterator[Difference]:
    """Every way in which a case, its assignment and its notices disagree.

    In rest each case is assigned exactly once, and whoever must hear of a change was told of it
    exactly once, and nobody else.
    """
    for fault in case.faults:
        yield Difference(case.number, "case", "no contradiction", fault)
    if case.assignment is None or case.assignment != assignment:
        yield Difference(
            case.number, "assignment", _shown(assignment), f"in the case: {_shown(case.assignment)}"
        )
    for what, expected, found in notice_differences(case.changes, notices, recipients):
        yield Difference(case.number, what, expected, found)


def notice_differences(
    changes: Iterable[Told], notices: Iterable[Notice], recipients: Recipients
) -> Iterator[tuple[str, str, str]]:
    """Where the notices are not what the changes ask for: what, what should be, what is.

    ``notice``: one that went to another than the one who lacks it; ``notices``: one too many or
    too few.
    """
    found = Counter((notice.sequence, notice.recipient) for notice in notices)
    told: dict[int, set[str]] = defaultdict(set)
    for sequence, recipient in found:
        told[sequence].add(recipient)
    due = Counter(
        (each.sequence, to) for each in changes for to in recipients(each, told[each.sequence])
    )
    lacking, surplus = sorted((due - found).elements()), sorted((found - due).elements())
    for sequence, recipient in list(lacking):
        other = next((each for each in surplus if each[0] == sequence), None)
        if other:
            lacking.remove((sequence, recipient))
            surplus.remove(other)
            yield "notice", f"{sequence} to {recipient}", f"to {other[1]}"
    for sequence, recipient in lacking:
        yield "notices", f"{sequence} to {recipient}", "none"
    for sequence, recipient in surplus:
        yield "notices", "none", f"{sequence} to {recipient}"


def _shown(assignment: Assignment | None) -> str:
    if assignment is None:
        return "none"
    return f"{assignment.sequence}: {assignment.grid} to {assignment.party}"


def strays(what: str, held: Mapping[str, object], cases: Sequence[Case]) -> Iterator[Difference]:
    """What is held of issues that no case exists of."""
    known = {case.id for case in cases}
    for issue in held:
        if issue not in known:
            yield Difference(issue, what, "a case", "no case")
