import eventlet
import pytest
from argon2 import PasswordHasher, extract_parameters

from services.gateway.accounts import passwords
from services.gateway.accounts.passwords import check_password, hash_password, is_outdated
from suishoupai.contracts.problems import Problem


def test_passwords_fit_only_their_own_hash():
    stored = hash_password("right")
    assert check_password(stored, "right")
    assert not check_password(stored, "wrong")
    assert not check_password("no hash at all", "right")
    assert not check_password(passwords.NOBODY, "right")


def test_a_password_is_the_same_on_every_keyboard():
    assert check_password(hash_password("ｐａｓｓ密码"), "pass密码")


def test_hashes_are_as_expensive_as_rfc_9106_wants_them():
    used = extract_parameters(hash_password("x"))
    assert used.type.name == "ID"
    assert (used.time_cost, used.memory_cost, used.parallelism) == (3, 64 * 1024, 4)
    assert extract_parameters(passwords.NOBODY) == used


def test_a_cheaper_hash_is_outdated():
    assert not is_outdated(hash_password("x"))
    assert is_outdated(PasswordHasher(time_cost=1).hash("x"))


def test_only_a_few_are_hashed_at_once_and_not_everybody_waits(monkeypatch):
    at_work, most, answers = [], [], []

    def execute(work, *given):
        at_work.append(work)
        most.append(len(at_work))
        eventlet.sleep()
        at_work.pop()
        return True

    def check():
        try:
            answers.append(check_password("stored", "given"))
        except Problem as problem:
            answers.append(problem.code)

    monkeypatch.setattr(passwords.tpool, "execute", execute)
    asking = passwords.AT_ONCE + passwords.WAITING + 5
    for thread in [eventlet.spawn(check) for _ in range(asking)]:
        thread.wait()
    assert max(most) == passwords.AT_ONCE
    assert answers.count("unavailable") == 5
    assert answers.count(True) == asking - 5
    with pytest.raises(IndexError):
        at_work.pop()
