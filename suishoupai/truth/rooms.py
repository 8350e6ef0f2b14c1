"""Asks the services' ``truth`` rooms about their own databases, as one instant saw them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.database import Database

from suishoupai.mongo import database
from suishoupai.settings import Settings
from suishoupai.truth.comparison import Recipients
from suishoupai.truth.records import Assignment, Case, Difference, Notice

Document = dict[str, Any]


class Rooms:
    """The rooms of all services over one stack's databases.

    With a session, everything is read as it was at the session's instant; an id filter is one of
    MongoDB's, on the issue's id.
    """

    def __init__(
        self, client: MongoClient[Document], settings: Settings, session: ClientSession | None
    ) -> None:
        self._client = client
        self._settings = settings
        self._session = session
        self.figures: Any = self._room("stats").Figures(self._database("stats"), session)
        self.recipients: Recipients = self._room("notify").teller(
            settings.county, self._database("notify"), session
        )

    def cases(self, ids: Document, limit: int) -> list[Case]:
        """The cases in the order of their ids."""
        found: list[Case] = self._room("issues").cases(
            self._database("issues"), ids, limit, self._session
        )
        return found

    def amount(self) -> int:
        """How many cases there are, about."""
        return int(self._room("issues").amount(self._database("issues")))

    def assignments(self, ids: Document) -> Mapping[str, Assignment]:
        """The assignment of each issue."""
        found: dict[str, Assignment] = self._room("grid").assignments(
            self._database("grid"), ids, self._session
        )
        return found

    def notices(self, ids: Document) -> Mapping[str, Sequence[Notice]]:
        """The notices of each issue."""
        found: dict[str, list[Notice]] = self._room("notify").notices(
            self._database("notify"), ids, self._session
        )
        return found

    def fact_differences(
        self, case: Case, notices: Sequence[Notice], fact: Document | None
    ) -> Iterator[Difference]:
        """Each part in which what is counted of a case differs from what must be."""
        for part, due, had in self.figures.fact_differences(case, notices, fact):
            yield Difference(case.number, f"counted {part}", str(due), str(had))

    def rebuilding(self) -> Any:
        """A new edition of the figures, begun or gone on with."""
        return self._room("stats").Rebuilding(self._database("stats"))

    @staticmethod
    def _room(service: str) -> Any:
        return importlib.import_module(f"services.{service}.truth")

    def _database(self, service: str) -> Database[Document]:
        return database(self._client, self._settings, service)


@contextmanager
def at_one_instant(client: MongoClient[Document], settings: Settings) -> Iterator[Rooms]:
    """Rooms that all see the same instant, however long they are read and whatever goes on."""
    with client.start_session(snapshot=True) as session:
        yield Rooms(client, settings, session)
