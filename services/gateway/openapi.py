"""The OpenAPI 3.1 document, generated from the table of operations and the validating schemas."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from services.gateway.api import OPERATIONS
from services.gateway.operation import ANYBODY, JSON, Operation
from services.gateway.schemas import ProblemDetails
from suishoupai.contracts.problems import PROBLEM_JSON, TITLES

Document = dict[str, Any]

HEADERS = {
    "Idempotency-Key": "Chosen by the sender, once per report; 1 to 128 characters.",
}
"""Request headers, and what each is for."""
ANSWER_HEADERS = {
    "Location": "Where what was made is.",
}
"""Headers of answers, and what each says."""
TEXT: Document = {"type": "string"}
LONG_ADDRESS = "The address is longer than 8 KiB; refused before anything reads it"


@cache
def document(version: str) -> Document:
    """The OpenAPI document of this version of the program."""
    spec = APISpec(
        title="随手拍 · Suishoupai",
        version=version,
        openapi_version="3.1.0",
        info={"description": "事件驱动的基层治理平台 · event-driven grass-roots governance"},
        plugins=[MarshmallowPlugin(schema_name_resolver=_name)],
    )
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.components.schema("ProblemDetails", schema=ProblemDetails)
    for operation in OPERATIONS:
        path = re.sub(r"<(\w+)>", r"{\1}", operation.path)
        spec.path(path, operations={operation.method.lower(): _operation(operation)})
    described = spec.to_dict()
    for operations in described["paths"].values():
        for each in operations.values():
            each["parameters"] = [_without_null(given) for given in each["parameters"]]
    return described


def _without_null(parameter: Document) -> Document:
    """A parameter left out is null inside; what is sent is text and never null."""
    shape = {name: value for name, value in parameter["schema"].items() if value is not None}
    if isinstance(shape.get("type"), list):
        shape["type"] = next(kind for kind in shape["type"] if kind != "null")
    return {**parameter, "schema": shape}


def _name(schema: Any) -> str:
    name = schema if isinstance(schema, str) else getattr(schema, "__name__", type(schema).__name__)
    return name.rpartition(".")[2]


def _operation(operation: Operation) -> Document:
    described: Document = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.path.split("/")[3]],
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    if operation.roles != ANYBODY:
        described["security"] = [{"token": []}]
        described["description"] = f"Roles: {', '.join(sorted(operation.roles))}"
    if operation.body:
        described["requestBody"] = {
            "required": True,
            "content": {kind: {"schema": operation.body} for kind in operation.consumes},
        }
    return described


def _parameters(operation: Operation) -> list[Document]:
    in_path = [
        {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"<(\w+)>", operation.path)
    ]
    in_headers = [
        {
            "in": "header",
            "name": name,
            "required": name in operation.headers,
            "description": HEADERS[name],
            "schema": {"type": "string", "minLength": 1, "maxLength": 128},
        }
        for name in (*operation.headers, *operation.optional_headers)
    ]
    query: list[Document] = [{"in": "query", "schema": operation.query}] if operation.query else []
    return [*in_path, *in_headers, *query]


def _responses(operation: Operation) -> Document:
    responses: Document = {str(operation.status): _good(operation)}
    for status, meaning in operation.also.items():
        responses[str(status)] = {"description": meaning}
    if operation.query:
        responses["414"] = {"description": LONG_ADDRESS}
    for code in _problems(operation):
        status, title = TITLES[code]
        responses.setdefault(
            str(status),
            {
                "description": title,
                "content": {
                    PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
                },
            },
        )
    return responses


def _good(operation: Operation) -> Document:
    good: Document = {"description": "Done"}
    if operation.answer or operation.produces != (JSON,):
        shape = operation.answer or TEXT
        good["content"] = {kind: {"schema": shape} for kind in operation.produces}
    if operation.answer_headers:
        good["headers"] = {
            name: {"description": ANSWER_HEADERS[name], "schema": TEXT}
            for name in operation.answer_headers
        }
    return good


def _problems(operation: Operation) -> list[str]:
    codes = [*operation.problems, "invalid", "unavailable", "internal"]
    if operation.roles != ANYBODY:
        codes += ["unauthenticated", "forbidden"]
    if operation.body:
        codes += ["not-json", "too-large"]
    if operation.limit:
        codes.append("too-many-requests")
    return codes
