"""Cases that wait for a dispatcher, for the tests of the REST API."""

import uuid

import pytest

from ..conftest import report_body
from ..people import people_around

BY_HAND = "92001"
"""A category that waits for a dispatcher."""


@pytest.fixture(scope="module")
def people(world, compound):
    return people_around(world, compound[0])


@pytest.fixture
def opened(world, compound, people):
    """A function that reports a case a dispatcher has to decide on."""

    def report():
        answer = world.report(report_body(compound[1], BY_HAND), uuid.uuid4().hex, people.member)
        assert answer.status == 201, answer
        world.placed(answer.body["id"])
        return answer.body["id"]

    return report
