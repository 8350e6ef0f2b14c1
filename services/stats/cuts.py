"""Where a case counts, and by what its division's figures are cut: pure functions of a fact."""

from __future__ import annotations

from typing import Any, cast

from services.stats.counting import divisions_of
from suishoupai.divisions import LEVELS

Document = dict[str, Any]


def places(fact: Document) -> list[str]:
    """The codes of the divisions a case counts in, the county first; none before its report."""
    return divisions_of(fact)


def lies_in(fact: Document) -> dict[str, str]:
    """Level (``county``, ``town``, ``community``, ``grid``) → code of the division there."""
    return {LEVELS[len(code)]: code for code in places(fact)}


PATHS = {
    "category": "case.category",
    "party": "case.party",
    "source": "source",
    "courier": "courier",
    "member": "member",
}
"""Cut → where its value stands in a fact: category code, party id, source, whether it was a
courier, account."""
CUTS = ("", *PATHS)
"""By what the cases of a division are told apart; ``""`` takes all of them together."""


def cut_values(fact: Document) -> dict[str, str]:
    """Cut → value of this case, as text; a cut without a value is left out (no party yet)."""
    found = {cut: _at(fact, path) for cut, path in PATHS.items()}
    return {"": "", **{cut: text(value) for cut, value in found.items() if value is not None}}


def text(value: str | bool) -> str:
    """The text of a value as it stands in a fact."""
    return value if isinstance(value, str) else str(value).lower()


def raw(cut: str, value: str) -> str | bool:
    """The value as it stands in a fact."""
    return value == "true" if cut == "courier" else value


def _at(fact: Document, path: str) -> str | bool | None:
    found: Any = fact
    for name in path.split("."):
        found = (found or {}).get(name)
    return cast("str | bool | None", found)
