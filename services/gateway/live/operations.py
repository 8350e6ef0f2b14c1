"""What can be asked of what happens."""

from __future__ import annotations

from services.gateway.live import schemas
from services.gateway.operation import EVERY_ROLE, Operation

EVENT_STREAM = "text/event-stream"

STREAM = Operation(
    id="stream",
    method="GET",
    path="/api/v1/stream",
    summary="实时事件流 · What happens to the cases you see, as it happens",
    roles=EVERY_ROLE,
    query=schemas.StreamFilter,
    answer=schemas.StreamedEvent,
    produces=(EVENT_STREAM,),
    optional_headers=("Last-Event-ID",),
    problems=("too-many-requests",),
)

OPERATIONS = (STREAM,)
