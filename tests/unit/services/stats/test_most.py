"""The values that most cases have."""

from hypothesis import given
from hypothesis import strategies as st

from services.stats.most import Frequent, most


@given(st.dictionaries(st.text("ab1", min_size=1), st.integers(1, 5)), st.integers(1, 9))
def test_the_most_frequent_by_taking_the_next_best_each_time(found, limit):
    left, expected = dict(found), []
    while left and len(expected) < limit:
        best = min(value for value, cases in left.items() if cases == max(left.values()))
        cases = left.pop(best)
        expected.append(Frequent(best, cases, list(found.values()).count(cases) > 1))
    assert most(found, limit) == (expected, sum(left.values()))


def test_ties_stand_in_the_order_of_their_values_even_over_the_limit():
    found = {"06020": 2, "06010": 2, "92001": 3, "06030": 2}
    shown, others = most(found, 2)
    assert shown == [Frequent("92001", 3, False), Frequent("06010", 2, True)]
    assert others == 4
