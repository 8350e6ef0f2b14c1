"""What differs between a case and what the other services hold of it: pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from suishoupai.truth.records import Assignment, Case, Difference, Notice


def case_differences(
    case: Case, assignment: Assignment | None, notices: Sequence[Notice]
) -> Iterator[Difference]:
    """Every way in which a case, its assignment and its notices disagree.

    In rest each case is assigned exactly once, and each thing its party must hear of was told to
    it exactly once.
    """
    for fault in case.faults:
        yield Difference(case.number, "case", "no contradiction", fault)
    if case.assignment is None or case.assignment != assignment:
        yield Difference(
            case.number, "assignment", _shown(assignment), f"in the case: {_shown(case.assignment)}"
        )
    expected = sorted((kind, sequence) for kind, sequence in case.told)
    found = sorted((notice.kind, notice.sequence) for notice in notices)
    if expected != found:
        yield Difference(case.number, "notices", str(expected), str(found))
    party = case.assignment.party if case.assignment else ""
    for notice in notices:
        if notice.party != party:
            yield Difference(case.number, "notice", f"to {party}", f"to {notice.party}")


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
