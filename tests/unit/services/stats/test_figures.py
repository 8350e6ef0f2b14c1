"""What a board tells of some cases, and of others beside them."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stats.figures import Figures, compared
from services.stats.indicators import Indicators, read_indicators, scored, value
from services.stats.progress import FILE, read_progress

DATA = Path(__file__).resolve().parents[4] / "data"
RAW = json.loads((DATA / "indicators.json").read_text(encoding="utf-8"))
INDICATORS = read_indicators(DATA / "indicators.json")
PROGRESS = read_progress(DATA / FILE, INDICATORS)
DAY = date(2026, 11, 25)
FIGURES = Figures.on(DAY, INDICATORS, PROGRESS)

tallies = st.fixed_dictionaries({mark: st.integers(0, 4) for mark in FIGURES.marks})


@given(tallies)
def test_counts_are_tallies_and_indicators_are_shares_of_them(tallied):
    shown = FIGURES.shown(tallied)
    assert shown["counts"] == {
        each.id: tallied[f"{each.anchor}/{each.id}"] for each in PROGRESS.counts
    }
    assert shown["indicators"] == {
        each.id: value(each, tallied) for each in INDICATORS.in_force(DAY)
    }


@given(tallies)
def test_every_figure_that_is_named_has_a_value(tallied):
    values = FIGURES.values(tallied)
    assert [key for key, _ in FIGURES.named()] == list(values)
    shares = {id: share for (kind, id), share in values.items() if kind == "indicator"}
    for score in INDICATORS.scores_in_force(DAY):
        assert values["score", score.id] == scored(score, shares)


def test_formulas_are_those_of_the_day():
    raw = json.loads(json.dumps(RAW))
    new = {**raw["indicators"][0], "version": 2, "valid_from": "2026-11-01", "complement": True}
    raw["indicators"].append(new)
    known = Indicators(raw)
    tallied = {"disposal/should_be_handled": 4, "disposal/handled": 1}
    for day, expected in ((date(2026, 10, 31), 0.25), (date(2026, 11, 1), 0.75)):
        values = Figures.on(day, known, PROGRESS).values(tallied)
        assert values["indicator", "handling_rate"] == expected


@pytest.mark.parametrize(
    ("key", "now", "then", "expected"),
    [
        (("count", "a"), 6, 4, {"value": 4, "change": 0.5, "direction": "up"}),
        (("indicator", "a"), 0.5, 0.75, {"value": 0.75, "change": -0.25, "direction": "down"}),
        (("score", "a"), 80.0, 80.0, {"value": 80.0, "change": 0.0, "direction": "same"}),
        (("indicator", "a"), 0.5, None, {"value": None, "change": None, "direction": "unknown"}),
    ],
)
def test_a_figure_beside_another(key, now, then, expected):
    assert compared(key, {key: now}, {key: then}) == expected


def test_nothing_is_known_of_a_time_before_there_was_anything():
    told = compared(("count", "a"), {("count", "a"): 3}, {})
    assert told == {"value": None, "change": None, "direction": "unknown"}
