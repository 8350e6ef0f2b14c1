"""By which definitions cases are marked: the one place that says so."""

from __future__ import annotations

from functools import cache

from services.stats import progress
from services.stats.indicators import FILE, Indicators, read_indicators
from services.stats.progress import Progress, read_progress
from suishoupai.settings import read_settings


@cache
def current() -> Indicators:
    """The definitions of this process, from the county's folder; raises ``ValueError`` naming what
    is wrong in them."""
    return read_indicators(read_settings().county / FILE)


@cache
def current_progress() -> Progress:
    """What a board tells of the progress of cases, likewise; raises ``ValueError``."""
    return read_progress(read_settings().county / progress.FILE, current())
