"""A client of the HTTP API, as a phone or a program would be one: for the demo, replays and tests.

Safe to use from several threads.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import urllib3

from suishoupai.contracts.problems import Problem

PATIENCE = 60.0
"""Seconds a call is repeated while the system says it cannot answer now."""
REPEATED = (429, 503)


@dataclass(frozen=True)
class Receipt:
    """An accepted report: what was answered, and when."""

    id: str
    number: str
    answered_at: float
    """Seconds since 1970, by this machine's clock."""


class Client:
    """One account's view of one stack."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        self._url = url.rstrip("/")
        self._patience = patience
        self._token = ""
        self._pool = urllib3.PoolManager(maxsize=32, block=True, retries=False, timeout=30.0)

    def login(self, username: str, password: str) -> Client:
        """Logs in and returns this client; raises ``Problem`` when refused."""
        body = {"username": username, "password": password}
        self._token = self.call("POST", "/api/v1/login", body=body)["access_token"]
        return self

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
        """One call's answer; repeated within ``patience`` while the system is not there."""
        deadline = time.monotonic() + self._patience
        while True:
            problem = self._try(method, path, body, query, headers or {})
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
        if self._token:
            headers = {**headers, "Authorization": f"Bearer {self._token}"}
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
        return response.json()
