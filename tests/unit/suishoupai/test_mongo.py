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

from suishoupai.mongo import is_unavailable

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
