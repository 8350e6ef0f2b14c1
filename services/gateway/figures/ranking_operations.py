"""What can be asked of rankings."""

from __future__ import annotations

from services.gateway.figures import ranking_schemas
from services.gateway.operation import DESK, Operation
from suishoupai.contracts.ranking_questions import RankingFilter

RANKINGS = Operation(
    id="readRankings",
    method="GET",
    path="/api/v1/stats/rankings",
    summary="排名 · Towns, communities, grids, property companies or departments by a score",
    roles=DESK,
    query=RankingFilter,
    answer=ranking_schemas.Ranking,
)

OPERATIONS = (RANKINGS,)
