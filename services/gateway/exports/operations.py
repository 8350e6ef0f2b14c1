"""What can be asked of exports."""

from __future__ import annotations

from services.gateway.conditions import UNCHANGED
from services.gateway.exports import schemas
from services.gateway.operation import DESK, Operation
from suishoupai.contracts import questions

EXPORTERS = DESK | {"handler"}
"""Who may take cases out of the system: the desk, and a handler those of its party."""
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Format → media type."""
KINDS = tuple(kind.partition(";")[0] for kind in TYPES.values())

EXPORT_NOW = Operation(
    id="exportIssues",
    method="GET",
    path="/api/v1/issues/export",
    summary="导出案件 · The case list as a table, at once",
    roles=EXPORTERS,
    query=schemas.ExportQuery,
    produces=KINDS,
    answer_headers=("X-Total-Count", "Content-Disposition"),
    limit="reads",
)
ORDER_EXPORT = Operation(
    id="orderExport",
    method="POST",
    path="/api/v1/exports",
    summary="后台导出 · The case list as a table, made in the background",
    roles=EXPORTERS,
    body=schemas.ExportOrder,
    answer=schemas.Export,
    status=202,
    answer_headers=("Location",),
    limit="actions",
    problems=("too-many-requests",),
)
LIST_EXPORTS = Operation(
    id="listExports",
    method="GET",
    path="/api/v1/exports",
    summary="我的导出 · Your exports, the newest first",
    roles=EXPORTERS,
    query=questions.Page,
    answer=schemas.ExportPage,
    limit="reads",
)
READ_EXPORT = Operation(
    id="readExport",
    method="GET",
    path="/api/v1/exports/<export>",
    summary="导出进度 · How far an export is",
    roles=EXPORTERS,
    answer=schemas.Export,
    limit="reads",
    problems=("not-found",),
)
READ_EXPORT_FILE = Operation(
    id="readExportFile",
    method="GET",
    path="/api/v1/exports/<export>/file",
    summary="下载导出 · The file of an export that is done",
    roles=EXPORTERS,
    produces=KINDS,
    optional_headers=("If-None-Match",),
    answer_headers=("ETag", "Content-Disposition"),
    also=UNCHANGED,
    limit="reads",
    problems=("not-found", "gone"),
)
REMOVE_EXPORT = Operation(
    id="removeExport",
    method="DELETE",
    path="/api/v1/exports/<export>",
    summary="取消或删除导出 · Stop an export, or take its file away",
    roles=EXPORTERS,
    status=204,
    limit="actions",
    problems=("not-found",),
)

OPERATIONS = (
    EXPORT_NOW,
    ORDER_EXPORT,
    LIST_EXPORTS,
    READ_EXPORT,
    READ_EXPORT_FILE,
    REMOVE_EXPORT,
)
