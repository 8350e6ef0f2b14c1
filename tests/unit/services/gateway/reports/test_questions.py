"""What is asked for a report, whoever goes on asking."""

import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.reports.questions import has_reports, names_of_parties, questions

from .answers import COUNTY, MONTH, PARTIES, TOWN, answer, answered

ALL = answered()


def test_a_report_asks_for_everything_once():
    assert next(iter(ALL)) == "comparison"
    assert {f"party {party}" for party in PARTIES} <= ALL.keys()
    assert {"child 341324001", "child 341324101", "child 341324102"} <= ALL.keys()
    asked = [question.key for question in questions(COUNTY, MONTH, ALL)]
    assert asked == list(ALL)
    assert len(set(asked)) == len(asked)


@given(st.sets(st.sampled_from(sorted(ALL))))
def test_whatever_was_answered_the_rest_is_asked_and_nothing_else(known):
    answers = {key: ALL[key] for key in known}
    while pending := [q for q in questions(COUNTY, MONTH, answers) if q.key not in answers]:
        answers[pending[0].key] = answer(pending[0])
    assert answers.keys() == ALL.keys() | known
    assert answers == ALL


def test_everything_goes_as_far_as_the_comparison():
    answers = {"comparison": {**ALL["comparison"], "to": "2026-10-17T00:00:00+08:00"}}
    asked = [each.arguments["filters"] for each in list(questions(COUNTY, MONTH, answers))[1:7]]
    assert {each["to"] for each in asked} == {"2026-10-17T00:00:00+08:00"}
    assert {each["from"] for each in asked} == {"2026-10-01T00:00:00+08:00"}


def test_names_are_asked_for_until_all_are_known():
    assert names_of_parties(ALL) == PARTIES
    pages = [key for key in ALL if key.startswith("names ")]
    assert pages == ["names ", "names property-1"]


@pytest.mark.parametrize(
    ("division", "group"), [(COUNTY, "town"), (TOWN, "community"), (f"{TOWN}001", "grid")]
)
def test_what_lies_below_is_ranked(division, group):
    asked = {each.key: each for each in questions(division, MONTH, ALL)}
    assert asked["ranking"].arguments["filters"]["group"] == group


def test_of_a_grid_there_are_no_reports():
    assert [has_reports(code) for code in (COUNTY, TOWN, f"{TOWN}001", f"{TOWN}001001")] == [
        *(True, True, True),
        False,
    ]


def test_every_question_is_answered_by_its_service():
    for question in questions(COUNTY, MONTH, ALL):
        module = importlib.import_module(f"services.{question.service}.service")
        services = [each for each in vars(module).values() if isinstance(each, type)]
        service = next(each for each in services if getattr(each, "name", "") == question.service)
        urls = {
            entrypoint.url
            for each in vars(service).values()
            for entrypoint in getattr(each, "nameko_entrypoints", ())
            if hasattr(entrypoint, "url")
        }
        assert f"/rpc/{question.name}" in urls
