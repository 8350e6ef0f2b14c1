"""Every MongoDB call about uploads that come in pieces, so that any replica can go on with one.

Indexes: both collections let go of what has expired by themselves; the uploads of an account, the
pieces of an upload.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

Document = dict[str, Any]


class UploadStore:
    """Uploads: {_id: ULID, owner, length, offset, pieces: ids in order, metadata, expires_at,
    photo}; and their pieces: {_id: ULID, upload, data, expires_at}."""

    def __init__(self, database: Database[Document]) -> None:
        self._uploads = database["uploads"]
        self._pieces = database["upload_pieces"]
        self._indexed = False

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        if self._indexed:
            return
        for collection in (self._uploads, self._pieces):
            collection.create_index([("expires_at", ASCENDING)], expireAfterSeconds=0)
        self._pieces.create_index([("upload", ASCENDING)])
        self._uploads.create_index([("owner", ASCENDING)])
        self._indexed = True

    def insert(self, upload: Document) -> None:
        """Begins an upload."""
        self.create_indexes()
        self._uploads.insert_one(upload)

    def unfinished(self, owner: str) -> int:
        """How many uploads of an account are not complete yet."""
        return self._uploads.count_documents({"owner": owner, "photo": None})

    def find(self, upload: str, owner: str) -> Document | None:
        """An upload of an account, or None."""
        return self._uploads.find_one({"_id": upload, "owner": owner})

    def append(self, upload: Document, offset: int, piece: str, data: bytes) -> bool:
        """Adds a piece at an offset; False, and nothing is added, when the upload is not there any
        more or goes on elsewhere: somebody else added one."""
        self._pieces.insert_one(
            {"_id": piece, "upload": upload["_id"], "data": data}
            | {"expires_at": upload["expires_at"]}
        )
        here = {"_id": upload["_id"], "offset": offset}
        after = {"$set": {"offset": offset + len(data)}, "$push": {"pieces": piece}}
        if self._uploads.update_one(here, after).matched_count:
            return True
        self._pieces.delete_one({"_id": piece})
        return False

    def data(self, upload: Document) -> Iterator[bytes]:
        """What came, piece by piece, in order; raises ``LookupError`` when a piece is gone."""
        for piece in upload["pieces"]:
            found = self._pieces.find_one({"_id": piece})
            if found is None:
                raise LookupError(piece)
            yield found["data"]

    def finish(self, upload: str, photo: str) -> None:
        """Says which photo an upload became; its pieces are needed no more."""
        self._uploads.update_one({"_id": upload}, {"$set": {"photo": photo, "pieces": []}})
        self._pieces.delete_many({"upload": upload})

    def remove(self, upload: str) -> None:
        """Ends an upload."""
        self._uploads.delete_one({"_id": upload})
        self._pieces.delete_many({"upload": upload})
