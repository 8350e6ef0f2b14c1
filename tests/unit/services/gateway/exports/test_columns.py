"""The columns of a table are those of what the API shows of a case."""

from datetime import UTC, datetime

import pytest
from marshmallow import fields

from services.gateway.cases.schemas import Issue
from services.gateway.exports.columns import COLUMNS, USUAL, Table
from services.issues.views import shown
from suishoupai.access import Caller
from suishoupai.contracts.issue_fields import ISSUE_FIELDS, ON_REQUEST, SUMMARY_FIELDS

from .....walk import to

ADMIN = Caller("admin", ("admin",))


def test_every_field_but_histories_has_columns():
    assert set(ISSUE_FIELDS) - set(COLUMNS) == {"history", "earlier_clocks"}
    assert set(USUAL) == set(SUMMARY_FIELDS)
    assert not set(USUAL) & set(ON_REQUEST)


def test_no_two_columns_have_a_name_in_common():
    columns = Table(tuple(COLUMNS)).columns
    assert len({column.name for column in columns}) == len(columns)
    assert len({column.chinese for column in columns}) == len(columns)


def nested(schema, steps):
    """The field that a path leads to, or None."""
    first, *rest = steps
    found = schema.fields.get(first)
    return nested(found.schema, rest) if rest and found else found


@pytest.mark.parametrize("column", Table(tuple(COLUMNS)).columns, ids=lambda column: column.name)
def test_a_column_is_a_field_of_the_api(column):
    found = nested(Issue(), column.name.split("."))
    assert found is not None
    instant = isinstance(found, fields.AwareDateTime)
    if instant:
        assert column.read("2026-04-01T00:00:00+00:00") == datetime(2026, 4, 1, tzinfo=UTC)
    choices = getattr(found.validate, "choices", None)
    if choices:
        assert set(filter(None, choices)) == set(column.words)


def test_values_are_typed_and_words_are_said():
    case = shown(to("extension_asked").case, ADMIN)
    names = ("state", "urgent", "reported_at", "location", "compound", "asked", "proposal")
    plain = dict(zip(Table(names).head(), Table(names).rows([case])[0], strict=True))
    assert plain["state"] == "extension_asked"
    assert plain["urgent"] is False
    assert plain["reported_at"] == datetime.fromisoformat(case["reported_at"])
    assert plain["location.lng"] == 117.9
    assert plain["compound.name"] is None
    assert plain["asked.reason"] == "因故"
    assert plain["proposal.party.name"] == "甲物业"
    said = Table(("state", "urgent", "version"), "zh")
    assert said.head() == ["状态", "紧急", "版本"]
    assert said.rows([case]) == [["延期待批", "否", case["version"]]]
