"""Photos that a report or an action names: only one's own, and never lost once they are named."""

from __future__ import annotations

from typing import Any

from services.gateway.routes import Gateway
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.problems import invalid_fields
from suishoupai.contracts.questions import MOST_PHOTOS, photo_of


def named(gateway: Gateway, caller: Caller, body: Any) -> list[str]:
    """The perceptual hashes of the uploaded photos that the body of a report or action names.

    From here on they are not swept: this comes before the case is written. Photos that are kept
    elsewhere, and a body that is out of shape, are for the service that is asked to judge. Raises
    ``Problem`` naming each photo that is not there or was sent by somebody else.
    """
    photos = body.get("photos") if isinstance(body, dict) else None
    if not isinstance(photos, list) or len(photos) > MOST_PHOTOS:
        return []
    wanted = {n: photo for n, address in enumerate(photos) if (photo := photo_of(address))}
    if not wanted:
        return []
    hashes = gateway.store.photos.want(list(wanted.values()), caller.account, clock.now())
    missing = {n: ["you sent no such photo"] for n, photo in wanted.items() if photo not in hashes}
    if missing:
        raise invalid_fields({"photos": missing})
    return [hashes[photo] for photo in wanted.values()]
