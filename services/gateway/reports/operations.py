"""What can be asked of monthly reports; each is of a division, and for whoever sees it."""

from __future__ import annotations

from services.gateway.conditions import UNCHANGED
from services.gateway.exports.operations import TYPES as EXPORTED
from services.gateway.operation import DESK, Operation
from services.gateway.reports import schemas

TYPES = {"xlsx": EXPORTED["xlsx"], "html": "text/html; charset=utf-8"}
"""Format → media type."""

ORDER_REPORT = Operation(
    id="orderReport",
    method="POST",
    path="/api/v1/reports",
    summary="生成月度报告 · Have the report of a month made in the background",
    roles=DESK,
    body=schemas.ReportOrder,
    answer=schemas.MonthlyReport,
    status=202,
    answer_headers=("Location",),
    limit="actions",
    problems=("too-many-requests",),
)
LIST_REPORTS = Operation(
    id="listReports",
    method="GET",
    path="/api/v1/reports",
    summary="月度报告 · The reports of the divisions you see, the newest first",
    roles=DESK,
    query=schemas.ReportFilter,
    answer=schemas.ReportPage,
)
READ_REPORT = Operation(
    id="readReport",
    method="GET",
    path="/api/v1/reports/<report>",
    summary="报告进度 · How far a report is",
    roles=DESK,
    answer=schemas.MonthlyReport,
    problems=("not-found",),
)
READ_REPORT_FILE = Operation(
    id="readReportFile",
    method="GET",
    path="/api/v1/reports/<report>/file",
    summary="下载报告 · A report that is done, as a workbook or as a page to print",
    roles=DESK,
    query=schemas.FileQuery,
    produces=tuple(kind.partition(";")[0] for kind in TYPES.values()),
    optional_headers=("If-None-Match",),
    answer_headers=("ETag", "Content-Disposition"),
    also=UNCHANGED,
    problems=("not-found",),
)
REMOVE_REPORT = Operation(
    id="removeReport",
    method="DELETE",
    path="/api/v1/reports/<report>",
    summary="取消或删除报告 · Stop a report that you ordered, or take it away",
    roles=DESK,
    status=204,
    problems=("not-found",),
)
READ_SUBSCRIPTIONS = Operation(
    id="readReportSubscriptions",
    method="GET",
    path="/api/v1/me/reports",
    summary="报告订阅 · Of which divisions you get the report of each month",
    roles=DESK,
    answer=schemas.Subscriptions,
)
CHOOSE_REPORTS = Operation(
    id="chooseReports",
    method="PUT",
    path="/api/v1/me/reports",
    summary="修改报告订阅 · Choose of which divisions you get the report of each month",
    roles=DESK,
    body=schemas.ReportChoices,
    answer=schemas.Subscriptions,
)

OPERATIONS = (
    ORDER_REPORT,
    LIST_REPORTS,
    READ_REPORT,
    READ_REPORT_FILE,
    REMOVE_REPORT,
    READ_SUBSCRIPTIONS,
    CHOOSE_REPORTS,
)
