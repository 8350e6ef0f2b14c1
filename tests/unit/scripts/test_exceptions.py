"""Every exception from a security rule stands where it is made, with its reason."""

import re
import subprocess
import tomllib

from scripts.secret_scan.__main__ import ROOT

RUFF = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
IN_TESTS = {"S101", "S105", "S106", "S311", "S603", "S607"}
"""Assertions, made-up passwords, chance, and programs that tests start: no risk to anybody."""


def marked():
    """Every line that is excepted from a security rule."""
    found = subprocess.run(
        ["git", "grep", "-nE", r"#\s*(noqa:.*\bS[0-9]{3}|nosec)", "--", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = found.stdout.splitlines()
    return [line for line in lines if not line.startswith("tests/unit/scripts/test_exceptions.py")]


def test_no_security_rule_is_left_out_for_everything():
    assert "S" in RUFF["select"]
    assert not [rule for rule in RUFF["ignore"] if re.fullmatch(r"S\d*", rule)]


def test_none_is_left_out_of_what_runs():
    left_out = {
        pattern: {rule for rule in rules if re.fullmatch(r"S\d*", rule)}
        for pattern, rules in RUFF["per-file-ignores"].items()
    }
    # The bench draws its cases by chance that can be had again: it guards nothing, and never runs
    # beside the services.
    assert left_out == {"tests/**": IN_TESTS, "bench/**": {"S311"}}


def test_every_exception_says_why():
    assert marked()
    silent = [line for line in marked() if not re.search(r"noqa: S\d{3}( -|,).*\w{3}", line)]
    assert not silent, "\n".join(silent)


def test_nothing_is_excepted_from_everything():
    found = subprocess.run(
        ["git", "grep", "-nE", r"#\s*noqa\s*($|[^:])", "--", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not found.stdout, found.stdout
