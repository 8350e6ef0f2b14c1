"""Photos are developed in processes of their own, which may end and nothing else does."""

import os
import signal
from contextlib import contextmanager

import eventlet
import psutil
import pytest
from eventlet import GreenPool

from services.gateway.photos import darkroom
from services.gateway.photos.darkroom import Darkroom
from services.gateway.photos.developing import CAME, PHOTO
from suishoupai.contracts.problems import Problem

from .pictures import (
    HEIC,
    JPEG,
    PNG,
    WEBP,
    corners,
    encoded,
    endless_rows,
    film,
    hundred_megapixels,
    noise,
    profile_bomb,
    text_bomb,
)


@pytest.fixture(scope="module")
def room():
    room = Darkroom(pixels=64_000_000)
    yield room
    room.close()
    assert not room.processes()


@pytest.fixture
def develop(room, tmp_path):
    def develop(data, kind=JPEG, name="one"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / CAME).write_bytes(data)
        return room.develop(folder, kind)

    return develop


def reason(develop, data, kind):
    with pytest.raises(Problem) as refusal:
        develop(data, kind)
    assert refusal.value.code == "unusable-photo"
    assert refusal.value.errors[0]["field"] == "photo"
    return refusal.value.errors[0]["message"]


def test_a_photo_is_developed_elsewhere(develop, room, tmp_path):
    assert develop(encoded(corners()))["width"] == 64
    assert (tmp_path / "one" / PHOTO).exists()
    assert os.getpid() not in room.processes()


def test_what_it_says_is_said_to_the_sender(develop):
    assert "100000000" not in reason(develop, hundred_megapixels(), PNG)
    assert "10000 × 10000 pixels" in reason(develop, hundred_megapixels(), PNG)


def test_many_at_once_wait_for_their_turn(develop, room):
    pool = GreenPool()
    sizes = range(20, 32)
    jobs = [
        pool.spawn(develop, encoded(corners(2 * size, size)), JPEG, str(size)) for size in sizes
    ]
    assert [job.wait()["height"] for job in jobs] == list(sizes)
    assert len(room.processes()) == darkroom.WORKERS


def test_a_process_that_ends_takes_one_photo_with_it(develop, room):
    with stopped(room) as processes:
        sent = eventlet.spawn(reason, develop, encoded(corners()), JPEG)
        until_asked(room)
        for process in processes:
            os.kill(process, signal.SIGKILL)
        assert "memory or time" in sent.wait()
    assert develop(encoded(corners()))["width"] == 64


def test_a_process_that_ended_while_it_waited_is_no_photo_s_fault(develop, room):
    develop(encoded(corners()))
    for process in room.processes():
        os.kill(process, signal.SIGKILL)
        eventually_gone(process)
    for _ in range(2 * darkroom.WORKERS):
        assert develop(encoded(corners()))["width"] == 64


def eventually_gone(process):
    while psutil.Process(process).status() != psutil.STATUS_ZOMBIE:
        eventlet.sleep(0.01)


def until_asked(room):
    while room._free.qsize() == darkroom.WORKERS:
        eventlet.sleep(0.01)


@contextmanager
def stopped(room):
    """The processes of a room, of which none does anything."""
    room.close()
    workers = [room._free.get() for _ in range(darkroom.WORKERS)]
    for worker in workers:
        worker._start()
        room._free.put(worker)
    processes = room.processes()
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    yield processes
    for process in set(processes) & set(room.processes()):
        os.kill(process, signal.SIGCONT)


def test_a_photo_that_takes_too_long_is_given_up(develop, room, monkeypatch):
    with stopped(room), monkeypatch.context() as patch:
        patch.setattr(darkroom, "PHOTO_SECONDS", 0.2)
        assert "memory or time" in reason(develop, encoded(corners()), JPEG)
    assert develop(encoded(corners()))["width"] == 64


def test_an_answer_that_nobody_waits_for_is_not_the_next_one_s(develop, room):
    """Whoever sent a photo is gone while it is developed: the next one gets another process."""
    with stopped(room) as processes:
        gone = eventlet.spawn(develop, encoded(corners(200, 100)), JPEG, "gone")
        until_asked(room)
        gone.kill()
        assert len(room.processes()) == len(processes) - 1
    for _ in range(darkroom.WORKERS):
        assert develop(encoded(corners()))["width"] == 64


def test_when_every_process_is_busy_for_too_long_it_is_said(develop, room, monkeypatch):
    monkeypatch.setattr(darkroom, "WAIT_SECONDS", 0.05)
    taken = [room._free.get() for _ in range(darkroom.WORKERS)]
    with pytest.raises(Problem) as refusal:
        develop(encoded(corners()))
    for worker in taken:
        room._free.put(worker)
    assert (refusal.value.code, refusal.value.retry_after) == ("unavailable", 10)


def test_memory_is_bounded_by_the_kernel(tmp_path):
    small = Darkroom(pixels=100)
    try:
        (tmp_path / CAME).write_bytes(encoded(corners()))
        with pytest.raises(Problem) as refusal:
            small.develop(tmp_path, JPEG)
        assert "64 × 48" in str(refusal.value)
        (process,) = small.processes()
        soft, _ = psutil.Process(process).rlimit(psutil.RLIMIT_AS)
        assert 0 < soft < 2 * 1024**3
    finally:
        small.close()


def test_no_secret_is_in_its_environment(room, develop, monkeypatch):
    monkeypatch.setenv("SUISHOUPAI_TOKEN_SECRET", "nobody may know")
    room.close()
    develop(encoded(corners()))
    for process in room.processes():
        assert "nobody may know" not in psutil.Process(process).environ().values()


def test_memory_stays_flat_over_a_hundred_hostile_photos(develop, room):
    hostile = [
        (hundred_megapixels(), PNG),
        (text_bomb(), PNG),
        (profile_bomb(), PNG),
        (endless_rows(), PNG),
        (film(), WEBP),
        (encoded(noise(800, 600))[:-4000], JPEG),
        (encoded(noise(256, 256), HEIC)[:-4000], HEIC),
        (encoded(noise(800, 600), WEBP)[:-4000], WEBP),
    ]
    for data, kind in hostile:  # what a process needs once it has seen everything
        _try(develop, data, kind)
    before = _memory(room)
    for turn in range(104):
        _try(develop, *hostile[turn % len(hostile)])
    assert _memory(room) < before + 24 * 1024**2


def _try(develop, data, kind):
    try:
        develop(data, kind)
    except Problem as problem:
        assert problem.code == "unusable-photo"


def _memory(room):
    processes = [os.getpid(), *room.processes()]
    return sum(psutil.Process(process).memory_info().rss for process in processes)
