"""Every MongoDB call about photos; their bytes are in ``keeping``.

A photo is ``coming`` until its bytes are kept, then ``ready`` to be shown, then perhaps
``leaving``: claimed to be removed, and never again shown or named. Its bytes are there whenever it
is ready.

Indexes: what an account sent, by content: the same bytes are one photo; and what may be swept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from services.gateway.photos.keeping import Keeping, keeping

Document = dict[str, Any]

READY = {"state": "ready"}
RENEWED_AFTER = timedelta(hours=1)
"""A photo that was wanted so lately is not written anew: what is refused changes nothing. Whoever
wants one has it for the time the sweep leaves it, less this."""


class PhotoStore:
    """Photos: {_id: ULID, owner, sha256: of what came, state, created_at, wanted_at, in_use, width,
    height, bytes, thumbnail_bytes, hash, taken_at, location: [lng, lat] in WGS-84}.

    ``wanted_at``: when it was last sent or named in a report, to ``RENEWED_AFTER``; ``in_use``:
    whether a case shows it; ``held_by``: the call that brought it and may still let it go.
    """

    def __init__(self, database: Database[Document], place: str) -> None:
        """``place``: the setting that says where the bytes are kept."""
        self._photos = database["photos"]
        self.keeping: Keeping = keeping(place, database)
        self._indexed = False

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        if self._indexed:
            return
        self._photos.create_index(
            [("owner", ASCENDING), ("sha256", ASCENDING)],
            unique=True,
            partialFilterExpression=READY,
        )
        self._photos.create_index(
            [("state", ASCENDING), ("wanted_at", ASCENDING)],
            partialFilterExpression={"in_use": False},
        )
        self._indexed = True

    def find(self, photo: str) -> Document | None:
        """A photo that may be shown, or None."""
        return self._photos.find_one({"_id": photo, **READY})

    def wanted_again(
        self, owner: str, sha256: str, at: datetime, held_by: str | None = None
    ) -> Document | None:
        """The photo that an account sent with this content; from now on it is wanted anew.

        ``held_by``: the call that sends it, where that may let photos go. Another call's hold ends
        here, in the one write that finds the photo: from now on it is answered to somebody else.
        """
        renewed = {"$lt": ["$wanted_at", at - RENEWED_AFTER]}
        own = {"$eq": ["$held_by", held_by]}
        wanted = {
            "wanted_at": {"$cond": [renewed, at, "$wanted_at"]},
            "held_by": {"$cond": [own, "$held_by", "$$REMOVE"]},
        }
        return self._photos.find_one_and_update(
            {"owner": owner, "sha256": sha256, **READY}, [{"$set": wanted}]
        )

    def begin(self, photo: str, owner: str, at: datetime, held_by: str | None = None) -> None:
        """A photo whose bytes are about to be kept: if that is cut off, the sweep finds it.

        ``held_by``: the call that may let it go again.
        """
        self.create_indexes()
        row = {"_id": photo, "owner": owner, "state": "coming", "in_use": False}
        held = {"held_by": held_by} if held_by else {}
        self._photos.insert_one({**row, "created_at": at, "wanted_at": at, **held})

    def finish(self, photo: str, described: Document) -> bool:
        """Makes a photo ready whose bytes are kept; False when the same was faster, or when it was
        given up meanwhile."""
        try:
            changed = self._photos.update_one(
                {"_id": photo, "state": "coming"}, {"$set": {**described, **READY}}
            )
        except DuplicateKeyError:
            return False
        return changed.matched_count == 1

    def want(self, photos: Sequence[str], owner: str, at: datetime) -> dict[str, str]:
        """Photo → hash of those that the account sent and may name; they are wanted anew.

        Whoever is answered here has a week, less ``RENEWED_AFTER``, in which no sweep takes the
        photo.
        """
        mine = {"_id": {"$in": list(photos)}, "owner": owner, **READY}
        long_ago, lately = {"$lt": at - RENEWED_AFTER}, {"$gte": at - RENEWED_AFTER}
        self._photos.update_many({**mine, "wanted_at": long_ago}, {"$set": {"wanted_at": at}})
        found = self._photos.find({**mine, "wanted_at": lately}, {"hash": 1})
        return {row["_id"]: row["hash"] for row in found}

    def keep(self, photos: Sequence[str], held_by: str) -> None:
        """Ends the hold of a call on those that it made."""
        held = {"_id": {"$in": list(photos)}, "held_by": held_by}
        self._photos.update_many(held, {"$unset": {"held_by": ""}})

    def let_go(self, photos: Sequence[str], held_by: str) -> None:
        """Removes those that a call made and still holds; from the first write on nobody is
        answered them any more, and if the rest is cut off, the sweep does it."""
        leaves = {"$set": {"state": "leaving"}, "$unset": {"held_by": ""}}
        for photo in photos:
            held = {"_id": photo, "held_by": held_by, "in_use": False, **READY}
            if self._photos.update_one(held, leaves).matched_count:
                self.remove(photo)

    def unwanted(self, before: datetime, limit: int) -> list[Document]:
        """Ready photos, not known to be in use, that nobody wanted since: {_id, wanted_at} each,
        the longest first."""
        query = {**READY, "in_use": False, "wanted_at": {"$lt": before}}
        found = self._photos.find(query, {"wanted_at": 1})
        return list(found.sort("wanted_at", ASCENDING).limit(limit))

    def mark_used(self, photos: Sequence[str]) -> None:
        """These are in cases, and stay as long as those do: for good."""
        self._photos.update_many({"_id": {"$in": list(photos)}}, {"$set": {"in_use": True}})

    def claim_unwanted(self, photo: Document) -> None:
        """Lets a photo leave, unless somebody wanted it since it was read."""
        same = {"_id": photo["_id"], "wanted_at": photo["wanted_at"], "in_use": False, **READY}
        self._photos.update_one(same, {"$set": {"state": "leaving"}})

    def claim_given_up(self, before: datetime) -> None:
        """Lets those leave whose coming was cut off."""
        stuck = {"state": "coming", "in_use": False, "wanted_at": {"$lt": before}}
        self._photos.update_many(stuck, {"$set": {"state": "leaving"}})

    def leaving(self, limit: int) -> list[str]:
        """Ids of photos that are to be removed."""
        query = {"state": "leaving", "in_use": False}
        return [row["_id"] for row in self._photos.find(query, {"_id": 1}).limit(limit)]

    def give_up(self, photo: str) -> None:
        """Lets one leave that was not finished."""
        self._photos.update_one({"_id": photo, "state": "coming"}, {"$set": {"state": "leaving"}})

    def remove(self, photo: str) -> None:
        """Removes a photo that is leaving: its bytes first, so that none are left behind."""
        for name in (photo, thumbnail_name(photo)):
            self.keeping.remove(name)
        self._photos.delete_one({"_id": photo, "state": "leaving"})


def thumbnail_name(photo: str) -> str:
    """The name under which the thumbnail of a photo is kept."""
    return f"{photo}.thumbnail"
