"""The datum module against two independent packages, and its inverse against itself."""

import coord_convert.transform as coord_convert
import eviltransform
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suishoupai.datum import to_gcj02, to_wgs84

CHINA = st.tuples(st.floats(80, 125), st.floats(20, 45))
CENTIMETRES = 2e-7


@given(CHINA)
def test_forward_equals_the_packages(point):
    ours = to_gcj02(*point)
    assert ours == pytest.approx(coord_convert.wgs2gcj(*point), abs=CENTIMETRES)
    lat, lng = eviltransform.wgs2gcj(point[1], point[0])
    assert ours == pytest.approx((lng, lat), abs=CENTIMETRES)


@given(CHINA)
def test_there_and_back_is_the_same_point(point):
    assert to_wgs84(*to_gcj02(*point), "GCJ-02") == pytest.approx(point, abs=1e-10)


def test_the_datums_differ_by_several_grids_here():
    lng, lat = to_gcj02(117.91, 33.48)
    metres = (((lng - 117.91) * 92_800) ** 2 + ((lat - 33.48) * 110_900) ** 2) ** 0.5
    assert 450 < metres < 650


def test_wgs84_is_left_alone():
    assert to_wgs84(117.9, 33.5, "WGS-84") == (117.9, 33.5)


def test_an_unknown_datum_is_refused():
    with pytest.raises(ValueError, match="BD-09"):
        to_wgs84(117.9, 33.5, "BD-09")
