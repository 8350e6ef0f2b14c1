"""A program is admitted by its key, and by nothing that only looks like it."""

from datetime import timedelta

import pytest

from services.gateway.programs.admitting import program_caller
from services.gateway.programs.keys import hash_key, new_key
from suishoupai import clock
from suishoupai.contracts.problems import Problem
from suishoupai.ids import new_id


class Programs:
    """One program in memory, and what was noted of its keys."""

    def __init__(self, **changed):
        now = clock.now()
        self.key_id = new_id(now)
        self.key = new_key(self.key_id)
        self.noted = []
        kept = {"id": self.key_id, "sha256": hash_key(self.key), "last_used_at": None}
        self.program = {
            "_id": new_id(now),
            "division": "341324",
            "limits": {"reads_per_minute": 7, "reports_per_minute": 2},
            "disabled": False,
            "expires_at": None,
            "keys": [{"id": new_id(now), "sha256": "another's", "last_used_at": None}, kept],
            **changed,
        }

    def by_key(self, key_id):
        return self.program if any(key["id"] == key_id for key in self.program["keys"]) else None

    def used(self, key_id, at, unless_since):
        self.noted.append(key_id)
        self.program["keys"][1]["last_used_at"] = at


def refusal(programs, key):
    with pytest.raises(Problem) as caught:
        program_caller(programs, key)
    assert caught.value.status == 401
    assert programs.noted == []
    return caught.value.detail


def test_a_key_admits_its_program_with_its_own_limits():
    programs = Programs()
    admitted = program_caller(programs, programs.key)
    assert admitted.caller.account == f"program:{programs.program['_id']}"
    assert (admitted.caller.roles, admitted.caller.division) == (("program",), "341324")
    assert admitted.limits == {"reads": 7, "reports": 2}


def test_its_use_is_noted_once_a_minute():
    programs = Programs()
    for _ in range(3):
        program_caller(programs, programs.key)
    assert programs.noted == [programs.key_id]
    programs.program["keys"][1]["last_used_at"] -= timedelta(minutes=1)
    program_caller(programs, programs.key)
    assert programs.noted == [programs.key_id] * 2


def test_another_secret_another_id_or_no_key_at_all_is_refused():
    programs = Programs()
    for key in (
        new_key(programs.key_id),
        new_key(new_id(clock.now())),
        programs.key[:-1],
        programs.key + "x",
        programs.key.upper(),
        programs.program["keys"][1]["sha256"],
        "",
        "密钥",
    ):
        assert refusal(programs, key) == "the API key is not valid"


def test_a_disabled_or_expired_program_is_refused_and_told_why():
    programs = Programs(disabled=True)
    assert "disabled" in refusal(programs, programs.key)
    programs = Programs(expires_at=clock.now())
    assert "over" in refusal(programs, programs.key)
    programs = Programs(expires_at=clock.now() + timedelta(minutes=1))
    assert program_caller(programs, programs.key)
