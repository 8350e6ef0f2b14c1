"""Every MongoDB call of the issues service.

Indexes: one for each list a page shows, the newest case first; ids are ULIDs, so their order is
the order of reporting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from eventlet.semaphore import Semaphore
from pymongo import ASCENDING, DESCENDING, GEOSPHERE, ReturnDocument, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from services.issues.cases import Change
from services.issues.catalogue_store import CatalogueStore
from services.issues.earlier import as_today
from services.issues.lifecycle import OPEN
from services.issues.views import GLIMPSED
from suishoupai.access import Reach, within
from suishoupai.distance import EARTH_RADIUS
from suishoupai.messaging.outbox import create_outbox_index

Document = dict[str, Any]

NUMBER_BLOCK = 20
"""Case numbers taken from the counter at once; what a crash leaves unused stays a gap."""

LONGEST_MAJORITY_WAIT = 5000
"""Milliseconds a majority may take to confirm what is read."""

LISTS = ("reporter", "responsible.id", "divisions", "state", "category.code", "grid.code")
"""Fields that lists are filtered by; each has an index ending in the list's order."""
LIT = {"light": {"$gt": ""}}
"""Filter of the partial index: cases whose clock runs."""
URGENT = {"urgent": True}
"""Filter of the partial index: the few that are urgent."""
TODAYS = "followers"
"""What every case of today has from its beginning, and none of earlier times."""
LONGEST_COUNT = 4000
"""Milliseconds that counting may take: less than a question may."""

PICTURED = {"photos.0": {"$exists": True}}
"""Filter of the partial index: cases that were reported with photos."""
SHOWN_PHOTOS = ("photos", "history.given.photos")
"""Where a case keeps addresses of photos: its report's, and those of each step."""

ARMED = {"alarms.at": {"$exists": True}}
"""Filter of the partial index: cases with an alarm still to ring."""


CHANGES = "changes"
"""Name of the index by which cases are found that something happened to in a span of time."""


INNER = dict.fromkeys(
    (
        *("clock", "bundled", "clocks", "alarms", "proposal.why", "proposal.barred", "similar"),
        *("photo_hashes", "photo_bands", "merged", "outbox", "idempotency"),
        *("history.told", "history.request", "history.emergency", "emergency"),
    ),
    0,
)
"""What of a case is only of use inside: most of it, and most of the work of reading it."""
AT_A_TIME = 100
"""Cases that are read in one go; others have their turn between."""


class Outdated(Exception):
    """A case changed between reading and writing: handle the event again."""


