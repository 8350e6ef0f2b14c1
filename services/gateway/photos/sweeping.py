"""Photos that no case shows are removed a week after somebody last wanted them."""

from __future__ import annotations

from datetime import timedelta

import structlog

from services.gateway.identities import NOBODY
from services.gateway.routes import Gateway
from suishoupai import clock
from suishoupai.contracts.questions import photo_address
from suishoupai.web import as_problem

UNWANTED_AFTER = timedelta(days=7)
"""A phone may be without a network for so long between a photo and its report."""
GIVEN_UP_AFTER = timedelta(hours=1)
"""Keeping the bytes of a photo takes seconds."""
AT_ONCE = 100
SWEEP_SECONDS = 3600
"""How often."""


log = structlog.get_logger(__name__)


def sweep(gateway: Gateway) -> None:
    """Removes what is not wanted; what cannot be done now is done the next time."""
    try:
        removed = remove_unwanted(gateway)
    except Exception as error:
        log.warning("photos are swept later", reason=str(as_problem(error)))
    else:
        log.info("photos were swept", removed=removed)


def remove_unwanted(gateway: Gateway) -> int:
    """Removes what is not wanted, and says how many photos that were.

    Which photos cases show, only the issue service knows: while it is away nothing is removed.
    Whoever names a photo makes it wanted before the case is written; then the claim here fails.
    """
    store, at = gateway.store.photos, clock.now()
    store.claim_given_up(at - GIVEN_UP_AFTER)
    while photos := store.unwanted(at - UNWANTED_AFTER, AT_ONCE):
        by_address = {photo_address(photo["_id"]): photo for photo in photos}
        asked = gateway.peers.ask("issues", "photos_in_use", NOBODY, photos=list(by_address))
        used = set(asked["photos"])
        store.mark_used([by_address[address]["_id"] for address in used])
        for address in by_address.keys() - used:
            store.claim_unwanted(by_address[address])
    return _removed(gateway)


def _removed(gateway: Gateway) -> int:
    store, removed = gateway.store.photos, 0
    while photos := store.leaving(AT_ONCE):
        for photo in photos:
            store.remove(photo)
        removed += len(photos)
    return removed
