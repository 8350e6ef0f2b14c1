import pytest

from suishoupai.contracts.problems import TITLES, Problem, invalid, invalid_fields


@pytest.mark.parametrize("code", TITLES)
def test_every_problem_survives_the_way_between_services(code):
    problem = Problem(code, "why", [{"field": "f", "message": "m"}])
    back = Problem.from_dict(problem.to_dict())
    assert (back.code, back.detail, back.errors) == (code, "why", problem.errors)
    assert back.status == TITLES[code][0]


def test_an_unknown_problem_is_an_internal_one():
    assert Problem.from_dict({"type": "urn:other:thing"}).code == "internal"
    assert Problem.from_dict({}).status == 500


def test_nested_messages_name_the_whole_path():
    problem = invalid_fields({"location": {"datum": ["wrong"]}, "photos": {0: ["no"]}})
    fields = {error["field"]: error["message"] for error in problem.errors}
    assert fields == {"location.datum": "wrong", "photos.0": "no"}
    assert "location.datum: wrong" in problem.detail


def test_messages_about_the_whole_are_about_the_body():
    assert invalid_fields({"_schema": ["no object"]}).errors[0]["field"] == "body"


def test_one_field():
    assert invalid("category", "unknown").to_dict()["errors"] == [
        {"field": "category", "message": "unknown"}
    ]
