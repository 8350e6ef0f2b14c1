"""The gateway under photos: it answers others meanwhile, and its memory stays as it is."""

import threading
import uuid

import psutil
import pytest
import requests

from ...unit.services.gateway.photos.pictures import (
    FORMATS,
    HEIC,
    JPEG,
    PNG,
    POLYGLOTS,
    WEBP,
    broken_exif,
    encoded,
    endless_rows,
    film,
    hundred_megapixels,
    noise,
    profile_bomb,
    text_bomb,
)
from .pictures import fault, picture

ROUNDS = 10


@pytest.fixture(scope="module")
def hostile():
    """What somebody sends who means harm, with what becomes of it."""
    refused = (422, "unusable-photo")
    bombs = [(bomb(), PNG, refused) for bomb in (hundred_megapixels, text_bomb, profile_bomb)]
    cut = [(encoded(noise(600, 400), kind)[:-3000], kind, refused) for kind in FORMATS]
    odd = [
        (film(), WEBP, refused),
        (b"\0" * 100_000, HEIC, refused),
        (b"\0" * 21_000_000, JPEG, (413, "too-large")),
        (endless_rows(), PNG, None),
        (broken_exif() + POLYGLOTS["zip"], JPEG, None),
    ]
    return [*bombs, *cut, *odd]


def processes(world):
    gateway = psutil.Process(world.stack.pid("gateway"))
    return [gateway, *gateway.children()]


def memory(world):
    return sum(process.memory_info().rss for process in processes(world))


def send_all(hostile, send):
    for data, kind, expected in hostile:
        # What is behind a photo makes it another one: the same bytes would not be read again.
        answer = send(data + uuid.uuid4().hex.encode(), kind=kind)
        if expected:
            assert fault(answer) == expected, answer
        else:
            assert answer.status == 201, answer


def test_memory_stays_flat_over_a_hundred_hostile_photos(world, hostile, send):
    send_all(hostile, send)  # what the processes need once they have seen everything
    before = memory(world)
    for _ in range(ROUNDS):
        send_all(hostile, send)
    assert ROUNDS * len(hostile) >= 100
    assert memory(world) < before + 32 * 1024**2
    assert send(picture()).status == 201


def test_others_are_answered_while_photos_are_developed(world, send):
    """Many questions about health are answered while one large photo is still on its way."""
    large, answers = encoded(noise(5000, 4000), quality=60), []
    sender = threading.Thread(target=lambda: answers.append(send(large)))
    at_work = _cpu_spent(world)
    sender.start()
    while _cpu_spent(world) <= at_work:
        assert not answers
    for _ in range(20):
        assert requests.get(world.stack.url + "/healthz", timeout=30).status_code == 200
        assert not answers
    sender.join()
    assert answers[0].status == 201


def _cpu_spent(world):
    """Seconds that the gateway's processes for photos were at work."""
    times = [process.cpu_times() for process in processes(world)[1:]]
    return sum(each.user + each.system for each in times)
