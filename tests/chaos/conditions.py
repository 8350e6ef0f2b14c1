"""Waiting for something to become true."""

import time


def eventually(condition, seconds=30.0):
    """Waits until ``condition()`` is true, and returns what it gave; raises when it never is."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.1)
