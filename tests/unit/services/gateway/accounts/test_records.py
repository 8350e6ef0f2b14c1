from datetime import UTC, datetime

from services.gateway.accounts.bindings import Binding
from services.gateway.accounts.records import caller_of, new_account, shown
from services.gateway.accounts.schemas import Account
from suishoupai.access import Caller

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
BINDING = Binding(("dispatcher",), "341324001001", "community-341324001001")


def test_an_account_logs_in_as_what_it_is_bound_to():
    account = new_account("liu", "a hash", BINDING, NOW)
    caller = Caller(
        "liu", ("dispatcher",), "341324001001", "community-341324001001", None, "01SESSION"
    )
    assert caller_of(account, "01SESSION") == caller


def test_no_secret_is_shown_and_all_else_is_as_the_schema_says():
    account = new_account("liu", "a hash", BINDING, NOW, homes=["341324"])
    factor = {"secret": "JBSWY3DPEHPK3PXP", "recovery": ["digest"], "since": NOW}
    begun = shown({**account, "totp": {"secret": factor["secret"]}})
    on = shown({**account, "totp": {**factor, "step": 1}, "disabled_at": NOW})
    assert (begun["second_factor"], on["second_factor"]) == (False, True)
    for each in (shown(account), begun, on):
        assert set(each) == set(Account().fields)
        assert not any(secret in str(each) for secret in ("a hash", "JBSW", "digest"))
        Account().load(each)
