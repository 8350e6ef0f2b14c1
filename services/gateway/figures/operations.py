"""What can be asked of figures."""

from __future__ import annotations

from services.gateway.figures import schemas
from services.gateway.operation import DESK, Operation
from suishoupai.contracts import questions

SUMMARY = Operation(
    id="readSummary",
    method="GET",
    path="/api/v1/stats/summary",
    summary="统计汇总 · The figures of a division",
    roles=DESK,
    query=questions.SummaryFilter,
    answer=schemas.Summary,
)
COUNTED = Operation(
    id="readCounted",
    method="GET",
    path="/api/v1/stats/issues/<issue>",
    summary="该案件计入了什么 · What is counted of one case, and since when",
    roles=DESK,
    answer=schemas.Counted,
    problems=("not-found",),
)

OPERATIONS = (
    SUMMARY,
    COUNTED,
)
