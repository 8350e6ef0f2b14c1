"""Every MongoDB call of the notify service about notices; messages, people and rule tables are in
``deliveries_store``, ``people_store`` and ``tables_store``.

Indexes: one notice for each issue, sequence and recipient (of a digest: no issue, and the local
date as sequence); what may be read by a key, all of it and by kind, the newest first; a recipient's
own, the newest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.client_session import ClientSession
from pymongo.database import Database

from services.notify.deliveries_store import DeliveryStore
from services.notify.digests import DIGESTED, News
from services.notify.notices import KEY, key_of
from services.notify.notices_upgrade import drop_old_indexes, name_recipients
from services.notify.people_store import PeopleStore
from services.notify.tables_store import TableStore
from suishoupai.ids import first_id
from suishoupai.messaging.outbox import create_outbox_index
from suishoupai.mongo import insert_new

Document = dict[str, Any]

MOST_UNREAD = 1000
"""Only so many of the newest notices are looked through for unread ones; older ones count as
read."""


class NoticeStore:
    """The notices of every inbox."""

    def __init__(self, database: Database[Document]) -> None:
        self.notices = database["notices"]
        self._digests = database["digests"]
        self._indexed = False

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        if self._indexed:
            return
        self.notices.create_index([("recipient", ASCENDING), ("_id", DESCENDING)])
        name_recipients(self.notices)
        self.notices.create_index([(name, ASCENDING) for name in KEY], unique=True)
        self.notices.create_index([("readers", ASCENDING), ("_id", DESCENDING)])
        by_kind = [("readers", ASCENDING), ("kind", ASCENDING), ("_id", DESCENDING)]
        self.notices.create_index(by_kind)
        create_outbox_index(self.notices)
        drop_old_indexes(self.notices)
        self._indexed = True

    def insert(self, notices: Sequence[Document]) -> list[str]:
        """Writes the notices that are new; returns the ids of those."""
        self.create_indexes()
        return insert_new(self.notices, notices, KEY)

    def ids(self, notices: Iterable[Document]) -> dict[tuple[Any, ...], str]:
        """Key → id of the notices that are there for these, whoever wrote them."""
        wanted = [{name: notice[name] for name in KEY} for notice in notices]
        found = self.notices.find({"$or": wanted}, dict.fromkeys(KEY, 1))
        return {key_of(notice): notice["_id"] for notice in found}

    def read(self, notice_id: str, query: Document) -> Document | None:
        """One notice, if it fits."""
        return self.notices.find_one({"_id": notice_id, **query})

    def find(self, query: Document, limit: int) -> list[Document]:
        """The newest notices that fit."""
        return list(self.notices.find(query).sort("_id", DESCENDING).limit(limit))

    def find_unread(
        self, query: Document, account: str, cursor: str | None, limit: int
    ) -> list[Document]:
        """The newest notices that fit and that an account has not read, before a cursor."""
        before = [{"$match": {"_id": {"$lt": cursor}}}] if cursor else []
        return list(self.notices.aggregate([*_unread(query, account), *before, {"$limit": limit}]))

    def count_unread(self, query: Document, account: str) -> int:
        """How many of the newest ``MOST_UNREAD`` notices that fit an account has not read."""
        rows = list(self.notices.aggregate([*_unread(query, account), {"$count": "amount"}]))
        return int(rows[0]["amount"]) if rows else 0

    def mark_read(self, ids: Sequence[str], query: Document, account: str) -> None:
        """Keeps that an account has read those of the notices that fit."""
        wanted = {"_id": {"$in": list(ids)}}
        self.notices.update_many({**query, **wanted}, {"$addToSet": {"read_by": account}})

    def about(self, issues: Document, session: ClientSession | None = None) -> list[Document]:
        """The notices about the issues whose id fits a filter."""
        return list(self.notices.find({"issue": issues}, {"outbox": 0}, session=session))

    def news_since_digest(self, until: datetime) -> Iterator[tuple[str, News]]:
        """Each inbox that is summed up and holds notices since its last digest and before
        ``until``, with what they are."""
        self.create_indexes()
        kinds = {"recipient": {"$regex": f"^({'|'.join(DIGESTED)}):"}}
        for recipient in self.notices.distinct("recipient", kinds):
            news = self._news(recipient, self._digested_until(recipient), until)
            if news.counts:
                yield recipient, news

    def digests_of(self, day: int) -> list[Document]:
        """The digests of a local date."""
        return list(self.notices.find({"issue": None, "sequence": day}))

    def is_digested(self, day: int) -> bool:
        """Whether every digest of a local date is written."""
        return self._digests.find_one({"_id": day}) is not None

    def finish_digests(self, day: int) -> None:
        """Keeps that every digest of a local date is written."""
        self._digests.update_one({"_id": day}, {"$set": {"done": True}}, upsert=True)

    def _digested_until(self, recipient: str) -> datetime | None:
        query = {"readers": recipient, "recipient": recipient, "kind": "digest"}
        last = self.notices.find_one(query, sort=[("_id", DESCENDING)])
        return last["until"] if last else None

    def _news(self, recipient: str, since: datetime | None, until: datetime) -> News:
        # Ids are ordered by the time of sending: the inbox's index finds the span.
        span = {"$lt": first_id(until), **({"$gte": first_id(since)} if since else {})}
        of_cases = {"recipient": recipient, "_id": span, "kind": {"$ne": "digest"}}
        counted = {"$group": {"_id": "$kind", "count": {"$sum": 1}}}
        counts = {
            row["_id"]: row["count"]
            for row in self.notices.aggregate([{"$match": of_cases}, counted])
        }
        urgent = self.notices.find({**of_cases, "urgent": True}, {"number": 1}).sort("_id", -1)
        return News(counts, list(dict.fromkeys(row["number"] for row in urgent)))


def _unread(query: Document, account: str) -> list[Document]:
    return [
        {"$match": query},
        {"$sort": {"_id": DESCENDING}},
        {"$limit": MOST_UNREAD},
        {"$match": {"read_by": {"$ne": account}}},
    ]


class NotifyStore:
    """All collections of the service."""

    def __init__(self, database: Database[Document]) -> None:
        self.inboxes = NoticeStore(database)
        self.deliveries = DeliveryStore(database)
        self.people = PeopleStore(database)
        self.tables = TableStore(database)

    @property
    def notices(self) -> Any:
        """The collection with the outbox."""
        return self.inboxes.notices

    def missing(self) -> str | None:
        """Nothing: an empty inbox is complete."""
        return None

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        for store in (self.inboxes, self.deliveries, self.people, self.tables):
            store.create_indexes()
