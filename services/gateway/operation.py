"""One operation of the API: what can be asked for, by whom, with what, and what is answered.

Requests are admitted by it and the OpenAPI document is generated from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marshmallow import Schema

from suishoupai.contracts.words import ROLES

ANYBODY = frozenset[str]()
"""No token is needed."""
EVERY_ROLE = frozenset(ROLES)
PEOPLE = EVERY_ROLE - {"program"}
DESK = frozenset({"dispatcher", "supervisor", "admin"})
"""Who decides where cases go."""
JSON = "application/json"


@dataclass(frozen=True)
class Operation:
    """One method on one path."""

    id: str
    method: str
    path: str
    summary: str
    roles: frozenset[str]
    """Roles that may; empty for everybody, logged in or not. A program, where it is among them,
    comes with its API key in the header X-API-Key."""
    answer: type[Schema] | None = None
    """Shape of a good answer in JSON; None for one without a body, or of another media type."""
    status: int = 200
    query: type[Schema] | None = None
    body: type[Schema] | None = None
    consumes: tuple[str, ...] = (JSON,)
    """Media types of the body. What is not JSON is read by the handler from ``Call.request``, and
    ``body`` then only describes it."""
    produces: tuple[str, ...] = (JSON,)
    """Media types of a good answer."""
    headers: tuple[str, ...] = ()
    """Request headers that are required."""
    optional_headers: tuple[str, ...] = ()
    """Request headers that are understood."""
    answer_headers: tuple[str, ...] = ()
    """Headers of a good answer that say something."""
    also: Mapping[int, str] = field(default_factory=dict)
    """Other good statuses without a body, and what each means: ``{304: "Not modified"}``."""
    anybody_or_key: bool = False
    """Whether it may be asked without any token or key too; the caller is ``NOBODY`` then. A wrong
    one is refused all the same."""
    key_parameter: str = ""
    """Name of the query parameter or form field that a program's key may come in as well."""
    limit: str = ""
    """Which limit bounds how often, by account (or address, without a token): logins, reports,
    actions, reads, uploads, or none."""
    problems: tuple[str, ...] = ()
    """Problems beyond those that roles, query and body bring with them."""
