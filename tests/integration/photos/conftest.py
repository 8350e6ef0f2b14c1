"""Photos that were sent, and cases that show them."""

import uuid

import pytest

from ..conftest import report_body
from ..people import people_around
from .pictures import WAITING, picture


@pytest.fixture(scope="module")
def people(world, compound):
    return people_around(world, compound[0])


@pytest.fixture
def send(world):
    """The answer to a photo that is sent alone, as the whole body."""

    def send(data, account="member", kind="image/jpeg"):
        return world.request(
            "POST", "/api/v1/photos", account, body=data, headers={"Content-Type": kind}
        )

    return send


@pytest.fixture
def sent(send):
    """What is known of a photo that was sent."""

    def sent(data=None, account="member", kind="image/jpeg"):
        answer = send(data or picture(), account, kind)
        assert answer.status == 201, answer
        return answer.body

    return sent


@pytest.fixture
def reported(world, compound):
    """A case that was reported with photos and is placed."""

    def reported(*photos, account="member", category=WAITING):
        body = report_body(compound[1], category, photos=list(photos))
        answer = world.report(body, uuid.uuid4().hex, account)
        assert answer.status == 201, answer
        return world.placed(answer.body["id"])["id"]

    return reported
