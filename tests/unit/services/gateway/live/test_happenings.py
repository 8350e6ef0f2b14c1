import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.happening import TYPES, whereabouts
from services.gateway.live.feed import Entry, Wanted
from services.gateway.live.happenings import Known, happenings, shown_left
from suishoupai.access import Caller, lies_within, reach
from suishoupai.contracts.events import Event, new_event
from suishoupai.tracing import new_trace

from .....lives import lives
from ...notify.events import AT, GRID, category, changed

COUNTY, TOWN, COMMUNITY = GRID[:6], GRID[:9], GRID[:12]
REPORTER = Caller("rider-li", ("reporter",))
FOLLOWER = Caller("rider-zhao", ("reporter",))
PARTY = Caller("chen", ("handler",), party="property-1")
LOSER = Caller("wu", ("handler",), party="property-2")
DISPATCHER = Caller("wang", ("dispatcher",), COMMUNITY, f"community-{COMMUNITY}")
ELSEWHERE = Caller("he", ("dispatcher",), "341324101201", "community-x")
TOWNS = Caller("ma", ("supervisor",), TOWN)
ADMIN = Caller("root", ("admin",))
PROGRAM = Caller("hotline", ("program",), COUNTY)
EVERYBODY = (REPORTER, FOLLOWER, PARTY, LOSER, DISPATCHER, ELSEWHERE, TOWNS, ADMIN, PROGRAM)


def reported(confidential=False):
    point = {"lng": 117.9, "lat": 33.48}
    data = {
        "number": "341324-20261123-00001",
        "category": category(confidential),
        "description": "单元门口垃圾成堆",
        "location": {**point, "raw": {**point, "datum": "WGS-84"}},
        "address": "人民路 3 号",
        "photos": ["http://photos/1"],
        "reported_at": AT.isoformat(),
        "observed_at": None,
        "reporter": "rider-li",
        "source": "patrol",
        "courier": True,
    }
    return new_event(
        "issue.reported", source="/issues", subject="01A", sequence=1, trace=new_trace(), data=data
    )


def told(event, known=None):
    (happening,) = happenings([event], {"01A": known} if known else {})
    return happening


def hearers(happening, everybody=EVERYBODY):
    """Who is told all of it, and who that it left."""
    entry = Entry(1, happening.type, happening.whereabouts, happening.left, happening.shown)
    frames = [(caller, Wanted(reach(caller)).frame(entry)) for caller in everybody]
    whole = {caller.account for caller, frame in frames if frame == entry.whole}
    return whole, {caller.account for caller, frame in frames if frame == entry.farewell}


def test_a_report_is_heard_by_its_reporter_and_those_of_the_county():
    assert hearers(told(reported())) == ({"rider-li", "root", "hotline"}, set())
    assert hearers(told(reported(confidential=True))) == ({"rider-li", "root"}, set())


def test_a_change_is_heard_by_all_who_see_the_case_and_the_party_that_loses_it_hears_that():
    seen = {"rider-li", "chen", "wang", "ma", "root", "hotline"}
    assert hearers(told(changed("issue.redispatched"))) == (seen, {"wu"})
    # Who follows reads of it in their inbox: the case itself is not theirs to see.
    assert "rider-zhao" not in seen


def test_of_a_confidential_case_neither_dispatcher_nor_program_hears():
    secret = changed("issue.dispatched", category=category(True), previous=None)
    assert hearers(told(secret)) == ({"rider-li", "chen", "ma", "root"}, set())


def test_who_loses_sight_of_a_case_that_becomes_confidential_hears_that_it_left():
    before = told(changed("issue.placed", responsible=None, previous=None))
    known = Known(2, before.whereabouts)
    secret = changed(
        "issue.recategorised", 3, category=category(True), responsible=None, previous=None
    )
    assert hearers(told(secret, known)) == ({"rider-li", "ma", "root"}, {"wang", "hotline"})


