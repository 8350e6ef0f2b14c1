"""A client of the HTTP API, as a phone or a program would be one: for the demo, replays and tests.

Safe to use from several threads. It stays logged in: what expires is refreshed before it is used.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import urllib3

from suishoupai.contracts.problems import Problem

PATIENCE = 60.0
"""Seconds a call is repeated while the system says it cannot answer now."""
REPEATED = (429, 503)
EARLY = 0.1
"""Share of an access token's life before its end in which it is not used any more."""


@dataclass(frozen=True)
class Receipt:
    """An accepted report: what was answered, and when."""

    id: str
    number: str
    answered_at: float
    """Seconds since 1970, by this machine's clock."""


@dataclass(frozen=True)
class Login:
    """What a client is logged in with; of no secret is anything shown."""

    username: str
    password: str = field(repr=False)
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    good_until: float
    """By the monotonic clock."""


class Client:
    """One account's view of one stack."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        self._url = url.rstrip("/")
        self._patience = patience
        self._login: Login | None = None
        self._renewing = threading.Lock()
        self._pool = urllib3.PoolManager(maxsize=32, block=True, retries=False, timeout=30.0)

    def login(self, username: str, password: str) -> Client:
        """Logs in and returns this client; raises ``Problem`` when refused."""
        with self._renewing:
            self._login = self._log_in(username, password)
        return self

    def token(self) -> str:
        """An access token that is good now; raises ``Problem`` when there is none to be had.

        One thread refreshes it, the others wait. A session that is over is begun anew.
        """
        return self._current().access

    def _current(self) -> Login:
        login = self._login
        if login is None:
            raise Problem("unauthenticated", "not logged in")
        return login if time.monotonic() < login.good_until else self._renew(login)

    def _renew(self, old: Login) -> Login:
        with self._renewing:
            if self._login is old:
                self._login = self._refreshed(old)
            return self._login or old

    def _refreshed(self, old: Login) -> Login:
        try:
            return self._keep(
                old.username,
                old.password,
                "/api/v1/token/refresh",
                {"refresh_token": old.refresh},
            )
        except Problem as problem:
            if problem.status != 401:
                raise
            return self._log_in(old.username, old.password)

    def _log_in(self, username: str, password: str) -> Login:
        body = {"username": username, "password": password}
        return self._keep(username, password, "/api/v1/login", body)

    def _keep(self, username: str, password: str, path: str, body: dict[str, str]) -> Login:
        asked = time.monotonic()
        answer = self._patiently(lambda: self._try("POST", path, body, None, {}))
        until = asked + answer["expires_in"] * (1 - EARLY)
        tokens = answer["access_token"], answer["refresh_token"]
        return Login(username, password, *tokens, until)

    def report(self, body: dict[str, Any], key: str) -> Receipt:
        """Sends a report; raises ``Problem`` when it is refused. Sending again doubles nothing."""
        answer = self.call("POST", "/api/v1/issues", body=body, headers={"Idempotency-Key": key})
        return Receipt(answer["id"], answer["number"], time.time())

    def get(self, path: str, **query: Any) -> Any:
        """The answer to a GET under ``/api/v1``; raises ``Problem`` when it is refused."""
        return self.call("GET", f"/api/v1{path}", query=query)

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """One call's answer; repeated within ``patience`` while the system is not there.

        A session that was ended in the meantime is begun anew, once.
        """
        given = headers or {}
        if self._login is None:
            return self._patiently(lambda: self._try(method, path, body, query, given))
        used: list[Login] = []

        def attempt() -> Any:
            used.append(self._current())
            bearer = {"Authorization": f"Bearer {used[-1].access}"}
            return self._try(method, path, body, query, {**given, **bearer})

        try:
            return self._patiently(attempt)
        except Problem as problem:
            if problem.code != "unauthenticated":
                raise
        self._renew(used[-1])
        return self._patiently(attempt)

    def _patiently(self, attempt: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + self._patience
        while True:
            problem = attempt()
            if not isinstance(problem, Problem):
                return problem
            if problem.status not in REPEATED or time.monotonic() >= deadline:
                raise problem
            time.sleep(min(problem.retry_after or 1, max(0.0, deadline - time.monotonic())))

    def _try(
        self,
        method: str,
        path: str,
        body: Any,
        query: dict[str, Any] | None,
        headers: dict[str, str],
    ) -> Any:
        given = {"fields": query} if query else {}
        if body is not None:
            given = {"json": body}
        try:
            response = self._pool.request(method, self._url + path, headers=headers, **given)
        except urllib3.exceptions.HTTPError as error:
            return Problem("unavailable", f"{self._url} does not answer: {error}", retry_after=1)
        if response.status >= 400:
            retry_after = response.headers.get("Retry-After")
            return Problem.from_dict(response.json(), int(retry_after) if retry_after else None)
        return response.json() if response.data else None
