from datetime import date
from typing import Any
from pymongo import ReplaceOne
from pymongo.database import Database
Document = dict[str, Any]
class CatalogueStore:
    def __init__(self, database: Database[Document]) -> None:
        self._rows = database["catalogue"]
    def missing(self) -> str | None:
        return None if self._rows.find_one() else "no catalogue: run `suishoupai seed`"
    def create_indexes(self) -> None:
        pass
    def row(self, code: str, on: date) -> Document | None:
        return self._rows.find_one({"code": code})
    def rows(self, on: date) -> list[Document]:
        return list(self._rows.find().sort("code", 1))
