"""The watch goes on while the database is away, and keeps what it knows."""

from types import SimpleNamespace

import pytest
from pymongo.errors import AutoReconnect

from services.gateway.accounts import watch
from services.gateway.accounts.ended import EndedSessions
from suishoupai import clock


class Stopped(Exception):
    pass


def test_a_database_that_is_away_makes_it_forget_nothing(monkeypatch):
    answers = [[("one", clock.now())], AutoReconnect("away"), [("two", clock.now())]]
    ended = EndedSessions(600)

    def ended_since(at):
        if not answers:
            raise Stopped
        answer = answers.pop(0)
        assert "one" in ended or len(answers) == 2
        if isinstance(answer, Exception):
            raise answer
        return answer

    sessions = SimpleNamespace(ended_since=ended_since)
    held = SimpleNamespace(store=SimpleNamespace(sessions=sessions))
    monkeypatch.setattr(watch, "store_of", lambda container: held)
    monkeypatch.setattr(watch.eventlet, "sleep", lambda seconds: None)
    with pytest.raises(Stopped):
        watch.SessionWatch(ended)._watch()
    assert "one" in ended and "two" in ended
