"""What the operator does with accounts at the command line: the first admin, and whoever must be
logged out."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from services.gateway.accounts import bindings, password_rules
from services.gateway.accounts.bindings import Binding
from services.gateway.accounts.passwords import hash_password
from services.gateway.accounts.records import new_account
from services.gateway.accounts.schemas import is_username
from services.gateway.accounts.sessions_store import SessionStore
from services.gateway.accounts.store import AccountStore
from services.gateway.audit.entries import entry
from services.gateway.audit.store import AuditStore
from services.gateway.identities import is_person
from suishoupai import clock
from suishoupai.contracts.problems import Problem, invalid

Document = dict[str, Any]

ADDRESS = "command line"


class Operator:
    """Works on the gateway's database; what is done is written down as ``operator:LOGIN``."""

    def __init__(self, database: Database[Document], login: str) -> None:
        """``login``: the operator's name on this machine."""
        self._accounts = AccountStore(database)
        self._sessions = SessionStore(database)
        self._audit = AuditStore(database)
        self._by = f"operator:{login}"

    def require_free(self, username: str) -> None:
        """Raises ``Problem`` for a user name that is not one, or is taken."""
        if not is_username(username) or not is_person(username):
            raise invalid("username", f"{username} cannot be one: 2 to 32 of a-z0-9._-")
        if self._accounts.find(username):
            raise Problem("taken", f"there is an account {username} already")

    def create_admin(self, username: str, password: str, division: str | None) -> None:
        """Makes an admin, of the whole county without a division; raises ``Problem``."""
        self.require_free(username)
        if wrong := password_rules.fault(password, username):
            raise invalid("password", wrong)
        binding = Binding(("admin",), division)
        homes = bindings.homes(binding, None, None)
        account = new_account(username, hash_password(password), binding, clock.now(), homes=homes)
        self._accounts.insert(account)
        self._note("accepted", username, roles=["admin"], division=division)

    def accounts(self) -> list[Document]:
        """Every account, by name."""
        return self._accounts.page({}, "", 0)

    def end_sessions(self, username: str) -> int:
        """Ends every session of an account; says how many. Raises ``Problem`` without one."""
        if self._accounts.find(username) is None:
            raise Problem("not-found", f"there is no account {username}")
        ended = self._sessions.end_all(username, clock.now())
        self._note("sessions_ended", username, why="by the operator", sessions=len(ended))
        return len(ended)

    def _note(self, action: str, subject: str, **detail: Any) -> None:
        self._audit.write(entry(self._by, action, subject, ADDRESS, "done", detail))
