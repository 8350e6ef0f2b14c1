"""Every operation × every caller × a case inside, outside and confidential, against the table.

When an operation is added, these tests say which line is missing: one in tests/scope.csv, and a
recipe where it cannot be called with a case's id alone.
"""

import pytest

from services.gateway.api import OPERATIONS

from .asking import READING, observe
from .callers import ROLES
from .footprint import changed_since, prepared, still_at_rest
from .recipes import ALIKE, NoRecipe, ask
from .scene import KINDS
from .table import TABLE, read_table, written

# Lists of the newest look before the crowd of new cases comes.
ORDERED = sorted(OPERATIONS, key=lambda operation: operation.method not in READING)
WRITING = [operation for operation in OPERATIONS if operation.method not in READING]
CELLS = [(caller, kind) for caller in ROLES for kind in KINDS]


def kinds_of(operation):
    """The parts of a cell that can differ."""
    return KINDS[:1] if operation.id in ALIKE else KINDS


def cells_of(operation):
    return [(caller, kind) for caller in ROLES for kind in kinds_of(operation)]


def observed(scene, operation):
    """What comes of every cell of an operation's row."""
    return {
        caller: {kind: observe(scene, operation, caller, kind) for kind in kinds_of(operation)}
        for caller in ROLES
    }


def is_refusal(word):
    return word.isdigit() and int(word) >= 400


def row_of(operation):
    row = read_table().get(operation.id)
    assert row, f"{operation.id} has no row: see test_every_operation_has_its_row"
    return row


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


def test_a_cell_of_what_is_about_nothing_is_one_word():
    table = read_table()
    assert table.keys() >= ALIKE
    several = [name for name in ALIKE for cell in table[name].values() if len({*cell.values()}) > 1]
    assert not several


@pytest.mark.parametrize("operation", WRITING, ids=lambda operation: operation.id)
def test_what_is_refused_changes_nothing(scene, operation):
    """Before anything is granted, so that nothing that happens by itself hides a change."""
    row = row_of(operation)
    cells = [cell for cell in cells_of(operation) if is_refusal(row[cell[0]][cell[1]])]
    still_at_rest(scene.world)
    asked = [
        (caller, kind, ask(operation, scene, scene.target(caller, kind), caller))
        for caller, kind in cells
    ]
    before = prepared(scene.world)
    faults = [
        fault
        for caller, kind, given in asked
        for fault in _compare(scene, operation, row, caller, kind, given)
    ]
    assert not faults, "\n" + "\n".join(faults)
    assert not changed_since(scene.world, before)


@pytest.mark.parametrize("operation", ORDERED, ids=lambda operation: operation.id)
def test_the_table_says_what_happens(scene, operation):
    row = row_of(operation)
    tried_above = operation in WRITING
    faults = [
        fault
        for caller, kind in cells_of(operation)
        if not (tried_above and is_refusal(row[caller][kind]))
        for fault in _compare(scene, operation, row, caller, kind)
    ]
    assert not faults, "\n" + "\n".join(faults)


def _compare(scene, operation, row, caller, kind, given=None):
    expected = row[caller][kind]
    word = observe(scene, operation, caller, kind, given)
    if word != expected:
        yield f"{operation.id} · {caller} · {kind}: expected {expected}, observed {word}"


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
