"""The workbook opened again: every number is one, no text is a formula, charts show their cells."""

import io
import re
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from services.gateway.reports.workbook import workbook

from .answers import CATEGORIES, NAMES, PARTIES, report

REPORT = report()
CONTENT = workbook(REPORT)
BOOK = openpyxl.load_workbook(io.BytesIO(CONTENT))


def rows(name):
    return [[cell.value for cell in row] for row in BOOK[name].iter_rows()]


def table(name, head):
    """The rows under a head, up to the first empty one."""
    found = rows(name)
    start = next(place for place, row in enumerate(found) if row[0] == head)
    body = []
    for row in found[start + 1 :]:
        if row[0] is None and row[1] is None:
            break
        body.append(row)
    return body


def test_the_sheets():
    assert BOOK.sheetnames == [
        *("概览", "每日趋势", "案件类别", "责任单位", "进展", "下级区划", "口径"),
    ]
    assert rows("概览")[0][0] == REPORT["title"]
    made_at = rows("概览")[4][1]
    assert made_at == datetime(2026, 11, 1, 6, 0, 12)


def test_indicators_are_numbers_with_their_formats():
    found = table("概览", "指标")
    for row, each in zip(found, REPORT["indicators"], strict=True):
        assert row[0] == each["name"]
        assert row[1] == pytest.approx(each["value"]) if each["value"] is not None else not row[1]
        assert row[2] == pytest.approx(each["previous"]["value"]) or row[2] is None
        assert row[3] == pytest.approx(each["previous"]["change"]) or row[3] is None
        arrow = {"down": "↓", "unknown": None}[each["previous"]["direction"]]
        assert [text or None for text in (row[4], row[7])] == [arrow, None]
        assert row[8:10] == [each["numerator"], each["denominator"]]
    sheet = BOOK["概览"]
    start = next(cell.row for cell in sheet["A"] if cell.value == "指标") + 1
    assert sheet.cell(start, 2).number_format == "0.0%"
    assert sheet.cell(start, 2).data_type == "n"


def width(text):
    """Columns that a text takes: two for a Chinese character."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def test_what_stands_in_a_column_fits_into_it():
    sheet = BOOK["概览"]
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if isinstance(cell.value, datetime):
                needed = len("2026-11-01 06:00")
            elif isinstance(cell.value, str):
                needed = width(cell.value)
            else:
                continue
            assert sheet.column_dimensions[cell.column_letter].width >= needed, cell.value


def test_a_direction_is_told_once():
    sheet = BOOK["概览"]
    formats = {cell.number_format for row in sheet.iter_rows() for cell in row}
    assert "+0.0%;-0.0%;0.0%" in formats
    assert not [each for each in formats if "↑" in each or "↓" in each]


def test_counts_and_scores():
    for row, each in zip(table("概览", "件数"), REPORT["counts"], strict=True):
        assert row[:2] == [each["name"], each["value"]]
        assert row[2:5] == [each["value"] * 1.25, pytest.approx(-0.2), "↓"]
    found = table("概览", "得分（满分 100）")
    assert [row[1] for row in found] == [88.125, None]


def test_days_are_dates():
    found = table("每日趋势", "日期")
    assert [row[0].date() for row in found] == [date(2026, 10, day) for day in range(1, 32)]
    assert [row[1:] for row in found] == [row["counts"] for row in REPORT["days"]["rows"]]


def test_texts_stay_texts():
    assert [row[0] for row in table("案件类别", "类别")][:2] == list(CATEGORIES.values())
    assert [row[0] for row in table("责任单位", "责任单位")][:3] == list(PARTIES.values())
    assert NAMES["341324102"] in [row[1] for row in rows("下级区划")]
    cells = [cell for sheet in BOOK for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]
    with zipfile.ZipFile(io.BytesIO(CONTENT)) as book:
        sheets = [name for name in book.namelist() if "worksheets/sheet" in name]
        assert not any(b"<f>" in book.read(name) for name in sheets)


def test_divisions_below_are_numbers_too():
    found = table("下级区划", "名次")
    for row, each in zip(found, REPORT["children"]["rows"], strict=True):
        assert row[:6] == [
            each["rank"],
            each["name"],
            each["code"],
            each["score"],
            each["word"],
            each["reported"],
        ]
        told = [
            value
            for indicator in each["indicators"]
            for value in (indicator["value"], indicator["numerator"], indicator["denominator"])
        ]
        assert row[6:] == [pytest.approx(value) for value in told]


def charted(name):
    """What each chart of a sheet refers to: (labels, values, name of the series)."""
    found = []
    for chart in BOOK[name]._charts:
        for series in chart.series:
            labels = series.cat.numRef or series.cat.strRef
            found.append((labels.f, series.val.numRef.f, series.tx.strRef.f))
    return found


def cells(reference):
    """The values of the cells that a reference names."""
    sheet, span = re.fullmatch(r"'?([^'!]+)'?!(.+)", reference).groups()
    found = BOOK[sheet][span.replace("$", "")]
    return (
        [cell.value for row in found for cell in row] if isinstance(found, tuple) else found.value
    )


@pytest.mark.parametrize(
    ("sheet", "labels", "values", "names"),
    [
        (
            "概览",
            [each["name"] for each in REPORT["indicators"]],
            [
                [each["value"] for each in REPORT["indicators"]],
                [each["previous"]["value"] for each in REPORT["indicators"]],
            ],
            ["值", "上期"],
        ),
        (
            "每日趋势",
            None,
            [[row["counts"][place] for row in REPORT["days"]["rows"]] for place in range(3)],
            ["上报", "立案", "结案"],
        ),
        ("案件类别", list(CATEGORIES.values()), [[500, 400]], ["上报"]),
        ("责任单位", list(PARTIES.values()), [[500, 400, 300]], ["上报"]),
        ("进展", ["上报", "立案", "结案"], [[1200, 1100, 900]], ["案件"]),
        ("下级区划", ["大庄镇", "泗城镇"], [[93.5, 71.25]], ["得分"]),
    ],
)
def test_charts_refer_to_what_they_show(sheet, labels, values, names):
    found = charted(sheet)
    assert [cells(name) for _, _, name in found] == names
    for (of_labels, of_values, _), wanted in zip(found, values, strict=True):
        assert cells(of_values) == [
            each if each is None else pytest.approx(each) for each in wanted
        ]
        assert labels is None or cells(of_labels) == labels


def test_a_report_of_nothing_can_be_opened():
    empty = {
        **REPORT,
        "categories": {"cases": 0, "rows": [], "others": 0, "without": 0},
        "parties": {"cases": 0, "rows": [], "others": 0, "without": 0, "columns": []},
        "children": {**REPORT["children"], "rows": [], "columns": []},
        "whole": False,
    }
    book = openpyxl.load_workbook(io.BytesIO(workbook(empty)))
    assert len(book.sheetnames) == 7
