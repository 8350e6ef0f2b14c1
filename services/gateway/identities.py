"""Who may stand behind a request besides people: nobody, a stranger, a program.

An account is known everywhere by its name alone: in histories, inboxes, idempotency keys and the
audit log. So no person may have a name that one of these has, which ``is_person`` says.
"""

from __future__ import annotations

from suishoupai.access import PROGRAMS, Caller

NOBODY = Caller("nobody", ())
"""Who asks for what everybody may have."""
ANONYMOUS = Caller("anonymous", ("reporter",))
"""Who reports without an account, where that is allowed."""
RESERVED = frozenset(
    {NOBODY.account, ANONYMOUS.account}
    | {"system", "merging", "grid", "clock", "program", "operator"}
)
"""Names that stand in histories and logs for what is no person."""
SEPARATOR = PROGRAMS[-1]
"""Stands in the account of every program, and never in a person's name."""


def program_account(program: str) -> str:
    """The account by which a program of this id is known."""
    return f"{PROGRAMS}{program}"


def is_person(account: str) -> bool:
    """Whether a person may have this user name: no program and no stranger ever has."""
    return SEPARATOR not in account and account.casefold() not in RESERVED
