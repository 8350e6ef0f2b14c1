"""What an audit of packages says: what was found, and of how many packages anything is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """What is said of the audit, and whether it passes."""

    lines: tuple[str, ...]
    passes: bool


def verdict(dependencies: Iterable[Mapping[str, Any]], strict: bool) -> Verdict:
    """The verdict on what pip-audit found, each a name with ``vulns`` or with a ``skip_reason``.

    A finding never passes. Packages of which nothing is known pass with a warning, or not at all
    when ``strict``: that nothing was found where nothing was looked at is no good news.
    """
    packages = list(dependencies)
    audited = [each for each in packages if "skip_reason" not in each]
    unknown = len(packages) - len(audited)
    found = [f"VULNERABLE: {line}" for each in audited for line in _findings(each)]
    lines = [*found, f"audited {len(audited)} of {len(packages)} packages, {len(found)} findings"]
    if not audited:
        lines.append(
            "WARNING: NOTHING WAS AUDITED: the package index here knows no advisories; "
            "run `make audit` where it does"
        )
    elif unknown:
        lines.append(f"WARNING: of {unknown} packages nothing is known to the package index here")
    return Verdict(tuple(lines), not found and not (strict and (unknown or not audited)))


def unanswered(reason: str, strict: bool) -> Verdict:
    """The verdict when there was no answer at all."""
    return Verdict((f"WARNING: NOTHING WAS AUDITED: {reason}",), not strict)


def _findings(package: Mapping[str, Any]) -> list[str]:
    return [
        f"{package['name']} {package['version']}: {each['id']}"
        f" (fixed in {', '.join(each['fix_versions']) or 'no version yet'})"
        for each in package["vulns"]
    ]
