"""The stack itself: started, killed, started again, two side by side, nothing left behind."""

import os
import signal
import socket
import subprocess
import sys
import uuid

import psutil
import pytest

from suishoupai.client import Client
from suishoupai.local import CannotStart, processes
from suishoupai.local.ports import free_port, is_free
from suishoupai.local.stack import LocalStack, NoStack

from .conftest import PASSWORD, own_stack, report_body


@pytest.fixture
def stack(tmp_path):
    stack = own_stack(tmp_path / "data")
    yield stack
    if stack.exists:
        stack.down()


def summary(stack):
    return Client(stack.url).login("admin", PASSWORD).get("/stats/summary")


def test_a_stack_beside_another_survives_its_supervisor_and_leaves_nothing(world, stack, compound):
    before = summary(world.stack)
    stack.up(print)
    assert stack.url != world.stack.url
    member = Client(stack.url).login("member", PASSWORD)
    member.report(report_body(compound[1]), uuid.uuid4().hex)
    # The other stack saw none of it.
    assert summary(world.stack) == before

    (supervisor,) = [
        process
        for process in processes.of_stack(stack.folder)
        if "supervisor.supervisord" in process.cmdline()
    ]
    supervisor.send_signal(signal.SIGKILL)
    psutil.wait_procs([supervisor], timeout=10)
    with pytest.raises(NoStack):
        stack.status()
    url = stack.url
    again = own_stack(stack.folder, int(url.rpartition(":")[2]))
    again.up(print)
    assert again.url == url
    assert summary(again)["reported"] == 1
    assert all(program.not_ready is None for program in again.status())

    again.down()
    assert processes.of_stack(stack.folder) == []
    assert is_free(int(url.rpartition(":")[2]))
    assert summary(world.stack) == before


def test_a_port_that_is_taken_is_said_at_once_and_nothing_is_started(stack, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=f"port {port} is taken"):
            own_stack(tmp_path / "data", port).up(print)
    assert processes.of_stack((tmp_path / "data").resolve()) == []


def test_up_on_a_running_stack_says_so_and_another_port_is_refused(world):
    steps = []
    LocalStack(world.stack.folder).up(steps.append)
    assert steps == ["already running"]
    with pytest.raises(CannotStart, match="runs already, on port"):
        LocalStack(world.stack.folder, free_port()).up(print)


def command(*words, **environment):
    return subprocess.run(
        [sys.executable, "-m", "suishoupai.cli", *map(str, words)],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200", **environment},
        check=False,
        timeout=120,
    )


def test_the_commands_tell_how_the_stack_is(world):
    folder = world.stack.folder
    status = command("status", "--data", folder)
    assert status.returncode == 0, status
    for name in ("rabbitmq", "mongod", "issues", "grid", "notify", "stats", "gateway"):
        assert name in status.stdout
    logs = command("logs", "issues", "--lines", 5, "--data", folder)
    assert logs.returncode == 0 and '"service": "issues"' in logs.stdout
    unknown = command("logs", "nothing", "--data", folder)
    assert unknown.returncode == 2 and "gateway" in unknown.stderr


def test_where_there_is_no_stack_the_commands_say_what_to_do(tmp_path):
    for words in (["status"], ["down"], ["logs", "issues"], ["seed"]):
        answer = command(*words, "--data", tmp_path, MONGODB_URI="")
        assert answer.returncode == 2, answer
        assert "suishoupai up" in answer.stderr


def test_a_file_of_reports_is_replayed_and_its_bad_rows_are_listed(world, compound, tmp_path):
    lng, lat = compound[1]
    good = f"2026-11-23T08:00:00+08:00,{lng},{lat},WGS-84,06010,垃圾"
    rows = [good, good.replace("WGS-84", "BD-09"), good.replace("06010", "00000"), good]
    file = tmp_path / "reports.csv"
    file.write_text("\n".join(["time,lng,lat,datum,category,description", *rows]))
    before = world.database("issues")["issues"].count_documents({})
    for _ in range(2):  # the second run finds everything done
        answer = command("replay", file, "--data", world.stack.folder)
        assert answer.returncode == 0, answer
        assert "2 sent, 2 rejected" in answer.stdout
    assert world.database("issues")["issues"].count_documents({}) == before + 2
    rejected = (tmp_path / "reports.rejected.csv").read_text(encoding="utf-8").splitlines()
    assert len(rejected) == 3
    assert rejected[1].startswith("3,") and "location.datum" in rejected[1]
    assert rejected[2].startswith("4,") and "category" in rejected[2]


def test_a_file_that_is_no_table_of_reports_is_refused(world, tmp_path):
    file = tmp_path / "reports.csv"
    file.write_text("a,b\n1,2\n")
    answer = command("replay", file, "--data", world.stack.folder)
    assert answer.returncode == 2 and "columns missing" in answer.stderr
