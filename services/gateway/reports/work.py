"""Makes a claimed report: asks one question after the other, keeps each answer, and then writes
both files. Whoever takes up the report of a process that was killed asks what is not answered yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from eventlet import tpool

from services.gateway.jobs.work import Left, Refused, change
from services.gateway.reports.content import content
from services.gateway.reports.page import page
from services.gateway.reports.questions import Answers, Question, questions
from services.gateway.reports.store import ReportStore
from services.gateway.reports.style import POLICY
from services.gateway.reports.telling import made
from services.gateway.reports.workbook import workbook
from suishoupai import clock
from suishoupai.access import Caller, sees_division

Document = dict[str, Any]

OWN_ACCOUNT = "report:scheduled"
"""Asks for a report that nobody has ordered; no person's name has a colon."""
FILES = 2
"""What is left to be done after the last answer."""
KEPT = timedelta(days=7)
"""How long an ordered report can be fetched."""
KEPT_SCHEDULED = timedelta(days=400)
"""How long a scheduled one can: until the same month of the next year has been reported on."""


@dataclass(frozen=True)
class Bench:
    """What a report is made with."""

    store: ReportStore
    caller_of: Callable[[str], Caller | None]
    """The caller an account is now; None for one that may have no reports."""
    put: Callable[[Question, Caller], Document]
    """Puts a question to its service."""
    names: Mapping[str, str]
    """Names of divisions by code."""
    subscribers: Callable[[Document], list[str]]
    """The accounts to be told of a report."""
    link: Callable[[str], str]
    """The address at which a report of that id is read."""
    is_leaving: Callable[[], bool]
    """Whether this process is about to stop."""


def make(report: Document, bench: Bench) -> None:
    """Makes the files of a claimed report, and marks it as done.

    Raises ``Left`` when it is not this process's to make any more, ``Refused`` when it is nobody's,
    and whatever a question or the database raises.
    """
    bench.store.drop_parts(report["_id"])
    answers = {each["key"]: each["answer"] for each in report["answers"]}
    while question := _next(report, answers):
        if bench.is_leaving():
            raise Left
        answers[question.key] = bench.put(question, _caller(report, bench))
        kept = {"key": question.key, "answer": answers[question.key]}
        total = _total(report, answers)
        update = {"$push": {"answers": kept}, "$set": {"done": len(answers), "total": total}}
        change(report, update, bench.store)
    _caller(report, bench)
    _finish(report, answers, bench)


def _next(report: Document, answers: Answers) -> Question | None:
    wanted = questions(report["division"], report["month"], answers)
    return next((question for question in wanted if question.key not in answers), None)


def _total(report: Document, answers: Answers) -> int:
    """Steps there will be, as far as is known by now."""
    wanted = questions(report["division"], report["month"], answers)
    return sum(1 for _ in wanted) + FILES


def _caller(report: Document, bench: Bench) -> Caller:
    """Who asks: the account that ordered it, with the reach it has by now; of a scheduled one,
    somebody who sees its division and no more."""
    if report["scheduled"]:
        return Caller(OWN_ACCOUNT, ("supervisor",), report["division"])
    caller = bench.caller_of(report["account"])
    if caller is None or not sees_division(caller, report["division"]):
        raise Refused("the account may not see the division any more")
    return caller


def _finish(report: Document, answers: Answers, bench: Bench) -> None:
    """Writes both files and marks the report as done, with the event that tells of it."""
    now = clock.now()
    found = content(report["division"], report["month"], answers, bench.names, now)
    files = (
        ("xlsx", tpool.execute(workbook, found)),
        ("html", tpool.execute(page, found).encode()),
    )
    parts = bench.store.keep_files(report["_id"], files)
    done = len(answers) + FILES
    finished = {
        "state": "done",
        "done": done,
        "total": done,
        "title": found["title"],
        "parts": parts,
        "policy": POLICY,
        "finished_at": now,
        "expires_at": now + (KEPT_SCHEDULED if report["scheduled"] else KEPT),
        "outbox": _told(report, found, bench),
    }
    try:
        change(report, {"$set": finished, "$unset": {"place": "", "answers": ""}}, bench.store)
    except Left:
        for part in parts:
            bench.store.drop(part)
        raise


def _told(report: Document, found: Document, bench: Bench) -> list[Document]:
    accounts = bench.subscribers(report) if report["scheduled"] else []
    if not accounts:
        return []
    return [made(report, found, accounts, bench.link(report["_id"])).to_dict()]
