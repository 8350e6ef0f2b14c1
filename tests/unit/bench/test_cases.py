"""Lifelike (DOMAIN: demo realism), legal, and the same each time."""

import random
from collections import Counter, defaultdict
from datetime import timedelta

import pytest

from services.issues import truth
from services.stats import counting
from services.stats.definitions import current
from services.stats.handlers import derived
from services.stats.truth import fact_of
from suishoupai.clock import LOCAL
from suishoupai.contracts.events import read_event
from suishoupai.contracts.words import ENDED, STATES

from .made import AMOUNT, UNTIL, cases, lately, records, walks


def share(flags):
    flags = list(flags)
    return sum(flags) / len(flags)


def steps(action):
    return [step for case in records() for step in case.steps if step.action == action]


def test_there_are_as_many_as_were_wanted_in_the_order_of_ids_and_time():
    ids = [walk.case["_id"] for walk in walks()]
    instants = [walk.case["reported_at"] for walk in walks()]
    assert len(ids) == len(set(ids)) == AMOUNT
    assert ids == sorted(ids)
    assert instants == sorted(instants)
    assert instants[-1] < UNTIL
    assert UNTIL - instants[0] > timedelta(days=725)
    assert len({walk.case["number"] for walk in walks()}) == AMOUNT


def test_every_history_is_one_the_table_allows():
    assert [case.faults for case in records() + records(of=lately) if case.faults] == []
    for walk in [*walks(), *lately()]:
        history = walk.case["history"]
        assert [each["at"] for each in history] == sorted(each["at"] for each in history)
        assert history[-1]["at"] <= UNTIL
        # MongoDB keeps no more: what is read back is what was made.
        assert all(each["at"].microsecond % 1000 == 0 for each in history)


def test_nothing_is_left_to_ring():
    for walk in [*walks(), *lately()]:
        assert all(alarm["at"] > UNTIL for alarm in walk.case["alarms"])


def test_a_third_is_rubbish_and_an_eighth_facilities():
    codes = Counter(case.category for case in records())
    assert codes["06010"] / AMOUNT == pytest.approx(0.33, abs=0.02)
    facilities = sum(amount for code, amount in codes.items() if code < "06")
    assert facilities / AMOUNT == pytest.approx(0.13, abs=0.015)
    leads = sum(amount for code, amount in codes.items() if code.startswith("94"))
    assert 5 <= leads <= 40
    assert len(codes) > 60


def test_most_comes_by_day_and_on_working_days():
    hours = Counter(walk.case["reported_at"].astimezone(LOCAL).hour for walk in walks())
    assert sum(hours[hour] for hour in (22, 23, 0, 1, 2, 3, 4, 5)) / AMOUNT < 0.06
    assert sum(hours[hour] for hour in range(8, 18)) / AMOUNT > 0.65
    days = defaultdict(int)
    for walk in walks():
        days[walk.case["reported_at"].astimezone(LOCAL).date()] += 1
    weekdays = [amount for day, amount in days.items() if day.weekday() < 5]
    others = [amount for day, amount in days.items() if day.weekday() >= 5]
    assert sum(weekdays) / len(weekdays) > 1.4 * sum(others) / len(others)


def test_members_couriers_residents_and_programs_report():
    sources = Counter(case.source for case in records())
    assert set(sources) == {"patrol", "resident", "program"}
    assert sources["patrol"] / AMOUNT == pytest.approx(0.6, abs=0.03)
    couriers = [case for case in records() if case.courier]
    assert len(couriers) / AMOUNT == pytest.approx(0.15, abs=0.02)
    assert all(case.reporter.startswith("courier-") for case in couriers)
    assert share(case.category.startswith("96") for case in couriers) > 3 * share(
        case.category.startswith("96") for case in records() if not case.courier
    )


def test_parties_are_on_time_as_published_figures_say():
    judged = defaultdict(list)
    for step in steps("feed_back"):
        judged[step.party].append(step.on_time)
    everything = [each for some in judged.values() for each in some]
    assert 0.78 < share(everything) < 0.95
    rates = [share(some) for some in judged.values() if len(some) >= 150]
    assert len(rates) >= 4
    assert all(0.68 < rate <= 0.99 for rate in rates)
    assert max(rates) - min(rates) > 0.05


def test_self_handled_and_reworked_as_published_figures_say():
    closed = [case for case in records() if case.state in ("closed", "rated")]
    by_itself = [any(step.action == "self_handle" for step in case.steps) for case in closed]
    assert 0.2 < share(by_itself) < 0.31
    reworked = [any(step.action == "rework" for step in case.steps) for case in closed]
    assert 0.0005 < share(reworked) < 0.02


