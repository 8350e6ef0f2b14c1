"""The closed vocabularies of the domain (DOMAIN: words, people), with their Chinese names."""

from __future__ import annotations

PARTY_KINDS = {"property": "物业", "community": "社区", "department": "部门"}
"""Kinds of responsible party; a town that stands in for a community is of kind community (属地)."""

ROLES = {
    "reporter": "上报人",
    "handler": "处置人",
    "dispatcher": "派遣员",
    "supervisor": "督办",
    "admin": "管理员",
}

DATUMS = ("WGS-84", "GCJ-02")
"""Coordinate reference systems a point may be given in; a point without one is an error."""

LIGHTS = {"green": "正常", "yellow": "临期", "red": "超期"}
"""How near a case is to its limit (DOMAIN: indicators)."""

NOTICE_KINDS = {
    "assigned": "新派案件",
    "due_soon": "临期",
    "overdue": "超期",
    "digest": "每日汇总",
}
"""What a notice is about."""

STATES = {
    "reported": "已上报",
    "dispatched": "已派遣",
}
"""States of a case that exist today; the transitions are in ``services.issues.lifecycle``."""
