"""How monthly reports are called: about the community of a case."""

from ..conftest import eventually
from .callers import COUNTY
from .footprint import OPEN_JOBS
from .made import credentials, id_of, is_own, sent_by
from .recipes import Ask, recipe


def _await_reports(scene):
    """An account has few places for reports that are not done."""
    reports = scene.world.database("gateway")["reports"]
    eventually(lambda: not reports.find_one(OPEN_JOBS, {"_id": 1}))


def about(target):
    """The month before, in which there was no case yet: it is made quickly."""
    return {"division": target.community}


def done(scene, target):
    """A report of the community of a case, ordered once by somebody who is no caller."""
    key = ("report", target.community)
    if key not in scene.kept:
        name = scene.world.account("scope-reports", "supervisor", COUNTY)
        headers = {"Authorization": f"Bearer {scene.world.token(name)}"}
        scene.kept[key] = id_of(sent_by(scene, headers, "/api/v1/reports", about(target)))
        _await_reports(scene)
    return {"report": scene.kept[key]}


@recipe("orderReport")
def order_report(scene, target, caller):
    _await_reports(scene)
    return Ask(json=about(target))


@recipe("listReports")
def list_reports(scene, target, caller):
    return Ask(query={"limit": 200, **about(target)})


@recipe("readReport")
def read_report(scene, target, caller):
    return Ask(path=done(scene, target))


@recipe("readReportFile")
def read_report_file(scene, target, caller):
    return Ask(path=done(scene, target), query={"format": "html"})


@recipe("removeReport")
def remove_report(scene, target, caller):
    """Of the caller's own; what others ordered is theirs, whoever sees it."""
    _await_reports(scene)
    if not is_own(scene, target, caller):
        return Ask(path=done(scene, target))
    headers = credentials(scene, target, caller)
    return Ask(path={"report": id_of(sent_by(scene, headers, "/api/v1/reports", about(target)))})


@recipe("chooseReports")
def choose_reports(scene, target, caller):
    return Ask(json={"divisions": [target.community]})
