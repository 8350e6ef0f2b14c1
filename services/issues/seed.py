"""Fills an empty issues database: the catalogue."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from pymongo.database import Database

from services.issues.store import IssueStore
from suishoupai.settings import Settings


def seed(database: Database[dict[str, Any]], settings: Settings) -> str:
    """Writes the catalogue of the county's folder; says what was written."""
    rows = list(read_catalogue(settings.county / "catalogue.csv"))
    store = IssueStore(database)
    store.create_indexes()
    store.replace_catalogue(rows)
    return f"{len(rows)} categories"


def read_catalogue(path: Path) -> list[dict[str, Any]]:
    """The rows of a catalogue file, the five-digit code as ``_id``."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_row(raw) for raw in csv.DictReader(file)]


def _row(raw: dict[str, str]) -> dict[str, Any]:
    return {
        "_id": raw["code"],
        "name": raw["name"],
        "kind": raw["kind"],
        "major_name": raw["major_name"],
        "responsible": raw["responsible"].split("|"),
        "limit": int(raw["limit"]),
        "limit_unit": raw["limit_unit"],
        "limit_basis": raw["limit_basis"],
        "confidential": raw["confidential"] == "是",
    }
