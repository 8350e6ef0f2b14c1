"""What can be asked of figures."""

from __future__ import annotations

from services.gateway.figures import schemas
from services.gateway.operation import DESK, Operation
from suishoupai.contracts.figure_questions import ExplainFilter, IndicatorFilter, SummaryFilter

SUMMARY = Operation(
    id="readSummary",
    method="GET",
    path="/api/v1/stats/summary",
    summary="统计汇总 · The figures of a division",
    roles=DESK,
    query=SummaryFilter,
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

INDICATORS = Operation(
    id="readIndicators",
    method="GET",
    path="/api/v1/stats/indicators",
    summary="治理指标 · Every indicator and score of a division",
    roles=DESK,
    query=IndicatorFilter,
    answer=schemas.Indicators,
)
EXPLAIN = Operation(
    id="explainIndicator",
    method="GET",
    path="/api/v1/stats/indicators/<indicator>/explain",
    summary="指标明细 · The numbers, the formula and the cases of an indicator",
    roles=DESK,
    query=ExplainFilter,
    answer=schemas.Explained,
    problems=("not-found",),
)
EXPLAIN_CSV = Operation(
    id="exportIndicatorCases",
    method="GET",
    path="/api/v1/stats/indicators/<indicator>/cases.csv",
    summary="指标案件表 · All the cases of an indicator as CSV",
    roles=DESK,
    query=IndicatorFilter,
    produces=("text/csv",),
    answer_headers=("Content-Disposition",),
    problems=("not-found",),
)

OPERATIONS = (
    SUMMARY,
    COUNTED,
    INDICATORS,
    EXPLAIN,
    EXPLAIN_CSV,
)
