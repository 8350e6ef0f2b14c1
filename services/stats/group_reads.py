"""What is read of the tallies for the units of a group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from services.stats.asked import Asked
from services.stats.parties_store import PartyStore
from services.stats.ranking_groups import LENGTHS, units_below
from services.stats.tallies_store import TallyStore
from suishoupai.divisions import LEVELS

Tallied = dict[str, Counter[str]]
"""Code of a unit → mark → cases."""


def of_divisions(asked: Asked, level: str, known: Iterable[str], tallies: TallyStore) -> Tallied:
    """The cases of each division of a level under the one asked about; those of ``known`` that have
    none are there too.

    One read, and where there are divisions in between, one for those.
    """
    codes = list(known)
    found: Tallied = {code: Counter() for code in units_below(asked.division, level, codes)}
    return found | tallies.descendants(asked, level, _parents(asked, level, codes, tallies))


def _parents(asked: Asked, level: str, known: Iterable[str], tallies: TallyStore) -> list[str]:
    between = LEVELS[LENGTHS[level] - 3]
    if LENGTHS[between] == len(asked.division):
        return [asked.division]
    # A division that is in no list may have cases all the same.
    listed = units_below(asked.division, between, known)
    return sorted({*listed, *of_divisions(asked, between, (), tallies)})


def of_parties(asked: Asked, kind: str, tallies: TallyStore, parties: PartyStore) -> Tallied:
    """The cases of each party of a kind that has any; two reads."""
    found = tallies.tallied(replace(asked, cut="party"))
    kinds = parties.kinds()
    return {party: counts for party, counts in found.items() if kinds.get(party) == kind}
