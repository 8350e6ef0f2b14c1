import pytest

from .footprint import nothing_expires
from .scene import Scene


@pytest.fixture(scope="session")
def scene(world):
    with nothing_expires(world):
        yield Scene(world)
