"""Who had to be told is asked of the very same table that tells."""

import pytest

from services.notify.changes import change_of
from services.notify.notices import notices_of
from services.notify.rules import read_rules
from services.notify.truth import expected, teller
from suishoupai.contracts.events import CHANGES
from suishoupai.settings import ROOT

from .events import AT, category, changed

RULES = read_rules(ROOT / "data" / "notices" / "rules.csv", None)


@pytest.mark.parametrize("event_type", CHANGES)
@pytest.mark.parametrize("urgent", [False, True])
@pytest.mark.parametrize("confidential", [False, True])
def test_what_must_be_told_is_what_is_told(event_type, urgent, confidential):
    event = changed(event_type, urgent=urgent, category=category(confidential))
    sent = {each.notice["recipient"] for each in notices_of(event, RULES, AT)}
    assert expected(change_of(event), RULES) == sent
    assert teller(ROOT / "data")(change_of(event)) == sent


def test_a_county_without_a_table_of_its_own_goes_by_the_one_that_is_shipped(tmp_path):
    event = changed("issue.closed")
    assert teller(tmp_path)(change_of(event)) == teller(ROOT / "data")(change_of(event))
    (tmp_path / "notices").mkdir()
    (tmp_path / "notices" / "rules.csv").write_text("event,role,when,kind,channels\n")
    assert teller(tmp_path)(change_of(event)) == frozenset()
