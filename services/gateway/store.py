"""What the gateway keeps: one store for each of its rooms that keeps something."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from services.gateway.accounts.attempts_store import AttemptStore
from services.gateway.accounts.invitations_store import InvitationStore
from services.gateway.accounts.sessions_store import SessionStore
from services.gateway.accounts.store import AccountStore
from services.gateway.audit.store import AuditStore
from services.gateway.exports.store import ExportStore
from services.gateway.live.store import HappeningStore
from services.gateway.photos.store import PhotoStore
from services.gateway.photos.uploads_store import UploadStore
from services.gateway.programs.store import ProgramStore
from services.gateway.reports.store import ReportStore
from services.gateway.webhooks.deliveries_store import DeliveryStore
from services.gateway.webhooks.store import WebhookStore
from suishoupai.settings import read_settings

Document = dict[str, Any]


class GatewayStore:
    """The stores of all rooms."""

    def __init__(self, database: Database[Document]) -> None:
        self.accounts = AccountStore(database)
        self.sessions = SessionStore(database)
        self.attempts = AttemptStore(database)
        self.invitations = InvitationStore(database)
        self.audit = AuditStore(database)
        self.programs = ProgramStore(database)
        self.photos = PhotoStore(database, read_settings().photos)
        self.uploads = UploadStore(database)
        self.exports = ExportStore(database)
        self.reports = ReportStore(database)
        self.happenings = HappeningStore(database, read_settings().stream_hours)
        self.webhooks = WebhookStore(database)
        self.deliveries = DeliveryStore(database)
        self._all = tuple(vars(self).values())

    def missing(self) -> str | None:
        """What keeps people from logging in: no account at all."""
        return self.accounts.missing()

    def create_indexes(self) -> None:
        """Creates every index; creating again changes nothing."""
        for store in self._all:
            store.create_indexes()
