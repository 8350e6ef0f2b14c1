"""How changes are written: as they are, and never an arrow beside a zero."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.reports.wording import CHANGES, change


def compared(amount, direction=None):
    told = direction or ("up" if amount > 0 else "down" if amount < 0 else "same")
    return {"change": amount, "direction": told}


@pytest.mark.parametrize(
    ("kind", "amount", "said"),
    [
        ("count", -0.1254, "↓ 12.5%"),
        ("count", 12.0, "↑ 1200.0%"),
        ("indicator", 0.0123, "↑ 1.2 个百分点"),
        ("indicator", -0.00001, "↓ <0.1 个百分点"),
        ("score", -1.184, "↓ 1.18 分"),
        ("score", 0.004, "↑ <0.01 分"),
        ("score", 0, "＝"),
    ],
)
def test_a_change_is_written_with_its_direction(kind, amount, said):
    assert change(kind, compared(amount)) == said


@pytest.mark.parametrize("kind", CHANGES)
def test_what_is_not_known_has_no_amount(kind):
    assert change(kind, compared(None, "unknown")) == "–"
    assert change(kind, compared(None, "up")) == "↑"


@given(st.sampled_from(sorted(CHANGES)), st.floats(1e-12, 10))
def test_no_arrow_stands_beside_a_zero(kind, amount):
    assert not re.search(r" 0[.0]*[^.0-9]", change(kind, compared(-amount)))
