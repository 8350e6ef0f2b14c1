"""Debian packages that are installed when they are missing and when this user may."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from suishoupai.local import CannotStart

Progress = Callable[[str], None]

APT_SECONDS = 600.0
# Debian starts a service when its package is installed; we run our own node. A policy that was
# there before is left alone. The package lists may be missing or old: then they are fetched.
INSTALL = """
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\\nexit 101\\n' > "$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
add() { apt-get -o DPkg::Lock::Timeout=120 install -qq -y --no-install-recommends "$@"; }
add "$@" || { apt-get -o DPkg::Lock::Timeout=120 update -qq && add "$@"; }
"""


@dataclass(frozen=True)
class Installer:
    """What this machine offers for installing packages."""

    apt: bool
    become: tuple[str, ...] | None
    """The words before a command that run it as root; None when nothing does."""

    def refusal(self) -> str | None:
        """Why nothing can be installed, or None."""
        if not self.apt:
            return "there is no apt-get"
        return "neither root nor sudo without a password" if self.become is None else None


def of_this_machine() -> Installer:
    """Looks for apt-get, and whether this user is root or may become it unasked."""
    return Installer(apt=shutil.which("apt-get") is not None, become=_become_root())


def install(package: str, otherwise: str, progress: Progress, installer: Installer) -> None:
    """Installs a package without starting any service of it.

    Raises ``CannotStart`` ending in ``otherwise``, what else the user may do.
    """
    if refusal := installer.refusal():
        raise CannotStart(
            f"{package} is missing and cannot be installed here: {refusal}.\n{otherwise}"
        )
    progress(f"installing {package} (apt)")
    words = [*(installer.become or ()), "sh", "-c", INSTALL, "install", package]
    try:
        done = subprocess.run(  # noqa: S603 - fixed script, package names of our own
            words,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
            timeout=APT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise CannotStart(
            f"apt-get did not install {package} within {APT_SECONDS:.0f} s\n{otherwise}"
        ) from error
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-5:])
        raise CannotStart(f"apt-get could not install {package}:\n{tail}\n{otherwise}")


def _become_root() -> tuple[str, ...] | None:
    if os.geteuid() == 0:
        return ()
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    allowed = subprocess.run(  # noqa: S603 - fixed command
        [sudo, "-n", "true"], capture_output=True, check=False, timeout=10
    )
    return (sudo, "-n") if allowed.returncode == 0 else None
