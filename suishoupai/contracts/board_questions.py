"""Shapes of what is asked of the county's board."""

from __future__ import annotations

from marshmallow import RAISE, Schema

from suishoupai.contracts.questions import DivisionCode


class BoardFilter(Schema):
    """Which board: of a division; left out, of all that the caller may see."""

    class Meta:
        """An unknown filter is told: it would silently show too much."""

        unknown = RAISE

    division = DivisionCode(load_default=None)
