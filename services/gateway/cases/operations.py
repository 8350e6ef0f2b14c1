"""What can be asked of cases and the catalogue."""

from __future__ import annotations

from services.gateway.cases import schemas
from services.gateway.conditions import UNCHANGED
from services.gateway.operation import EVERY_ROLE, JSON, Operation
from services.gateway.photos.bodies import MULTIPART
from services.gateway.photos.operations import OF_PHOTOS
from services.gateway.photos.schemas import ReportForm
from suishoupai.contracts import questions

REPORT = Operation(
    id="reportIssue",
    method="POST",
    path="/api/v1/issues",
    summary="上报 · Send a report; the same Idempotency-Key again gives the same answer",
    roles=frozenset({"reporter", "dispatcher", "supervisor", "admin", "program"}),
    anonymous=True,
    body=questions.Report,
    bodies={MULTIPART: ReportForm},
    consumes=(JSON, MULTIPART),
    answer=schemas.Receipt,
    status=201,
    headers=("Idempotency-Key",),
    answer_headers=("Location",),
    limit="reports",
    problems=("missing-header", "key-reused", "malformed", "too-slow", *OF_PHOTOS),
)
FIND_ISSUES = Operation(
    id="findIssues",
    method="GET",
    path="/api/v1/issues",
    summary="案件列表 · Cases within your reach, the newest first",
    roles=EVERY_ROLE,
    query=questions.IssueFilter,
    answer=schemas.IssuePage,
)
NEARBY = Operation(
    id="findNearbyIssues",
    method="GET",
    path="/api/v1/issues/nearby",
    summary="附近是否已有人上报 · Open cases that may be about the same, before sending",
    roles=EVERY_ROLE,
    query=questions.Nearby,
    answer=schemas.NearbyIssues,
    limit="actions",
)
READ_ISSUE = Operation(
    id="readIssue",
    method="GET",
    path="/api/v1/issues/<issue>",
    summary="案件详情 · One case, all of it",
    roles=EVERY_ROLE,
    query=questions.IssueFields,
    answer=schemas.PartialIssue,
    optional_headers=("If-None-Match",),
    answer_headers=("ETag",),
    also=UNCHANGED,
    problems=("not-found",),
)
ACTIONS = Operation(
    id="listActions",
    method="GET",
    path="/api/v1/issues/<issue>/actions",
    summary="现在能做什么 · What you may do with a case now, and what each action needs",
    roles=EVERY_ROLE,
    answer=schemas.Actions,
    problems=("not-found",),
)
ACT = Operation(
    id="actOnIssue",
    method="POST",
    path="/api/v1/issues/<issue>/actions/<action>",
    summary="办理 · Take an action on a case, with the version that was seen",
    roles=EVERY_ROLE,
    body=questions.Action,
    answer=schemas.Issue,
    optional_headers=("If-Match",),
    answer_headers=("ETag",),
    limit="actions",
    problems=("not-found", "unknown-action", "stale", "not-now", "precondition-failed"),
)
ACT_ON_ALL = Operation(
    id="actOnIssues",
    method="POST",
    path="/api/v1/issues/actions",
    summary="批量办理 · Take up to 100 actions in the order given, each answered by itself",
    roles=EVERY_ROLE,
    body=questions.BulkActions,
    answer=schemas.BulkAnswers,
    limit="actions",
)
CATEGORIES = Operation(
    id="listCategories",
    method="GET",
    path="/api/v1/categories",
    summary="案件分类 · The catalogue to choose from",
    roles=EVERY_ROLE,
    answer=schemas.Catalogue,
    optional_headers=("If-None-Match",),
    answer_headers=("ETag",),
    also=UNCHANGED,
)
SUGGEST = Operation(
    id="suggestCategories",
    method="GET",
    path="/api/v1/categories/suggest",
    summary="由描述推荐分类 · The three likeliest categories of a description, with the words",
    roles=EVERY_ROLE,
    query=questions.Words,
    answer=schemas.Suggestions,
)

OPERATIONS = (
    REPORT,
    FIND_ISSUES,
    NEARBY,
    READ_ISSUE,
    ACTIONS,
    ACT,
    ACT_ON_ALL,
    CATEGORIES,
    SUGGEST,
)
