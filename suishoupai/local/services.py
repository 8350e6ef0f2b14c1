"""The five services as programs, and when they are ready."""

from __future__ import annotations

import sys
from collections.abc import Callable

import urllib3

from suishoupai.local.ports import HOST
from suishoupai.local.programs import Program


def service(name: str, port: int) -> Program:
    """A service listening on ``port``."""
    return Program(
        name=name,
        command=(sys.executable, "-m", "suishoupai.run", name),
        environment={"SUISHOUPAI_HTTP": f"{HOST}:{port}"},
        address=f"http://{HOST}:{port}",
        not_up=_readiness(f"http://{HOST}:{port}/readyz"),
        stop_seconds=30,
    )


def _readiness(url: str) -> Callable[[], str | None]:
    def not_up() -> str | None:
        try:
            response = urllib3.request("GET", url, timeout=10.0, retries=False)
            failing = response.json().get("failing", {})
        except urllib3.exceptions.HTTPError:
            return "does not answer"
        except (ValueError, AttributeError):
            return "does not answer as a service of this system does"
        reasons = "; ".join(f"{name}: {reason}" for name, reason in failing.items())
        return reasons or "not ready" if response.status != 200 else None

    return not_up
