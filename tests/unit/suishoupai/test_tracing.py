import re

import pytest

from suishoupai.tracing import new_trace

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_given_trace_goes_on_with_a_span_of_its_own():
    trace = new_trace("phone-1", GIVEN)
    assert trace.correlation == "phone-1"
    assert trace.traceparent.split("-")[1] == GIVEN.split("-")[1]
    assert trace.traceparent != GIVEN


@pytest.mark.parametrize("bad", [None, "", "00-xyz", GIVEN.upper() + "\n", "x" * 500])
def test_what_is_not_well_formed_starts_anew(bad):
    trace = new_trace("no\nnewlines", bad)
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", trace.traceparent)
    assert trace.correlation == trace.traceparent.split("-")[1]
