"""Indicators as data: every mark against a slow, obvious recount from the history of each case."""

import json
import random
from collections import Counter
from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stats import counting, standing
from services.stats.indicators import FILE, Indicators, read_indicators, scored, value

from ....chance import random_life
from ....lives import lives
from ....walk import Walk, to
from .recount import obvious

PATH = Path(__file__).resolve().parents[4] / "data" / FILE
RAW = json.loads(PATH.read_text(encoding="utf-8"))
INDICATORS = read_indicators(PATH)
TODAY = date(2026, 11, 23)


def fact_of(events):
    fact = counting.new_fact("01A")
    for event in events:
        fact = counting.learn(fact, event)
    return fact


def marks(walk):
    return INDICATORS.marks(fact_of(walk.events))


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False))
def test_every_mark_is_what_a_recount_from_the_history_gives(chance):
    walk = random_life(chance)
    assert marks(walk) == obvious(walk)


@pytest.mark.parametrize("walk", lives(), ids=lambda walk: walk.events[-1].type)
def test_every_mark_of_the_lives_in_which_everything_happens(walk):
    assert marks(walk) == obvious(walk)


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_events_their_repetition_and_their_delay_change_no_mark(chance):
    walk = random_life(chance)
    cut = chance.randint(0, len(walk.events))
    shuffled = chance.sample(walk.events, len(walk.events))
    early, late = shuffled[:cut], shuffled[cut:]
    doubled = [*early, *chance.sample(early, min(3, len(early)))]
    chance.shuffle(doubled)
    in_order = sorted(early, key=lambda event: event.sequence)
    assert INDICATORS.marks(fact_of(doubled)) == INDICATORS.marks(fact_of(in_order))
    assert INDICATORS.marks(fact_of([*doubled, *late])) == obvious(walk)


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_every_indicator_is_what_a_recount_over_all_cases_gives(chance):
    walks = [random_life(chance) for _ in range(12)]
    tallied = Counter(mark for walk in walks for mark in marks(walk))
    by_mark = {each.mark for each in INDICATORS.sets.values()}
    for indicator in INDICATORS.in_force(TODAY):
        assert {indicator.numerator, indicator.denominator} <= by_mark
        below = [walk for walk in walks if indicator.denominator in obvious(walk)]
        above = [walk for walk in below if indicator.numerator in obvious(walk)]
        told = value(indicator, tallied)
        assert (told["numerator"], told["denominator"]) == (len(above), len(below))
        if not below:
            assert told["value"] is None
        elif indicator.complement:
            assert told["value"] == pytest.approx(1 - len(above) / len(below))
        else:
            assert told["value"] == len(above) / len(below)


def test_chance_leads_somewhere_by_every_mark():
    seen = Counter(mark for seed in range(400) for mark in marks(random_life(random.Random(seed))))
    assert {*seen, "reported/told"} == {each.mark for each in INDICATORS.sets.values()}


def test_a_case_counts_as_told_once_its_party_has_a_notice_of_it():
    walk = to("dispatched")
    fact = {**fact_of(walk.events), "notices": ["n"]}
    told = {"reported/told": walk.case["reported_at"]}
    assert INDICATORS.marks(fact) == {**marks(walk), **told}
    assert "reported/told" not in marks(walk)


def test_before_its_report_is_known_a_case_counts_nowhere():
    assert INDICATORS.marks(fact_of(to("closed").events[1:])) == {}


def test_an_open_case_counts_once_its_limit_passes():
    walk = to("handling")
    assert marks(walk)["disposal/overdue_unhandled"] == walk.case["bundled_due_at"] > walk.at
    assert "disposal/should_be_handled" not in marks(to("suspended"))
    assert "disposal/should_be_handled" not in marks(to("merged"))
    assert "disposal/handled" in marks(to("checking"))


def test_where_it_was_not_kept_whether_it_was_in_time_a_case_counts_when_it_was_handled():
    walk = to("handling").pass_by(days=60).do("feed_back", "handler")
    assert marks(walk)["disposal/handled"] < walk.at
    fact = fact_of(walk.events)
    del fact["steps"][-1]["on_time"]
    found = INDICATORS.marks(fact)
    assert found["disposal/handled"] == walk.at
    assert "disposal/handled_on_time" not in found


def changed(change):
    raw = deepcopy(RAW)
    change(raw)
    return Indicators(raw)


def row(raw, id):
    return next(each for each in raw["indicators"] if each["id"] == id)


