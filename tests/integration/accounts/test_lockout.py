"""Wrong passwords in a row, and what they tell nobody."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from services.gateway.accounts import lockout
from suishoupai import clock
from suishoupai.settings import read_settings

from ..conftest import PASSWORD
from .asking import audited, disable, logged_in, login, problem


def test_wrong_ones_in_a_row_lock_the_account_for_a_while(world, fresh):
    name, most = fresh(), read_settings().failed_logins
    for _ in range(most - 1):
        assert problem(login(world, name, "wrong")) == (401, "wrong-credentials")
    logged_in(world, name)  # right in between: the count begins anew
    for _ in range(most):
        assert problem(login(world, name, "wrong")) == (401, "wrong-credentials")
    right = login(world, name)
    assert problem(right) == (429, "too-many-requests")
    kept = world.database("gateway")["login_failures"]
    until = kept.find_one({"_id": lockout.key(name)})["until"]
    left = until.timestamp() - clock.now().timestamp()
    assert left <= int(right.headers["Retry-After"]) <= read_settings().locked_seconds
    assert int(right.headers["Retry-After"]) < left + 10
    over = {"$set": {"until": clock.now() - timedelta(seconds=1)}}
    kept.update_one({"_id": lockout.key(name)}, over)
    assert problem(login(world, name, "wrong")) == (401, "wrong-credentials")
    logged_in(world, name)
    actions = [entry["action"] for entry in audited(world, account=name)]
    assert actions.count("locked") == 1
    assert actions.count("log_in_refused") == 2 * most


def test_many_guesses_at_once_are_no_more_than_one_after_another(world, fresh):
    name, most = fresh(), read_settings().failed_logins
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: login(world, name, "wrong").status, range(3 * most)))
    assert answers.count(401) == most
    assert answers.count(429) == 2 * most


def test_a_name_that_is_not_there_answers_as_one_that_is(world, fresh):
    known, unknown = fresh(), f"nobody-{uuid.uuid4().hex[:8]}"
    gone = fresh()
    disable(world, gone)

    def told(name):
        answer = login(world, name, "wrong")
        return answer.status, answer.body, sorted(answer.headers)

    for _ in range(read_settings().failed_logins):
        assert told(known) == told(unknown) == told(gone)
    assert problem(login(world, gone, PASSWORD)) == problem(login(world, unknown, PASSWORD))
    assert told(known) == told(unknown)
    assert told(unknown)[0] == 429
    assert unknown not in str(list(world.database("gateway")["audit"].find()))
