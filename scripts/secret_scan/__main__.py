"""Searches every file of the repository for secrets that .secrets.baseline does not know.

python -m scripts.secret_scan            leaves with 1 when there is a new one
python -m scripts.secret_scan accept     says of all that are there: looked at, and no secrets
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from detect_secrets import SecretsCollection
from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.settings import default_settings, get_settings

ROOT = Path(__file__).resolve().parents[2]
BASELINE = ROOT / ".secrets.baseline"
HASH_LINE = r"^\s+--hash=sha256:[0-9a-f]{64}( \\)?$"
"""The only lines that are left out: what pip holds packages against."""

LINES_LEFT_OUT = "detect_secrets.filters.regex.should_exclude_line"
VERIFIED = "detect_secrets.filters.common.is_ignored_due_to_verification_policies"


def repository_files() -> list[Path]:
    """What is in the repository or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git's own
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (ROOT / line for line in listed.stdout.splitlines())
    return [path for path in paths if path.is_file() and path != BASELINE]


def find(files: Iterable[Path]) -> SecretsCollection:
    """What looks like a secret in these files; nothing is sent anywhere to verify it."""
    found = SecretsCollection(root=str(ROOT))
    with default_settings():
        settings = get_settings()
        settings.filters[LINES_LEFT_OUT] = {"pattern": [HASH_LINE]}
        # Clears what was worked out before the line above; nothing is verified over the network.
        settings.disable_filters(VERIFIED)
        for path in files:
            found.scan_file(str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path))
    return found


def known() -> set[tuple[str, str, str]]:
    """(file, type, hash) of what was looked at and is no secret."""
    kept = json.loads(BASELINE.read_text(encoding="utf-8"))["results"]
    return {
        (name, row["type"], row["hashed_secret"]) for name, rows in kept.items() for row in rows
    }


def unknown(found: SecretsCollection) -> list[tuple[str, PotentialSecret]]:
    """What nobody has looked at yet."""
    passed = known()
    return [
        (name, secret)
        for name, secret in found
        if (name, secret.type, secret.secret_hash) not in passed
    ]


def accept(found: SecretsCollection) -> None:
    """Writes down that what is there was looked at and is no secret."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for name, secret in sorted(found, key=lambda each: (each[0], each[1].type)):
        row = {"type": secret.type, "hashed_secret": secret.secret_hash, "is_secret": False}
        if row not in rows.setdefault(name, []):
            rows[name].append(row)
    text = json.dumps({"results": rows}, indent=1, ensure_ascii=False)
    BASELINE.write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Searches, or accepts what there is."""
    given = sys.argv[1:]
    accepting = given == ["accept"]
    files = [Path(name).resolve() for name in given] if given and not accepting else None
    found = find(files or repository_files())
    if accepting:
        accept(found)
    new = unknown(found)
    for name, secret in new:
        print(f"{name}:{secret.line_number}: {secret.type}")
    if new:
        print("Take the secret out, and change it. What is none:")
        print("    python -m scripts.secret_scan accept")
    sys.exit(bool(new))


if __name__ == "__main__":
    main()
