"""Filled figures for the tests of the bench, on a server of their own."""

from pathlib import Path

from bench.folder import Filling, figures, write_filling

COUNTY = Path(__file__).parents[2] / "data"
UNTIL = "2026-11-25T08:30:00+00:00"


def begun(folder, amount):
    """A folder of which it is said what it shall be filled with."""
    filling = Filling(amount, 5, UNTIL)
    write_filling(folder, filling)
    return filling


__all__ = ["COUNTY", "begun", "figures"]
