"""What can be asked of webhooks; owners see their own, admins those of their division as well."""

from __future__ import annotations

from services.gateway.operation import Operation
from services.gateway.webhooks import schemas
from services.gateway.webhooks.matching import OWNERS
from suishoupai.contracts.questions import Page

MAKE_WEBHOOK = Operation(
    id="makeWebhook",
    method="POST",
    path="/api/v1/webhooks",
    summary="订阅事件 · Have what happens sent to an address; its secret is shown this once",
    roles=OWNERS,
    body=schemas.NewWebhook,
    answer=schemas.MadeWebhook,
    status=201,
    answer_headers=("Location",),
    limit="actions",
)
LIST_WEBHOOKS = Operation(
    id="listWebhooks",
    method="GET",
    path="/api/v1/webhooks",
    summary="订阅列表 · Your webhooks, the newest first",
    roles=OWNERS,
    query=Page,
    answer=schemas.WebhookPage,
    limit="reads",
)
READ_WEBHOOK = Operation(
    id="readWebhook",
    method="GET",
    path="/api/v1/webhooks/<webhook>",
    summary="订阅详情 · One webhook: whether it is on, and how its receiver does",
    roles=OWNERS,
    answer=schemas.Webhook,
    limit="reads",
    problems=("not-found",),
)
CHANGE_WEBHOOK = Operation(
    id="changeWebhook",
    method="PATCH",
    path="/api/v1/webhooks/<webhook>",
    summary="修改订阅 · Change a webhook or switch it on or off, with the version that was seen",
    roles=OWNERS,
    body=schemas.WebhookChange,
    answer=schemas.Webhook,
    limit="actions",
    problems=("not-found", "stale"),
)
DELETE_WEBHOOK = Operation(
    id="deleteWebhook",
    method="DELETE",
    path="/api/v1/webhooks/<webhook>",
    summary="取消订阅 · Delete a webhook and its deliveries",
    roles=OWNERS,
    status=204,
    limit="actions",
    problems=("not-found",),
)
ROTATE_SECRET = Operation(
    id="rotateWebhookSecret",
    method="POST",
    path="/api/v1/webhooks/<webhook>/secret",
    summary="更换签名密钥 · A new secret; the one before signs as well for 24 hours",
    roles=OWNERS,
    answer=schemas.MadeWebhook,
    limit="actions",
    problems=("not-found", "stale"),
)
TEST_WEBHOOK = Operation(
    id="testWebhook",
    method="POST",
    path="/api/v1/webhooks/<webhook>/test",
    summary="试发 · Send webhook.test now, before whatever waits",
    roles=OWNERS,
    answer=schemas.WebhookDelivery,
    status=202,
    limit="actions",
    problems=("not-found",),
)
LIST_DELIVERIES = Operation(
    id="listWebhookDeliveries",
    method="GET",
    path="/api/v1/webhooks/<webhook>/deliveries",
    summary="投递记录 · What was sent in the last 14 days and what waits, the newest first",
    roles=OWNERS,
    query=schemas.WebhookDeliveryFilter,
    answer=schemas.WebhookDeliveryPage,
    limit="reads",
    problems=("not-found",),
)
REPLAY_DELIVERY = Operation(
    id="replayWebhookDelivery",
    method="POST",
    path="/api/v1/webhooks/<webhook>/deliveries/<delivery>/replay",
    summary="重发一条 · Send a delivery again, whatever became of it",
    roles=OWNERS,
    answer=schemas.WebhookDelivery,
    status=202,
    limit="actions",
    problems=("not-found",),
)
REPLAY_FAILED = Operation(
    id="replayWebhook",
    method="POST",
    path="/api/v1/webhooks/<webhook>/replay",
    summary="重发失败的 · Send again what failed, the oldest first",
    roles=OWNERS,
    body=schemas.WebhookReplay,
    answer=schemas.WebhookReplayed,
    status=202,
    limit="actions",
    problems=("not-found",),
)

OPERATIONS = (
    MAKE_WEBHOOK,
    LIST_WEBHOOKS,
    READ_WEBHOOK,
    CHANGE_WEBHOOK,
    DELETE_WEBHOOK,
    ROTATE_SECRET,
    TEST_WEBHOOK,
    LIST_DELIVERIES,
    REPLAY_DELIVERY,
    REPLAY_FAILED,
)
