"""The second factor: codes are good once, and there is a way without the telephone."""

from concurrent.futures import ThreadPoolExecutor

from suishoupai.settings import read_settings

from ..conftest import PASSWORD
from .asking import audited, logged_in, login, post, problem, second_factor


def a_step_later(world, name):
    """As if the last accepted code were of a while ago."""
    accounts = world.database("gateway")["accounts"]
    accounts.update_one({"_id": name}, {"$inc": {"totp.step": -10}})


def test_a_code_is_needed_and_good_once(world, fresh):
    name = fresh()
    authenticator, _, _ = second_factor(world, name)
    assert problem(login(world, name)) == (401, "second-factor")
    assert problem(login(world, name, "wrong", authenticator.now())) == (401, "wrong-credentials")
    a_step_later(world, name)
    code = authenticator.now()
    logged_in(world, name, code=code)
    assert problem(login(world, name, code=code)) == (401, "second-factor")
    assert problem(login(world, name, code="000000")) == (401, "second-factor")


def test_one_code_at_two_places_lets_one_in(world, fresh):
    name = fresh()
    authenticator, _, _ = second_factor(world, name)
    a_step_later(world, name)
    code = authenticator.now()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: login(world, name, code=code).status, range(4)))
    assert sorted(answers) == [200, 401, 401, 401]


def test_wrong_codes_lock_and_the_right_password_does_not_forgive_them(world, fresh):
    name = fresh()
    second_factor(world, name)
    for _ in range(read_settings().failed_logins):
        assert problem(login(world, name)) == (401, "second-factor")
        assert problem(login(world, name, code="123")) == (401, "second-factor")
    assert login(world, name).status == 429


def test_a_recovery_code_stands_for_one_code(world, fresh):
    name = fresh()
    _, codes, token = second_factor(world, name)
    assert len(set(codes)) == 10
    logged_in(world, name, code=codes[3].upper())
    assert problem(login(world, name, code=codes[3])) == (401, "second-factor")
    assert post(world, "/me", None, token, "GET").body["recovery_codes"] == 9
    kept = str(world.database("gateway")["accounts"].find_one({"_id": name}))
    assert not any(code in kept for code in codes)


def test_the_second_factor_goes_for_password_and_code(world, fresh):
    name = fresh()
    _, codes, token = second_factor(world, name)
    assert problem(post(world, "/me/totp", {"password": PASSWORD}, token)) == (409, "not-now")
    wrong = post(world, "/me/totp", {"password": PASSWORD, "code": "000000"}, token, "DELETE")
    assert problem(wrong) == (401, "second-factor")
    wrong = post(world, "/me/totp", {"password": "wrong", "code": codes[0]}, token, "DELETE")
    assert problem(wrong) == (401, "wrong-credentials")
    body = {"password": PASSWORD, "code": codes[0]}
    assert post(world, "/me/totp", body, token, "DELETE").status == 204
    logged_in(world, name)
    assert post(world, "/me/totp/confirm", {"code": "000000"}, token).status == 409
    actions = [entry["action"] for entry in audited(world, subject=name)]
    assert "totp_on" in actions and "totp_off" in actions


def test_it_is_not_set_up_with_a_token_alone(world, fresh):
    token = logged_in(world, fresh())["access_token"]
    assert post(world, "/me/totp", {"password": "wrong"}, token).status == 401
    assert post(world, "/me/totp", {}, token).status == 422