def test_an_indicator_is_added_without_code():
    def add(raw):
        raw["sets"]["urged_to_the_end"] = {
            "name": {"zh": "紧急且超时结案", "en": "urgent and closed late"},
            "within": "closed",
            "when": {
                "all": [
                    {"field": "urgent", "is": True},
                    {"field": "outcome", "one_of": ["overdue"]},
                ]
            },
        }
        new = {
            **row(raw, "closing_rate"),
            "id": "urgent_late_rate",
            "numerator": "urged_to_the_end",
        }
        raw["indicators"].append({**new, "denominator": "closed"})

    indicators = changed(add)
    indicator = indicators.find("urgent_late_rate", TODAY)
    assert indicator.numerator == "closing/urged_to_the_end"
    emergency = [{"number": "119", "name": "火警"}]
    walk = to("handling", emergency=emergency).pass_by(days=60)
    walk.do("feed_back", "handler").do("check").do("close")
    assert indicators.set_of(indicator.numerator).mark in indicators.marks(fact_of(walk.events))
    assert "closing/urged_to_the_end" not in indicators.marks(fact_of(to("closed").events))
    tallied = {"closing/urged_to_the_end": 1, "closing/closed": 4}
    assert value(indicator, tallied)["value"] == 0.25


def test_a_version_is_in_force_from_its_day_until_the_next():
    def renew(raw):
        newer = {**row(raw, "handling_rate"), "version": 2, "valid_from": "2026-12-01"}
        raw["indicators"].insert(0, {**newer, "numerator": "handled_on_time"})

    indicators = changed(renew)
    assert indicators.find("handling_rate", date(2026, 11, 30)).version == 1
    assert indicators.find("handling_rate", date(2026, 12, 1)).version == 2
    ids = [each.id for each in indicators.in_force(date(2026, 12, 1))]
    assert len(ids) == len(set(ids)) == len(RAW["indicators"])
    assert indicators.in_force(date(2019, 12, 31)) == []
    for id, on in (("handling_rate", date(2019, 12, 31)), ("unknown", TODAY)):
        with pytest.raises(LookupError, match=id):
            indicators.find(id, on)
    with pytest.raises(LookupError, match="closing/nothing"):
        indicators.set_of("closing/nothing")


def _set(raw, id, **more):
    raw["sets"][id] |= more


def _row(raw, id, **more):
    row(raw, id).update(more)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda raw: raw.pop("sets"), "sets"),
        (lambda raw: raw.update(extra=1), "extra"),
        (lambda raw: _set(raw, "handled", whn={}), "whn"),
        (lambda raw: _set(raw, "handled", when={"field": "x", "is": "set"}), "sets.handled.when"),
        (lambda raw: _set(raw, "handled", anchor="disposal"), "sets.handled"),
        (lambda raw: _set(raw, "handled", within=None), "sets.handled"),
        (lambda raw: _set(raw, "handled", within="rated"), "sets.handled.within: no set 'rated'"),
        (lambda raw: _set(raw, "handled", within="handled"), "sets.handled.within"),
        (lambda raw: _set(raw, "rated", anchor="never"), "no anchor 'never'"),
        (lambda raw: raw["sets"].update({"Bad.Id": raw["sets"]["rated"]}), "Bad.Id"),
        (lambda raw: raw["anchors"]["rated"].update(at=[{"field": "state"}]), "anchors.rated.at"),
        (lambda raw: raw["anchors"]["rated"].update(at=[]), "anchors"),
        (
            lambda raw: raw["anchors"]["closing"]["at"][0].update(when={"any": []}),
            "anchors.closing",
        ),
        (lambda raw: _row(raw, "rework_rate", numerator="reworkd"), "no set 'reworkd'"),
        (lambda raw: _row(raw, "rework_rate", numerator="handled"), "handled is not within should"),
        (lambda raw: _row(raw, "rework_rate", numerator="should_be_closed"), "is not within"),
        (lambda raw: _row(raw, "rework_rate", version=0), "version"),
        (lambda raw: _row(raw, "rework_rate", version="1"), "version"),
        (lambda raw: _row(raw, "rework_rate", valid_from="2026-13-01"), "valid_from"),
        (lambda raw: _row(raw, "rework_rate", name={"zh": "返工率"}), "en"),
        (lambda raw: _row(raw, "rework_rate", unit="percent"), "unit"),
        (lambda raw: _row(raw, "rework_rate", complement="yes"), "complement"),
        (lambda raw: _row(raw, "rework_rate", source=""), "source"),
        (lambda raw: raw["indicators"].append(row(raw, "rework_rate")), "version 1 is there twice"),
        (
            lambda raw: raw["indicators"].append({**row(raw, "rework_rate"), "version": 2}),
            "version 2 must be valid from a later day than version 1",
        ),
        (
            lambda raw: raw["indicators"].append(
                {**row(raw, "rework_rate"), "version": 2, "valid_from": "2019-01-01"}
            ),
            "must be valid from a later day",
        ),
        (lambda raw: raw["scores"].append(raw["scores"][0]), "scores: handling_score: version 1"),
        (lambda raw: raw["scores"][0]["parts"][0].update(weight=31), "must add up to 100"),
        (lambda raw: raw["scores"][0]["parts"][0].update(weight=0), "weight"),
        (lambda raw: raw["scores"][0]["parts"][0].update(indicator="x"), "no indicator x"),
        (
            lambda raw: raw["scores"][0].update(valid_from="2019-01-01"),
            "no indicator handling_rate",
        ),
        (
            lambda raw: raw["scores"][0]["parts"][1].update(indicator="handling_rate"),
            "stands there twice",
        ),
    ],
)
def test_a_file_with_a_fault_is_refused_and_the_fault_is_named(change, reason):
    with pytest.raises(ValueError, match=reason):
        changed(change)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "indicators.json"),
        ("{", "indicators.json: .*not-json"),
        ('{"sets": {}, "sets": {}}', "indicators.json: .*sets"),
        (PATH.read_text(encoding="utf-8").replace('"is": "set"', '"is": "sot"', 1), "json: sets."),
    ],
)
def test_the_file_is_named_too(tmp_path, text, reason):
    path = tmp_path / FILE
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=reason):
        read_indicators(path)


