"""Units ranked by a score, against a slow, obvious oracle that calculates in fractions."""

from collections import Counter
from datetime import date
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stats.indicators import read_indicators
from services.stats.ranking import formula, measured, ranking, rounded
from services.stats.ranking_settings import Light, RankingSettings

from .test_indicators import PATH

TODAY = date(2026, 11, 25)
KNOWN = read_indicators(PATH)
FORMULAS = [formula(score, KNOWN.in_force(TODAY)) for score in KNOWN.scores_in_force(TODAY)]
HANDLING = next(each for each in FORMULAS if each.score.id == "handling_score")
LIGHTS = (
    Light(90, "green", {"zh": "好", "en": "good"}),
    Light(75.5, "yellow", {"zh": "中", "en": "fair"}),
    Light(0, "red", {"zh": "差", "en": "poor"}),
)
PLAIN = RankingSettings("handling_score", 5, 2, LIGHTS)

chosen = st.builds(
    RankingSettings, st.just(""), st.integers(1, 8), st.integers(0, 3), st.just(LIGHTS)
)


@st.composite
def tallied(draw, by):
    """How many cases of a unit have each mark; often none, and often all of them."""
    few = st.one_of(st.just(0), st.integers(0, 12))
    below = {part.denominator: draw(few) for part, _ in by.parts}
    above = {
        part.numerator: draw(
            st.one_of(st.integers(0, below[part.denominator]), st.just(below[part.denominator]))
        )
        for part, _ in by.parts
    }
    return Counter(above) + Counter(below)


@st.composite
def groups(draw):
    """A formula, settings, and code → tallied of the units of a group."""
    by = draw(st.sampled_from(FORMULAS))
    codes = st.lists(st.sampled_from("abcdefghijk"), unique=True)
    return by, draw(chosen), {code: draw(tallied(by)) for code in draw(codes)}


def ranked(by, how, counts):
    return ranking([measured(code, each, by, how.decimals) for code, each in counts.items()], how)


def exact(by, counts):
    """The score as a fraction; None where one of its parts is about no case."""
    total = Fraction(0)
    for part, weight in by.parts:
        below, above = counts[part.denominator], counts[part.numerator]
        if below == 0:
            return None
        total += Fraction(str(weight)) * Fraction(
            below - above if part.complement else above, below
        )
    return total


def obvious(by, how, counts):
    """Code → (score as shown, rank, tied) of those that are ranked; code → reason of the rest."""
    shown, left = {}, {}
    for code, each in counts.items():
        cases = min(each[part.denominator] for part, _ in by.parts)
        if cases == 0:
            left[code] = "no_data"
        elif cases < how.at_least:
            left[code] = "too_few"
        else:
            shift = 10**how.decimals
            shown[code] = Fraction(floor(exact(by, each) * shift + Fraction(1, 2)), shift)
    places = {}
    for code, score in shown.items():
        better = [other for other in shown.values() if other > score]
        alike = [other for other in shown.values() if other == score]
        places[code] = (float(score), len(better) + 1, len(alike) > 1)
    return places, left


@settings(max_examples=400, deadline=None)
@given(groups())
def test_every_rank_is_what_the_oracle_says(group):
    by, how, counts = group
    found = ranked(by, how, counts)
    places, left = obvious(by, how, counts)
    assert {
        row["code"]: (row["score"], row["rank"], row["tied"]) for row in found["rows"]
    } == places
    assert {row["code"]: row["reason"]["code"] for row in found["unranked"]} == left
    in_order = [(row["rank"], row["code"]) for row in found["rows"]]
    assert in_order == sorted(in_order)
    assert [row["code"] for row in found["unranked"]] == sorted(left)


@settings(max_examples=100, deadline=None)
@given(groups(), st.randoms(use_true_random=False))
def test_the_order_in_which_units_come_changes_nothing(group, chance):
    by, how, counts = group
    codes = chance.sample(list(counts), len(counts))
    assert ranked(by, how, {code: counts[code] for code in codes}) == ranked(by, how, counts)


@settings(max_examples=100, deadline=None)
@given(groups())
def test_who_is_not_ranked_moves_nobody(group):
    by, how, counts = group
    found = ranked(by, how, counts)
    fit = {row["code"]: counts[row["code"]] for row in found["rows"]}
    assert ranked(by, how, fit) == {"rows": found["rows"], "unranked": []}


