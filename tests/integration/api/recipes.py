"""How each operation is called about a case: one line for each that needs more than the case's id.

An operation without a body whose path names nothing but ``issue`` needs no line.
"""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..conftest import PASSWORD, report_body


@dataclass(frozen=True)
class Ask:
    """What is sent: values for the path, the query, the headers and the body."""

    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    json: Any = None
    data: bytes | None = None
    """A body that is not JSON; its Content-Type is among the headers."""
    ends: bool = False
    """Whether it may end the caller's session."""
    names: str | None = None
    """What a good answer names if it is seen, where that is not the case."""
    until: int | None = None
    """Number of the event up to which a stream is heard."""
    single: bool = False
    """Whether each thing that is asked about is answered by itself: its own answer counts."""


Recipe = Callable[..., Ask]
"""(scene, target case, name of the caller) → what is sent."""
RECIPES: dict[str, Recipe] = {}


def recipe(*operations: str) -> Callable[[Recipe], Recipe]:
    """Makes a function the way in which these operations are called."""

    def register(function: Recipe) -> Recipe:
        RECIPES.update(dict.fromkeys(operations, function))
        return function

    return register


ALIKE = frozenset(
    {
        *("login", "refreshToken", "logout", "acceptInvitation", "readMe", "changeMyPassword"),
        *("beginSecondFactor", "confirmSecondFactor", "endSecondFactor"),
        *("listCategories", "suggestCategories", "listGrids"),
        *("readNotifications", "chooseNotifications", "readReportSubscriptions"),
        *("sendPhoto", "uploadOptions", "beginUpload", "orderExport"),
        *("open311Discovery", "open311Services"),
    }
)
"""Operations that are about no case and no place: each caller calls them once, and a cell of
theirs is one word."""


class NoRecipe(LookupError):
    """Nobody has said how an operation is called."""


def ask(operation, scene, target, caller) -> Ask:
    """What is sent for an operation; raises ``NoRecipe`` with the line that is missing."""
    if operation.id in RECIPES:
        return RECIPES[operation.id](scene, target, caller)
    names = set(re.findall(r"<(\w+)>", operation.path))
    if names <= {"issue"} and not operation.body and not operation.headers:
        return Ask(path={name: target.id for name in names})
    raise NoRecipe(
        f"no recipe for operation {operation.id}: {operation.method} {operation.path}"
        f" (headers {operation.headers}, body {operation.body}); add to"
        f' tests/integration/api/recipes.py: @recipe("{operation.id}")'
    )


def key() -> dict[str, str]:
    """An Idempotency-Key that nobody used before."""
    return {"Idempotency-Key": uuid.uuid4().hex}


def point(target) -> dict[str, Any]:
    """Where a case lies, as a query names it."""
    return {"lng": target.point[0], "lat": target.point[1], "datum": "WGS-84"}


def aside(target) -> tuple[float, float]:
    """A point some 140 m from a case: what is reported there does not crowd around it, where only
    the nearest few are named."""
    longitude, latitude = target.point
    return longitude + 0.0015, latitude


def version(scene, target) -> int:
    """The version of a case that is there now."""
    return scene.world.database("issues")["issues"].find_one({"_id": target.id})["version"]


@recipe("login")
def log_in(scene, target, caller):
    return Ask(json={"username": "member", "password": PASSWORD})


@recipe("reportIssue")
def report(scene, target, caller):
    return Ask(json=report_body(aside(target), target.category), headers=key())


@recipe("findIssues", "readNotices")
def list_all(scene, target, caller):
    return Ask(query={"limit": 200})


@recipe("findNearbyIssues")
def near(scene, target, caller):
    return Ask(query={**point(target), "category": target.category})


@recipe("findGridAt")
def grid_at(scene, target, caller):
    return Ask(query=point(target))


@recipe("explainRouting")
def explain(scene, target, caller):
    return Ask(query={**point(target), "category": target.category})


@recipe("explainIndicator", "exportIndicatorCases")
def explain_indicator(scene, target, caller):
    path = {"indicator": "valid_report_rate"}
    return Ask(path=path, query={"division": target.community})


@recipe("readHeat")
def heat(scene, target, caller):
    return Ask(query={"division": target.community, "box": "117.6,33.2,118.2,33.8", "zoom": 11})


@recipe(
    *("listParties", "readSummary", "readIndicators", "readRepeatPlaces", "readBoard"),
    *("readTrend", "readComparison", "readFunnel", "readAgeing", "readTop"),
)
def of_its_community(scene, target, caller):
    return Ask(query={"division": target.community})


@recipe("readRankings")
def rank_its_grids(scene, target, caller):
    return Ask(query={"division": target.community, "group": "grid"})


@recipe("suggestCategories")
def suggest(scene, target, caller):
    return Ask(query={"description": "楼道里堆满了纸箱"})


@recipe("actOnIssue")
def urge(scene, target, caller):
    body = {"version": version(scene, target), "note": "请尽快处理"}
    return Ask(path={"issue": target.id, "action": "urge"}, json=body)


@recipe("markNoticesRead")
def mark_read(scene, target, caller):
    return Ask(json={"ids": [notice_of(scene, target)]})


@recipe("readAudit")
def audit(scene, target, caller):
    return Ask(query={"subject": target.id})


@recipe("readDeliveries")
def deliveries(scene, target, caller):
    return Ask(path={"notice": notice_of(scene, target)})


@recipe("chooseNotifications")
def choose(scene, target, caller):
    return Ask(json={"language": "zh"})


def notice_of(scene, target) -> str:
    """The notice that told the case's party of it."""
    told = {"issue": target.id, "recipient": f"party:{target.party}"}
    return scene.world.database("notify")["notices"].find_one(told)["_id"]
