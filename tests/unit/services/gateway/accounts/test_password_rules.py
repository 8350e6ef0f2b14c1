import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.accounts.password_rules import COMMON, LONGEST, SHORTEST, fault


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevenchars", "at least"),
        ("x" * (LONGEST + 1), "at most"),
        ("Liu.Xiaoming", "user name"),
        ("liu.xiaomingliu.xiaoming", "user name"),
        ("Password1234", "guessed"),
        ("ＰＡＳＳＷＯＲＤ１２３４", "guessed"),
        ("aaaaaaaaaaaa", "guessed"),
        ("123123123123", "guessed"),
        ("abababababababab", "guessed"),
        ("123456789012", "guessed"),
        ("zyxwvutsrqponm", "guessed"),
        ("qwertyuiopasd", "guessed"),
    ],
)
def test_what_is_guessed_first_is_refused(password, why):
    assert why in fault(password, "liu.xiaoming")


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "liu.xiaoming2", "泗县人民路上的梧桐树又高又大", "aB3$aB3$aB3$x"],
)
def test_what_is_long_is_taken_whatever_it_is_made_of(password):
    assert fault(password, "liu.xiaoming") is None


def test_every_common_one_would_be_long_enough():
    assert all(len(each) >= SHORTEST and each == each.casefold() for each in COMMON)


PLAIN = st.characters(codec="ascii") | st.sampled_from("随手拍泗县")


@given(st.text(PLAIN, min_size=1, max_size=4), st.integers(1, 60))
def test_a_short_piece_over_and_over_is_never_taken(piece, times):
    assert fault(piece * times, "somebody") is not None


@given(st.text(max_size=SHORTEST - 1).filter(str.isascii))
def test_a_short_one_is_never_taken(password):
    assert fault(password, "somebody") is not None
