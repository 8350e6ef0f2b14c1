"""What can be asked of the board."""

from __future__ import annotations

from services.gateway.figures import board_schemas
from services.gateway.operation import DESK, Operation
from suishoupai.contracts.figure_questions import DivisionFilter

BOARD = Operation(
    id="readBoard",
    method="GET",
    path="/api/v1/stats/board",
    summary="实时看板 · What happened today, what is open, and how near its limit it is",
    roles=DESK,
    query=DivisionFilter,
    answer=board_schemas.Board,
)

OPERATIONS = (BOARD,)
