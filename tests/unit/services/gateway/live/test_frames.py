import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.live import frames
from services.gateway.live.schemas import TYPES

from .....integration.listening import Reader

TEXTS = st.text() | st.sampled_from(
    ["a\nb", "a\r\ndata: b", "\n\nid: 7\n\n", "\u2028", "\0", "\x85"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)


@given(st.lists(st.tuples(st.sampled_from(TYPES), st.integers(min_value=0), JSON)))
def test_whatever_is_told_arrives_as_it_was_and_breaks_no_frame(told):
    text = b"".join(frames.frame(*each) for each in told).decode()
    heard = [(each.type, int(each.id), each.data) for each in Reader().text(text)]
    assert heard == told


def test_a_text_that_is_no_unicode_breaks_nothing_either():
    (told,) = Reader().text(frames.frame("issue.closed", 1, "a\ud800b").decode())
    assert told.data == "a?b"


@pytest.mark.parametrize(("sign", "comment"), [(frames.hello, "hello"), (frames.alive, "alive")])
def test_a_sign_of_life_is_no_event_and_says_how_far_the_client_has_heard(sign, comment):
    reader = Reader(last_id="7")
    assert reader.text(sign(9).decode()) == []
    assert (reader.last_id, reader.comments) == ("9", [comment])


def test_the_greeting_says_how_soon_to_come_back():
    reader = Reader()
    reader.text(frames.hello(9).decode())
    assert reader.retry == frames.RETRY_MILLISECONDS


def test_a_reset_is_an_event_with_a_place_to_go_on_from():
    (told,) = Reader().text(frames.reset(9).decode())
    assert (told.type, told.id) == ("reset", "9")
