"""What can be asked by Open311: each in XML and in JSON, by the extension of its address."""

from __future__ import annotations

from typing import Any

from services.gateway.open311 import schemas
from services.gateway.open311.refusals import REFUSALS
from services.gateway.open311.rendering import KINDS
from services.gateway.operation import ANYBODY, FORM, MULTIPART, Operation

ROOT = "/open311/v2"
PROGRAMS = frozenset({"program"})
FORMATS = {"format": tuple(KINDS)}
BOTH = tuple(KINDS.values())


def _operation(path: str, **options: Any) -> Operation:
    return Operation(
        path=f"{ROOT}/{path}.<format>",
        **{
            "method": "GET",
            "roles": PROGRAMS,
            "choices": FORMATS,
            "produces": BOTH,
            "refusals": REFUSALS,
            "problems": ("not-found",),
            "key_parameter": "api_key",
            "anybody_or_key": True,
            "query": schemas.Jurisdiction,
            "limit": "reads",
            **options,
        },
    )


DISCOVERY = _operation(
    "discovery",
    id="open311Discovery",
    summary="Open311：服务发现 · Where what is, and whom to ask for a key",
    roles=ANYBODY,
    key_parameter="",
    anybody_or_key=False,
    answer=schemas.Discovery,
)
SERVICES = _operation(
    "services",
    id="open311Services",
    summary="Open311：服务列表 · Classes of requests",
    answer=schemas.Service(many=True),
)
SERVICE_DEFINITION = _operation(
    "services/<service>",
    id="open311ServiceDefinition",
    summary="Open311：服务定义 · What a class of requests asks for besides",
    answer=schemas.ServiceDefinition,
)
REQUESTS = _operation(
    "requests",
    id="open311Requests",
    summary="Open311：请求列表 · Requests within your reach, the newest first",
    query=schemas.RequestFilter,
    answer=schemas.ServiceRequest(many=True),
)
POST_REQUEST = _operation(
    "requests",
    id="open311PostRequest",
    summary="Open311：提交请求 · A new request",
    method="POST",
    anybody_or_key=False,
    body=schemas.NewRequest,
    consumes=(FORM, MULTIPART),
    optional_headers=("Idempotency-Key",),
    answer=schemas.RequestReceipt(many=True),
    limit="reports",
    problems=("not-found", "key-reused", "malformed", "unusable-photo", "unsupported-media-type"),
)
REQUEST = _operation(
    "requests/<number>",
    id="open311Request",
    summary="Open311：单个请求 · One request",
    answer=schemas.ServiceRequest(many=True),
)
TOKEN = _operation(
    "tokens/<token>",
    id="open311Token",
    summary="Open311：令牌对应的请求 · The request of a token",
    answer=schemas.RequestToken(many=True),
)
UPDATES = _operation(
    "servicerequestupdates",
    id="open311Updates",
    summary="Open311：请求动态 · What happened to requests, the oldest first",
    query=schemas.Dated,
    answer=schemas.Update(many=True),
)
POST_UPDATE = _operation(
    "servicerequestupdates",
    id="open311PostUpdate",
    summary="Open311：补充说明 · What happened to a request elsewhere, or was said of it",
    method="POST",
    anybody_or_key=False,
    body=schemas.NewUpdate,
    consumes=(FORM, MULTIPART),
    answer=schemas.UpdateReceipt(many=True),
    limit="actions",
    problems=(
        "not-found",
        "not-now",
        "malformed",
        "unusable-photo",
        "unsupported-media-type",
    ),
)

OPERATIONS = (
    DISCOVERY,
    SERVICES,
    SERVICE_DEFINITION,
    REQUESTS,
    POST_REQUEST,
    REQUEST,
    TOKEN,
    UPDATES,
    POST_UPDATE,
)
