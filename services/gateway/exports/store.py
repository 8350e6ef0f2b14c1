"""Every MongoDB call about exports: how far each is, and its file, in parts in GridFS.

A part's file name is the id of its export. Indexes: an account's exports, the newest first; its
places for open ones; what waits, the longest waiting first; what expires.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any

from bson import ObjectId
from gridfs import GridFSBucket
from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from suishoupai.ids import new_id

Document = dict[str, Any]

OPEN = ("waiting", "running")


class ExportStore:
    """Exports: {_id: ULID, account, place, state, format, header, fields, filters, done, total,
    cursor, parts: [{id, bytes}], seen_as, tries, claim, claimed_until, created_at …}."""

    def __init__(self, database: Database[Document]) -> None:
        self._exports = database["exports"]
        self._files = GridFSBucket(database, "export_files")

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        self._exports.create_index([("account", ASCENDING), ("_id", DESCENDING)])
        self._exports.create_index(
            [("account", ASCENDING), ("place", ASCENDING)],
            unique=True,
            partialFilterExpression={"place": {"$exists": True}},
        )
        self._exports.create_index([("state", ASCENDING), ("claimed_until", ASCENDING)])
        self._exports.create_index([("expires_at", ASCENDING)])

    def insert(self, export: Document, places: int) -> bool:
        """Writes a new export into one of its account's places for open ones; says whether there
        was one."""
        self.create_indexes()
        for place in range(places):
            try:
                self._exports.insert_one({**export, "place": place})
            except DuplicateKeyError:
                continue
            return True
        return False

    def of(self, account: str, before: str | None, limit: int) -> list[Document]:
        """The newest exports of an account, from a cursor on."""
        older = {"_id": {"$lt": before}} if before else {}
        found = self._exports.find({"account": account, **older})
        return list(found.sort("_id", DESCENDING).limit(limit))

    def find(self, export: str, account: str) -> Document | None:
        """An export of an account, or None."""
        return self._exports.find_one({"_id": export, "account": account})

    def claim(self, now: datetime, until: datetime) -> Document | None:
        """The open export that waits the longest, for this process alone until then; None when
        none waits. One whose process was killed waits once its claim is over."""
        return self._exports.find_one_and_update(
            {"state": {"$in": list(OPEN)}, "claimed_until": {"$lte": now}},
            {
                "$set": {"state": "running", "claim": new_id(now), "claimed_until": until},
                "$min": {"started_at": now},
            },
            sort=[("claimed_until", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )

    def change(self, export: Document, update: Document) -> bool:
        """Changes a claimed export; says whether it was still there and claimed by this process."""
        ours = {"_id": export["_id"], "claim": export["claim"], "state": "running"}
        return self._exports.update_one(ours, update).matched_count == 1

    def keep_part(self, export: str, content: bytes | IO[bytes]) -> Document:
        """Keeps a part of a file and says how it is found: {id, bytes}."""
        part = self._files.upload_from_stream(export, content)
        size = next(self._files.find({"_id": part})).length
        return {"id": part, "bytes": size}

    def read(self, parts: Iterable[Document]) -> Iterator[bytes]:
        """The content of these parts, a piece at a time."""
        for part in parts:
            with self._files.open_download_stream(part["id"]) as stream:
                while piece := stream.readchunk():
                    yield piece

    def drop(self, part: Document) -> None:
        """Takes away one part."""
        self._files.delete(part["id"])

    def drop_parts(self, export: str, but: Iterable[Document] = ()) -> None:
        """Takes away the parts of an export that it does not know of."""
        self._drop({"filename": export, "_id": {"$nin": [part["id"] for part in but]}})

    def remove(self, export: str, account: str) -> bool:
        """Takes away an export and its file; says whether it was there."""
        gone = self._exports.delete_one({"_id": export, "account": account}).deleted_count == 1
        if gone:
            self.drop_parts(export)
        return gone

    def expire(self, now: datetime, orphaned: datetime) -> None:
        """Takes away what has expired, and parts older than ``orphaned`` that a process left which
        was killed while their export was removed."""
        for export in self._exports.find({"expires_at": {"$lte": now}}, {"account": 1}):
            self.remove(export["_id"], export["account"])
        self._drop({"uploadDate": {"$lte": orphaned}})

    def _drop(self, query: Document) -> None:
        found: list[ObjectId] = [part._id for part in self._files.find(query)]
        for part in found:
            self._files.delete(part)