def test_a_community_that_loses_a_confidential_case_hears_that_however_long_it_had_it():
    community = {"id": f"community-{COMMUNITY}", "name": "汴光社区", "kind": "community"}
    recalled = changed(
        "issue.recalled", category=category(True), responsible=None, previous=community
    )
    assert hearers(told(recalled)) == ({"rider-li", "ma", "root"}, {"wang"})


def test_what_arrives_late_is_heard_by_who_sees_the_case_as_it_is_now():
    recalled = told(changed("issue.recalled", 5, responsible=None))
    late = told(changed("issue.taken", 4, previous=None), Known(5, recalled.whereabouts))
    assert hearers(late) == ({"rider-li", "wang", "ma", "root", "hotline"}, set())
    assert late.shown["version"] == 4


def test_what_comes_together_is_told_in_its_order_and_builds_on_what_was_before():
    placed = changed("issue.placed", 2, responsible=None, previous=None)
    secret = changed(
        "issue.recategorised", 3, category=category(True), responsible=None, previous=None
    )
    late, last = happenings([secret, placed], {}), happenings([placed, secret], {})
    assert [each.version for each in late] == [3, 2]
    assert late[1].whereabouts == late[0].whereabouts
    assert hearers(last[1])[1] == {"wang", "hotline"}


def test_an_earlier_version_of_an_event_that_does_not_say_who_may_see_it_is_left_out():
    event = changed("issue.dispatched")
    fields = ("number", "from", "to", "at", "by", "why", "responsible")
    old = replace(event, data={name: event.data[name] for name in fields})
    assert [each.type for each in happenings([old, reported()], {})] == ["issue.reported"]


def test_nothing_personal_is_told():
    for event in (reported(), changed("issue.dispatched")):
        text = json.dumps(told(event).shown, ensure_ascii=False)
        for secret in ("rider-li", "rider-zhao", "wang.fang", "人民路", "垃圾成堆", "photos"):
            assert secret not in text


def test_of_a_case_that_left_nothing_is_told_but_that():
    shown = told(changed("issue.recalled")).shown
    assert shown_left(shown) == {
        **{name: shown[name] for name in ("id", "type", "time", "issue", "version")},
        "left": True,
    }


@pytest.mark.parametrize("walk", lives(), ids=lambda walk: walk.events[-1].type)
def test_of_every_step_of_every_life_the_present_party_and_nobody_else_of_them_hears_all(walk):
    """The scope of a stream against the scope of the case as its service keeps it."""
    events = [each for each in walk.events if each.type in TYPES]
    assert events and events[0].type == "issue.reported"
    for told_of in happenings(events, {}):
        event = next(each for each in events if each.id == told_of.event)
        assert told_of.whereabouts == whereabouts(event)
        party = event.data.get("responsible")
        for name in {"property-001", "nobody", party and party["id"]} - {None}:
            handler = Caller("h", ("handler",), party=name)
            sees = lies_within(reach(handler), told_of.whereabouts)
            assert sees == bool(party and party["id"] == name)


DIVISIONS = st.sampled_from([None, COUNTY, TOWN, COMMUNITY, GRID, "341324101"])


@given(
    types=st.frozensets(st.sampled_from(TYPES), max_size=3),
    division=DIVISIONS,
    caller=st.sampled_from(EVERYBODY),
    event_type=st.sampled_from([each for each in TYPES if each != "issue.reported"]),
    confidential=st.booleans(),
)
def test_filters_only_narrow(types, division, caller, event_type, confidential):
    happening = told(changed(event_type, category=category(confidential)))
    entry = Entry(1, happening.type, happening.whereabouts, happening.left, happening.shown)
    whole = Wanted(reach(caller)).frame(entry)
    narrowed = Wanted(reach(caller), types, division).frame(entry)
    fits = (not types or event_type in types) and (division is None or GRID.startswith(division))
    assert narrowed == (whole if fits else None)


def test_an_event_reads_back_from_the_wire_as_it_is_told():
    event = changed("issue.dispatched")
    assert told(Event(**json.loads(event.to_json()))) == told(event)