def test_the_digest_changes_with_what_counts_and_with_nothing_else(monkeypatch):
    digest = INDICATORS.digest
    assert Indicators(deepcopy(RAW)).digest == digest
    same = [
        lambda raw: _row(raw, "rework_rate", note="另注", valid_from="2021-01-01"),
        lambda raw: _set(raw, "handled", name={"zh": "已办", "en": "done"}),
        lambda raw: raw["scores"].pop(),
    ]
    assert {changed(change).digest for change in same} == {digest}
    other = [
        lambda raw: _set(raw, "satisfied", when={"field": "satisfaction", "at_least": 5}),
        lambda raw: _set(raw, "handled_on_time", within="should_be_handled"),
        lambda raw: raw["anchors"]["closing"]["at"].pop(),
        lambda raw: raw["sets"].update(again=raw["sets"]["rated"]),
    ]
    digests = {changed(change).digest for change in other}
    monkeypatch.setattr(standing, "EDITION", standing.EDITION + 1)
    digests.add(Indicators(RAW).digest)
    assert len(digests | {digest}) == len(other) + 2


def test_the_scores_are_the_published_examples():
    handling, rates = INDICATORS.scores_in_force(TODAY)
    assert [weight for _, weight in handling.parts] == [30, 20, 20, 20, 10]
    assert dict(rates.parts) == {"response_rate": 30, "solved_rate": 35, "satisfaction_rate": 35}
    best = {id: 1.0 for id, _ in handling.parts}
    assert scored(handling, best) == 100
    # 30×0.9 + 20×0.8 + 20×(1−0.02) + 20×(1−0.1) + 10×(1−0.05), by hand.
    values = {
        "handling_rate": 0.9,
        "on_time_handling_rate": 0.8,
        "not_reworked_rate": 0.98,
        "not_overdue_unhandled_rate": 0.9,
        "not_extended_rate": 0.95,
    }
    assert scored(handling, values) == pytest.approx(90.1)
    assert scored(handling, {**values, "handling_rate": None}) is None
    assert scored(handling, {}) is None


def test_no_formula_claims_to_be_a_standard():
    text = PATH.read_text(encoding="utf-8")
    assert "GB/T" not in text and "国家标准" not in text
    assert all(each["source"] for each in (*RAW["indicators"], *RAW["scores"]))


def test_the_walk_of_one_case_through_every_figure_by_hand():
    walk = Walk().do("accept").do("file").pass_by(hours=1).do("dispatch")
    dispatched = walk.at
    walk.pass_by(minutes=30).do("take", "handler").pass_by(minutes=30).do("feed_back", "handler")
    handled = walk.at
    walk.do("check").pass_by(hours=2).do("close")
    walk.do("rate", "reporter", solved=True, satisfaction=3)
    assert walk.case["reported_at"] == datetime(2026, 11, 23, 1, 2, 3, 456000, UTC)
    limit = walk.versions[-5]["bundled_due_at"]
    assert handled < walk.case["closed_at"] < limit
    ways = ("dispatched", "contacted", "handled", "closed", "rated")
    assert marks(walk) == {
        **dict.fromkeys(
            ["reported/reported", "reported/filed", "reported/assigned", "standing/now_rated"]
            + [f"reported/got_{way}" for way in ways],
            walk.case["reported_at"],
        ),
        "filing/filings": walk.case["reported_at"],
        "closure/closures": walk.case["closed_at"],
        **dict.fromkeys(
            [
                f"dispatched/{name}"
                for name in ("dispatched", "rightly_dispatched", "contacted_in_time")
            ],
            dispatched,
        ),
        **dict.fromkeys(
            [f"disposal/{name}" for name in ("should_be_handled", "handled", "handled_on_time")],
            handled,
        ),
        **dict.fromkeys(
            [f"closing/{name}" for name in ("should_be_closed", "closed", "closed_on_time")],
            walk.case["closed_at"],
        ),
        "rated/rated": walk.at,
        "rated/solved": walk.at,
    }
