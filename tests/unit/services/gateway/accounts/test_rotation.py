"""The rotation of refresh tokens against a model that keeps every token it ever gave."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from services.gateway.accounts.rotation import (
    GRACE,
    Verdict,
    age,
    digest,
    first_secret,
    join,
    judge,
    split,
    successor,
)

KEY = "the server's secret, long enough for a test"
START = datetime(2026, 11, 23, 8, tzinfo=UTC)


@dataclass
class Kept:
    """A session as the store keeps it, worked on as the handler does."""

    current: str
    generation: int = 0
    refreshed_at: datetime = START
    ended: bool = False

    def show(self, secret, now):
        steps = age(secret, self.current, self.generation, KEY)
        verdict = judge(steps, now - self.refreshed_at, self.ended)
        if verdict is Verdict.ROTATE:
            self.current = digest(successor(secret, KEY))
            self.generation += 1
            self.refreshed_at = now
        if verdict is Verdict.REUSED:
            self.ended = True
        given = verdict in (Verdict.ROTATE, Verdict.REPEAT)
        return verdict, successor(secret, KEY) if given else None


@dataclass
class Model:
    """The same by lists: every token in order, and when the last was given."""

    tokens: list = field(default_factory=list)
    given_at: datetime = START
    ended: bool = False

    def show(self, n, now, fresh):
        if self.ended or n is None:
            return Verdict.REFUSED
        last = len(self.tokens) - 1
        if n == last:
            self.tokens.append(fresh)
            self.given_at = now
            return Verdict.ROTATE
        if n == last - 1 and now <= self.given_at + GRACE:
            return Verdict.REPEAT
        self.ended = True
        return Verdict.REUSED


SCRIPTS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 3)),  # how many tokens ago; None: one made up
        st.integers(0, 2 * GRACE // timedelta(seconds=1)),  # seconds that pass before
    ),
    max_size=30,
)


@given(SCRIPTS)
@example([(0, 0), (1, 30), (1, 1)])
@example([(0, 5), (0, 5), (2, 0), (0, 0)])
def test_every_token_is_answered_as_by_who_remembers_them_all(script):
    first = first_secret()
    kept, model, now = Kept(digest(first)), Model([first]), START
    for ago, seconds in script:
        now += timedelta(seconds=seconds)
        n = None if ago is None else max(0, len(model.tokens) - 1 - ago)
        secret = "made up" if n is None else model.tokens[n]
        verdict, following = kept.show(secret, now)
        assert verdict is model.show(n, now, following)
        if following is not None:
            assert following == model.tokens[n + 1]
    assert len(set(model.tokens)) == len(model.tokens) == kept.generation + 1


@given(st.lists(st.sampled_from(["thief", "owner"]), min_size=2, max_size=40), st.integers(31, 999))
def test_two_who_have_a_token_do_not_both_go_on_unless_within_the_grace(turns, seconds):
    """Whoever comes second with what the other has spent ends it for both."""
    first = first_secret()
    kept, has, now = Kept(digest(first)), {"thief": first, "owner": first}, START
    for who in turns:
        now += timedelta(seconds=seconds)
        _, following = kept.show(has[who], now)
        has[who] = following or has[who]
    both = len(set(turns)) == 2
    assert kept.ended == both
    if both:
        assert {kept.show(each, now)[0] for each in has.values()} == {Verdict.REFUSED}


def test_who_has_a_token_and_not_the_key_cannot_go_on():
    secret = first_secret()
    assert successor(secret, KEY) != successor(secret, KEY + "x")
    assert age(secret, digest(successor(secret, KEY)), 1, KEY + "x") is None


def test_a_token_is_no_older_than_its_session():
    secret = first_secret()
    current = digest(successor(successor(secret, KEY), KEY))
    assert age(secret, current, 2, KEY) == 2
    assert age(secret, current, 1, KEY) is None


@given(st.text(max_size=60))
def test_any_text_is_split_and_what_is_joined_is_found_again(text):
    assert isinstance(split(text), tuple)
    assert split(join("01SESSION", "a.b" + text)) == ("01SESSION", "a.b" + text)
