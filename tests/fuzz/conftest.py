"""A stack of its own: what is fuzzed may end sessions, change choices, open cases by the dozen."""

import pytest

from ..integration.api.callers import Callers
from ..integration.api.footprint import nothing_expires
from .stack import filled, new_world


@pytest.fixture(scope="session")
def fuzzed(tmp_path_factory):
    world = new_world(tmp_path_factory.mktemp("fuzz") / "data")
    world.stack.up(print)
    with nothing_expires(world):
        yield filled(world)
    world.stack.down()


@pytest.fixture
def callers(fuzzed):
    """Anew for each round: an admin disables, moves and revokes what is there."""
    return Callers(fuzzed, "fuzz")
