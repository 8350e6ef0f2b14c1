"""Photos that come in the form of a report or an update: kept with it, or let go with it.

A form is taken in before the service that keeps cases is asked, which alone can judge what it
says. So its photos are *held* by the call that brought them until that call is decided: refused,
it lets go of those that it made and nobody else was answered; else they are kept like any other.

What holds, whatever comes at the same time:

- A photo that somebody was answered, by another call or because this one was not refused, is never
  let go. Who sends the same photo meanwhile takes it out of the hold in the write that finds it
  (``PhotoStore.wanted_again``); who finds it let go sends another. Nobody can name a photo that is
  held: its address was answered to nobody yet.
- A photo that was there before is not held and stays; a refused call changes of it at most when it
  was last wanted, where that is longer ago than ``RENEWED_AFTER`` of the store.
- Where calls with the same new photo are refused together, or the gateway ends in the middle, it
  may be left behind: the sweep takes it after a week.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

import structlog

from services.gateway.photos.intake import take_in
from services.gateway.routes import Gateway
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem
from suishoupai.ids import new_id
from suishoupai.web import as_problem

Take = Callable[[IO[bytes], str | None], str]
"""Takes in a photo and the media type it came with, if any; answers its address."""

log = structlog.get_logger(__name__)


@contextmanager
def attaching(gateway: Gateway, caller: Caller) -> Iterator[Take]:
    """What takes in the photos of a form; whoever is asked to take the form is asked within.

    A refusal that is raised within (a ``Problem`` below 500) lets the photos go before it is
    answered. After any other failure they stay: the report may have been taken, and a phone that
    did not hear of it sends it again.
    """
    call, photos = new_id(clock.now()), list[str]()

    def take(stream: IO[bytes], declared: str | None) -> str:
        photo = take_in(gateway, caller, stream, declared, held_by=call)
        photos.append(photo["id"])
        return str(photo["url"])

    refused = False
    try:
        yield take
    except Problem as problem:
        refused = problem.status < 500
        raise
    finally:
        if photos:
            _decide(gateway, photos, call, refused)


def _decide(gateway: Gateway, photos: list[str], call: str, refused: bool) -> None:
    """What cannot be done now changes no answer: the sweep does the rest."""
    store = gateway.store.photos
    try:
        if refused:
            store.let_go(photos, call)
        else:
            store.keep(photos, call)
    except Exception as error:
        log.warning("photos of a form stay held", call=call, reason=str(as_problem(error)))
