"""What can be asked of figures over time, and of how far cases got."""

from __future__ import annotations

from services.gateway.figures import trend_schemas as schemas
from services.gateway.operation import DESK, Operation
from suishoupai.contracts.figure_questions import IndicatorFilter
from suishoupai.contracts.trend_questions import AgeingFilter, TopFilter, TrendFilter

TREND = Operation(
    id="readTrend",
    method="GET",
    path="/api/v1/stats/trend",
    summary="趋势 · Counts and indicators from period to period",
    roles=DESK,
    query=TrendFilter,
    answer=schemas.Trend,
)
COMPARISON = Operation(
    id="readComparison",
    method="GET",
    path="/api/v1/stats/comparison",
    summary="环比与同比 · Figures beside those of the span before and of a year earlier",
    roles=DESK,
    query=IndicatorFilter,
    answer=schemas.Comparison,
)
FUNNEL = Operation(
    id="readFunnel",
    method="GET",
    path="/api/v1/stats/funnel",
    summary="漏斗与状态 · How far the cases reported in a span got, and where they are",
    roles=DESK,
    query=IndicatorFilter,
    answer=schemas.Funnel,
)
AGEING = Operation(
    id="readAgeing",
    method="GET",
    path="/api/v1/stats/ageing",
    summary="未办结案件的天数与红黄绿灯 · How old the open cases are, and their lights",
    roles=DESK,
    query=AgeingFilter,
    answer=schemas.Ageing,
)
TOP = Operation(
    id="readTop",
    method="GET",
    path="/api/v1/stats/top",
    summary="前几名 · What most cases have in common",
    roles=DESK,
    query=TopFilter,
    answer=schemas.Top,
)

OPERATIONS = (TREND, COMPARISON, FUNNEL, AGEING, TOP)
