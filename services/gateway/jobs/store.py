"""Every MongoDB call about jobs of one kind: how far each is, and its files, in parts in GridFS.

A part's file name is the id of its job. Indexes: an account's places for open ones; what waits, the
longest waiting first; what expires.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any

from bson import ObjectId
from gridfs import GridFSBucket
from pymongo import ASCENDING, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from suishoupai.ids import new_id

Document = dict[str, Any]

OPEN = ("waiting", "running")


class JobStore:
    """Jobs: {_id: ULID, account, place, state, done, total, parts: [{id, bytes}], tries, claim,
    claimed_until, created_at …}."""

    def __init__(self, database: Database[Document], name: str, files: str) -> None:
        self.jobs = database[name]
        self._files = GridFSBucket(database, files)

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        self.jobs.create_index(
            [("account", ASCENDING), ("place", ASCENDING)],
            unique=True,
            partialFilterExpression={"place": {"$exists": True}},
        )
        self.jobs.create_index([("state", ASCENDING), ("claimed_until", ASCENDING)])
        self.jobs.create_index([("expires_at", ASCENDING)])

    def insert(self, job: Document, places: int) -> bool:
        """Writes a new job into one of its account's places for open ones; says whether there was
        one."""
        self.create_indexes()
        for place in range(places):
            try:
                self.jobs.insert_one({**job, "place": place})
            except DuplicateKeyError:
                continue
            return True
        return False

    def claim(self, now: datetime, until: datetime) -> Document | None:
        """The open job that waits the longest, for this process alone until then; None when none
        waits. One whose process was killed waits once its claim is over."""
        return self.jobs.find_one_and_update(
            {"state": {"$in": list(OPEN)}, "claimed_until": {"$lte": now}},
            {
                "$set": {"state": "running", "claim": new_id(now), "claimed_until": until},
                "$min": {"started_at": now},
            },
            sort=[("claimed_until", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )

    def change(self, job: Document, update: Document) -> bool:
        """Changes a claimed job; says whether it was still there and claimed by this process."""
        ours = {"_id": job["_id"], "claim": job["claim"], "state": "running"}
        return self.jobs.update_one(ours, update).matched_count == 1

    def keep_part(self, job: str, content: bytes | IO[bytes]) -> Document:
        """Keeps a part of a file and says how it is found: {id, bytes}."""
        part = self._files.upload_from_stream(job, content)
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

    def drop_parts(self, job: str, but: Iterable[Document] = ()) -> None:
        """Takes away the parts of a job that it does not know of."""
        self._drop({"filename": job, "_id": {"$nin": [part["id"] for part in but]}})

    def remove(self, job: str, account: str | None) -> bool:
        """Takes away a job of an account and its files; says whether it was there."""
        gone = self.jobs.delete_one({"_id": job, "account": account}).deleted_count == 1
        if gone:
            self.drop_parts(job)
        return gone

    def expire(self, now: datetime, orphaned: datetime) -> None:
        """Takes away what has expired, and parts older than ``orphaned`` that a process left which
        was killed while their job was removed."""
        for job in self.jobs.find({"expires_at": {"$lte": now}}, {"account": 1}):
            self.remove(job["_id"], job["account"])
        self._drop({"uploadDate": {"$lte": orphaned}})

    def _drop(self, query: Document) -> None:
        found: list[ObjectId] = [part._id for part in self._files.find(query)]
        for part in found:
            self._files.delete(part)
