"""What happens to a claimed job: it is left, refused, held, kept or given up. Each kind of job is
made by a ``make`` of its own (``exports.work``, ``reports.work``)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import IO, Any, Protocol

Document = dict[str, Any]
Content = bytes | IO[bytes]

CLAIM = timedelta(seconds=20)
"""How long a job belongs to a process that says nothing more."""


class Left(Exception):
    """The job is another's by now, was removed, or is to be left to another."""


class Refused(Exception):
    """The account may not have it any more."""


class Jobs(Protocol):
    """Where jobs are kept (``JobStore``)."""

    def change(self, job: Document, update: Document) -> bool:
        """Changes a claimed job; says whether it was this process's to change."""

    def keep_part(self, job: str, content: Content) -> Document:
        """Keeps a part of a file and says how it is found."""

    def drop(self, part: Document) -> None:
        """Takes away one part."""


def change(job: Document, update: Document, store: Jobs) -> None:
    """Changes a claimed job; raises ``Left`` when it is not this process's any more."""
    if not store.change(job, update):
        raise Left


def keep(
    job: Document, parts: list[Document], content: Content, update: Document, store: Jobs
) -> list[Document]:
    """Keeps a part with what the job is then; answers all parts there are.

    A part that the job does not know of is nobody's, and taken away.
    """
    part = store.keep_part(job["_id"], content)
    known = [*parts, part]
    try:
        change(job, {**update, "$set": {**update["$set"], "parts": known}}, store)
    except Left:
        store.drop(part)
        raise
    return known


def held_until(at: datetime) -> Document:
    """The update by which a job is this process's until ``at``, and whoever's comes next then."""
    return {"$set": {"claimed_until": at}}


def failed(reason: str, at: datetime, kept: timedelta) -> Document:
    """The update by which a job is given up; it is shown so for a while."""
    return {
        "$set": {"state": "failed", "reason": reason, "finished_at": at, "expires_at": at + kept},
        "$unset": {"place": ""},
    }
