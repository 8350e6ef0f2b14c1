"""What the board asks, as a table: one row a question, asked of the stats service by the name of
its method. A row whose method is not there yet is left out and named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CUTS = ("category", "party", "source", "courier")
LEVELS = ("county", "town", "community")
SPANS = ("month", "quarter", "year", "two years", "days", "odd range")
"""What a row may have as ``span``, besides ``""`` for none; how each is drawn: ``asking``."""
ANY = ("days", "odd range")
"""From some day, or some minute, to another."""


BY_ITSELF = ("find_repeat_places",)
"""Methods that time calls, and without which some questions have no answer yet."""


@dataclass(frozen=True)
class Question:
    """One question with what of it is fixed; what is drawn anew each time is in braces:
    ``{category}``, ``{party}``, ``{member}``, ``{indicator}``, ``{box}``."""

    method: str
    """Of the stats service, which answers it as RPC."""
    level: str = "county"
    """Of the division that is asked about, and of the caller: a key of ``divisions.LEVELS``."""
    span: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    """What the method takes besides its filters."""

    @property
    def name(self) -> str:
        """As it is shown; unique."""
        fixed = [f"{name}={value}" for name, value in {**self.arguments, **self.filters}.items()]
        return " · ".join(each for each in (self.method, self.level, self.span, *fixed) if each)


def _rows(
    method: str, levels: tuple[str, ...], spans: tuple[str, ...], **filters: str
) -> list[Question]:
    return [Question(method, level, span, filters) for level in levels for span in spans]


def _explained(level: str, span: str, **filters: str) -> Question:
    return Question("explain", level, span, filters, {"indicator": "{indicator}"})


QUESTIONS: tuple[Question, ...] = (
    *_rows("indicators", (*LEVELS, "grid"), SPANS),
    *(row for cut in CUTS for row in _rows("indicators", LEVELS, ("month", "year"), cut=cut)),
    *_rows("indicators", ("community", "grid"), ("month", "year"), cut="member"),
    *_rows("indicators", LEVELS, ANY, cut="category"),
    *_rows("indicators", ("county",), ("two years",), cut="party"),
    *_rows("indicators", LEVELS, ("year",), cut="category", value="{category}"),
    *_rows("indicators", ("county", "town"), ("year",), cut="party", value="{party}"),
    *_rows("indicators", ("county", "town"), ("month",), cut="member", value="{member}"),
    *(_explained(level, span) for level in LEVELS for span in ("month", "two years")),
    _explained("county", "year", part="numerator", limit="100"),
    _explained("county", "year", cut="category", value="{category}"),
    *_rows("summary", LEVELS, ("month", "year", *ANY)),
    *_rows("trend", LEVELS, ("month",), period="day"),
    *_rows("trend", ("county",), ("month",), period="hour"),
    *_rows("trend", LEVELS, ("year",), period="week"),
    *_rows("trend", LEVELS, ("two years",), period="month"),
    *_rows(
        "trend", ("county", "town"), ("year",), period="month", cut="category", value="{category}"
    ),
    *_rows("comparison", LEVELS, ("month", "year", *ANY)),
    *_rows("funnel", LEVELS, ("month", "year")),
    *_rows("ageing", LEVELS, ("",)),
    *_rows("ageing", ("county",), ("",), cut="category", value="{category}"),
    *(
        row
        for by in ("category", "party", "division", "source")
        for row in _rows("top", ("county", "town"), ("month", "year"), by=by)
    ),
    *(
        row
        for group in ("town", "community", "property", "department")
        for row in _rows("ranking", ("county",), ("month", "year"), group=group)
    ),
    *_rows("ranking", ("town",), ("month",), group="grid"),
    *_rows("heat", ("county",), ("month", "year"), box="{box}", zoom="13"),
    *_rows("heat", ("county",), ("year",), box="{box}", zoom="13", category="{category}"),
    *_rows("repeat_places", LEVELS, ("",)),
    *_rows("board", LEVELS, ("",)),
)
