"""One operation of the API: what can be asked for, by whom, with what, and what is answered.

Requests are admitted by it and the OpenAPI document is generated from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema
from werkzeug.wrappers import Response

from suishoupai.contracts.problems import Problem
from suishoupai.contracts.words import ROLES

ANYBODY = frozenset[str]()
"""No token is needed."""
EVERY_ROLE = frozenset(ROLES)
PEOPLE = EVERY_ROLE - {"program"}
DESK = frozenset({"dispatcher", "supervisor", "admin"})
"""Who decides where cases go."""
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True)
class Refusals:
    """The form in which an operation refuses, where that is not RFC 9457."""

    kinds: tuple[str, ...]
    """Media types."""
    shape: Schema
    status: Callable[[str], int]
    """Problem code → HTTP status."""
    answer: Callable[[Problem, Mapping[str, str]], Response]
    """A problem, and what the path of the request named, as the answer."""


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
    answer: type[Schema] | Schema | None = None
    """Shape of a good answer in JSON, or of each event of a stream; None for one without a body, or
    of another media type."""
    status: int = 200
    query: type[Schema] | None = None
    body: type[Schema] | None = None
    consumes: tuple[str, ...] = (JSON,)
    """Media types of the body. What is not JSON is read by the handler from ``Call.request``, and
    ``body`` then only describes it."""
    bodies: Mapping[str, Any] = field(default_factory=dict)
    """Shape of the body in media types where it is not ``body``: a schema, or one of OpenAPI."""
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
    anonymous: bool = False
    """Whether strangers may too, as ``ANONYMOUS``, where the setting anonymous_reports says so."""
    key_parameter: str = ""
    """Name of the query parameter or form field that a program's key may come in as well."""
    limit: str = ""
    """Which limit bounds how often, by account (or address, without a token): logins, reports,
    actions, reads, uploads; unless it is said, reads for a GET and actions for the rest."""
    problems: tuple[str, ...] = ()
    """Problems beyond those that roles, query and body bring with them."""
    refusals: Refusals | None = None
    """How problems are told; None: as RFC 9457 problem details."""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names in the path that stand for one of a few words."""

    @property
    def counted_as(self) -> str:
        """The limit that bounds how often."""
        return self.limit or ("reads" if self.method == "GET" else "actions")
