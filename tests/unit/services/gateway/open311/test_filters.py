"""From parameters to a search."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from services.gateway.open311.filters import given_in, many, request_search, step_search
from services.gateway.open311.statuses import TOLD, states_of
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import load
from suishoupai.contracts.search_questions import IssueSearch, StepSearch
from suishoupai.contracts.words import STATES

NOW = datetime(2026, 11, 24, 4, 5, 6, tzinfo=UTC)


def searched(**parameters):
    search = request_search(given_in(MultiDict(parameters)), NOW)
    load(IssueSearch(), search)
    return search


def test_without_parameters_the_last_90_days_are_meant_and_the_first_thousand():
    search = searched()
    last, first = (datetime.fromisoformat(search[name]) for name in ("before", "from"))
    assert (last, last - first) == (NOW + timedelta(seconds=1), timedelta(days=90, seconds=1))
    assert (search["limit"], search["skip"]) == (1000, 0)


def test_an_empty_parameter_is_one_that_was_not_given():
    empty = dict.fromkeys(("service_code", "status", "start_date", "page", "service_request_id"))
    assert searched(**dict.fromkeys(empty, " ")) == searched()


def test_ids_override_everything_else():
    search = searched(service_request_id="a, b,a", status="nonsense", start_date="nonsense")
    assert search == {"issues": ["a", "b"]}


def test_lists_are_separated_by_commas_or_named_again():
    parameters = MultiDict([("service_code", "06010,06011"), ("service_code", "91001")])
    assert many(given_in(parameters), "service_code") == ["06010", "06011", "91001"]


@given(st.lists(st.sampled_from(["open", "closed", "OPEN"]), min_size=1))
def test_states_are_those_of_the_statuses(statuses):
    search = searched(status=",".join(statuses))
    wanted = {state for each in statuses for state in states_of(each.lower())}
    assert set(search["states"]) == wanted
    assert set(search["states"]) <= set(STATES)


@given(st.integers(1, 60), st.integers(1, 1000))
def test_pages_follow_one_another(page, size):
    search = searched(page=str(page), page_size=str(size))
    assert (search["skip"], search["limit"]) == ((page - 1) * size, size)


@pytest.mark.parametrize(
    "parameters",
    [
        {"status": "open,done"},
        {"page": "0"},
        {"page": "-1"},
        {"page": "1.5"},
        {"page": "²"},
        {"page_size": "1001"},
        {"page_size": "99999999999999999999"},
        {"page": "100000", "page_size": "1000"},
        {"start_date": "2026-01-01"},
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-02T00:00:00Z"},
        {"updated_after": "now"},
        {"service_request_id": ",".join(map(str, range(51)))},
    ],
)
def test_a_parameter_at_fault_is_named(parameters):
    with pytest.raises(Problem) as refusal:
        searched(**parameters)
    assert {error["field"] for error in refusal.value.errors} <= set(parameters)


def test_what_changed_lately_is_of_any_age_unless_dates_are_given():
    after = {"updated_after": "2026-11-01T00:00:00Z"}
    assert "from" not in searched(**after)
    assert "from" in searched(**after, end_date="2026-11-20T00:00:00Z")


def test_updates_are_of_the_last_day_or_of_named_requests():
    def steps(**parameters):
        search = step_search(given_in(MultiDict(parameters)), NOW)
        load(StepSearch(), search)
        return search

    search = steps()
    assert search["actions"] == list(TOLD)
    first, last = (datetime.fromisoformat(search[name]) for name in ("from", "before"))
    assert last - first == timedelta(days=1, seconds=1)
    assert steps(service_request_id="n") == {"actions": list(TOLD), "issues": ["n"]}
    with pytest.raises(Problem):
        steps(start_date="2026-01-01T00:00:00Z", end_date="2026-02-02T00:00:00Z")


@pytest.mark.parametrize("character", ["\x00", "\x1f", "\ufffe", "\udc80"])
def test_what_cannot_be_kept_is_refused_wherever_it_is_given(character):
    for source in ({"description": f"a{character}"}, {f"description{character}": "a"}):
        for sources in ([MultiDict(source)], [MultiDict(), MultiDict(source)]):
            with pytest.raises(Problem) as caught:
                given_in(*sources)
            assert caught.value.errors[0]["field"].startswith("description")
            caught.value.detail.encode()


def test_what_can_be_kept_is_taken_as_it_is():
    text = "第一行\n\tsecond 😀"
    assert given_in(MultiDict({"description": text})) == {"description": [text]}
