"""``python -m scripts.county [FOLDER]``: writes the demo county into ``data/demo`` or FOLDER."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from shapely.geometry import Polygon, mapping, shape

from scripts.county import people, places

Document = dict[str, Any]

DATA = Path(__file__).resolve().parents[2] / "data"
SEED = 20260101
NOTE = (
    "示意 · synthetic demo data, made by `python -m scripts.county`; borders and names are not real"
)


def main(folder: Path) -> None:
    """Writes grids, compounds, parties and members of the demo county."""
    county = json.loads((DATA / "divisions.json").read_text(encoding="utf-8"))
    outline = json.loads((DATA / "county.geojson").read_text(encoding="utf-8"))
    random = Random(SEED)  # noqa: S311 - to be made again, not to be secret
    area = shape(outline["features"][0]["geometry"]).geoms[0]
    grids = places.make_grids(county, area, random)
    compounds = places.make_compounds(grids, random)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "grids.geojson", _collection([_grid(grid) for grid in grids]))
    _write(folder / "compounds.geojson", _collection(_compounds(compounds)))
    _write(folder / "parties.json", {"note": NOTE, "parties": people.make_parties(county)})
    members = people.make_members(grids, random)
    _write(folder / "members.json", {"note": NOTE, "members": members})
    print(f"{len(grids)} grids, {len(compounds)} compounds, {len(members)} members in {folder}")


def _grid(grid: places.Grid) -> Document:
    properties = {
        "code": grid.code,
        "name": grid.name,
        "community": grid.community,
        "town": grid.town,
        "urban": grid.urban,
    }
    return _feature(properties, grid.polygon)


def _compounds(compounds: Sequence[places.Compound]) -> list[Document]:
    names = people.compound_names(len(compounds))
    companies = people.companies_of(compounds)
    return [
        _feature(
            {
                "id": f"compound-{number:03d}",
                "name": name,
                "grids": [compound.grid],
                "property": company,
            },
            compound.polygon,
        )
        for number, (compound, name, company) in enumerate(
            zip(compounds, names, companies, strict=True), start=1
        )
    ]


def _feature(properties: Document, polygon: Polygon) -> Document:
    return {"type": "Feature", "properties": properties, "geometry": _rounded(mapping(polygon))}


def _rounded(geometry: Document) -> Document:
    rings = [
        [[round(lng, 7), round(lat, 7)] for lng, lat in ring] for ring in geometry["coordinates"]
    ]
    return {"type": "Polygon", "coordinates": rings}


def _collection(features: list[Document]) -> Document:
    return {"type": "FeatureCollection", "note": NOTE, "features": features}


def _write(path: Path, content: Document) -> None:
    """One feature, party or member a line, so that a change is seen as such."""
    (key,) = (name for name, value in content.items() if isinstance(value, list))
    rows = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in content[key]]
    head = json.dumps({**content, key: []}, ensure_ascii=False)
    body = ",\n".join(rows)
    path.write_text(head.replace(f'"{key}": []', f'"{key}": [\n{body}\n]') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA / "demo")
