"""Fills an empty grid database: the county's divisions and its map."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pymongo.database import Database

from services.grid.rules import FILE, read_rows, read_rules
from services.grid.store import GridStore
from suishoupai.county import division_names
from suishoupai.settings import Settings

Document = dict[str, Any]


def seed(database: Database[Document], settings: Settings) -> str:
    """Writes divisions, grids, compounds, parties, members and routing rules; says how many of
    each. Raises ``InvalidRules`` for rules that cannot be used; then nothing is written."""
    folder = settings.county
    rows = {
        "divisions": [{"_id": code, "name": name} for code, name in division_names(folder).items()],
        "grids": list(_features(folder / "demo" / "grids.geojson", "code")),
        "compounds": list(_features(folder / "demo" / "compounds.geojson", "id")),
        "parties": [_keyed(row) for row in _read(folder / "demo" / "parties.json")["parties"]],
        "members": [_keyed(row) for row in _read(folder / "demo" / "members.json")["members"]],
        "routing_rules": routing_rules(folder / FILE),
    }
    store = GridStore(database)
    store.create_indexes()
    counts = {name: store.replace(name, documents) for name, documents in rows.items()}
    store.raise_version()
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def routing_rules(path: Path) -> list[Document]:
    """The rows of the rules file, checked; raises ``InvalidRules``."""
    rows = read_rows(path.read_bytes())
    read_rules(rows)
    return [_keyed(row) for row in rows]


def _features(path: Path, key: str) -> Iterator[Document]:
    for feature in _read(path)["features"]:
        properties = feature["properties"]
        yield {**properties, "_id": properties[key], "geometry": feature["geometry"]}


def _keyed(row: Document) -> Document:
    return {**row, "_id": row["id"]}


def _read(path: Path) -> Document:
    loaded: Document = json.loads(path.read_text(encoding="utf-8"))
    return loaded
