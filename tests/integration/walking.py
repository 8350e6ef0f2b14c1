"""How cases come to be what tests need, step by step through the API."""

import uuid

from .conftest import report_body

PHOTOS = ["https://photos.example/before.jpg", "https://photos.example/after.jpg"]
STEPS = {
    "verify": ("dispatcher", {}),
    "accept": ("dispatcher", {"note": "已到现场核实"}),
    "file": ("dispatcher", {}),
    "dispatch": ("dispatcher", {}),
    "take": ("handler", {}),
    "feed_back": ("handler", {"note": "已清理", "photos": PHOTOS}),
    "rework": ("dispatcher", {"reason": "没有清干净"}),
    "check": ("dispatcher", {"note": "属实"}),
    "close": ("dispatcher", {"outcome": "normal"}),
    "rate": ("resident", {"solved": True, "satisfaction": 4}),
}
"""Action → which of the people does it, and with what."""
DISPATCH = ("verify", "accept", "file", "dispatch")
"""What it takes for a resident's report to reach its party."""
HANDLE = ("take", "feed_back")
REWORK = ("rework", "feed_back")
CLOSE = ("check", "close")


def reported(world, point, account, category="06010"):
    """The id of a new case that lies in its grid."""
    answer = world.report(report_body(point, category), uuid.uuid4().hex, account)
    issue = answer.body["id"]
    world.placed(issue)
    return issue


def walk(world, issue, people, *actions):
    """One action after the other, each by who does it."""
    for action in actions:
        who, given = STEPS[action]
        world.done(issue, action, getattr(people, who), **given)
