"""An account as it is kept, and as it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.gateway.accounts.bindings import Binding
from suishoupai.access import Caller

Document = dict[str, Any]


def new_account(
    username: str,
    password: str,
    binding: Binding,
    at: datetime,
    *,
    name: str = "",
    homes: Sequence[str] = (),
) -> Document:
    """An account; ``password`` is its hash. Each change that matters to who may do what raises its
    version."""
    return {
        "_id": username,
        "name": name,
        "password": password,
        "roles": list(binding.roles),
        "division": binding.division,
        "party": binding.party,
        "member": binding.member,
        "courier": binding.courier,
        "homes": list(homes),
        "disabled_at": None,
        "totp": None,
        "created_at": at,
        "version": 1,
    }


def caller_of(account: Mapping[str, Any], session: str | None = None) -> Caller:
    """The caller that an account logs in as."""
    binding = Binding.of(account)
    return Caller(
        account["_id"],
        binding.roles,
        binding.division,
        binding.party,
        binding.member,
        session,
        binding.courier,
    )


def caller_now(account: Mapping[str, Any] | None) -> Caller | None:
    """The caller that an account is now, without a session; None for one that is gone or
    disabled."""
    return None if account is None or account.get("disabled_at") else caller_of(account)


def shown(account: Mapping[str, Any]) -> Document:
    """An account without its secrets."""
    totp, disabled_at = account["totp"], account["disabled_at"]
    return {
        "account": account["_id"],
        **{name: account[name] for name in ("name", "roles", "division", "party", "member")},
        "courier": Binding.of(account).courier,
        "second_factor": bool(totp and "step" in totp),
        "disabled_at": disabled_at.isoformat() if disabled_at else None,
        "created_at": account["created_at"].isoformat(),
        "version": account["version"],
    }
