import pytest

from .scene import Scene


@pytest.fixture(scope="session")
def scene(world):
    return Scene(world)
