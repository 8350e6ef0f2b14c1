"""A file of the catalogue: each kind of mistake is told with its line and column."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.issues.catalogue import CONTENT, PERIOD
from services.issues.catalogue_file import (
    AUTO_DISPATCH,
    BASES,
    COLUMNS,
    EMERGENCY,
    KINDS,
    Fault,
    read_catalogue,
    read_duties,
    worded,
    write_catalogue,
)
from services.issues.seed import read_catalogue as read_shipped
from suishoupai.contracts.words import LIMIT_UNITS

DATA = Path(__file__).resolve().parents[4] / "data"
DUTIES = ("城管", "社区", "物业(小区内)")
GOOD = {
    "code": "97991",
    "kind": "事项",
    "major_name": "试验",
    "name": "试验一",
    "responsible": "城管|社区",
    "limit": "1",
    "limit_unit": "工作日",
    "limit_basis": "REC",
    "confidential": "否",
    "auto_dispatch": "小区内",
    "filing_condition": "现场可见。",
    "check_limit": "4",
    "check_unit": "工作时",
    "extensible": "是",
    "emergency": "110|119",
    "valid_from": "2026-01-01",
    "valid_to": "",
}
READ = {
    **GOOD,
    "responsible": ["城管", "社区"],
    "limit": 1,
    "confidential": False,
    "auto_dispatch": "compound",
    "check_limit": 4,
    "extensible": True,
    "emergency": ["110", "119"],
    "valid_to": None,
}


def text(*rows, columns=tuple(GOOD)):
    lines = [",".join(columns)]
    lines += (",".join(row.get(name, "") for name in columns) for row in rows)
    return "\n".join(lines)


def read(content):
    return read_catalogue(content if isinstance(content, bytes) else content.encode(), DUTIES)


def faults(content):
    rows, found = read(content)
    assert not found or not rows
    return [(fault.line, fault.column) for fault in found]


def second(**cells):
    """A file whose third line, and only that, has these cells."""
    return text(GOOD, {**GOOD, "code": "97992", **cells})


def test_a_row_is_read_as_what_its_words_mean():
    assert read(text(GOOD)) == ([READ], [])


def test_the_mark_of_spreadsheets_blank_lines_and_blanks_around_are_no_matter():
    spaced = {name: f" {cell}\u3000" for name, cell in GOOD.items()}
    content = b"\xef\xbb\xbf" + text(GOOD).encode() + b"\r\n\r\n" + b"," * (len(GOOD) - 1)
    assert read(content) == ([READ], [])
    assert read(text(spaced)) == ([READ], [])


def test_the_dates_may_be_left_out():
    columns = [name for name in GOOD if name not in PERIOD]
    assert read(text(GOOD, columns=columns)) == ([{**READ, "valid_from": None}], [])


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("code", "6010"),
        ("code", "０６０１０"),
        ("code", "060100"),
        ("kind", "案件"),
        ("major_name", ""),
        ("name", " "),
        ("name", "x" * 201),
        ("name", '"两\n行"'),
        ("responsible", ""),
        ("responsible", "城管|"),
        ("responsible", "环未"),
        ("responsible", "城管|城管"),
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "1.5"),
        ("limit", "²"),
        ("limit", "1000"),
        ("limit", ""),
        ("limit_unit", "月"),
        ("limit_basis", "GB"),
        ("confidential", "yes"),
        ("auto_dispatch", "有时"),
        ("filing_condition", ""),
        ("check_limit", "两"),
        ("check_unit", "小时"),
        ("extensible", ""),
        ("emergency", "911"),
        ("emergency", "119|119"),
        ("valid_from", "2026/1/1"),
        ("valid_from", "2026-02-30"),
        ("valid_from", "20260101"),
        ("valid_to", "later"),
        ("valid_to", "2026-01-01"),
        ("valid_to", "2025-12-31"),
    ],
)
def test_a_cell_that_cannot_be_is_told_by_line_and_column(column, cell):
    content = second(**{column: cell})
    assert faults(content) == [(3, column)]
    (fault,) = read(content)[1]
    assert fault.message
    assert cell.strip('" ') in fault.message or column == "valid_to"


def test_a_code_may_be_in_force_once_on_any_day():
    first = {**GOOD, "valid_to": "2026-03-01"}
    follows = {**GOOD, "valid_from": "2026-03-01"}
    assert faults(text(first, follows)) == []
    assert faults(text(follows, first)) == []
    assert faults(text(GOOD, follows)) == [(3, "code")]
    assert faults(text(follows, {**first, "valid_to": "2026-03-02"})) == [(3, "code")]
    assert faults(text(follows, {**GOOD, "valid_from": ""})) == [(3, "code")]
    assert faults(text(first, {**GOOD, "valid_from": "x"})) == [(3, "valid_from")]


def test_unknown_missing_and_repeated_columns_are_told_with_the_line_of_the_names():
    columns = [*(name for name in GOOD if name != "limit"), "colour", "name"]
    found = faults(text(GOOD, columns=columns))
    assert sorted(found) == [(1, "colour"), (1, "limit"), (1, "name")]


def test_a_line_with_too_few_or_too_many_cells_is_told():
    assert faults(text(GOOD) + "\n1,2") == [(3, "")]
    assert faults(text(GOOD) + "," + "\n") == [(2, "")]
    assert "1 cells instead of 17" in read(text(GOOD) + "\n1")[1][0].message


def test_a_file_that_is_no_table_is_told():
    assert faults("") == faults("\n\n") == [(1, "")]
    assert faults(text()) == [(1, "")]
    assert faults(text(GOOD) + '\n"open') == [(3, "")]
    assert faults(text(GOOD, {**GOOD, "code": "97992"}) + '\n"a"b,') == [(4, "")]
    assert "no CSV" in read(text(GOOD) + '\n"open')[1][0].message


def test_another_encoding_is_told_with_its_first_line():
    content = text(*({**GOOD, "code": f"9799{n}"} for n in range(3)))
    head, *rows = content.splitlines()
    mixed = "\n".join([head, rows[0]]).encode() + b"\n" + rows[1].encode("gb18030")
    assert faults(mixed) == [(3, "")]
    assert "UTF-8" in read(mixed)[1][0].message


def test_all_mistakes_are_told_at_once_by_line():
    several = text(
        {**GOOD, "limit": "0", "emergency": "1"},
        {**GOOD, "code": "1"},
        {**GOOD, "code": "97992", "name": '"a\nb"'},
        {**GOOD, "code": "97993", "kind": ""},
    )
    assert faults(several) == [
        (2, "limit"),
        (2, "emergency"),
        (3, "code"),
        (4, "name"),
        (6, "kind"),
    ]
    assert isinstance(read(several)[1][0], Fault)


WORDS = st.text("道路井盖,\"'“” ab1", min_size=1, max_size=20).map(str.strip).filter(bool)
DAYS = st.dates().map(lambda day: day.isoformat())
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "code": st.from_regex("[0-9]{5}", fullmatch=True),
            "kind": st.sampled_from(KINDS),
            "major_name": WORDS,
            "name": WORDS,
            "responsible": st.lists(st.sampled_from(DUTIES), min_size=1, unique=True),
            "limit": st.integers(1, 999),
            "limit_unit": st.sampled_from(list(LIMIT_UNITS)),
            "limit_basis": st.sampled_from(BASES),
            "confidential": st.booleans(),
            "auto_dispatch": st.sampled_from(list(AUTO_DISPATCH.values())),
            "filing_condition": WORDS,
            "check_limit": st.integers(1, 999),
            "check_unit": st.sampled_from(list(LIMIT_UNITS)),
            "extensible": st.booleans(),
            "emergency": st.lists(st.sampled_from(EMERGENCY), unique=True),
            "valid_from": st.none() | DAYS,
            "valid_to": st.none(),
        }
    ),
    min_size=1,
    unique_by=lambda row: row["code"],
)


@given(ROWS)
def test_what_is_written_reads_the_same(rows):
    assert read(write_catalogue(rows)) == (rows, [])


def test_the_columns_are_what_a_version_has():
    assert list(COLUMNS) == ["code", *CONTENT, *PERIOD]
    assert worded("limit", 1) == "1"
    assert worded("confidential", True) == "是"


def test_the_shipped_catalogue_is_without_fault_and_as_we_would_write_it():
    rows = read_shipped(DATA / "catalogue.csv")
    assert len(rows) == 123
    assert write_catalogue(rows) == (DATA / "catalogue.csv").read_text(encoding="utf-8")
    for row in rows:
        assert row["extensible"] == ("日" in row["limit_unit"] and row["limit"] > 1)
        assert row["check_unit"].startswith("紧急") == row["limit_unit"].startswith("紧急")
        assert (row["valid_from"], row["valid_to"]) == ("2026-01-01", None)
    looked_at_first = {row["code"] for row in rows if row["auto_dispatch"] == "never"}
    assert {"92001", "08016"} <= looked_at_first
    assert len(looked_at_first) < 7
    assert not any(code.startswith("94") for code in looked_at_first)


def test_every_department_of_the_shipped_catalogue_is_among_the_duties():
    known = read_duties((DATA / "duties.csv").read_bytes())
    with (DATA / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        used = {word for row in csv.DictReader(file) for word in row["responsible"].split("|")}
    assert used <= set(known)
    assert len(set(known)) == len(known)