def test_everything_that_happens_to_few_happens():
    found = Counter(step.action for case in records() for step in case.steps)
    for action in (
        *("return", "redispatch", "grant_extension", "suspend", "resume", "merge", "absorb"),
        *("void", "reject", "withdraw", "reopen", "rate", "escalate", "hand_down", "urge"),
        *("supervise", "due_soon", "overdue", "write_notice", "circulate", "recategorise"),
    ):
        assert 1 <= found[action] < AMOUNT / 3, action


def test_only_the_last_weeks_have_open_cases():
    still_open = [walk.case for walk in walks() if walk.case["state"] not in ENDED]
    assert still_open
    assert min(case["reported_at"] for case in still_open) > UNTIL - timedelta(weeks=12)


def test_what_is_open_is_in_many_states_some_overdue_and_some_near_the_limit():
    still_open = [walk.case for walk in lately() if walk.case["state"] not in ENDED]
    assert len({case["state"] for case in still_open}) >= 6
    lights = Counter(case["light"] for case in still_open)
    assert all(lights[light] >= 3 for light in ("green", "yellow", "red"))
    assert {walk.case["state"] for walk in lately()} <= set(STATES)


def test_places_are_where_the_map_says_and_some_are_reported_again_and_again():
    spots = Counter()
    for walk in walks():
        case, place = walk.case, walk.report.place
        lng, lat = (case["location"][name] for name in ("lng", "lat"))
        located = walk.county.atlas.locate(lng, lat)
        assert located.grid == place.grid
        assert case["divisions"][-1] == place.grid["code"]
        assert walk.county.outline.contains(lng, lat)
        spots[round(lng * 1500), round(lat * 1800)] += 1
    assert share(walk.case["compound"] is not None for walk in walks()) > 0.4
    assert sum(amount for _, amount in spots.most_common(100)) > 0.15 * AMOUNT


def test_a_merged_case_went_into_one_that_took_it_in():
    by_id = {walk.case["_id"]: walk.case for walk in walks()}
    merged = [case for case in by_id.values() if case["state"] == "merged"]
    assert merged
    for case in merged:
        main = by_id[case["main"]["id"]]
        assert {"id": case["_id"], "number": case["number"]} in main["merged"]
        assert case["reporter"] in main["followers"]
        assert case["category"]["code"] == main["category"]["code"] or main["history"]
    released = [case for case in by_id.values() if _did(case, "unmerge")]
    assert all(case["state"] != "merged" for case in released)


def _did(case, action):
    return any(entry["action"] == action for entry in case["history"])


def test_the_fact_of_a_case_is_the_fact_of_its_events_in_any_order():
    """What is bulk-loaded is what the stats service would have made of every single event."""
    chance = random.Random(3)
    definitions = current()
    rare = [walk for walk in walks() if len(walk.changes) > 11 or walk.case["state"] == "merged"]
    for walk in [*chance.sample(walks(), 150), *rare[:100], *lately()[-100:]]:
        events = [*(change.event for change in walk.changes), *walk.assignments]
        chance.shuffle(events)
        fact = counting.new_fact(walk.case["_id"])
        for event in events:
            fact = counting.learn(fact, read_event(event.to_json()))
        expected = fact_of(truth.case(walk.case), (), definitions)
        assert {**fact, **derived(fact, definitions)} == expected


def test_the_same_seed_makes_the_same_cases_however_they_are_paged():
    first, second = cases(amount=300), cases(amount=300)
    by_page = [case for days in second.spans(0, 7) for case in second.page(days).cases]
    at_once = [case for days in first.spans(0, 10**6) for case in first.page(days).cases]
    assert len(at_once) == 300
    assert by_page == at_once
    other = cases(amount=300, seed=8)
    assert [case.id for case in other.page(other.spans(0, 10**6)[0]).cases] != [
        case.id for case in at_once
    ]


def test_what_is_left_begins_with_the_next_case():
    made = cases(amount=300)
    spans = made.spans(0, 40)
    amounts = [sum(made.arrivals.days[day].amount for day in days) for days in spans]
    assert all(amount >= 40 for amount in amounts[:-1])
    assert sum(amounts) == 300
    for position in range(len(spans)):
        left = made.spans(sum(amounts[:position]), 40)
        # Days without cases may go with either.
        assert [days.stop for days in left] == [days.stop for days in spans[position:]]
    assert made.spans(300, 40) == []


def test_each_party_that_got_a_case_was_told():
    made = cases(amount=300)
    page = made.page(made.spans(0, 10**6)[0])
    told = [notice for some in page.notices.values() for notice in some]
    given = [step for case in page.cases for step in case.steps if step.action == "dispatch"]
    assert len(told) >= len(given) > 200
    assert len({notice.id for notice in told}) == len(told)
    assert all(counting.is_telling(notice.kind, notice.recipient) for notice in told)
