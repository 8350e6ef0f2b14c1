"""The cases into the figures: made beside, and taken over page by page by the stats service's own
way of making its figures anew (``services.stats.truth.Rebuilding``)."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

from pymongo.database import Database

from bench.cases import Cases, Page, Wanted
from services.stats.store import StatsStore
from services.stats.truth import Rebuilding

Document = dict[str, Any]

AHEAD = 2
"""Pages that each process has made, or is making, before they are wanted: memory stays flat."""

_cases: Cases | None = None
"""Of a process that makes pages."""


class Loading:
    """Fills empty figures; broken off, it goes on with the page after the last one it wrote."""

    def __init__(self, database: Database[Document], folder: Path, wanted: Wanted) -> None:
        """``folder``: the county's."""
        self._database, self._folder, self._wanted = database, folder, wanted
        self._building = None if is_filled(database) else Rebuilding(database)

    @property
    def done(self) -> int:
        """How many cases are in the figures."""
        return self._building.done if self._building else self._wanted.cases

    def run(self, page: int, processes: int) -> Iterator[int]:
        """Takes the cases over in pages of about so many; tells how many are done after each, and
        makes the figures the ones that are read when all are.

        Raises ``Overtaken`` when somebody else fills the same figures.
        """
        building = self._building
        if building is None:
            return
        spans = Cases(self._folder, self._wanted).spans(building.done, page)
        for made in pages(self._folder, self._wanted, spans, processes):
            building.take(made.cases, made.notices)
            yield building.done
        building.finish().drop()
        self._building = None


def is_filled(database: Database[Document]) -> bool:
    """Whether figures are there to be read, and none are being made."""
    store = StatsStore(database)
    return store.building() is None and not store.live().is_empty()


def pages(folder: Path, wanted: Wanted, spans: Sequence[range], processes: int) -> Iterator[Page]:
    """The pages of runs of days, in their order, made by other processes a few ahead."""
    # Not forked: a process must not share the connections of this one.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _begin, (folder, wanted)) as pool:
        left = iter(spans)
        ahead: deque[Future[Page]] = deque()
        try:
            while True:
                for days in left:
                    ahead.append(pool.submit(_page, days))
                    if len(ahead) >= processes * AHEAD:
                        break
                if not ahead:
                    return
                yield ahead.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _begin(folder: Path, wanted: Wanted) -> None:
    global _cases  # noqa: PLW0603 - the one thing that a process of the pool keeps
    _cases = Cases(folder, wanted)


def _page(days: range) -> Page:
    if _cases is None:
        raise RuntimeError("this process has not begun")
    return _cases.page(days)
