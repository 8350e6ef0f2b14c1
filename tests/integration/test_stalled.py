"""A consumer that hangs says so, and what it holds is done by another once it is gone."""

import json
import os
import subprocess
import sys
import uuid

import pytest
import urllib3

from suishoupai.local.ports import free_port

from .conftest import ROOT, eventually, report_body

HANGING = """
import sys

sys.argv = ["run", "grid"]
from suishoupai import run
import eventlet
from services.grid import handlers
from suishoupai.messaging import consumer

consumer.STALL_SECONDS = 1.0
handlers.assign = lambda *_: eventlet.sleep(10**6)
run.main()
"""


@pytest.fixture
def hanging(world, tmp_path):
    """The address of a second grid process whose handler never returns, and the process."""
    address = f"127.0.0.1:{free_port()}"
    with (tmp_path / "hanging.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", HANGING],
            cwd=ROOT,
            env=os.environ | world.stack.environment() | {"SUISHOUPAI_HTTP": address},
            stdout=log,
            stderr=log,
        )
        yield f"http://{address}", process
        process.kill()
        process.wait()


def readiness(url):
    """Status of a service's own word, and what it names; None while it does not answer."""
    try:
        response = urllib3.request("GET", f"{url}/readyz", retries=False, timeout=10)
    except urllib3.exceptions.HTTPError:
        return None
    return response.status, json.loads(response.data)["failing"]


def test_a_hanging_consumer_fails_its_readiness_and_loses_nothing(world, compound, hanging):
    url, process = hanging
    eventually(lambda: readiness(url) == (200, {}))
    answers = [world.report(report_body(compound[1]), uuid.uuid4().hex) for _ in range(6)]
    status, failing = eventually(lambda: (found := readiness(url)) and found[1] and found)
    assert status == 503
    assert "at the same events for" in failing["assign"]
    process.kill()
    for answer in answers:
        world.settled(answer.body["id"])
