"""A fault in what the county may edit: the rule table, the texts, the channels."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class UnusableTable(ValueError):
    """A file that notify cannot work by; says which file, which line, and why."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path.name}, line {line}: {reason}")


def one_of(names: Iterable[str]) -> str:
    """The end of a reason: what would have been right."""
    return f"must be one of: {', '.join(sorted(names))}"
