"""Looks up known vulnerabilities of every package in requirements/, and says of how many anything
is known. ``AUDIT=strict``: does not pass unless something is known of all of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from scripts.audit.verdict import Verdict, unanswered, verdict

PINNED = Path(__file__).resolve().parents[2] / "requirements" / "dev.txt"
"""The largest set: it holds the others."""
SECONDS = 180
"""When an index that does not answer is given up."""


def audit(strict: bool) -> Verdict:
    """The verdict on the pinned packages."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(PINNED), "--format", "json"]
    # What is pinned is all there is: nothing is resolved, downloaded or installed.
    command += ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "10"]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and a fixed command
            command, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return unanswered(f"no answer from the package index within {SECONDS} s", strict)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return unanswered(f"pip-audit failed: {_last_line(done.stderr)}", strict)
    return verdict(found, strict)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["without a word"])[-1]


def main() -> None:
    """Says the verdict; leaves with 1 when it does not pass."""
    found = audit(os.environ.get("AUDIT") == "strict")
    for line in found.lines:
        print(f"audit: {line}")
    sys.exit(not found.passes)


if __name__ == "__main__":
    main()
