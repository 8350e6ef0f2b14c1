import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.live.handlers import _require_figures, position
from services.gateway.live.schemas import TYPES, StreamFilter
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import load


@given(st.integers(0, 10**18 - 1))
def test_an_id_of_ours_is_a_place_in_the_log(number):
    assert position(str(number)) == number


@pytest.mark.parametrize("last", [None, ""])
def test_without_an_id_a_stream_begins_now(last):
    assert position(last) is None


@given(st.text(min_size=1).filter(lambda text: not (text.isascii() and text.isdigit())))
def test_an_id_that_is_not_ours_is_one_that_was_never_given(text):
    assert position(text) == -1


def test_a_number_longer_than_any_of_ours_was_never_given():
    assert position("9" * 19) == -1


def test_types_are_given_with_commas():
    wanted = load(
        StreamFilter(), {"types": "issue.closed, issue.rated", "division": "341324000000"}
    )
    assert wanted["types"] == {"issue.closed", "issue.rated"}
    assert wanted["division"] == "341324"
    assert load(StreamFilter(), {"types": ",".join(TYPES)})["types"] == set(TYPES)
    assert load(StreamFilter(), {"types": "figures"})["types"] == {"figures"}
    assert load(StreamFilter(), {"figures": "341324001000"})["figures"] == "341324001"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"types": "issue.closed,issue.unheard"}, "types"),
        ({"types": "notice.sent"}, "types"),
        ({"types": ""}, "types"),
        ({"division": "34"}, "division"),
        ({"figures": "34"}, "figures"),
        ({"last_event_id": "-1"}, "last_event_id"),
        ({"last_event_id": "9" * 19}, "last_event_id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_filter_names_itself(query, field):
    with pytest.raises(Problem) as refused:
        load(StreamFilter(), query)
    assert [error["field"] for error in refused.value.errors] == [field]


TOWN = "341324001"


@pytest.mark.parametrize(
    ("caller", "division", "code"),
    [
        (Caller("a", ("admin",)), TOWN, None),
        (Caller("a", ("supervisor",), TOWN), TOWN, None),
        (Caller("a", ("dispatcher",), TOWN), TOWN + "001", None),
        (Caller("a", ("supervisor",), TOWN), "341324", "forbidden"),
        (Caller("a", ("supervisor",), TOWN), "341324002", "forbidden"),
        (Caller("a", ("program",), TOWN), TOWN, "forbidden"),
        (Caller("a", ("handler",), party="p"), TOWN, "forbidden"),
        (Caller("a", ("reporter",)), TOWN, "forbidden"),
        (Caller("a", ("reporter",)), None, None),
    ],
)
def test_figures_are_for_who_may_read_the_board(caller, division, code):
    try:
        _require_figures(caller, division, None)
        refused = None
    except Problem as problem:
        refused = problem.code
    assert refused == code


def test_figures_alone_are_those_of_a_division():
    with pytest.raises(Problem) as refused:
        _require_figures(Caller("a", ("admin",)), None, frozenset({"figures"}))
    assert [error["field"] for error in refused.value.errors] == ["figures"]
