"""The API as a table: what can be asked for, by whom, with what, and what is answered.

Requests are admitted by this table and the OpenAPI document is generated from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import Schema

from services.gateway import notice_schemas, schemas
from suishoupai.contracts import notice_questions, questions, shapes
from suishoupai.contracts.words import ROLES

ANYBODY = frozenset[str]()
"""No token is needed."""
EVERY_ROLE = frozenset(ROLES)


@dataclass(frozen=True)
class Operation:
    """One method on one path."""

    id: str
    method: str
    path: str
    summary: str
    roles: frozenset[str]
    """Roles that may; empty for everybody, logged in or not."""
    answer: type[Schema] | None
    status: int = 200
    query: type[Schema] | None = None
    body: type[Schema] | None = None
    headers: tuple[str, ...] = ()
    """Request headers that are required."""
    limit: str = ""
    """Which limit bounds how often, by account (or address, without a token): logins, reports,
    actions, or none."""
    problems: tuple[str, ...] = ()
    """Problems beyond those that roles, query and body bring with them."""


LOGIN = Operation(
    id="login",
    method="POST",
    path="/api/v1/login",
    summary="登录，取得访问令牌 · Log in for an access token",
    roles=ANYBODY,
    body=questions.Credentials,
    answer=schemas.Token,
    limit="logins",
    problems=("wrong-credentials",),
)
REPORT = Operation(
    id="reportIssue",
    method="POST",
    path="/api/v1/issues",
    summary="上报 · Send a report; the same Idempotency-Key again gives the same answer",
    roles=frozenset({"reporter", "dispatcher", "supervisor", "admin"}),
    body=questions.Report,
    answer=schemas.Receipt,
    status=201,
    headers=("Idempotency-Key",),
    limit="reports",
    problems=("missing-header", "key-reused"),
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
READ_ISSUE = Operation(
    id="readIssue",
    method="GET",
    path="/api/v1/issues/<issue>",
    summary="案件详情 · One case, all of it",
    roles=EVERY_ROLE,
    answer=schemas.Issue,
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
    limit="actions",
    problems=("not-found", "unknown-action", "stale", "not-now"),
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
CATEGORIES = Operation(
    id="listCategories",
    method="GET",
    path="/api/v1/categories",
    summary="案件分类 · The catalogue to choose from",
    roles=EVERY_ROLE,
    answer=schemas.Catalogue,
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
)
EXPLAIN_ROUTING = Operation(
    id="explainRouting",
    method="GET",
    path="/api/v1/routing/explain",
    summary="为什么归它管 · Who would get a report here, and why",
    roles=frozenset({"dispatcher", "supervisor", "admin"}),
    query=questions.RoutingFilter,
    answer=schemas.Explanation,
)
PARTIES = Operation(
    id="listParties",
    method="GET",
    path="/api/v1/parties",
    summary="责任单位 · The parties a case can be given to, by id",
    roles=frozenset({"dispatcher", "supervisor", "admin"}),
    query=questions.PartyFilter,
    answer=schemas.PartyPage,
)
NOTICES = Operation(
    id="readNotices",
    method="GET",
    path="/api/v1/notices",
    summary="收件箱 · Your inboxes, the newest first",
    roles=EVERY_ROLE,
    query=notice_questions.NoticeFilter,
    answer=notice_schemas.NoticePage,
)
MARK_READ = Operation(
    id="markNoticesRead",
    method="POST",
    path="/api/v1/notices/read",
    summary="标为已读 · Say what you have read",
    roles=EVERY_ROLE,
    body=notice_questions.NoticesRead,
    answer=notice_schemas.Unread,
)
DELIVERIES = Operation(
    id="readDeliveries",
    method="GET",
    path="/api/v1/notices/<notice>/deliveries",
    summary="发送情况 · What became of the messages about a notice",
    roles=EVERY_ROLE,
    answer=notice_schemas.Deliveries,
    problems=("not-found",),
)
NOTIFICATIONS = Operation(
    id="readNotifications",
    method="GET",
    path="/api/v1/me/notifications",
    summary="通知设置 · How notices reach you",
    roles=EVERY_ROLE,
    answer=notice_schemas.Notifications,
)
CHOOSE_NOTIFICATIONS = Operation(
    id="chooseNotifications",
    method="PUT",
    path="/api/v1/me/notifications",
    summary="修改通知设置 · Choose language, channels and quiet hours",
    roles=EVERY_ROLE,
    body=notice_questions.NotificationChoices,
    answer=notice_schemas.Notifications,
    limit="actions",
)
SUMMARY = Operation(
    id="readSummary",
    method="GET",
    path="/api/v1/stats/summary",
    summary="统计汇总 · The figures of a division",
    roles=frozenset({"dispatcher", "supervisor", "admin"}),
    query=questions.SummaryFilter,
    answer=schemas.Summary,
)
COUNTED = Operation(
    id="readCounted",
    method="GET",
    path="/api/v1/stats/issues/<issue>",
    summary="该案件计入了什么 · What is counted of one case, and since when",
    roles=frozenset({"dispatcher", "supervisor", "admin"}),
    answer=schemas.Counted,
    problems=("not-found",),
)

OPERATIONS = (
    LOGIN,
    REPORT,
    FIND_ISSUES,
    NEARBY,
    READ_ISSUE,
    ACTIONS,
    ACT,
    CATEGORIES,
    SUGGEST,
    GRID_AT,
    GRIDS,
    EXPLAIN_ROUTING,
    PARTIES,
    NOTICES,
    MARK_READ,
    DELIVERIES,
    NOTIFICATIONS,
    CHOOSE_NOTIFICATIONS,
    SUMMARY,
    COUNTED,
)
