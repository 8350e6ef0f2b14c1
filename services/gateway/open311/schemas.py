"""Shapes of Open311: what is asked and what is answered, in the specification's own names.

What is sent is read by ``filters`` and ``posting``, for a list may be named again and again and an
empty parameter is none; these describe it.
"""

from __future__ import annotations

from typing import Any

from marshmallow import INCLUDE, Schema, fields, validate

from services.gateway.open311.dates import W3C
from services.gateway.open311.filters import MOST_REQUESTS
from services.gateway.open311.statuses import DETAILED, KNOWN_ELSEWHERE
from suishoupai.contracts.questions import LONGEST_DESCRIPTION
from suishoupai.contracts.search_questions import LONGEST_REMARK_KEY, MOST_FOUND


def _text(description: str = "", **options: Any) -> fields.String:
    metadata = {"description": description} if description else {}
    return fields.String(metadata={**metadata, **options.pop("metadata", {})}, **options)


def _needed(description: str = "", **options: Any) -> fields.String:
    """What is empty was not given."""
    return _text(description, required=True, validate=validate.Length(min=1), **options)


def _date(description: str) -> fields.String:
    return _text(description, metadata={"pattern": f"^({W3C})?$"})


def _shown_date(**options: Any) -> fields.AwareDateTime:
    return fields.AwareDateTime(required=True, format="iso", **options)


class Jurisdiction(Schema):
    """What every request of Open311 may name."""

    class Meta:
        """Clients send more than is understood; it is passed over."""

        unknown = INCLUDE

    jurisdiction_id = _text("The county's code, such as 341324; another one is not found.")


class Dated(Jurisdiction):
    """A span of time, each end with its offset from UTC."""

    start_date = _date("Earliest; with ``end_date`` at most 90 days (updates: 31) apart.")
    end_date = _date("Latest, the whole second.")
    service_request_id = _text(f"Up to {MOST_REQUESTS}, separated by commas.")


class RequestFilter(Dated):
    """Filters of requests; ``service_request_id`` overrides all others."""

    service_code = _text("One or more, separated by commas.")
    status = _text("`open`, `closed`, or both separated by a comma.")
    updated_after = _date("Changed last at or after; without other dates those of any age.")
    updated_before = _date("Changed last at or before.")
    page = _text("From 1.")
    page_size = _text(f"From 1 to {MOST_FOUND}, which is usual.")


class Person(Jurisdiction):
    """Who says it. None of it is kept: nobody is needed to mend what is broken."""

    email = _text("Not kept.")
    first_name = _text("Not kept.")
    last_name = _text("Not kept.")
    phone = _text("Not kept.")
    account_id = _text("Not kept; answered as it came.")
    media_url = _text("Address of a photo (http, https); may be given again.")
    media = _text("A photo itself, in a multipart form.", metadata={"format": "binary"})


class NewRequest(Person):
    """A new request."""

    service_code = _needed()
    lat = _needed("WGS-84.", metadata={"example": "33.4805"})
    long = _needed("WGS-84.", metadata={"example": "117.9102"})
    address_string = _text("Besides the point.", validate=validate.Length(max=200))
    address_id = _text("Passed over.")
    zipcode = _text("Passed over.")
    device_id = _text("Not kept.")
    description = _text(validate=validate.Length(max=LONGEST_DESCRIPTION))


class NewUpdate(Person):
    """What happened to a request elsewhere, or was said of it."""

    service_request_id = _needed()
    update_id = _text(
        "Chosen by the sender, once per update.",
        required=True,
        validate=validate.Length(min=1, max=LONGEST_REMARK_KEY),
    )
    updated_datetime = _date("When it was said.")
    status = _text(
        "Kept with what is said; changes nothing here.", validate=validate.OneOf(KNOWN_ELSEWHERE)
    )
    description = _text(required=True, validate=validate.Length(min=1, max=LONGEST_DESCRIPTION))


class Endpoint(Schema):
    """One API and where it is."""

    specification = fields.String(required=True)
    url = fields.String(required=True)
    changeset = _shown_date()
    type = fields.String(required=True, validate=validate.OneOf(["production", "test"]))
    formats = fields.List(fields.String(), required=True)


class Discovery(Schema):
    """Where what is, and whom to ask."""

    changeset = _shown_date(
        metadata={"description": "When the list of services became what it is."}
    )
    contact = fields.String(required=True)
    key_service = fields.String(required=True)
    endpoints = fields.List(fields.Nested(Endpoint), required=True)


class Service(Schema):
    """A class of requests."""

    service_code = fields.String(required=True)
    service_name = fields.String(required=True)
    description = fields.String(required=True)
    metadata = fields.Boolean(required=True)
    type = fields.String(required=True, validate=validate.Equal("realtime"))
    keywords = fields.String(required=True)
    group = fields.String(required=True)


class ServiceDefinition(Schema):
    """What a service asks for besides: nothing, so far."""

    service_code = fields.String(required=True)
    attributes = fields.List(fields.Dict(), required=True)


class ServiceRequest(Schema):
    """A request; what is not known is null."""

    service_request_id = fields.String(required=True, metadata={"example": "341324-20260401-00017"})
    status = fields.String(required=True, validate=validate.OneOf(["open", "closed"]))
    status_notes = fields.String(required=True)
    service_name = fields.String(required=True)
    service_code = fields.String(required=True)
    description = fields.String(required=True)
    agency_responsible = fields.String(required=True, allow_none=True)
    service_notice = fields.String(required=True, allow_none=True)
    requested_datetime = _shown_date()
    updated_datetime = _shown_date()
    expected_datetime = _shown_date(allow_none=True)
    address = fields.String(required=True, allow_none=True)
    address_id = fields.String(required=True, allow_none=True)
    zipcode = fields.String(required=True, allow_none=True)
    lat = fields.Float(required=True)
    long = fields.Float(required=True)
    media_url = fields.String(required=True, allow_none=True)


class RequestReceipt(Schema):
    """What is answered to a new request."""

    service_request_id = fields.String(required=True)
    service_notice = fields.String(required=True)
    account_id = fields.String(required=True, allow_none=True)


class RequestToken(Schema):
    """The request that a token stands for."""

    service_request_id = fields.String(required=True)
    token = fields.String(required=True)


class Update(Schema):
    """What happened to a request."""

    update_id = fields.String(required=True)
    service_request_id = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(sorted({*DETAILED.values()})))
    updated_datetime = _shown_date()
    description = fields.String(required=True)
    media_url = fields.String(required=True, allow_none=True)


class UpdateReceipt(Schema):
    """What is answered to a new update."""

    update_id = fields.String(
        required=True, metadata={"description": "By which it is listed here from now on."}
    )
    account_id = fields.String(required=True, allow_none=True)


class Error(Schema):
    """What is wrong."""

    code = fields.Integer(required=True)
    description = fields.String(required=True)
