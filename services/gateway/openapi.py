"""The OpenAPI 3.1 document, generated from the table of operations and the validating schemas."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from services.gateway.admission import API_KEY
from services.gateway.api import OPERATIONS
from services.gateway.kept import ANY_VALUE, ANYTHING, ID, limit_to_kept
from services.gateway.operation import ANYBODY, JSON, Operation
from services.gateway.schemas import ProblemDetails
from services.gateway.webhooks.schemas import MESSAGES, WEBHOOKS
from suishoupai.contracts.problems import PROBLEM_JSON, TITLES

Document = dict[str, Any]

HEADERS = {
    "Tus-Resumable": "1.0.0",
    "Upload-Length": "Bytes of the whole photo.",
    "Upload-Metadata": "By tus: `filetype` with the media type in base64.",
    "Upload-Offset": "Bytes that are there already.",
    "Upload-Checksum": "sha1 or sha256, a space, and the checksum of this piece in base64.",
    "Idempotency-Key": "Chosen by the sender, once per report; 1 to 128 characters.",
    "If-Match": "ETag of the case as it was seen, instead of the version in the body.",
    "If-None-Match": "ETag of what you have: 304 while it is the same.",
    "Last-Event-ID": "Id of the last event that arrived: the stream goes on after it.",
}
"""Request headers, and what each is for."""
OPEN_HEADERS = ("If-Match", "If-None-Match", "Last-Event-ID", "Upload-Metadata")
"""Those of any length: what says nothing to us is as if it were not there."""
ANSWER_HEADERS = {
    "Suishoupai-Photo": "Where the photo is, once the upload is complete.",
    "Tus-Resumable": "1.0.0",
    "Tus-Version": "1.0.0",
    "Tus-Extension": "Extensions of tus that are understood.",
    "Tus-Max-Size": "Bytes of the largest photo.",
    "Tus-Checksum-Algorithm": "Checksums that are understood.",
    "Upload-Offset": "Bytes that are here.",
    "Upload-Length": "Bytes there will be.",
    "Upload-Expires": "When an upload that is not complete is given up.",
    "Location": "Where what was made is.",
    "ETag": "Strong tag of this answer, for If-None-Match; that of a case also for If-Match.",
    "X-Total-Count": "How many rows it has, as far as is known when it begins.",
    "Content-Disposition": "The name of the file.",
}
"""Headers of answers, and what each says."""
TEXT: Document = {"type": "string"}
XML = "text/xml"


@cache
def document(version: str) -> Document:
    """The OpenAPI document of this version of the program."""
    spec = APISpec(
        title="随手拍 · Suishoupai",
        version=version,
        openapi_version="3.1.0",
        info={"description": "事件驱动的基层治理平台 · event-driven grass-roots governance"},
        plugins=[MarshmallowPlugin(schema_name_resolver=_name)],
        webhooks=WEBHOOKS,
    )
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.components.security_scheme("key", {"type": "apiKey", "in": "header", "name": API_KEY})
    for name in sorted({each.key_parameter for each in OPERATIONS} - {""}):
        spec.components.security_scheme(name, {"type": "apiKey", "in": "query", "name": name})
    spec.components.schema("ProblemDetails", schema=ProblemDetails)
    spec.components.schema(ANYTHING, ANY_VALUE)
    for message in MESSAGES:
        spec.components.schema(message.__name__, schema=message)
    for operation in OPERATIONS:
        path = re.sub(r"<(\w+)>", r"{\1}", operation.path)
        spec.path(path, operations={operation.method.lower(): _operation(operation)})
    described = spec.to_dict()
    for operations in described["paths"].values():
        for each in operations.values():
            each["parameters"] = [_without_null(given) for given in each["parameters"]]
            _limit(each, described["components"]["schemas"])
    return described


def _limit(operation: Document, components: Document) -> None:
    """What is sent can be kept; what headers can hold, HTTP says."""
    for given in operation["parameters"]:
        if given["in"] != "header":
            limit_to_kept(given["schema"], components)
    for content in operation.get("requestBody", {}).get("content", {}).values():
        limit_to_kept(content["schema"], components)


def _without_null(parameter: Document) -> Document:
    """A parameter left out is null inside; what is sent is text and never null."""
    shape = {name: value for name, value in parameter["schema"].items() if value is not None}
    if isinstance(shape.get("type"), list):
        shape["type"] = next(kind for kind in shape["type"] if kind != "null")
    if "enum" in shape:
        shape["enum"] = [word for word in shape["enum"] if word is not None]
    return {**parameter, "schema": shape}


def _name(schema: Any) -> str:
    name = schema if isinstance(schema, str) else getattr(schema, "__name__", type(schema).__name__)
    return name.rpartition(".")[2]


def _operation(operation: Operation) -> Document:
    described: Document = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [_tag(operation.path)],
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    if operation.roles != ANYBODY:
        described["security"] = _security(operation)
        described["description"] = f"Roles: {', '.join(sorted(operation.roles))}"
    if operation.body or operation.bodies:
        described["requestBody"] = {
            "required": True,
            "content": {
                kind: {"schema": operation.bodies.get(kind, operation.body)}
                for kind in operation.consumes
            },
        }
    return described


def _tag(path: str) -> str:
    """What an operation is about: ``issues`` of ``/api/v1/issues/<issue>``."""
    _, root, _, *rest = path.split("/")
    return rest[0] if root == "api" else root


def _security(operation: Operation) -> list[Document]:
    """Any one of these will do; an empty one says that none is needed."""
    ways: list[Document] = [{"token": []}] if operation.roles - {"program"} else []
    if "program" in operation.roles:
        ways.append({"key": []})
    if operation.key_parameter:
        ways.append({operation.key_parameter: []})
    if operation.anybody_or_key or operation.anonymous:
        ways.append({})
    return ways


def _parameters(operation: Operation) -> list[Document]:
    in_path = [
        {"in": "path", "name": name, "required": True, "schema": _word(operation, name)}
        for name in re.findall(r"<(\w+)>", operation.path)
    ]
    in_headers = [
        {
            "in": "header",
            "name": name,
            "required": name in operation.headers,
            "description": HEADERS[name],
            "schema": TEXT if name in OPEN_HEADERS else {**TEXT, "minLength": 1, "maxLength": 128},
        }
        for name in (*operation.headers, *operation.optional_headers)
    ]
    query: list[Document] = [{"in": "query", "schema": operation.query}] if operation.query else []
    return [*in_path, *in_headers, *query]


def _word(operation: Operation, name: str) -> Document:
    words = operation.choices.get(name)
    return {**TEXT, "enum": list(words)} if words else {**TEXT, "pattern": ID}


def _responses(operation: Operation) -> Document:
    responses: Document = {str(operation.status): _good(operation)}
    for status, meaning in operation.also.items():
        responses[str(status)] = {"description": meaning}
    told = operation.refusals
    for code in _problems(operation):
        status, title = TITLES[code]
        content: Document = {
            PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
        }
        if told is not None:
            status, content = told.status(code), _content(told.kinds, told.shape)
        responses.setdefault(str(status), {"description": title, "content": content})
    return responses


def _content(kinds: Iterable[str], shape: Any) -> Document:
    """The shape of what is answered in some media types; XML is the same in other brackets."""
    return {kind: {"schema": TEXT if kind == XML else shape} for kind in kinds}


def _good(operation: Operation) -> Document:
    good: Document = {"description": "Done"}
    if operation.answer or operation.produces != (JSON,):
        good["content"] = _content(operation.produces, operation.answer or TEXT)
    if operation.answer_headers:
        good["headers"] = {
            name: {"description": ANSWER_HEADERS[name], "schema": TEXT}
            for name in operation.answer_headers
        }
    return good


def _problems(operation: Operation) -> list[str]:
    codes = [*operation.problems, "malformed", "invalid", "unavailable", "internal"]
    codes.append("too-many-requests")
    if operation.roles != ANYBODY:
        codes += ["unauthenticated", "forbidden"]
    if operation.body:
        codes += ["not-json", "too-large", "too-slow", "unsupported-media-type"]
    return codes
