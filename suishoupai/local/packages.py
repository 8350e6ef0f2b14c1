"""Debian packages that are installed when they are missing and when this user may."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable

from suishoupai.local import CannotStart

Progress = Callable[[str], None]

# Debian starts a service when its package is installed; we run our own node. A policy that was
# there before is left alone.
INSTALL = """
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\\nexit 101\\n' > "$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get install -qq -y --no-install-recommends "$@" || {
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends "$@"
}
"""


def install(package: str, otherwise: str, progress: Progress) -> None:
    """Installs a package by apt, as root or by sudo without a password.

    Raises ``CannotStart`` ending in ``otherwise``, what else the user may do.
    """
    become = _as_root()
    apt = shutil.which("apt-get")
    if become is None or apt is None:
        reason = "there is no apt-get" if apt is None else "neither root nor sudo"
        raise CannotStart(
            f"{package} is missing and cannot be installed here: {reason}.\n{otherwise}"
        )
    progress(f"installing {package} (apt)")
    done = subprocess.run(  # noqa: S603 - fixed script, package names of our own
        [*become, "sh", "-c", INSTALL, "install", package],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-5:])
        raise CannotStart(f"apt-get could not install {package}:\n{tail}\n{otherwise}")


def _as_root() -> list[str] | None:
    """The words to put before a command to run it as root; None when that is not possible."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    allowed = subprocess.run(  # noqa: S603 - fixed command
        [sudo, "-n", "true"], capture_output=True, check=False, timeout=10
    )
    return [sudo, "-n"] if allowed.returncode == 0 else None
