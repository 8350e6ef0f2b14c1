import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.strangers import SHORTEST_KEY, private_key
from suishoupai.contracts.problems import Problem

KEYS = st.text(min_size=SHORTEST_KEY, max_size=128)
REPORTS = st.dictionaries(st.text(), st.text() | st.integers())


@given(KEYS, REPORTS, KEYS, REPORTS)
def test_only_the_same_key_with_the_same_report_comes_to_the_same(key, report, other, another):
    same = (key, report) == (other, another)
    assert (private_key("s", key, report) == private_key("s", other, another)) == same
    assert private_key("s", key, report) != private_key("t", key, report)


@given(KEYS, REPORTS)
def test_it_is_the_same_in_whatever_order_a_report_is_written(key, report):
    reversed_ = dict(reversed(report.items()))
    assert private_key("s", key, report) == private_key("s", key, reversed_)
    assert len(private_key("s", key, report)) <= 128


@pytest.mark.parametrize("key", ["", "1", "k" * (SHORTEST_KEY - 1)])
def test_a_short_key_is_refused(key):
    with pytest.raises(Problem) as caught:
        private_key("s", key, {})
    assert caught.value.status == 400
    assert "Idempotency-Key" in caught.value.detail
