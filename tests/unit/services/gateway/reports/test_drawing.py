"""Charts: what is highest is highest, and everything stays inside."""

import re

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.reports.drawing import WIDTH, bars, lines, pairs, top_of

AMOUNTS = st.lists(st.integers(0, 10**7), min_size=1, max_size=40)


@given(st.lists(st.floats(0, 1e9, allow_subnormal=False), max_size=20))
def test_the_top_of_an_axis_is_round_and_not_far_above(values):
    top = top_of(values)
    assert all(value <= top for value in values)
    most = max(values, default=0)
    assert most == 0 or top <= 2.5 * most * (1 + 1e-9)
    assert f"{top:e}"[0] in "1245"


@given(AMOUNTS)
def test_lines_stay_inside_and_keep_their_order(values):
    drawn = lines([str(place) for place in range(len(values))], [("上报", values)])
    (points,) = re.findall(r'points="([^"]+)"', drawn)
    at = [tuple(map(float, each.split(","))) for each in points.split()]
    assert all(0 <= x <= WIDTH and 0 <= y <= 220 for x, y in at)
    assert at[values.index(max(values))][1] == min(y for _, y in at)
    assert at[values.index(min(values))][1] == max(y for _, y in at)


@given(AMOUNTS)
def test_bars_are_as_long_as_their_values(values):
    drawn = bars([(f"类别 {value}", value, str(value)) for value in values])
    wide = [float(found) for found in re.findall(r'width="([\d.]+)" height', drawn)]
    assert len(wide) == len(values)
    for one, length in zip(values, wide, strict=True):
        assert abs(length - one / top_of(values) * (WIDTH - 300)) < 0.1


def test_what_is_not_known_has_no_bar():
    drawn = pairs([("处置率", 0.5, None), ("<返工率>", None, None)], ("本期", "上期"))
    assert len(re.findall("<rect", drawn)) == 3
    assert "50.0%" in drawn and "&lt;返工率&gt;" in drawn
