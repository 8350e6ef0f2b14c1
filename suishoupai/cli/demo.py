"""The demo: a lifelike morning of reports sent as phones would, and whether each arrived once."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from suishoupai.client import Client, Receipt

PHONES = 8
"""Reports under way at the same time."""
SENT_AGAIN = 10
"""Every so many reports, one phone sends its report twice, not having seen the answer."""
SETTLED_SECONDS = 60.0
"""Longest wait for the last report to be counted."""


@dataclass
class Findings:
    """What became of the reports of one demo."""

    reported: int = 0
    assigned: Counter[str] = field(default_factory=Counter)
    """By kind of responsible party."""
    noticed: int = 0
    counted: int = 0
    to_assigned: list[float] = field(default_factory=list)
    """Seconds from the 201 to the case being dispatched, one for each case."""
    to_counted: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every report was assigned, noticed and counted exactly once."""
        done = (self.assigned.total(), self.noticed, self.counted)
        return not self.faults and set(done) == {self.reported}


def send(
    phone: Client, bodies: Sequence[dict[str, Any]], advance: Callable[[], None]
) -> list[Receipt]:
    """Sends all reports, ``PHONES`` at a time; returns their receipts in order."""
    run = uuid.uuid4().hex

    def send_one(numbered: tuple[int, dict[str, Any]]) -> Receipt:
        n, body = numbered
        receipt = phone.report(body, f"demo-{run}-{n}")
        if n % SENT_AGAIN == 0 and phone.report(body, f"demo-{run}-{n}").id != receipt.id:
            raise AssertionError(f"{receipt.number} was opened twice")
        advance()
        return receipt

    with ThreadPoolExecutor(PHONES) as pool:
        return list(pool.map(send_one, enumerate(bodies)))


COUNTED = ("reported", "assigned", "noticed")
"""Figures of the county that grow by one with each report."""


def await_counted(county: Client, before: dict[str, Any], reports: int) -> None:
    """Waits until each of the county's figures has grown by so many since ``before``."""
    deadline = time.monotonic() + SETTLED_SECONDS
    while time.monotonic() < deadline:
        summary = county.get("/stats/summary")
        if all(summary[name] - before[name] >= reports for name in COUNTED):
            return
        time.sleep(0.1)


def inspect(
    county: Client, receipts: Sequence[Receipt], before: dict[str, Any], after: dict[str, Any]
) -> Findings:
    """Looks up each case, its notices and what is counted of it, and compares the totals."""
    findings = Findings(reported=len(receipts))
    with ThreadPoolExecutor(PHONES) as pool:
        cases = list(pool.map(lambda receipt: _look_up(county, receipt), receipts))
    for receipt, (case, notices, counted) in zip(receipts, cases, strict=True):
        _note(findings, receipt, case, notices, counted)
    for name in COUNTED:
        grown = after[name] - before[name]
        if grown != len(receipts):
            findings.faults.append(f"the county's {name} grew by {grown}, not {len(receipts)}")
    return findings


def _look_up(county: Client, receipt: Receipt) -> tuple[Any, Any, Any]:
    return (
        county.get(f"/issues/{receipt.id}"),
        county.get("/notices", issue=receipt.id)["items"],
        county.get(f"/stats/issues/{receipt.id}"),
    )


def _note(findings: Findings, receipt: Receipt, case: Any, notices: Any, counted: Any) -> None:
    if case["state"] != "dispatched":
        findings.faults.append(f"{receipt.number} is {case['state']}")
        return
    party = case["responsible"]
    findings.assigned[party["kind"]] += 1
    findings.to_assigned.append(_seconds(receipt, _dispatched_at(case)))
    told = [notice["party"] for notice in notices if notice["kind"] == "dispatched"]
    if told == [party["id"]]:
        findings.noticed += 1
    else:
        findings.faults.append(f"{receipt.number} was told to {told}")
    if all(counted["figures"].get(name) == 1 for name in COUNTED):
        findings.counted += 1
        findings.to_counted.append(_seconds(receipt, counted["counted_at"]["reported"]))
    else:
        findings.faults.append(f"{receipt.number} is counted as {counted['figures']}")


def _dispatched_at(case: Any) -> str:
    at: str = next(entry["at"] for entry in case["history"] if entry["action"] == "dispatch")
    return at


def _seconds(receipt: Receipt, at: str) -> float:
    """From the 201 to an instant; what was quicker than the answer counts as 0."""
    return max(0.0, datetime.fromisoformat(at).timestamp() - receipt.answered_at)


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)] if ordered else 0.0
