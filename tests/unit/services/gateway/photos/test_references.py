"""Photos that a report names: one's own, and wanted from then on."""

from types import SimpleNamespace

import pytest

from services.gateway.photos.references import named
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import photo_address, photo_of

MINE, OTHER, THEIRS = (f"01ARZ3NDEKTSV4RRFFQ69G5F{end}" for end in ("AA", "BB", "CC"))
ELSEWHERE = "https://photos.example/1.jpg"
MEMBER = Caller("member", ("reporter",))


class Photos:
    """What the store answers to who wants photos."""

    def __init__(self):
        self.wanted = []

    def want(self, photos, owner, at):
        self.wanted.append((photos, owner))
        hashes = {MINE: "1" * 16, OTHER: "2" * 16} if owner == "member" else {}
        return {photo: hashes[photo] for photo in photos if photo in hashes}


@pytest.fixture
def gateway():
    return SimpleNamespace(store=SimpleNamespace(photos=Photos()))


def addresses(*photos):
    return [photo if "/" in photo else photo_address(photo) for photo in photos]


def test_ones_own_photos_are_wanted_and_their_hashes_known(gateway):
    body = {"photos": addresses(MINE, ELSEWHERE, OTHER)}
    assert named(gateway, MEMBER, body) == ["1" * 16, "2" * 16]
    assert gateway.store.photos.wanted == [([MINE, OTHER], "member")]


def test_another_s_photo_is_named_by_its_place(gateway):
    with pytest.raises(Problem) as refusal:
        named(gateway, MEMBER, {"photos": addresses(ELSEWHERE, THEIRS, MINE, THEIRS)})
    assert [error["field"] for error in refusal.value.errors] == ["photos.1", "photos.3"]
    with pytest.raises(Problem):
        named(gateway, Caller("other", ("reporter",)), {"photos": addresses(MINE)})


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "photos",
        {},
        {"photos": None},
        {"photos": {"0": photo_address(MINE)}},
        {"photos": [ELSEWHERE, 5, None, {}, "/api/v1/photos/", photo_address(MINE) + "/thumbnail"]},
        {"photos": [photo_address(MINE)] * 10},
    ],
)
def test_what_names_no_photo_of_ours_asks_nothing(gateway, body):
    assert named(gateway, MEMBER, body) == []
    assert gateway.store.photos.wanted == []


def test_an_address_is_read_as_it_was_made():
    assert photo_of(photo_address(MINE)) == MINE
    for other in (ELSEWHERE + photo_address(MINE), photo_address(MINE) + "\n", MINE):
        assert photo_of(other) is None
