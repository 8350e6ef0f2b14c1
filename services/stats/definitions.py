"""By which definitions cases are marked: the one place that says so."""

from __future__ import annotations

from functools import cache

from services.stats.indicators import FILE, Indicators, read_indicators
from suishoupai.settings import read_settings


@cache
def current() -> Indicators:
    """The definitions of this process, from the county's folder; raises ``ValueError`` naming what
    is wrong in them."""
    return read_indicators(read_settings().county / FILE)
