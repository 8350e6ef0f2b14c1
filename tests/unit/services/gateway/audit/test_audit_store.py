"""What cannot be written into the audit log is told as a part that is away, whatever the reason."""

import pytest
from pymongo.errors import BulkWriteError, OperationFailure, ServerSelectionTimeoutError, WriteError

from services.gateway.audit.entries import entry
from services.gateway.audit.store import AuditStore
from suishoupai.answers import as_problem

ENTRY = entry("county", "reporter_seen", "01CASE", "198.51.100.7", "done", {})
REFUSED = {"code": 121, "errmsg": "Document failed validation"}
FAULTS = [
    ServerSelectionTimeoutError("no server"),
    WriteError("Document failed validation", 121, REFUSED),
    BulkWriteError({"writeErrors": [REFUSED], "writeConcernErrors": [], "upserted": []}),
    OperationFailure("out of disk space", 14031),
]


class Unwritable:
    """A database whose one collection fails at every write."""

    def __init__(self, fault, *failing):
        self.fault, self.failing = fault, failing

    def __getitem__(self, name):
        return self

    def __getattr__(self, name):
        def work(*args, **options):
            if name in self.failing:
                raise self.fault

        return work


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize(
    ("failing", "write"),
    [
        ("insert_one", lambda store: store.write(ENTRY)),
        ("bulk_write", lambda store: store.write_once({"key": ENTRY})),
        ("create_index", lambda store: store.write_once({"key": ENTRY})),
    ],
)
def test_whoever_asks_is_told_to_come_again(fault, failing, write):
    with pytest.raises(Exception) as caught:
        write(AuditStore(Unwritable(fault, failing)))
    problem = as_problem(caught.value)
    assert (problem.status, problem.code) == (503, "unavailable")
    assert problem.retry_after > 0
    assert "validation" not in problem.detail
