"""What can be asked of notices."""

from __future__ import annotations

from services.gateway.conditions import UNCHANGED
from services.gateway.notices import schemas
from services.gateway.operation import EVERY_ROLE, Operation
from suishoupai.contracts import notice_questions

NOTICES = Operation(
    id="readNotices",
    method="GET",
    path="/api/v1/notices",
    summary="收件箱 · Your inboxes, the newest first",
    roles=EVERY_ROLE,
    query=notice_questions.NoticeFilter,
    answer=schemas.NoticePage,
)
MARK_READ = Operation(
    id="markNoticesRead",
    method="POST",
    path="/api/v1/notices/read",
    summary="标为已读 · Say what you have read",
    roles=EVERY_ROLE,
    body=notice_questions.NoticesRead,
    answer=schemas.Unread,
)
DELIVERIES = Operation(
    id="readDeliveries",
    method="GET",
    path="/api/v1/notices/<notice>/deliveries",
    summary="发送情况 · What became of the messages about a notice",
    roles=EVERY_ROLE,
    answer=schemas.Deliveries,
    problems=("not-found",),
)
NOTIFICATIONS = Operation(
    id="readNotifications",
    method="GET",
    path="/api/v1/me/notifications",
    summary="通知设置 · How notices reach you",
    roles=EVERY_ROLE,
    answer=schemas.Notifications,
    optional_headers=("If-None-Match",),
    answer_headers=("ETag",),
    also=UNCHANGED,
)
CHOOSE_NOTIFICATIONS = Operation(
    id="chooseNotifications",
    method="PUT",
    path="/api/v1/me/notifications",
    summary="修改通知设置 · Choose language, channels and quiet hours",
    roles=EVERY_ROLE,
    body=notice_questions.NotificationChoices,
    answer=schemas.Notifications,
    limit="actions",
)

OPERATIONS = (
    NOTICES,
    MARK_READ,
    DELIVERIES,
    NOTIFICATIONS,
    CHOOSE_NOTIFICATIONS,
)
