"""Events of a case as issues publishes them, for the tests of notify."""

from datetime import UTC, datetime

from suishoupai.contracts.events import new_event
from suishoupai.contracts.words import ACTION_EVENTS
from suishoupai.tracing import new_trace

AT = datetime(2026, 11, 23, tzinfo=UTC)
ACTIONS = {event_type: action for action, event_type in ACTION_EVENTS.items()}
GRID = "341324001001001"


def changed(event_type, sequence=2, subject="01A", **more):
    """The event that something happened to a case; ``more`` replaces parts of its data."""
    data = {
        "number": "341324-20261123-00001",
        "action": ACTIONS[event_type],
        "from": "reported",
        "to": "dispatched",
        "at": AT.isoformat(),
        "by": "wang.fang",
        "role": "dispatcher",
        "why": "该类案件由物业负责",
        "category": category(),
        "urgent": False,
        "address": "人民路 3 号",
        "reported_at": AT.isoformat(),
        "reporter": "rider-li",
        "followers": ["rider-zhao"],
        "responsible": {"id": "property-1", "name": "安居物业", "kind": "property"},
        "previous": {"id": "property-2", "name": "安顺物业", "kind": "property"},
        "grid": {"code": GRID, "name": "第一网格"},
        "community": {"code": GRID[:12], "name": "汴光社区"},
        "town": {"code": GRID[:9], "name": "运河街道"},
        "county": {"code": GRID[:6], "name": "泗县"},
        "compound": {"id": "c", "name": "甲小区"},
        "activity": "disposal",
        "due_at": AT.isoformat(),
        "outcome": None,
        "main": None,
        "bundled_due_at": AT.isoformat(),
        "on_time": None,
        "source": "patrol",
        "courier": True,
        "solved": None,
        "satisfaction": None,
        **more,
    }
    if event_type == "issue.recategorised":
        point = {"lng": 117.9, "lat": 33.48}
        data["location"] = {**point, "raw": {**point, "datum": "WGS-84"}}
    return new_event(
        event_type,
        source="/issues",
        subject=subject,
        sequence=sequence,
        trace=new_trace("phone-1"),
        data=data,
    )


def category(confidential=False):
    return {
        "code": "06010",
        "name": "暴露垃圾",
        "responsible": ["物业"],
        "confidential": confidential,
    }
