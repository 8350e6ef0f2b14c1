"""Division codes (NBS 统计用区划代码): 6 digits a county, 9 a town, 12 a community, 15 a grid.

A code lies under another when it starts with it: ``341324001001`` is in the town ``341324001``.
"""

from __future__ import annotations

import re

LEVELS = {6: "county", 9: "town", 12: "community", 15: "grid"}
_CODE = re.compile(r"\d{6}(\d{3}){0,3}")


def normalise(code: str) -> str:
    """The shortest form of a code: NBS pads a town ``341324001000`` and a county with zeros.

    Raises ``ValueError`` when it is not a division code.
    """
    if not _CODE.fullmatch(code):
        raise ValueError("a division code has 6, 9, 12 or 15 digits")
    while (len(code) == 12 and code.endswith("000")) or (len(code) == 9 and code.endswith("000")):
        code = code[:-3]
    return code


def ancestry(code: str) -> list[str]:
    """A code and those above it, the county first: ``["341324", "341324001", …]``."""
    return [code[:length] for length in LEVELS if length <= len(code)]


def parent(code: str) -> str | None:
    """The division one level above, or None for a county."""
    return code[:-3] if len(code) > 6 else None


def covers(reach: str, code: str) -> bool:
    """Whether ``code`` is ``reach`` or lies under it."""
    return code.startswith(reach)
