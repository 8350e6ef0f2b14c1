"""Taking a photo in: bounded, told by its bytes, developed, and kept once per account."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from services.gateway.photos.bodies import PIECE
from services.gateway.photos.darkroom import unusable
from services.gateway.photos.developing import CAME, PHOTO, THUMBNAIL
from services.gateway.photos.formats import HEAD, HEIC, HEIF, KINDS, agrees, declared_kind, sniffed
from services.gateway.photos.store import PhotoStore, thumbnail_name
from services.gateway.routes import Gateway
from suishoupai import clock
from suishoupai.access import Caller
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import photo_address
from suishoupai.ids import new_id

Document = dict[str, Any]


def take_in(
    gateway: Gateway,
    caller: Caller,
    stream: IO[bytes],
    declared: str | None,
    held_by: str | None = None,
) -> Document:
    """Keeps a photo and answers what is known of it: ``schemas.Photo``.

    The same bytes from the same account are the same photo, however often they come. ``declared``:
    the media type they came with, if any; ``held_by``: the call that may let the photo go again.
    Raises ``Problem``: too large, of another kind than taken or declared, unusable (with the
    reason); then nothing is kept.
    """
    with TemporaryDirectory(prefix="suishoupai-photo-") as name:
        folder = Path(name)
        sha256 = _spool(stream, folder / CAME, gateway.settings.photo_bytes)
        known = gateway.store.photos.wanted_again(caller.account, sha256, clock.now(), held_by)
        if known is None:
            kind = _kind(folder / CAME, declared)
            developed = gateway.darkroom.develop(folder, HEIC if kind == HEIF else kind)
            described = _described(sha256, developed)
            known = _kept(gateway.store.photos, caller.account, described, folder, held_by)
    return shown(known)


def _spool(stream: IO[bytes], path: Path, most: int) -> str:
    """Writes a file and answers its SHA-256."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > most:
                raise Problem("too-large", f"photo: at most {most} bytes")
            digest.update(piece)
            file.write(piece)
    if not size:
        raise unusable("it is empty")
    return digest.hexdigest()


def _kind(path: Path, declared: str | None) -> str:
    """What the bytes are; raises ``Problem`` when that is not taken, or not what was declared."""
    said = declared_kind(declared)
    if said is not None and said not in KINDS:
        raise Problem("unsupported-media-type", f"photo: {', '.join(KINDS)}")
    with path.open("rb") as file:
        kind = sniffed(file.read(HEAD))
    if kind is None:
        raise unusable("it is neither JPEG, PNG, WebP nor HEIC")
    if said is not None and not agrees(said, kind):
        raise unusable(f"it is called {said} and is {kind}")
    return kind


def _described(sha256: str, developed: Document) -> Document:
    taken = developed["taken_at"]
    taken_at = datetime.fromisoformat(taken) if taken else None
    return {**developed, "sha256": sha256, "taken_at": taken_at}


def _kept(
    store: PhotoStore, owner: str, described: Document, folder: Path, held_by: str | None
) -> Document:
    at = clock.now()
    photo = new_id(at)
    store.begin(photo, owner, at, held_by)
    for name, file in ((photo, PHOTO), (thumbnail_name(photo), THUMBNAIL)):
        with (folder / file).open("rb") as source:
            store.keeping.put(name, source)
    return _finished(store, photo, owner, described, held_by)


def _finished(
    store: PhotoStore, photo: str, owner: str, described: Document, held_by: str | None
) -> Document:
    """The photo whose bytes are kept, or the same that was faster; tried again where that one was
    let go before it was found, so that this one is wanted after all."""
    for _ in range(2):
        if store.finish(photo, described):
            return {"_id": photo, **described}
        known = store.wanted_again(owner, described["sha256"], clock.now(), held_by)
        if known is not None:
            store.give_up(photo)
            return known
    store.give_up(photo)
    raise Problem("unavailable", "the same photo came and went meanwhile", retry_after=1)


def shown(photo: Document) -> Document:
    """What is known of a photo, for who sent it."""
    address, taken, location = photo_address(photo["_id"]), photo["taken_at"], photo["location"]
    return {
        "id": photo["_id"],
        "url": address,
        "thumbnail_url": f"{address}/thumbnail",
        "kind": "image/jpeg",
        **{name: photo[name] for name in ("width", "height", "bytes", "hash")},
        "taken_at": taken.isoformat() if taken else None,
        "location": (
            {"lng": location[0], "lat": location[1], "datum": "WGS-84"} if location else None
        ),
    }
