"""A case has the same fields wherever it is spoken of."""

import pytest

from services.gateway.cases import schemas
from services.issues.views import VIEW, read_for, shown
from suishoupai.access import Caller
from suishoupai.contracts.issue_fields import ISSUE_FIELDS, SUMMARY_FIELDS

from .....walk import WAYS, to

CALLERS = {
    "handler": Caller("h", ("handler",), party="property-001"),
    "reporter": Caller("member", ("reporter",)),
    "dispatcher": Caller("d", ("dispatcher",), "341324001001"),
    "program": Caller("p", ("program",), "341324"),
}


def test_names_shapes_and_views_are_the_same():
    assert set(ISSUE_FIELDS) == set(schemas.Issue().fields) == set(VIEW)
    for sparse in (schemas.IssueSummary(), schemas.PartialIssue()):
        assert set(sparse.fields) == set(ISSUE_FIELDS)
        assert [name for name, field in sparse.fields.items() if field.required] == ["id"]
    required = {name for name, field in schemas.Issue().fields.items() if field.required}
    assert set(SUMMARY_FIELDS) <= required


@pytest.mark.parametrize("caller", CALLERS.values(), ids=CALLERS)
@pytest.mark.parametrize("state", WAYS)
def test_a_shown_case_fits_its_shape(state, caller):
    case = shown(to(state).case, caller)
    assert schemas.Issue().validate(case) == {}
    assert ("reporter" in case) == caller.sees_reporters
    assert ("proposal" in case) == caller.is_desk


@pytest.mark.parametrize("name", ISSUE_FIELDS)
@pytest.mark.parametrize("state", ["extension_asked", "rated", "merged"])
def test_a_field_is_shown_from_what_is_read_for_it(name, state):
    whole = to(state).case
    kept = {}
    for part in read_for([name]):
        first, _, rest = part.partition(".")
        if first not in whole:
            continue
        if not rest:
            kept[first] = whole[first]
        elif isinstance(whole[first], dict):
            kept.setdefault(first, {})[rest] = whole[first].get(rest)
    caller = CALLERS["dispatcher"]
    some = shown({"_id": whole["_id"], **kept}, caller, [name])
    everything = shown(whole, caller)
    assert some == {each: everything[each] for each in {"id", name}}
