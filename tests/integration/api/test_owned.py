"""What a thing of one's own may hold: no more than one may read oneself."""

import json

import pytest

from services.gateway.api import OPERATIONS

from .asking import send
from .recipes import ask
from .scene import KINDS
from .table import read_table

BY_ID = {operation.id: operation for operation in OPERATIONS}
EXPORTERS = ("handler", "dispatcher", "town", "county", "admin", "town_admin")
WITHIN_A_DIVISION = ("dispatcher", "town", "town_admin", "program")
"""Who may have webhooks, and sees no more than a part of the county."""


@pytest.mark.parametrize("caller", EXPORTERS)
def test_a_file_holds_the_cases_that_its_owner_reads(scene, caller):
    operation = BY_ID["readExportFile"]
    given = ask(operation, scene, scene.target(caller, "inside"), caller)
    status, text = send(scene, operation, given, scene.callers.headers(caller))
    assert status == 200
    reads = read_table()["readIssue"][caller]
    for kind in KINDS:
        assert (scene.target(caller, kind).number in text) == (reads[kind] == "sees"), kind


@pytest.mark.parametrize("caller", [*WITHIN_A_DIVISION, "county", "admin"])
def test_a_webhook_is_for_a_division_that_its_owner_sees(scene, caller):
    """Its address is refused as well, but the division first."""
    operation = BY_ID["makeWebhook"]
    for kind in KINDS:
        given = ask(operation, scene, scene.target(caller, kind), caller)
        status, text = send(scene, operation, given, scene.callers.headers(caller))
        far = kind == "outside" and caller in WITHIN_A_DIVISION
        fields = [error["field"] for error in json.loads(text)["errors"]]
        assert (status, fields) == (422, ["division" if far else "url"]), kind
