"""Notices of earlier versions take the shape of today's; every MongoDB call for that.

Until then a notice went to a party only: it had no recipient, and one of an assignment was of kind
``assigned`` with the sequence of the assignment. A case was always dispatched in its second
version, so that the event of that version, told again, finds its notice.
"""

from __future__ import annotations

from typing import Any

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError, OperationFailure, WriteError

from suishoupai.divisions import LEVELS

Document = dict[str, Any]

OLD_INDEXES = (
    "issue_1_assignment_1_party_1",
    "issue_1_kind_1_sequence_1_party_1",
    "party_1__id_-1",
    "division_1__id_-1",
)
"""Two keys of earlier times, and the inboxes by party and by division."""
DISPATCHED = 2
"""The version in which a case was dispatched."""
INDEX_NOT_FOUND, NO_COLLECTION, DUPLICATE = 27, 26, 11000

_ASSIGNED = {"$eq": [{"$ifNull": ["$kind", "assigned"]}, "assigned"]}
_UNDER = [
    {"$concat": ["under:", {"$substrCP": ["$division", 0, length]}]} for length in sorted(LEVELS)
]
_TODAY = {
    "kind": {"$cond": [_ASSIGNED, "dispatched", "$kind"]},
    "sequence": {"$cond": [_ASSIGNED, DISPATCHED, "$sequence"]},
    "recipient": {"$concat": ["party:", "$party"]},
    "readers": {
        "$concatArrays": [
            [{"$concat": ["party:", "$party"]}, "under:"],
            {"$cond": [{"$ifNull": ["$division", False]}, _UNDER, []]},
        ]
    },
    "urgent": False,
}


def name_recipients(notices: Collection[Document]) -> None:
    """Gives what earlier versions wrote, or still write beside this one, the fields of today.

    Where both versions told the same at the same time, today's notice stays.
    """
    try:
        notices.update_many({"recipient": None}, [{"$set": _TODAY}])
    except WriteError as error:
        if error.code != DUPLICATE:
            raise
        for old in notices.find({"recipient": None}, {"_id": 1}):
            _name_or_drop(notices, old["_id"])


def _name_or_drop(notices: Collection[Document], notice_id: str) -> None:
    try:
        notices.update_one({"_id": notice_id, "recipient": None}, [{"$set": _TODAY}])
    except DuplicateKeyError:
        notices.delete_one({"_id": notice_id, "recipient": None})


def drop_old_indexes(notices: Collection[Document]) -> None:
    """Drops the indexes that only earlier versions use; an old key would refuse today's notices."""
    for name in OLD_INDEXES:
        try:
            notices.drop_index(name)
        except OperationFailure as error:
            if error.code not in (INDEX_NOT_FOUND, NO_COLLECTION):
                raise
