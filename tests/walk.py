"""A case walked through its life by the pure rules alone, for tests of all kinds."""

from datetime import UTC, datetime, timedelta

from services.issues.cases import Actor, assigned_case, new_case, rung_case, stepped_case
from services.issues.lifecycle import find_transition
from services.issues.working_time import WorkingTime
from suishoupai.contracts.events import new_event
from suishoupai.tracing import new_trace

AT = datetime(2026, 11, 23, 1, 2, 3, 456000, UTC)
"""Monday, 09:02 in Shanghai."""
HOURS = WorkingTime()
REPORT = {
    "description": "垃圾成堆",
    "address": "3 号楼",
    "photos": [],
    "photo_hashes": [],
    "observed_at": None,
}
ROW = {
    "row": "06010@2026-01-01",
    "code": "06010",
    "name": "暴露垃圾",
    "responsible": ["环卫"],
    "limit": 4,
    "limit_unit": "工作时",
    "confidential": False,
    "auto_dispatch": "never",
    "filing_condition": "确有垃圾暴露",
    "check_limit": 4,
    "check_unit": "工作时",
    "extensible": True,
    "emergency": [],
}
SLOW_ROW = {**ROW, "code": "06001", "row": "06001@2026-01-01", "limit": 15, "limit_unit": "工作日"}
LEAD_ROW = {**ROW, "code": "94001", "row": "94001@2026-01-01", "confidential": True}
LOCATION = {"lng": 117.9, "lat": 33.48, "raw": {"lng": 117.9, "lat": 33.48, "datum": "WGS-84"}}
PROPERTY = {"id": "property-001", "name": "甲物业", "kind": "property"}
COMMUNITY = {"id": "community-1", "name": "汴光社区居民委员会", "kind": "community"}
DEPARTMENT = {"id": "department-huanwei", "name": "环卫所", "kind": "department"}
PHOTO = "https://photos.example/1.jpg"
GIVEN = {
    "reason": "因故",
    "note": "说明",
    "photos": [PHOTO, PHOTO],
    "party": DEPARTMENT,
    "extension": {"number": 2, "unit": "工作日"},
    "signed_by": "某主任",
    "solved": True,
    "satisfaction": 4,
    "main": {"id": "01B", "number": "341324-20261123-00002"},
    "other": {"id": "01B", "number": "341324-20261123-00002"},
    "followers": ["neighbour"],
    "row": SLOW_ROW,
    "category": SLOW_ROW["code"],
    "emergency": [],
}
"""One value for each field that some action takes."""


def assignment(sequence=1, party=PROPERTY, **more):
    """``issue.assigned`` as grid would tell it."""
    return new_event(
        "issue.assigned",
        source="/grid",
        subject="01A",
        sequence=sequence,
        trace=new_trace("phone-1"),
        data={
            "number": "341324-20261123-00001",
            "category": {name: ROW[name] for name in ("code", "name", "responsible")}
            | {"confidential": False},
            "address": "3 号楼",
            "reported_at": AT.isoformat(),
            "grid": {"code": "341324001001001", "name": "第一网格"},
            "community": {"code": "341324001001", "name": "汴光社区"},
            "town": {"code": "341324001", "name": "运河街道"},
            "county": {"code": "341324", "name": "泗县"},
            "compound": None,
            "responsible": party,
            "rule": "property-in-compound",
            "why": "位于小区内",
            "barred": [],
            "barred_kinds": [],
            "clear": True,
            **more,
        },
    )


def opened(row=ROW, reporter="member", patrol=True, courier=False, emergency=(), **report):
    """The change that a report makes."""
    return new_case(
        case_id="01A",
        number="341324-20261123-00001",
        report={**REPORT, **report},
        category=row,
        location=LOCATION,
        county="341324",
        reporter=Actor(reporter, "reporter"),
        patrol=patrol,
        courier=courier,
        emergency=list(emergency),
        similar=[],
        at=AT,
        trace=new_trace("phone-1"),
    )


class Walk:
    """A case, the events it caused, and the time; every step checked by the table."""

    def __init__(self, row=ROW, place=True, **report):
        first = opened(row, **report)
        self.case, self.events, self.at = first.case, [first.event], AT
        self.versions = [first.case]
        if place:
            self.assign(assignment())

    def _took(self, change):
        self.case = change.case
        self.events.append(change.event)
        self.versions.append(change.case)
        return self

    def assign(self, event):
        """Grid said whose it is."""
        return self._took(assigned_case(self.case, event, self.at, HOURS))

    def do(self, action, role="dispatcher", account=None, **given):
        """One action by somebody in a role; fields that are left out have a value in ``GIVEN``."""
        default = {"until": self.at + timedelta(days=3), **GIVEN}
        row = find_transition(action, self.case, [role], {**default, **given}, self.at)
        wanted = (*row.needs, *row.takes, *BESIDE.get(action, ()))
        taken = {name: default[name] for name in wanted if name in default}
        if action == "recategorise":
            taken["before"] = {name: self.case["category"][name] for name in ("code", "name")}
        if action == "grant_extension":
            taken["extension"] = self.case["asked"]["extension"]
        given = {**taken, **given}
        actor = Actor(account or (self.case["reporter"] if role == "reporter" else role), role)
        return self._took(stepped_case(self.case, row, actor, given, self.at, HOURS))

    def ring(self, at=None):
        """Time passes up to the next alarm, or up to ``at``, and it rings."""
        self.at = at or self.case["alarms"][0]["at"]
        return self._took(rung_case(self.case, self.at, HOURS))

    def pass_by(self, **duration):
        """Time passes."""
        self.at += timedelta(**duration)
        return self


BESIDE = {
    "recategorise": ("row", "emergency"),
    "absorb": ("followers", "other"),
    "release": ("followers", "other"),
}
"""Action → fields that its handler adds to what was given."""


def to(state, row=SLOW_ROW, **report):
    """A walk to a case in that state, by the shortest way."""
    walk = Walk(row, **report)
    for action, role in WAYS[state]:
        walk.pass_by(minutes=1).do(action, role)
    assert walk.case["state"] == state
    return walk


_FILED = (("accept", "dispatcher"), ("file", "dispatcher"))
_DISPATCHED = (*_FILED, ("dispatch", "dispatcher"))
_HANDLING = (*_DISPATCHED, ("take", "handler"))
_CHECKING = (*_HANDLING, ("feed_back", "handler"))
_CLOSED = (*_CHECKING, ("check", "dispatcher"), ("close", "dispatcher"))
WAYS = {
    "reported": (),
    "verifying": (("verify", "dispatcher"),),
    "accepted": (("accept", "dispatcher"),),
    "filed": _FILED,
    "dispatched": _DISPATCHED,
    "returned": (*_DISPATCHED, ("return", "handler")),
    "escalated": (*_FILED, ("escalate", "dispatcher")),
    "handling": _HANDLING,
    "extension_asked": (*_HANDLING, ("ask_extension", "handler")),
    "suspension_asked": (*_HANDLING, ("ask_suspension", "handler")),
    "suspended": (*_HANDLING, ("suspend", "supervisor")),
    "checking": _CHECKING,
    "closed": _CLOSED,
    "rated": (*_CLOSED, ("rate", "reporter")),
    "reopened": (*_CLOSED, ("reopen", "reporter")),
    "rejected": (("reject", "dispatcher"),),
    "withdrawn": (("withdraw", "reporter"),),
    "merged": (*_HANDLING, ("merge", "dispatcher")),
    "void": (*_FILED, ("void", "admin")),
}
"""State → the shortest way there from a placed case: (action, role) each."""
