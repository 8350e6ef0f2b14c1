"""What can be asked of places and who is responsible there."""

from __future__ import annotations

from services.gateway.conditions import UNCHANGED
from services.gateway.operation import DESK, EVERY_ROLE, Operation
from services.gateway.places import schemas
from suishoupai.contracts import shapes
from suishoupai.contracts.place_questions import PartyFilter, RoutingFilter

GRID_AT = Operation(
    id="findGridAt",
    method="GET",
    path="/api/v1/grids/at",
    summary="这个点归谁 · The grid of a point",
    roles=EVERY_ROLE,
    query=shapes.GivenPoint,
    answer=schemas.GridAt,
)
GRIDS = Operation(
    id="listGrids",
    method="GET",
    path="/api/v1/grids",
    summary="网格（示意）· All grids as GeoJSON",
    roles=EVERY_ROLE,
    answer=schemas.GridCollection,
    produces=("application/geo+json",),
    optional_headers=("If-None-Match",),
    answer_headers=("ETag",),
    also=UNCHANGED,
)
EXPLAIN_ROUTING = Operation(
    id="explainRouting",
    method="GET",
    path="/api/v1/routing/explain",
    summary="为什么归它管 · Who would get a report here, and why",
    roles=DESK,
    query=RoutingFilter,
    answer=schemas.Explanation,
)
PARTIES = Operation(
    id="listParties",
    method="GET",
    path="/api/v1/parties",
    summary="责任单位 · The parties a case can be given to, by id",
    roles=DESK,
    query=PartyFilter,
    answer=schemas.PartyPage,
)

OPERATIONS = (
    GRID_AT,
    GRIDS,
    EXPLAIN_ROUTING,
    PARTIES,
)
