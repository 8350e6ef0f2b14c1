"""What a process knows of ended sessions, against one that remembers everything."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.accounts.ended import LEEWAY, EndedSessions

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
TOKEN = 600


@given(
    st.lists(st.integers(0, 5_000), max_size=20),
    st.lists(st.integers(0, 5_000), min_size=1, max_size=60),
    st.integers(-60, 60),
)
def test_no_session_is_forgotten_while_a_token_of_it_may_be_good(ends, polls, skew):
    """Sessions end on a replica whose clock differs; this one asks at some instants, not at others,
    for the database was away."""
    rows = [(f"s{n}", START + timedelta(seconds=at + skew)) for n, at in enumerate(ends)]
    written = dict(zip((name for name, _ in rows), ends, strict=True))
    ended = EndedSessions(TOKEN)
    for poll in sorted(polls):
        now = START + timedelta(seconds=poll)
        since = ended.since(now)
        seen = [(name, at) for name, at in rows if written[name] <= poll and at >= since]
        ended.learn(seen, now)
        for name, at in written.items():
            if poll - TOKEN <= at <= poll:
                assert name in ended
            if at > poll:
                assert name not in ended


def test_what_this_process_ends_it_knows_at_once_and_forgets_when_no_token_is_left():
    ended = EndedSessions(TOKEN)
    ended.add(["one"], START)
    assert "one" in ended and "other" not in ended and None not in ended
    ended.learn([], START + timedelta(seconds=TOKEN))
    assert "one" in ended
    ended.learn([], START + timedelta(seconds=TOKEN + 1) + LEEWAY)
    assert len(ended) == 0


def test_each_question_is_only_for_what_is_new():
    ended = EndedSessions(TOKEN)
    assert ended.since(START) <= START - timedelta(seconds=TOKEN)
    ended.learn([], START)
    assert ended.since(START + timedelta(seconds=1)) == START - LEEWAY
