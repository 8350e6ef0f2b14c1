"""The supervisor's configuration, written from the programs of a stack."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from suishoupai.local.ports import HOST
from suishoupai.local.programs import Program

_MARK = "[program:"


def log_path(folder: Path, name: str) -> Path:
    """The log of a program."""
    return folder / _log(name)


def render(port: int, password: str, programs: Iterable[Program]) -> str:
    """The configuration under which supervisord, started in the data folder, runs the programs.

    None of them is started at once.
    """
    user = "user=root\n" if os.geteuid() == 0 else ""
    head = (
        f"[supervisord]\nnodaemon=true\nsilent=true\n{user}"
        # Relative: supervisord expands what it finds in the path of a log twice.
        f"logfile={_log('supervisord')}\nlogfile_maxbytes=5MB\n"
        "pidfile=supervisord.pid\n\n"
        f"[inet_http_server]\nport={HOST}:{port}\n"
        f"username=suishoupai\npassword={password}\n\n"
        "[rpcinterface:supervisor]\n"
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n\n"
    )
    # Stopped in the reverse order: the services before the broker and the database.
    sections = [_section(program, order) for order, program in enumerate(programs)]
    return head + "\n".join(sections)


def program_names(text: str) -> list[str]:
    """The programs of a configuration, in their order."""
    marks = [line for line in text.splitlines() if line.startswith(_MARK)]
    return [mark.removeprefix(_MARK).removesuffix("]") for mark in marks]


def _log(name: str) -> Path:
    return Path("logs") / f"{name}.log"


def _section(program: Program, order: int) -> str:
    values = ",".join(f'{k}="{_plain(v)}"' for k, v in program.environment.items())
    command = " ".join(_quoted(word) for word in program.command)
    return (
        f"{_MARK}{program.name}]\ncommand={command}\nenvironment={values}\n"
        # The pause before each retry grows by a second; there is no last retry.
        f"autostart=false\nautorestart=true\nstartsecs={program.start_seconds}\n"
        f"startretries=1000000\n"
        f"priority={order}\nstopsignal=TERM\nstopwaitsecs={program.stop_seconds}\n"
        # The group is killed, not asked: the broker needs its helpers to leave in good order.
        f"stopasgroup=false\nkillasgroup=true\nredirect_stderr=true\n"
        f"stdout_logfile={_log(program.name)}\n"
        f"stdout_logfile_maxbytes=10MB\nstdout_logfile_backups=3\n"
    )


def _plain(value: object) -> str:
    """A value, in which % would begin an expansion."""
    return str(value).replace("%", "%%")


def _quoted(value: object) -> str:
    """One word of a command."""
    escaped = _plain(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
