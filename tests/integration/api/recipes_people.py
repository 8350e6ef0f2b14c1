"""How accounts and programs are called: about the caller's own, or about another's outside."""

from ..conftest import PASSWORD
from .made import NOTHING, is_own, made, other
from .recipes import Ask, recipe

NEW_PASSWORD = "a-rather-long-password-of-27"


@recipe("refreshToken")
def with_a_token_that_is_none(scene, target, caller):
    """What everybody may ask for, and nobody gets without the right token."""
    return Ask(json={"refresh_token": "none"})


@recipe("acceptInvitation")
def accept_nothing(scene, target, caller):
    return Ask(json={"token": "none", "password": NEW_PASSWORD})


@recipe("logout")
def log_out(scene, target, caller):
    return Ask(ends=True)


def session_of(scene, target, caller):
    """A session of the caller's own, or of another person; of nobody for who has none."""
    scene.callers.headers(caller)  # a session that ended is followed by another
    name = scene.callers.account(caller) if is_own(scene, target, caller) else other(scene)
    open_ones = {"account": name, "ended_at": None}
    found = scene.world.database("gateway")["sessions"].find_one(open_ones, sort=[("_id", -1)])
    return found["_id"] if found else NOTHING


@recipe("listMySessions")
def my_sessions(scene, target, caller):
    return Ask(query={"limit": 200}, names=session_of(scene, target, caller))


@recipe("endMySession")
def end_session(scene, target, caller):
    return Ask(path={"session": session_of(scene, target, caller)}, ends=True)


@recipe("changeMyPassword")
def change_password(scene, target, caller):
    """With the wrong old one: the accounts are needed again."""
    scene.callers.forgive()
    return Ask(json={"old": "not " + PASSWORD, "new": NEW_PASSWORD})


@recipe("beginSecondFactor")
def begin_second_factor(scene, target, caller):
    scene.callers.forgive()
    return Ask(json={"password": "not " + PASSWORD})


@recipe("confirmSecondFactor")
def confirm_second_factor(scene, target, caller):
    scene.callers.forgive()
    return Ask(json={"code": "000000"})


@recipe("endSecondFactor")
def end_second_factor(scene, target, caller):
    scene.callers.forgive()
    return Ask(json={"password": "not " + PASSWORD, "code": "000000"})


@recipe("invite")
def invite(scene, target, caller):
    """Somebody who is to dispatch in the community of the case."""
    return Ask(
        json={
            "username": f"guest-{scene.next()}",
            "roles": ["dispatcher"],
            "division": target.community,
            "party": f"community-{target.community}",
        }
    )


def dispatcher_of(scene, target):
    """An account that dispatches in the community of a case, and its document."""
    name = f"scope-dispatcher-{target.community}"
    accounts = scene.world.database("gateway")["accounts"]
    if not accounts.find_one({"_id": name}):
        party = f"community-{target.community}"
        scene.world.account(name, "dispatcher", target.community, party)
    return accounts.find_one({"_id": name})


@recipe("findAccounts")
def find_accounts(scene, target, caller):
    return Ask(query={"limit": 200}, names=dispatcher_of(scene, target)["_id"])


@recipe("readAccount")
def read_account(scene, target, caller):
    return Ask(path={"account": dispatcher_of(scene, target)["_id"]})


@recipe("changeAccount")
def change_account(scene, target, caller):
    account = dispatcher_of(scene, target)
    body = {"version": account.get("version", 1), "name": f"派遣员 {scene.next()}"}
    return Ask(path={"account": account["_id"]}, json=body)


def program_in(scene, target):
    """A program of the community of a case."""
    return made(
        scene,
        "admin",
        "/api/v1/programs",
        {"name": f"热线 {scene.next()}", "division": target.community},
    )


def once(scene, target, make):
    """The same thing for every caller who asks about a case."""
    key = (make.__name__, target.id)
    if key not in scene.kept:
        scene.kept[key] = make(scene, target)
    return scene.kept[key]


@recipe("makeProgram")
def make_program(scene, target, caller):
    return Ask(json={"name": f"小程序 {scene.next()}", "division": target.community})


@recipe("listPrograms")
def list_programs(scene, target, caller):
    return Ask(query={"limit": 200}, names=once(scene, target, program_in)["id"])


@recipe("readProgram")
def read_program(scene, target, caller):
    return Ask(path={"program": once(scene, target, program_in)["id"]})


@recipe("makeProgramKey")
def make_key(scene, target, caller):
    return Ask(path={"program": program_in(scene, target)["id"]})


@recipe("changeProgram")
def change_program(scene, target, caller):
    program = program_in(scene, target)
    body = {"version": program["version"], "contact": "值班室"}
    return Ask(path={"program": program["id"]}, json=body)


@recipe("revokeProgramKey")
def revoke_key(scene, target, caller):
    program = program_in(scene, target)
    return Ask(path={"program": program["id"], "key": program["keys"][0]["id"]})