@settings(max_examples=200, deadline=None)
@given(groups())
def test_what_is_shown_explains_the_score(group):
    by, how, counts = group
    found = ranked(by, how, counts)
    for row in [*found["rows"], *found["unranked"]]:
        assert row["cases"] == min(part["denominator"] for part in row["parts"])
        assert [part["indicator"] for part in row["parts"]] == [id for id, _ in by.score.parts]
    for row in found["rows"]:
        total = sum(part["weight"] * part["value"] for part in row["parts"])
        assert abs(total - row["score"]) <= 0.5 / 10**how.decimals + 1e-9
        lower = [light for light in LIGHTS if light.since <= row["score"]]
        assert row["light"]["colour"] == max(lower, key=lambda light: light.since).colour


def of(handled, due=10, closed=10):
    """A unit of which so many of its cases were handled, all of them in time."""
    return Counter(
        {
            "disposal/should_be_handled": due,
            "disposal/handled": handled,
            "disposal/handled_on_time": handled,
            "disposal/overdue_unhandled": due - handled,
            "closing/should_be_closed": closed,
        }
    )


def test_after_a_tie_the_next_rank_is_as_many_places_on():
    found = ranked(HANDLING, PLAIN, {"d": of(8), "c": of(9), "b": of(9), "a": of(10), "e": of(7)})
    assert [(row["code"], row["rank"], row["tied"]) for row in found["rows"]] == [
        ("a", 1, False),
        ("b", 2, True),
        ("c", 2, True),
        ("d", 4, False),
        ("e", 5, False),
    ]


def test_scores_that_are_shown_equal_are_equal():
    counts = {"a": of(9999, due=10000), "b": of(10000, due=10001)}
    assert [row["rank"] for row in ranked(HANDLING, PLAIN, counts)["rows"]] == [1, 1]
    finer = RankingSettings("", 5, 6, LIGHTS)
    assert [row["code"] for row in ranked(HANDLING, finer, counts)["rows"]] == ["b", "a"]


def test_too_few_cases_in_one_part_are_too_few_and_it_is_said_which():
    found = ranked(HANDLING, PLAIN, {"a": of(10, closed=4), "b": of(5, due=5, closed=5)})
    assert [row["code"] for row in found["rows"]] == ["b"]
    (left,) = found["unranked"]
    assert (left["code"], left["cases"]) == ("a", 4)
    reason = left["reason"]
    assert reason["code"] == "too_few"
    assert "“not reworked” rests on 4 of at least 5 cases" in reason["en"]
    assert "“未返工率”的案件只有 4 件，不足 5 件" in reason["zh"]


def test_without_a_case_there_is_no_score_and_no_rank():
    found = ranked(HANDLING, PLAIN, {"a": Counter(), "b": of(10, closed=0)})
    assert found["rows"] == []
    first, second = found["unranked"]
    assert (first["cases"], first["reason"]["code"]) == (0, "no_data")
    assert "“处置率”" in first["reason"]["zh"]
    assert (second["cases"], second["reason"]["code"]) == (0, "no_data")
    assert "“not reworked”" in second["reason"]["en"]


def test_of_no_units_there_is_no_ranking():
    assert ranked(HANDLING, PLAIN, {}) == {"rows": [], "unranked": []}


@pytest.mark.parametrize(
    ("score", "colour"),
    [
        (100, "green"),
        (90, "green"),
        (89.99, "yellow"),
        (75.5, "yellow"),
        (75.49, "red"),
        (0, "red"),
    ],
)
def test_a_light_is_lit_from_its_threshold_on(score, colour):
    assert PLAIN.light(score).colour == colour


@pytest.mark.parametrize(
    ("score", "decimals", "shown"),
    [
        (0.1 + 0.2, 1, 0.3),
        (12.345, 2, 12.35),  # its binary fraction is a little less
        (99.995, 2, 100),
        (99.99499, 2, 99.99),
        (2.5, 0, 3),
        (0.0, 2, 0),
    ],
)
def test_a_half_is_rounded_upwards(score, decimals, shown):
    assert rounded(score, decimals) == shown
