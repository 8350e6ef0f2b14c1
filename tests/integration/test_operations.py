"""What an operator looks at: health, readiness, metrics, the documentation."""

import re

import pytest
from openapi_spec_validator import validate

from suishoupai.seed import seed_when_outdated
from suishoupai.settings import SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_alive_ready_and_counted(world, service):
    for path in ("/healthz", "/readyz"):
        assert world.pool.request("GET", world.address(service) + path).status == 200
    metrics = world.pool.request("GET", f"{world.address(service)}/metrics")
    assert metrics.headers["Content-Type"].startswith("text/plain")
    assert b"suishoupai_http_request_seconds" in metrics.data
    assert b"process_resident_memory_bytes" in metrics.data


def test_the_openapi_document_is_served_and_valid(world):
    answer = world.request("GET", "/openapi.json")
    assert answer.status == 200
    validate(answer.body)


def test_the_documentation_needs_nothing_from_outside(world):
    page = world.pool.request("GET", f"{world.stack.url}/docs")
    assert page.status == 200
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.data.decode())
    assert len(addresses) == 4
    for address in addresses:
        assert address.startswith("/docs/")
        asset = world.pool.request("GET", world.stack.url + address)
        assert asset.status == 200 and len(asset.data) > 100


def test_the_way_in_leads_to_the_documentation(world):
    response = world.pool.request("GET", world.stack.url + "/", redirect=False)
    assert (response.status, response.headers["Location"]) == (302, "/docs")


def test_every_service_keeps_its_log(world):
    for service in SERVICES:
        lines = world.stack.log_path(service).read_text(encoding="utf-8").splitlines()
        assert any('"event": "started"' in line for line in lines)
        assert all(line.startswith("{") for line in lines), service


def test_a_stack_seeded_by_an_earlier_edition_is_seeded_once_more(world):
    settings, finished = world.stack.settings(), world.database("setup")["finished"]
    rows = world.database("issues")["catalogue"].count_documents({})
    assert not seed_when_outdated(settings)
    finished.update_one({"_id": "seed"}, {"$unset": {"edition": 1}})
    assert seed_when_outdated(settings)
    assert not seed_when_outdated(settings)
    assert world.database("issues")["catalogue"].count_documents({}) == rows
