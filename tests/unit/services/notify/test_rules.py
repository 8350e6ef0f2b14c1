"""The rule table as it is shipped, for every event; and what a county may not write into it."""

import pytest

from services.notify.changes import change_of
from services.notify.channels import WELL_KNOWN
from services.notify.rules import COLUMNS, read_rules, recipients
from services.notify.tables import UnusableTable
from suishoupai.contracts.events import CHANGES
from suishoupai.settings import ROOT

from .events import category, changed

RULES = read_rules(ROOT / "data" / "notices" / "rules.csv", WELL_KNOWN)

REPORTERS = {"account:rider-li", "account:rider-zhao"}
PARTY, PREVIOUS = {"party:property-1"}, {"party:property-2"}
DISPATCHER = {"dispatcher:341324001001"}
TOWN, COUNTY = {"supervisor:341324001"}, {"supervisor:341324"}

TOLD = {
    "issue.placed": DISPATCHER,
    "issue.accepted": REPORTERS,
    "issue.rejected": REPORTERS,
    "issue.dispatched": PARTY,
    "issue.returned": DISPATCHER,
    "issue.return_refused": PARTY,
    "issue.redispatched": PARTY | PREVIOUS,
    "issue.recalled": PREVIOUS,
    "issue.taken": REPORTERS,
    "issue.extension_asked": DISPATCHER | TOWN,
    "issue.extension_granted": PARTY,
    "issue.extension_refused": PARTY,
    "issue.suspension_asked": TOWN,
    "issue.suspended": PARTY | DISPATCHER | REPORTERS,
    "issue.suspension_refused": PARTY,
    "issue.resumed": PARTY,
    "issue.fed_back": DISPATCHER,
    "issue.reworked": PARTY,
    "issue.closed": REPORTERS | PARTY,
    "issue.self_handled": REPORTERS | DISPATCHER | PARTY,
    "issue.rated": PARTY | DISPATCHER,
    "issue.reopened": DISPATCHER | PARTY,
    "issue.merged": REPORTERS,
    "issue.unmerged": REPORTERS,
    "issue.absorbed": DISPATCHER,
    "issue.escalated": TOWN,
    "issue.handed_down": PARTY | DISPATCHER,
    "issue.remarked": PARTY | DISPATCHER,
    "issue.urged": PARTY,
    "issue.supervised": PARTY | DISPATCHER,
    "issue.voided": REPORTERS | PARTY,
    "issue.recategorised": PARTY,
    "issue.due_soon": PARTY,
    "issue.overdue": PARTY | TOWN,
    "issue.notice_written": PARTY | DISPATCHER | TOWN,
    "issue.circulated": PARTY | DISPATCHER | TOWN | COUNTY,
}
"""Who hears of a case that is not urgent and at disposal; of any other event nobody."""


def told(event_type, **more):
    return set(recipients(change_of(changed(event_type, **more)), RULES))


@pytest.mark.parametrize("event_type", CHANGES)
def test_who_hears_of_each_event(event_type):
    assert told(event_type) == TOLD.get(event_type, set())


@pytest.mark.parametrize("event_type", CHANGES)
def test_of_an_urgent_case_the_town_hears_at_once_too(event_type):
    more = {"issue.placed": TOWN, "issue.dispatched": DISPATCHER | TOWN}.get(event_type, set())
    assert told(event_type, urgent=True) == TOLD.get(event_type, set()) | more


@pytest.mark.parametrize("activity", ["verification", "check"])
def test_the_limit_of_what_the_community_does_is_told_to_its_dispatcher(activity):
    assert told("issue.due_soon", activity=activity) == DISPATCHER
    assert told("issue.overdue", activity=activity) == DISPATCHER | TOWN


@pytest.mark.parametrize("event_type", CHANGES)
def test_a_confidential_case_passes_its_dispatcher_by(event_type):
    secret = {"category": category(confidential=True), "urgent": True}
    assert told(event_type, **secret) == told(event_type, urgent=True) - DISPATCHER


@pytest.mark.parametrize("event_type", CHANGES)
def test_a_case_without_place_or_party_tells_whom_there_is(event_type):
    nothing = dict.fromkeys(("responsible", "previous", "grid", "community", "town", "county"))
    assert told(event_type, urgent=True, **nothing) <= REPORTERS


def test_a_reporter_who_follows_too_is_told_once():
    assert told("issue.accepted", followers=["rider-li"]) == {"account:rider-li"}


HEAD = ",".join(COLUMNS)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["event,role"], "line 1: the columns must be"),
        ([HEAD, "issue.exploded,party,,dispatched,all"], "line 2: event: 'issue.exploded'"),
        ([HEAD, "issue.reported,party,,dispatched,all"], "line 2: event"),
        ([HEAD, "issue.closed,everybody,,closed,all"], "line 2: role: 'everybody'"),
        ([HEAD, "issue.closed,party,,closing,all"], "line 2: kind: 'closing'"),
        ([HEAD, "issue.closed,party,,digest,all"], "line 2: kind: 'digest'"),
        ([HEAD, "issue.closed,party,night,closed,all"], "line 2: when: 'night'"),
        ([HEAD, "issue.closed,party,,closed,email|smms"], "line 2: channels: 'smms'"),
        ([HEAD, "issue.closed,party,,closed,"], "line 2: channels: ''"),
        ([HEAD, "issue.closed,party,,closed"], "line 2: needs 5 fields"),
        ([HEAD, "issue.closed,party,,closed,all,x"], "line 2: needs 5 fields"),
        (
            [HEAD, "issue.closed,party,,closed,all", "issue.closed,party,,rated,all"],
            "line 3: event, role and when",
        ),
    ],
)
def test_a_line_at_fault_is_named(tmp_path, lines, reason):
    path = tmp_path / "rules.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(UnusableTable, match=reason):
        read_rules(path, WELL_KNOWN)


def test_a_line_may_narrow_channels_and_the_first_that_fits_counts(tmp_path):
    path = tmp_path / "rules.csv"
    lines = [
        HEAD,
        "issue.closed,party,urgent|check,closed,email|sms",
        "issue.closed,party,,rated,none",
    ]
    # As a spreadsheet saves it.
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8-sig")
    rules = read_rules(path, WELL_KNOWN)
    urgent = recipients(change_of(changed("issue.closed", urgent=True)), rules)
    assert urgent["party:property-1"].channels == {"email", "sms"}
    calm = recipients(change_of(changed("issue.closed")), rules)
    assert (calm["party:property-1"].kind, calm["party:property-1"].channels) == ("rated", set())
