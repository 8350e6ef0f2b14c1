"""Sheets are written row by row, and leave nothing behind."""

import tempfile

import openpyxl
import pytest

from services.gateway.exports import sheets
from services.gateway.exports.columns import Table

NOBODY = 2**22 + 1
"""More than any process id."""
CASE = {"description": '=1+1 <&> "引"', "version": 7, "urgent": True, "reported_at": None}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_sheet_is_read_back_typed_and_leaves_nothing(folder):
    table = Table(("description", "version", "urgent", "reported_at"))
    sheet = sheets.Sheet(table)
    for _ in range(3):
        sheet.write(table.rows([CASE] * 100))
    assert sheet.finish() > 0
    found = openpyxl.load_workbook(sheet.file).active
    assert found.max_row == 301
    assert [cell.value for cell in found[301]] == [CASE["description"], 7, True, None]
    assert [cell.data_type for cell in found[301]] == ["s", "n", "b", "n"]
    sheet.close()
    assert list(folder.iterdir()) == []


def test_what_a_killed_process_left_is_swept_and_nothing_else(folder):
    left = folder / f"{sheets.PREFIX}{NOBODY}-abc"
    left.mkdir()
    (left / "rows").touch()
    sheet = sheets.Sheet(Table(("number",)))
    other = folder / f"{sheets.PREFIX}notes-x"
    other.mkdir()
    before = set(folder.iterdir())
    sheets.sweep()
    assert set(folder.iterdir()) == before - {left}
    sheet.close()
