import pytest

from bench.habits import Temperaments, weights

from .made import cases


def test_the_weights_of_the_catalogue_are_all_the_percents():
    codes = list(cases(amount=1)._county.categories)
    found = weights(codes)
    assert set(found) == set(codes)
    assert sum(found.values()) == pytest.approx(100)
    assert sum(weight for code, weight in found.items() if code < "06") == pytest.approx(13)
    assert min(found.values()) > 0


def test_a_favourite_that_the_catalogue_has_not_is_left_out():
    assert weights(["06010", "06011", "01001"]) == pytest.approx(
        {"06010": 33, "06011": 54, "01001": 13}
    )


def test_who_works_how_is_drawn_within_the_published_bounds_and_stays():
    temperaments = Temperaments(3)
    parties = [temperaments.party(f"party-{n}") for n in range(400)]
    assert all(0.74 <= party.on_time <= 0.99 for party in parties)
    assert all(0.0005 <= party.rework <= 0.02 for party in parties)
    communities = [temperaments.community(f"3413240010{n:02}") for n in range(99)]
    assert all(0.17 <= community.self_handled <= 0.34 for community in communities)
    assert Temperaments(3).party("party-7") == parties[7]
    assert Temperaments(4).party("party-7") != parties[7]
