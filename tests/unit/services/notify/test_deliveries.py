from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notify.deliveries import (
    FAILURES_IN_A_ROW,
    GROWTH,
    JITTER,
    LASTS,
    LONGEST_PAUSE,
    MOST_TRIES,
    Circuit,
    failed_try,
    is_too_old,
    pause_after,
    planned,
    sent,
    shown_delivery,
)
from services.notify.notices import notices_of
from services.notify.rules import read_rules
from suishoupai.settings import ROOT

from .events import AT, changed

RULES = read_rules(ROOT / "data" / "notices" / "rules.csv", None)
LUCK = st.floats(0, 1)


@given(st.integers(1, MOST_TRIES), st.floats(0.001, 3600), LUCK)
def test_pauses_grow_within_bounds(tries, base, luck):
    pause = pause_after(tries, base, luck)
    middle = min(base * GROWTH ** (tries - 1), LONGEST_PAUSE.total_seconds())
    assert middle * (1 - JITTER) * 0.999 <= pause.total_seconds() <= middle * (1 + JITTER) * 1.001


@given(st.floats(0.001, 3600), LUCK)
def test_a_message_is_tried_so_often_and_each_fault_is_kept(base, luck):
    row, at = {"state": "waiting", "tries": [], "claim": "c", "at": AT}, AT
    for tries in range(1, MOST_TRIES + 1):
        assert row["state"] == "waiting"
        update = failed_try(row, f"fault {tries}", at, base, luck)
        row = {**row, **update["$set"], "tries": [*row["tries"], update["$push"]["tries"]]}
        assert row["state"] == "failed" or row["at"] > at
        at = row["at"]
    assert row["state"] == "failed"
    assert [each["fault"] for each in row["tries"]] == [f"fault {n}" for n in range(1, tries + 1)]


@given(st.lists(st.booleans(), max_size=40))
def test_a_line_rests_after_failures_in_a_row_and_only_then(outcomes):
    circuit, row = Circuit(10.0), 0
    for is_sent in outcomes:
        circuit.note("email", is_sent, AT)
        row = 0 if is_sent else row + 1
        until = circuit.rests_until("email", AT)
        assert (until is not None) == (row >= FAILURES_IN_A_ROW)
        assert circuit.rests_until("sms", AT) is None
        if until:
            assert until - AT <= LONGEST_PAUSE
            assert circuit.rests_until("email", until) is None


def person(account, keys, **channels):
    choices = {
        name: {"address": "x", "enabled": True, "off": [], **more}
        for name, more in channels.items()
    }
    return {"_id": account, "keys": keys, "choices": {"channels": choices}}


def plan(ordered, *people):
    rows = planned(ordered, people, ["email", "sms"], AT)
    return {(row["account"], row["channel"]) for row in rows}


def test_a_message_goes_to_who_listens_by_what_they_chose_and_the_rule_allows():
    (ordered,) = notices_of(changed("issue.urged"), RULES, AT)
    keys = ["account:a", "party:property-1"]
    assert plan(ordered, person("a", keys, email={}, sms={})) == {("a", "email"), ("a", "sms")}
    assert plan(ordered, person("a", keys, email={"enabled": False}, sms={})) == {("a", "sms")}
    assert plan(ordered, person("a", keys, email={"off": ["urged"]})) == set()
    assert plan(ordered, person("a", keys, email={"off": ["closed"]})) == {("a", "email")}
    assert plan(ordered, person("a", ["party:property-2"], email={})) == set()
    narrow = replace(ordered, rule=replace(ordered.rule, channels=frozenset({"sms"})))
    assert plan(narrow, person("a", keys, email={}, sms={})) == {("a", "sms")}


def test_a_towns_dispatcher_is_woken_for_its_communities_and_the_county_not_for_its_towns():
    by_recipient = {
        each.notice["recipient"]: each
        for each in notices_of(changed("issue.extension_asked"), RULES, AT)
    }
    town = person("t", ["dispatcher:341324001"], sms={})
    assert plan(by_recipient["dispatcher:341324001001"], town) == {("t", "sms")}
    county = person("c", ["supervisor:341324"], sms={})
    assert plan(by_recipient["supervisor:341324001"], county) == set()


def test_what_is_shown_hides_the_address_and_says_when_it_is_tried_next():
    (ordered,) = notices_of(changed("issue.urged"), RULES, AT)
    (row,) = planned(ordered, [person("a", ["party:property-1"], sms={})], ["sms"], AT)
    waiting = shown_delivery(row)
    assert (waiting["state"], waiting["next_try_at"], waiting["address"]) == (
        "waiting",
        AT.isoformat(),
        None,
    )
    done = shown_delivery({**row, **sent("13812345678", AT)["$set"]})
    assert (done["address"], done["next_try_at"]) == ("138****5678", None)
    assert done["sent_at"] == AT.isoformat()
    assert not is_too_old(row, AT + LASTS)
    assert is_too_old(row, AT + LASTS + timedelta(seconds=1))
