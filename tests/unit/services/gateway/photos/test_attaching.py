"""The photos of a form are kept with what was taken, and let go with what was refused."""

import io
from types import SimpleNamespace

import pytest

from services.gateway.photos import attaching as room
from services.gateway.photos.attaching import attaching
from suishoupai.access import Caller
from suishoupai.contracts.problems import TITLES, Problem

MEMBER = Caller("member", ("reporter",))
REFUSALS = [code for code, (status, _) in TITLES.items() if status < 500]
FAILURES = [code for code, (status, _) in TITLES.items() if status >= 500]


class Photos:
    """A store that writes down what is asked of it, or is away."""

    def __init__(self):
        self.decided = []
        self.away = False

    def let_go(self, photos, held_by):
        self._decide("let go", photos, held_by)

    def keep(self, photos, held_by):
        self._decide("kept", photos, held_by)

    def _decide(self, what, photos, held_by):
        self.decided.append((what, photos, held_by))
        if self.away:
            raise Problem("unavailable")


@pytest.fixture
def held(monkeypatch):
    """The calls that photos were held by as they were taken in, in order."""
    held = []

    def take_in(gateway, caller, stream, declared, held_by):
        held.append(held_by)
        name = stream.read().decode()
        return {"id": name, "url": f"/{caller.account}/{name}/{declared}"}

    monkeypatch.setattr(room, "take_in", take_in)
    return held


@pytest.fixture
def photos():
    return Photos()


@pytest.fixture
def gateway(photos):
    return SimpleNamespace(store=SimpleNamespace(photos=photos))


def attach(gateway, error=None, names=("one", "two")):
    with attaching(gateway, MEMBER) as take:
        urls = [take(io.BytesIO(name.encode()), "image/jpeg") for name in names]
        if error:
            raise error
    return urls


def test_what_was_taken_is_kept_and_answered_by_its_address(gateway, photos, held):
    assert attach(gateway) == ["/member/one/image/jpeg", "/member/two/image/jpeg"]
    (call,) = set(held)
    assert photos.decided == [("kept", ["one", "two"], call)]


@pytest.mark.parametrize("code", REFUSALS)
def test_what_is_refused_lets_its_photos_go(gateway, photos, held, code):
    with pytest.raises(Problem) as refusal:
        attach(gateway, Problem(code))
    assert refusal.value.code == code
    assert photos.decided == [("let go", ["one", "two"], held[0])]


@pytest.mark.parametrize("error", [*map(Problem, FAILURES), RuntimeError(), KeyboardInterrupt()])
def test_what_may_have_been_taken_keeps_its_photos(gateway, photos, held, error):
    with pytest.raises(type(error)):
        attach(gateway, error)
    assert photos.decided == [("kept", ["one", "two"], held[0])]


def test_a_photo_that_is_refused_takes_those_before_it_along(gateway, photos, monkeypatch, held):
    taken = room.take_in

    def second_is_none(gateway, caller, stream, declared, held_by):
        if held:
            raise Problem("unusable-photo")
        return taken(gateway, caller, stream, declared, held_by)

    monkeypatch.setattr(room, "take_in", second_is_none)
    with pytest.raises(Problem):
        attach(gateway)
    assert photos.decided == [("let go", ["one"], held[0])]


def test_each_call_holds_its_own(gateway, held):
    attach(gateway)
    attach(gateway)
    assert len(held) == 4 and len(set(held)) == 2


@pytest.mark.parametrize("error", [None, Problem("invalid")])
def test_without_photos_nothing_is_asked(gateway, photos, error):
    if error:
        with pytest.raises(Problem):
            attach(gateway, error, names=())
    else:
        assert attach(gateway, names=()) == []
    assert photos.decided == []


def test_a_store_that_is_away_changes_no_answer(gateway, photos, held):
    photos.away = True
    assert len(attach(gateway)) == 2
    with pytest.raises(Problem) as refusal:
        attach(gateway, Problem("invalid"))
    assert refusal.value.code == "invalid"
    assert [what for what, _, _ in photos.decided] == ["kept", "let go"]
