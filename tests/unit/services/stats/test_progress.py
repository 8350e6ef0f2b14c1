"""What a board tells of progress, as data: what is shipped, and what is wrong in it said where."""

import json
from copy import deepcopy
from pathlib import Path

import pytest

from services.stats.indicators import read_indicators
from services.stats.progress import FILE, progress, read_progress
from suishoupai.contracts.words import ENDED, STATES

DATA = Path(__file__).resolve().parents[4] / "data"
INDICATORS = read_indicators(DATA / "indicators.json")
RAW = json.loads((DATA / FILE).read_text(encoding="utf-8"))
SHIPPED = read_progress(DATA / FILE, INDICATORS)


def test_every_state_is_the_set_of_the_cases_in_it():
    assert list(SHIPPED.states) == list(STATES)
    for state, each in SHIPPED.states.items():
        assert each.when == {"field": "state", "one_of": [state]}


def test_open_is_what_has_not_ended():
    assert SHIPPED.open.when == {"field": "state", "none_of": list(ENDED)}


def test_stages_count_by_the_report():
    assert {each.anchor for each in SHIPPED.stages} == {"reported"}
    assert SHIPPED.stages[0].id == "reported"


def test_ages_are_those_of_the_board():
    assert SHIPPED.ages == (1, 3, 7, 15, 30)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda raw: raw["counts"].append("nonsense"), "counts[6]: no set 'nonsense'"),
        (lambda raw: raw["counts"].append("reported"), "counts: a set stands there twice"),
        (lambda raw: raw["counts"].clear(), '"counts"'),
        (lambda raw: raw["counts"].append("now_closed"), "now_closed: is counted in no cut"),
        (lambda raw: raw["today"].append("nonsense"), "today[6]: no set 'nonsense'"),
        (lambda raw: raw["today"].append("reported"), "today: a set stands there twice"),
        (lambda raw: raw["today"].clear(), '"today"'),
        (lambda raw: raw["stages"].reverse(), "stages[1]: got_closed is not within got_rated"),
        (lambda raw: raw["stages"].insert(2, "open"), "stages[2]: open is not within filed"),
        (lambda raw: raw["states"].pop("closed"), "states: closed is missing"),
        (lambda raw: raw["states"].update(lost="now_void"), "states: no case is ever 'lost'"),
        (lambda raw: raw["states"].update(closed="none"), "states.closed: no set 'none'"),
        (lambda raw: raw["states"].update(closed="rated"), "count by the same instant"),
        (lambda raw: raw.update(open="shut"), "open: no set 'shut'"),
        (lambda raw: raw["lights"].update(red="pink"), "lights.red: no set 'pink'"),
        (lambda raw: raw["lights"].update(blue="open"), '"blue"'),
        (
            lambda raw: raw["lights"].update(yellow="reported"),
            "lights.yellow: reported is not within overdue_unhandled",
        ),
        (lambda raw: raw["ages"].insert(0, 1), "ages: each is more days than the one before"),
        (lambda raw: raw["ages"].append(367), '"ages"'),
        (lambda raw: raw["ages"].append(0), '"ages"'),
        (lambda raw: raw.update(colour="red"), '"colour"'),
        (lambda raw: raw.pop("open"), '"open"'),
    ],
)
def test_what_is_wrong_is_told_with_where(change, told):
    raw = deepcopy(RAW)
    change(raw)
    with pytest.raises(ValueError) as caught:
        progress(raw, INDICATORS)
    assert told in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", '{"ages": [1], "ages": [2]}', "{}"])
def test_a_file_with_a_fault_is_named(tmp_path, text):
    path = tmp_path / FILE
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=FILE):
        read_progress(path, INDICATORS)
