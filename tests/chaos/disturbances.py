"""Killing, stopping and starting what runs, one after the other, while reports arrive."""

import signal
import threading
import time

from suishoupai.settings import SERVICES

CHILDREN = (*SERVICES, "mongod", "rabbitmq")
"""What the supervisor keeps alive."""


def kill(stack, name):
    """Ends one program with -9; the supervisor starts it again."""
    stack.kill(name, signal.SIGKILL)


def stop_and_start(stack, name):
    """Stops one program in good order and starts it again."""
    stack.stop_program(name)
    stack.start_program(name, wait=False)


def every_child(times):
    """Each child killed ``times``, and the broker stopped and started as often."""
    rounds = [(kill, name) for name in CHILDREN] + [(stop_and_start, "rabbitmq")]
    return rounds * times


class Disturber(threading.Thread):
    """Does one disturbance after the other, ``pause`` seconds apart, each on a system at work."""

    def __init__(self, stack, plan, pause, replicas=()):
        super().__init__(daemon=True)
        self._stack, self._plan, self._pause = stack, plan, pause
        self._replicas = replicas
        self._leave = threading.Event()
        self.done = []
        self.failed = []

    def run(self):
        """Goes through the plan; what could not be disturbed is noted."""
        for disturb, name in self._plan:
            if self._leave.wait(self._pause):
                return
            try:
                self._await(name)
                disturb(self._stack, name)
                for replica in self._replicas:
                    if replica.name == name:
                        replica.kill_and_start()
                self.done.append(f"{disturb.__name__} {name}")
            except Exception as error:
                self.failed.append(f"{disturb.__name__} {name}: {error}")

    def leave(self):
        """Ends early; returns once the last disturbance is over."""
        self._leave.set()
        self.join()

    def _await(self, name, seconds=60.0):
        deadline = time.monotonic() + seconds
        while not self._stack.pid(name) and time.monotonic() < deadline:
            time.sleep(0.1)
