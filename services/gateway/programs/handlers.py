"""Registering programs, changing them, and giving and revoking their keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from werkzeug.wrappers import Response

from services.gateway.admission import Call
from services.gateway.audit.handlers import record
from services.gateway.programs.keys import hash_key, new_key
from services.gateway.programs.schemas import LIMITS, NewProgram, ProgramChange
from services.gateway.routes import Gateway
from suishoupai import clock
from suishoupai.access import reach, sees_division, within
from suishoupai.contracts.problems import Problem, invalid
from suishoupai.contracts.questions import Page, load
from suishoupai.county import county_code
from suishoupai.divisions import ancestry
from suishoupai.ids import new_id
from suishoupai.web import answer

Document = dict[str, Any]

NEW_PROGRAM, PROGRAM_CHANGE, PAGE = NewProgram(), ProgramChange(), Page()
MOST_KEYS = 5
"""Keys of one program: two are enough to change one for another."""


def make_program(gateway: Gateway, call: Call) -> Response:
    """Registers a program and shows its first key."""
    given, at = load(NEW_PROGRAM, call.body), clock.now()
    _require_future(given["expires_at"], at)
    kept, key = _new_key(at)
    division = _division(gateway, call, given.pop("division"))
    program = {
        "_id": new_id(at),
        **given,
        "limits": {**LIMITS, **given["limits"]},
        "division": division,
        "divisions": ancestry(division),
        "disabled": False,
        "version": 1,
        "created_at": at,
        "keys": [kept],
    }
    gateway.store.programs.insert(program)
    record(gateway, call, "make_program", program["_id"], name=program["name"], key=kept["id"])
    made = {**_shown(program), "key": key}
    return answer(made, 201, {"Location": f"/api/v1/programs/{program['_id']}"})


def list_programs(gateway: Gateway, call: Call) -> Response:
    """A page of the programs of the caller's division."""
    wanted = load(PAGE, call.query)
    query = within(reach(call.caller))
    if wanted["cursor"]:
        query["_id"] = {"$lt": wanted["cursor"]}
    found = gateway.store.programs.find(query, wanted["limit"] + 1)
    page = found[: wanted["limit"]]
    following = page[-1]["_id"] if len(found) > len(page) else None
    return answer({"items": [_shown(each) for each in page], "next": following})


def read_program(gateway: Gateway, call: Call) -> Response:
    """One program."""
    return answer(_shown(_program(gateway, call)))


def change_program(gateway: Gateway, call: Call) -> Response:
    """Changes a program as long as it is as the caller saw it."""
    given, at = load(PROGRAM_CHANGE, call.body), clock.now()
    _require_future(given.get("expires_at"), at)
    program, version = _program(gateway, call), given.pop("version")
    if "limits" in given:
        given["limits"] = {**program["limits"], **given["limits"]}
    changed = None
    if program["version"] == version:
        update = {"$set": given} if given else {}
        changed = gateway.store.programs.change({"_id": program["_id"], "version": version}, update)
    if changed is None:
        program = _program(gateway, call)
        raise Problem("stale", f"it is at version {program['version']}", current=_shown(program))
    record(gateway, call, "change_program", program["_id"], changed=sorted(given))
    return answer(_shown(changed))


def make_key(gateway: Gateway, call: Call) -> Response:
    """Shows one more key of a program."""
    program = _program(gateway, call)
    kept, key = _new_key(clock.now())
    room = {"_id": program["_id"], f"keys.{MOST_KEYS - 1}": {"$exists": False}}
    if gateway.store.programs.change(room, {"$push": {"keys": kept}}) is None:
        raise invalid("keys", f"at most {MOST_KEYS}: revoke one first")
    record(gateway, call, "make_key", program["_id"], key=kept["id"])
    return answer({**_shown_key(kept), "key": key}, 201)


def revoke_key(gateway: Gateway, call: Call) -> Response:
    """Takes a key out of its program; who comes with it is refused within seconds."""
    program, key = _program(gateway, call), call.path["key"]
    update = {"$pull": {"keys": {"id": key}}}
    if gateway.store.programs.change({"_id": program["_id"], "keys.id": key}, update) is None:
        raise Problem("not-found")
    record(gateway, call, "revoke_key", program["_id"], key=key)
    return Response(status=204)


def _division(gateway: Gateway, call: Call, code: str | None) -> str:
    """The division a program is to see: the county where none is named."""
    county = county_code(gateway.settings.county)
    division = code or county
    if not division.startswith(county):
        raise invalid("division", f"does not lie in {county}")
    if not sees_division(call.caller, division):
        raise invalid("division", "is not within your own")
    return division


def _program(gateway: Gateway, call: Call) -> Document:
    query = {**within(reach(call.caller)), "_id": call.path["program"]}
    found = gateway.store.programs.find(query, 1)
    if not found:
        raise Problem("not-found")
    return found[0]


def _new_key(at: datetime) -> tuple[Document, str]:
    """What is kept of a new key, and the key."""
    key_id = new_id(at)
    key = new_key(key_id)
    return {"id": key_id, "sha256": hash_key(key), "created_at": at, "last_used_at": None}, key


def _require_future(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise invalid("expires_at", "lies in the past")


def _shown(program: Document) -> Document:
    shown = {name: program[name] for name in ("name", "division", "limits", "contact", "disabled")}
    return {
        "id": program["_id"],
        **shown,
        "expires_at": _said(program["expires_at"]),
        "version": program["version"],
        "created_at": _said(program["created_at"]),
        "keys": [_shown_key(key) for key in program["keys"]],
    }


def _shown_key(key: Document) -> Document:
    return {
        "id": key["id"],
        "created_at": _said(key["created_at"]),
        "last_used_at": _said(key["last_used_at"]),
    }


def _said(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
