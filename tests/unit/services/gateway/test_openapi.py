"""The OpenAPI document: valid by the standard, and complete."""

import re

from openapi_spec_validator import validate

from services.gateway.api import OPERATIONS
from services.gateway.openapi import document
from services.gateway.operation import ANYBODY
from suishoupai.contracts.problems import TITLES


def told(operation, *codes):
    """The statuses of some problems, in the form in which an operation refuses."""
    status = operation.refusals.status if operation.refusals else lambda code: TITLES[code][0]
    return {str(status(code)) for code in codes}


def test_the_document_is_valid_openapi_3_1():
    described = document("1.0")
    assert described["openapi"] == "3.1.0"
    validate(described)


def test_every_operation_is_described_with_its_roles_and_refusals():
    paths = document("1.0")["paths"]
    for operation in OPERATIONS:
        described = paths[re.sub(r"<(\w+)>", r"{\1}", operation.path)][operation.method.lower()]
        assert described["operationId"] == operation.id
        answers = set(described["responses"])
        assert str(operation.status) in answers
        if operation.roles == ANYBODY:
            assert "security" not in described
        else:
            ways = [*described["security"]]
            assert ({"token": []} in ways) == bool(operation.roles - {"program"})
            assert ({"key": []} in ways) == ("program" in operation.roles)
            assert ({} in ways) == (operation.anybody_or_key or operation.anonymous)
            assert told(operation, "unauthenticated", "forbidden") <= answers
        if operation.body:
            assert told(operation, "not-json", "too-large", "invalid") <= answers
