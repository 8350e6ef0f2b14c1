"""Every operation × every caller × a case inside, outside and confidential, against the table.

When an operation is added, these tests say which line is missing: one in tests/scope.csv, and a
recipe where it cannot be called with a case's id alone.
"""

import pytest

from services.gateway.api import OPERATIONS

from .asking import READING, observe
from .callers import ROLES
from .footprint import at_rest, difference, footprint
from .recipes import NoRecipe
from .scene import KINDS
from .table import TABLE, read_table, written

# Lists of the newest look before the crowd of new cases comes.
ORDERED = sorted(OPERATIONS, key=lambda operation: operation.method not in READING)
CELLS = [(caller, kind) for caller in ROLES for kind in KINDS]


def observed(scene, operation):
    """What comes of every cell of an operation's row."""
    return {
        caller: {kind: observe(scene, operation, caller, kind) for kind in KINDS}
        for caller in ROLES
    }


def is_refusal(word):
    return word.isdigit() and int(word) >= 400


def test_every_operation_can_be_called(scene):
    missing = []
    for operation in OPERATIONS:
        try:
            observe(scene, operation, "nobody", "inside")
        except NoRecipe as error:
            missing.append(str(error))
    assert not missing, "\n" + "\n".join(missing)


def test_every_operation_has_its_row(scene):
    table = read_table()
    missing = [operation for operation in ORDERED if operation.id not in table]
    lines = []
    for operation in missing:
        try:
            lines.append(written(operation.id, observed(scene, operation)))
        except NoRecipe as error:
            lines.append(str(error))
    assert not missing, (
        f"\nadd to {TABLE.name}, after holding each cell against DOMAIN (what is observed now is "
        "not what ought to be):\n" + "\n".join(lines)
    )
    unknown = table.keys() - {operation.id for operation in OPERATIONS}
    assert not unknown, f"rows of operations that are no more: {sorted(unknown)}"


@pytest.mark.parametrize("operation", ORDERED, ids=lambda operation: operation.id)
def test_the_table_says_what_happens(scene, operation):
    """What must be refused is asked for first, and leaves every database as it was."""
    row = read_table().get(operation.id)
    assert row, f"{operation.id} has no row: see test_every_operation_has_its_row"
    refused = [cell for cell in CELLS if is_refusal(row[cell[0]][cell[1]])]
    granted = [cell for cell in CELLS if cell not in refused]
    faults = _refusals(scene, operation, row, refused)
    faults += _compare(scene, operation, row, granted)
    assert not faults, "\n" + "\n".join(faults)


def _refusals(scene, operation, row, cells):
    if operation.method in READING:
        return _compare(scene, operation, row, cells)
    before = at_rest(scene.world)
    faults = _compare(scene, operation, row, cells)
    if before != footprint(scene.world):
        changed = difference(before, at_rest(scene.world))
        faults.append(f"{operation.id}: refused calls changed {', '.join(changed)}")
    return faults


def _compare(scene, operation, row, cells):
    return [
        f"{operation.id} · {caller} · {kind}: expected {expected}, observed {word}"
        for caller, kind in cells
        if (expected := row[caller][kind]) != (word := observe(scene, operation, caller, kind))
    ]


def test_nothing_is_told_of_what_cannot_be_read():
    """What ``readIssue`` refuses no other operation names, but for those that say why they may."""
    table = read_table()
    faults = [
        f"{name} · {caller} · {kind} names a case that readIssue refuses"
        for name, row in table.items()
        for caller, kind in CELLS
        if row[caller][kind] == "sees"
        and table["readIssue"][caller][kind] != "sees"
        and name not in NAMED_TO_ALL
    ]
    assert not faults, "\n" + "\n".join(faults)


NAMED_TO_ALL = {
    "findNearbyIssues": "that a problem near by was reported is told to whoever stands there",
}
"""Operation id → why it may name a case that its caller cannot read."""
