"""Fills an empty issues database: the catalogue."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from pymongo.database import Database

from services.issues import catalogue_file
from services.issues.catalogue import NEVER, by_code, compare
from services.issues.catalogue_store import CatalogueStore, Note
from services.issues.store import IssueStore
from suishoupai import clock
from suishoupai.contracts.problems import invalid
from suishoupai.settings import ROOT, Settings

DUTIES = "duties.csv"
"""The county's file of the words that may be responsible; the shipped one serves without."""
BY = "suishoupai seed"


def seed(database: Database[dict[str, Any]], settings: Settings) -> str:
    """Writes the categories of the county's file that are not there yet; says how many there are.

    What is there stays: a category is changed and ended by an import only. Raises ``Problem`` for
    a file with anything wrong in it.
    """
    IssueStore(database).create_indexes()
    at = clock.now()
    today = at.astimezone(clock.LOCAL).date().isoformat()
    path = settings.county / "catalogue.csv"
    store = CatalogueStore(database)
    edition, present = store.edition(), store.all_rows()
    known = by_code(present)
    new = [
        {**row, "valid_from": row["valid_from"] or today}
        for row in read_catalogue(path)
        if row["code"] not in known and (row["valid_from"] or today) < (row["valid_to"] or NEVER)
    ]
    changes = compare(present, new, date.min)
    if not changes.nothing:
        store.apply(changes, edition, Note(BY, at, str(path), today))
    return f"{len(known) + len(by_code(new))} categories"


def read_catalogue(path: Path) -> list[dict[str, Any]]:
    """The rows of a county's catalogue file; raises ``Problem`` with everything wrong with it."""
    rows, faults = catalogue_file.read_catalogue(path.read_bytes(), read_duties(path.parent))
    if faults:
        told = (f"line {each.line} {each.column}: {each.message}" for each in faults)
        raise invalid(path.name, "; ".join(told))
    return rows


def read_duties(county: Path) -> list[str]:
    """The words that may be responsible in the county of a folder; raises ``Problem``."""
    own = county / DUTIES
    path = own if own.exists() else ROOT / "data" / DUTIES
    try:
        return catalogue_file.read_duties(path.read_bytes())
    except (KeyError, UnicodeDecodeError) as error:
        raise invalid(str(path), "must be CSV in UTF-8 with a column “word”") from error
