"""The API as a table: every operation there is, gathered from the rooms that answer them."""

from __future__ import annotations

from services.gateway.accounts import operations as accounts
from services.gateway.audit import operations as audit
from services.gateway.cases import operations as cases
from services.gateway.exports import operations as exports
from services.gateway.figures import board_operations as board
from services.gateway.figures import operations as figures
from services.gateway.figures import place_figure_operations as place_figures
from services.gateway.figures import ranking_operations as rankings
from services.gateway.figures import trend_operations as trends
from services.gateway.live import operations as live
from services.gateway.notices import operations as notices
from services.gateway.open311 import operations as open311
from services.gateway.photos import operations as photos
from services.gateway.places import operations as places
from services.gateway.programs import operations as programs
from services.gateway.reports import operations as reports
from services.gateway.webhooks import operations as webhooks

OPERATIONS = (
    *accounts.OPERATIONS,
    *cases.OPERATIONS,
    *places.OPERATIONS,
    *photos.OPERATIONS,
    *open311.OPERATIONS,
    *notices.OPERATIONS,
    *figures.OPERATIONS,
    *rankings.OPERATIONS,
    *place_figures.OPERATIONS,
    *trends.OPERATIONS,
    *board.OPERATIONS,
    *audit.OPERATIONS,
    *programs.OPERATIONS,
    *exports.OPERATIONS,
    *reports.OPERATIONS,
    *live.OPERATIONS,
    *webhooks.OPERATIONS,
)