class IssueStore:
    """Cases, the catalogue and the counter of case numbers."""

    def __init__(self, database: Database[Document]) -> None:
        self.issues = database["issues"]
        self._lasting = self.issues.with_options(read_concern=ReadConcern("linearizable"))
        self.catalogue = CatalogueStore(database)
        self._client = database.client
        self._counters = database["counters"]
        self._numbers: dict[str, list[int]] = {}
        self._counting = Semaphore()
        self._indexed = False

    def missing(self) -> str | None:
        """What keeps the service from working: a catalogue that was never seeded."""
        return self.catalogue.missing()

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        if self._indexed:
            return
        self.catalogue.create_indexes()
        for field in LISTS:
            self.issues.create_index([(field, ASCENDING), ("_id", DESCENDING)])
        for field, part in (("light", LIT), ("urgent", URGENT)):
            keys = [(field, ASCENDING), ("_id", DESCENDING)]
            self.issues.create_index(keys, partialFilterExpression=part)
        self.issues.create_index([("number", ASCENDING)], unique=True)
        self.issues.create_index(
            [("reporter", ASCENDING), ("idempotency.key", ASCENDING)],
            unique=True,
            partialFilterExpression={"idempotency.key": {"$exists": True}},
        )
        self.issues.create_index(
            [("alarms.at", ASCENDING)], name="alarms", partialFilterExpression=ARMED
        )
        self.issues.create_index([("point", GEOSPHERE), ("category.code", ASCENDING)], sparse=True)
        self.issues.create_index([("photo_bands", ASCENDING), ("_id", DESCENDING)], sparse=True)
        self.issues.create_index([("photos", ASCENDING)], partialFilterExpression=PICTURED)
        self.issues.create_index([("history.given.photos", ASCENDING)], sparse=True)
        self.issues.create_index([("main.id", ASCENDING)], sparse=True)
        self.issues.create_index([("history.at", ASCENDING)], name=CHANGES)
        create_outbox_index(self.issues)
        self._indexed = True

    def next_number(self, prefix: str) -> str:
        """The next case number under a prefix, such as ``341324-20260401-00017``."""
        with self._counting:
            numbers = self._numbers.get(prefix)
            if not numbers:
                counter = self._counters.find_one_and_update(
                    {"_id": prefix},
                    {"$inc": {"last": NUMBER_BLOCK}},
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
                assert counter is not None  # noqa: S101 - upsert always returns a document
                numbers = list(range(counter["last"], counter["last"] - NUMBER_BLOCK, -1))
                self._numbers = {prefix: numbers}
            return f"{prefix}-{numbers.pop():05d}"

    def insert(self, change: Change, key: str, fingerprint: str) -> Document | None:
        """Writes a new case with its event, unless the reporter used the key before.

        Returns the case of that earlier time, or None when the new one was written.
        """
        self.create_indexes()
        document = {
            **change.case,
            "idempotency": {"key": key, "fingerprint": fingerprint},
            "outbox": [change.event.to_dict()],
        }
        try:
            self.issues.insert_one(document)
        except DuplicateKeyError:
            known = self.by_key(change.case["reporter"], key)
            if known is None:
                raise
            return known
        return None

    def by_key(self, reporter: str, key: str) -> Document | None:
        """The case that a reporter opened with an idempotency key, or None.

        One that is found is there for good: it may have been written a moment ago by a request
        that was cut off before a majority had it, so it is read again, linearizable.
        """
        query = {"reporter": reporter, "idempotency.key": key}
        if self.issues.find_one(query, {"_id": 1}) is None:
            return None
        found = self._lasting.find_one(query, max_time_ms=LONGEST_MAJORITY_WAIT)
        return as_today(found) if found else None

    def read_all(self, ids: Iterable[str]) -> dict[str, Document]:
        """The cases of these ids, by id; unknown ids are left out."""
        return {case["_id"]: case for case in _cases(self.issues.find({"_id": {"$in": list(ids)}}))}

    def write_together(self, changes: Sequence[Change]) -> bool:
        """Writes new versions of several cases, all of them or none; says whether they were.

        None are when one of the cases changed meanwhile.
        """
        if len(changes) == 1:
            return self.write(changes[0])

        def write(session: ClientSession) -> None:
            for change in changes:
                if not self.issues.update_one(*_update(change), session=session).matched_count:
                    raise Outdated(change.case["_id"])

        try:
            with self._client.start_session() as session:
                session.with_transaction(write)
        except Outdated:
            return False
        return True

    def write_all(self, changes: Sequence[Change]) -> None:
        """Writes new versions with their events; raises ``Outdated`` when one came too late.

        What was written before that stays: the handler is idempotent and is run again.
        """
        updates = [UpdateOne(*_update(change)) for change in changes]
        if updates and self.issues.bulk_write(updates, ordered=False).matched_count < len(updates):
            raise Outdated(f"one of {len(updates)} cases changed meanwhile")

    def in_order(
        self, ids: Document, limit: int, session: ClientSession | None = None
    ) -> list[Document]:
        """The cases whose id fits a filter, in the order of their ids."""
        found = self.issues.find({"_id": ids}, session=session)
        return _cases(found.sort("_id", ASCENDING).limit(limit))

    def estimated_amount(self) -> int:
        """How many cases there are, from the collection's own bookkeeping."""
        return self.issues.estimated_document_count()

    def write(self, change: Change) -> bool:
        """Writes one new version with its event, unless the case changed meanwhile; says whether
        it was written."""
        return self.issues.update_one(*_update(change)).matched_count == 1

    def ringing(self, at: datetime, limit: int) -> list[Document]:
        """Cases with an alarm that is due at ``at``, the longest due first."""
        due = {"alarms.at": {"$exists": True, "$lte": at}}
        return _cases(self.issues.find(due).sort("alarms.at", ASCENDING).limit(limit))

    def merged_into(self, main: str) -> list[Document]:
        """The cases that are merged into a case now."""
        return _cases(self.issues.find({"main.id": main}))

    def open_near(
        self, point: tuple[float, float], metres: float, category: str, since: str, limit: int
    ) -> list[Document]:
        """Glimpses of the newest open cases of a category within ``metres`` of a point, reported
        with an id not before ``since``."""
        circle = {"$centerSphere": [list(point), metres / EARTH_RADIUS]}
        query = {"point": {"$geoWithin": circle}, "category.code": category, **_open_since(since)}
        return self._glimpses(query, limit)

    def open_with_band(self, bands: Sequence[str], since: str, limit: int) -> list[Document]:
        """Glimpses of the newest open cases with a photo that has one of these bands of a hash."""
        return self._glimpses({"photo_bands": {"$in": list(bands)}, **_open_since(since)}, limit)

    def _glimpses(self, query: Document, limit: int) -> list[Document]:
        """Whole cases would be most of the work of a report."""
        found = self.issues.find(query, dict.fromkeys(GLIMPSED, 1))
        return list(found.sort("_id", DESCENDING).limit(limit))

    def shows_photo(self, photo: str, reach: Reach) -> bool:
        """Whether a case within reach shows a photo, in its report or at any step.

        First the cases with it, which are few: in one query the database might go through all
        within reach.
        """
        ids = [case["_id"] for case in self.issues.find(_showing([photo]), {"_id": 1})]
        query = {"$and": [{"_id": {"$in": ids}}, within(reach)]}
        return bool(ids) and self.issues.find_one(query, {"_id": 1}) is not None

    def photos_in_use(self, photos: Sequence[str]) -> list[str]:
        """Those of the photos that any case shows."""
        found = self.issues.find(_showing(photos), dict.fromkeys(SHOWN_PHOTOS, 1))
        used = {photo for case in found for photo in _photos(case)}
        return [photo for photo in photos if photo in used]

    def find(self, filters: Document, reach: Reach, limit: int) -> list[Document]:
        """The newest cases that fit the filters and lie within reach."""
        query = {"$and": [filters, within(reach)]}
        return _cases(self.issues.find(query).sort("_id", DESCENDING).limit(limit))

    def find_in_short(
        self, filters: Document, reach: Reach, limit: int, skip: int = 0
    ) -> list[Document]:
        """The same after ``skip`` of them, without what is only of use inside: for many at once."""
        found = self.issues.find({"$and": [filters, within(reach)]}, INNER)
        found = found.sort("_id", DESCENDING).skip(skip).limit(limit)
        return _cases(found.batch_size(AT_A_TIME))

    def changed_between(
        self, start: datetime, end: datetime, actions: Sequence[str], reach: Reach
    ) -> list[Document]:
        """The cases within reach, in short, with a step by one of these actions from an instant
        on, before another; of the time before steps had actions, with any step."""
        step = {"at": {"$gte": start, "$lt": end}, "action": {"$in": [*actions, None]}}
        query = {"$and": [{"history": {"$elemMatch": step}}, within(reach)]}
        return _cases(self.issues.find(query, INNER).hint(CHANGES).batch_size(AT_A_TIME))

    def find_parts(
        self, filters: Document, reach: Reach, limit: int, parts: Iterable[str]
    ) -> list[Document]:
        """The same, and of each case these parts only; of one of earlier times all of it."""
        query = {"$and": [filters, within(reach)]}
        wanted = dict.fromkeys([*parts, TODAYS], 1)
        found = list(self.issues.find(query, wanted).sort("_id", DESCENDING).limit(limit))
        earlier = [case["_id"] for case in found if TODAYS not in case]
        whole = self.read_all(earlier) if earlier else {}
        return [whole.get(case["_id"], case) for case in found]

    def count(self, filters: Document, reach: Reach) -> int:
        """How many cases fit the filters and lie within reach."""
        query = {"$and": [filters, within(reach)]}
        return self.issues.count_documents(query, maxTimeMS=LONGEST_COUNT)


def _cases(found: Iterable[Document]) -> list[Document]:
    return [as_today(case) for case in found]


def _update(change: Change) -> tuple[Document, Document]:
    """The version guard and the new version with its event."""
    case = change.case
    fields = {name: value for name, value in case.items() if name not in ("_id", "outbox")}
    return (
        {"_id": case["_id"], "version": case["version"] - 1},
        {"$set": fields, "$push": {"outbox": change.event.to_dict()}},
    )


def _showing(photos: Sequence[str]) -> Document:
    wanted = {"$in": list(photos)}
    return {"$or": [{"photos": wanted, **PICTURED}, {"history.given.photos": wanted}]}


def _photos(case: Document) -> Iterator[str]:
    yield from case["photos"]
    for entry in case["history"]:
        yield from entry.get("given", {}).get("photos", ())


def _open_since(since: str) -> Document:
    """Confidential cases are nobody's business but their party's: no one is pointed to them."""
    return {
        "_id": {"$gte": since},
        "state": {"$in": list(OPEN)},
        "category.confidential": False,
    }
