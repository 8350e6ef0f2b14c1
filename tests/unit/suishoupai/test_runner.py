"""Work that goes on whatever fails."""

import eventlet
import pytest

from suishoupai import runner as runners
from suishoupai.runner import Runner


class Container:
    def spawn_managed_thread(self, function, identifier):
        return eventlet.spawn(function)


@pytest.fixture
def running():
    """A runner that works when it is woken only, fails while ``faults`` last, and has counted."""
    done, faults = [], []

    def work():
        done.append(len(done))
        if faults:
            raise faults.pop()

    runner = Runner("test", work)
    runner.start(Container())
    runner.done, runner.faults = done, faults
    with eventlet.Timeout(10):
        yield runner
        runner.stop()
        runner.wait()


def until(condition):
    while not condition():
        eventlet.sleep(0)


def test_it_works_at_once_when_woken_and_ends_when_stopped(running, monkeypatch):
    monkeypatch.setattr(runners, "LOOK_SECONDS", 3600)
    until(lambda: running.done)
    running.wake()
    until(lambda: len(running.done) == 2)
    running.stop()
    running.wait()
    assert len(running.done) == 2


def test_it_looks_by_itself_and_after_a_failure_again(running, monkeypatch):
    monkeypatch.setattr(runners, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(runners, "PAUSE_SECONDS", 3600)
    until(lambda: len(running.done) > 2)
    running.faults.append(RuntimeError("the database is away"))
    until(lambda: running.failure)
    assert running.failure == "test: RuntimeError: the database is away"
    running.wake()
    until(lambda: running.failure is None)
