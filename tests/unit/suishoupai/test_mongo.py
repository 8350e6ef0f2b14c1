import pytest
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    NotPrimaryError,
    OperationFailure,
    ServerSelectionTimeoutError,
    WriteConcernError,
)

from suishoupai.mongo import insert_new, is_unavailable

CONCERN = {"code": 91, "errmsg": "Replication is being shut down"}
CONFLICT = {"code": 112, "errorLabels": ["TransientTransactionError"]}


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("gone"),
        NotPrimaryError("stepping down"),
        ServerSelectionTimeoutError("nobody"),
        WriteConcernError("shut down", 91),
        BulkWriteError({"writeErrors": [], "writeConcernErrors": [CONCERN]}),
        OperationFailure("conflict", 112, CONFLICT),
    ],
)
def test_a_database_that_is_not_there_is_not_the_requests_fault(error):
    assert is_unavailable(error)


@pytest.mark.parametrize(
    "error",
    [
        DuplicateKeyError("twice", 11000),
        OperationFailure("bad query", 2),
        BulkWriteError({"writeErrors": [{"code": 11000}], "writeConcernErrors": [CONCERN]}),
        ValueError("ours"),
    ],
)
def test_what_is_wrong_itself_is_not_blamed_on_the_database(error):
    assert not is_unavailable(error)


class Refusing:
    """A collection where somebody else wrote at the same time, or worse."""

    def __init__(self, *codes, concern=()):
        faults = [{"code": code} for code in codes]
        self.details = {
            "writeErrors": faults,
            "writeConcernErrors": list(concern),
            "upserted": [{"index": 0, "_id": "ours"}],
        }

    def bulk_write(self, updates, ordered):
        raise BulkWriteError(self.details)


ROWS = [{"_id": "ours", "key": 1}, {"_id": "theirs", "key": 2}]


def test_of_two_who_write_the_same_at_once_each_is_told_what_was_theirs():
    assert insert_new(Refusing(11000), ROWS, ("key",)) == ["ours"]


@pytest.mark.parametrize(
    "collection",
    [Refusing(11000, 50), Refusing(11000, concern=[CONCERN]), Refusing(concern=[CONCERN])],
)
def test_what_a_majority_does_not_have_was_not_written(collection):
    with pytest.raises(BulkWriteError):
        insert_new(collection, ROWS, ("key",))


def test_of_nothing_nothing_is_written():
    assert insert_new(None, [], ("key",)) == []
