"""What can be asked of figures by place."""

from __future__ import annotations

from services.gateway.figures import place_figure_schemas as schemas
from services.gateway.operation import DESK, Operation
from suishoupai.contracts.place_figure_questions import HeatFilter, RepeatPlacesFilter

HEAT = Operation(
    id="readHeat",
    method="GET",
    path="/api/v1/stats/heat",
    summary="热力 · How many cases were reported in each cell of a map",
    roles=DESK,
    query=HeatFilter,
    answer=schemas.Heat,
)
REPEAT_PLACES = Operation(
    id="readRepeatPlaces",
    method="GET",
    path="/api/v1/stats/repeat-places",
    summary="重复投诉点 · Points that were complained about again and again",
    roles=DESK,
    query=RepeatPlacesFilter,
    answer=schemas.RepeatPlaces,
)

OPERATIONS = (
    HEAT,
    REPEAT_PLACES,
)
