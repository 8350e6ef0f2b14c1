"""A box of a map is what it says, or refused by name."""

import pytest

from suishoupai.contracts.place_figure_questions import HeatFilter, RepeatPlacesFilter
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import load


def loaded(box, zoom="11"):
    return load(HeatFilter(), {"box": box, "zoom": zoom})


def test_a_box_is_four_numbers():
    assert loaded("117.6,33.2,118.2,33.8")["box"] == (117.6, 33.2, 118.2, 33.8)
    assert loaded("-180,-85.0511,180,85.0511")["box"] == (-180, -85.0511, 180, 85.0511)
    assert loaded("117.6,33.2,118.2,33.8")["zoom"] == 11


@pytest.mark.parametrize(
    "box",
    [
        "",
        "117.6,33.2,118.2",
        "117.6,33.2,118.2,33.8,1",
        "118.2,33.2,117.6,33.8",
        "117.6,33.8,118.2,33.2",
        "117.6,33.2,117.6,33.8",
        "117.6,33.2,118.2,33.2",
        "117.6,33.2,181,33.8",
        "-180.1,33.2,118,33.8",
        "117.6,-86,118.2,33.8",
        "117.6,33.2,118.2,85.06",
        "117.6,33.2,118.2,nan",
        "1e2,33.2,118.2,33.8",
        "１１７,33.2,118.2,33.8",
        "117.6,33.2,118.2,33.8\n",
        "west,south,east,north",
    ],
)
def test_another_is_refused_by_name(box):
    with pytest.raises(Problem) as refused:
        loaded(box)
    assert [error["field"] for error in refused.value.errors] == ["box"]


@pytest.mark.parametrize("zoom", ["-1", "23", "x", "1.5"])
def test_so_is_a_zoom(zoom):
    with pytest.raises(Problem) as refused:
        loaded("117.6,33.2,118.2,33.8", zoom)
    assert [error["field"] for error in refused.value.errors] == ["zoom"]


@pytest.mark.parametrize("wanted", [{"at_least": "2"}, {"limit": "0"}, {"limit": "101"}])
def test_places_have_bounds(wanted):
    with pytest.raises(Problem) as refused:
        load(RepeatPlacesFilter(), wanted)
    assert [error["field"] for error in refused.value.errors] == list(wanted)
