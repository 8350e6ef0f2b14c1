"""Who is admitted as whom, and what a request may bring."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from types import SimpleNamespace

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from services.gateway import admission
from services.gateway.accounts.schemas import Credentials
from services.gateway.accounts.tokens import issue_token
from services.gateway.admission import Gate
from services.gateway.api import OPERATIONS
from services.gateway.cases.operations import REPORT
from services.gateway.identities import ANONYMOUS, NOBODY
from services.gateway.operation import ANYBODY, EVERY_ROLE, PEOPLE, Operation
from services.gateway.programs.admitting import Admitted
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import Page
from suishoupai.settings import read_settings

SECRET = "a secret that is long enough for a test"
PROGRAM = Admitted(Caller("program:1", ("program",), "341324"), {"reads": 2})
READ = Operation("read", "GET", "/api/v1/things", "", EVERY_ROLE, query=Page, limit="reads")
LOGIN = Operation("login", "POST", "/api/v1/login", "", ANYBODY, body=Credentials, limit="logins")
LONG_KEY = "k" * 32


@pytest.fixture
def gate(monkeypatch):
    def program_caller(store, key):
        if key != "the key":
            raise Problem("unauthenticated", "the API key is not valid")
        return PROGRAM

    monkeypatch.setattr(admission, "program_caller", program_caller)
    return make_gate()


def make_gate(**changed):
    settings = replace(
        read_settings(),
        token_secret=SECRET,
        limits_storage="memory://",
        anonymous_reports=True,
        **{f"{name}_per_minute": 3 for name in ("logins", "reads", "reports", "requests")},
    )
    return Gate(replace(settings, **changed))


def token(account="member", role="reporter"):
    bearer = issue_token(Caller(account, (role,)), SECRET, datetime.now(UTC), 60)
    return {"Authorization": f"Bearer {bearer}"}


def request(query="", headers=None, body=None, peer="198.51.100.7", **options):
    builder = EnvironBuilder(
        path="/",
        query_string=query,
        headers={"Idempotency-Key": LONG_KEY, **(headers or {})},
        environ_base={"REMOTE_ADDR": peer},
        **options,
    )
    environ = builder.get_environ()
    if body is not None:
        environ["wsgi.input"] = BytesIO(json.dumps(body).encode())
    return Request(environ)


def admit(gate, operation, *args, **options):
    return gate.admit(SimpleNamespace(programs=None), operation, request(*args, **options), {})


def refusal(gate, operation, *args, **options):
    with pytest.raises(Problem) as caught:
        admit(gate, operation, *args, **options)
    return caught.value


def test_people_come_with_a_token_and_programs_with_a_key(gate):
    assert admit(gate, READ, headers=token()).caller.account == "member"
    assert admit(gate, READ, headers={"X-API-Key": "the key"}).caller == PROGRAM.caller


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "unauthenticated"),
        ({"X-API-Key": "another"}, "unauthenticated"),
        ({"X-API-Key": ""}, "unauthenticated"),
        ({**token(), "X-API-Key": "the key"}, "malformed"),
        (token("program:1", "program"), "unauthenticated"),
        (token("anonymous"), "unauthenticated"),
        (token("nobody", "admin"), "unauthenticated"),
    ],
)
def test_nobody_comes_as_somebody_else(gate, headers, code):
    assert refusal(gate, READ, headers=headers).code == code


def test_a_program_may_do_only_what_programs_may(gate):
    people = replace(READ, roles=PEOPLE)
    assert refusal(gate, people, headers={"X-API-Key": "the key"}).code == "forbidden"


def test_a_key_in_the_query_or_a_form_is_taken_where_the_operation_says_so(gate):
    assert refusal(gate, READ, "api_key=the+key").code == "unauthenticated"
    read = replace(READ, key_parameter="api_key")
    admitted = admit(gate, read, "api_key=the+key&limit=1")
    assert (admitted.caller, admitted.query) == (PROGRAM.caller, {"limit": "1"})
    form = replace(read, method="POST", query=None, consumes=("application/x-www-form-urlencoded",))
    sent = {"method": "POST", "data": {"api_key": "the key", "description": "x"}}
    admitted = admit(gate, form, **sent)
    assert admitted.caller == PROGRAM.caller
    assert admitted.request.form["description"] == "x"
    assert refusal(gate, replace(form, consumes=("text/plain",)), **sent).code == "unauthenticated"


def test_a_key_may_be_optional_and_a_wrong_one_is_refused_all_the_same(gate):
    read = replace(READ, anybody_or_key=True)
    assert admit(gate, read).caller == NOBODY
    assert admit(gate, read, headers={"X-API-Key": "the key"}).caller == PROGRAM.caller
    assert refusal(gate, read, headers={"X-API-Key": "another"}).code == "unauthenticated"
    assert refusal(gate, read, headers={"Authorization": "Bearer x"}).code == "unauthenticated"


def test_a_stranger_may_report_where_that_is_allowed(gate):
    assert admit(gate, REPORT, body={}).caller == ANONYMOUS
    assert refusal(make_gate(anonymous_reports=False), REPORT, body={}).code == "unauthenticated"
    assert refusal(gate, READ).code == "unauthenticated"


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic eDp4"])
def test_a_wrong_token_is_never_a_stranger(gate, authorization):
    headers = {"Authorization": authorization}
    assert refusal(gate, REPORT, headers=headers, body={}).code == "unauthenticated"


def test_strangers_do_not_share_their_keys(gate):
    def kept(body):
        return admit(make_gate(), REPORT, body=body).headers["Idempotency-Key"]

    assert kept({"a": 1}) == kept({"a": 1})
    assert len({kept({"a": 1}), kept({"a": 2}), LONG_KEY}) == 3
    known = admit(gate, REPORT, headers=token(), body={"a": 1})
    assert known.headers["Idempotency-Key"] == LONG_KEY
    short = {"Idempotency-Key": "my-first"}
    assert refusal(gate, REPORT, headers=short, body={}).code == "missing-header"


def count_admitted(gate, operation, *args, **options):
    for number in range(100):
        try:
            admit(gate, operation, *args, **options)
        except Problem as problem:
            assert problem.code == "too-many-requests"
            assert 1 <= problem.retry_after <= 61
            return number
    return None


def test_each_account_and_each_program_has_limits_of_its_own(gate):
    assert count_admitted(gate, READ, headers=token()) == 3
    assert count_admitted(gate, READ, headers=token("another")) == 3
    assert count_admitted(gate, READ, headers={"X-API-Key": "the key"}) == 2


def test_strangers_are_counted_by_their_network(gate):
    gate = make_gate(anonymous_reports_per_minute=2)
    for peer, admitted in (("2001:db8::1", 2), ("2001:db8::2", 0), ("2001:db8:0:1::1", 2)):
        assert count_admitted(gate, REPORT, body={}, peer=peer) == admitted


def test_tries_at_a_password_are_counted_by_address_and_by_account():
    gate = make_gate()
    assert count_admitted(gate, LOGIN, body={"username": "a"}) == 3
    gate = make_gate()
    for number in range(3):
        admit(gate, LOGIN, body={"username": "a"}, peer=f"198.51.100.{number}")
    assert count_admitted(gate, LOGIN, body={"username": "a"}, peer="198.51.100.9") == 0
    assert count_admitted(gate, LOGIN, body={"username": "b"}, peer="198.51.100.10") == 3


def test_every_request_of_an_address_is_counted():
    gate = make_gate(trusted_proxies=1)
    for number in range(3):
        gate.count_request(request(headers={"X-Forwarded-For": f"9.9.9.{number}, 203.0.113.1"}))
    with pytest.raises(Problem):
        gate.count_request(request(headers={"X-Forwarded-For": "203.0.113.1"}))
    gate.count_request(request(headers={"X-Forwarded-For": "203.0.113.2"}))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=1&limit=2", "limit"),
        ("limit=1&a=%00", "a"),
        ("%01=1", "\N{REPLACEMENT CHARACTER}"),
        ("a=b%EF%BF%BF", "a"),
    ],
)
def test_a_query_that_is_ambiguous_or_cannot_be_kept_names_itself(gate, query, field):
    problem = refusal(gate, READ, query, headers=token())
    assert [error["field"] for error in problem.errors] == [field]


def test_what_says_nothing_of_a_limit_has_one():
    assert replace(READ, limit="").counted_as == "reads"
    assert replace(LOGIN, limit="").counted_as == "actions"


LIMITS = ("logins", "reports", "actions", "reads", "uploads")


def attempt(gate, operation, **options):
    """The problem with which an operation refuses a request without a body, or None."""
    try:
        admit(gate, operation, headers=whoever_may(operation), **options)
    except Problem as problem:
        return problem
    return None


def whoever_may(operation):
    if operation.roles == ANYBODY:
        return {}
    if operation.roles == {"program"}:
        return {"X-API-Key": "the key"}
    return token("one", min(operation.roles - {"program"}))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_every_operation_has_a_limit_and_says_when_to_come_again(operation, monkeypatch):
    program = Admitted(PROGRAM.caller, {})
    monkeypatch.setattr(admission, "program_caller", lambda store, key: program)
    gate = make_gate(**{f"{name}_per_minute": 2 for name in LIMITS})
    for _ in range(2):
        before = attempt(gate, operation, method=operation.method)
        assert before is None or before.status not in (401, 403, 429)
    refused = attempt(gate, operation, method=operation.method)
    assert (refused.status, refused.code) == (429, "too-many-requests")
    assert 1 <= refused.retry_after <= 61
