import uuid

import pytest


@pytest.fixture
def fresh(world):
    """Makes accounts with names that no other test has."""

    def make(role="reporter", **binding):
        return world.account(f"{role[:4]}-{uuid.uuid4().hex[:8]}", role, **binding)

    return make
