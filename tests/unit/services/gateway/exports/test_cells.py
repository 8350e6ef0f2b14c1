"""CSV that no spreadsheet computes and every reader reads."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.exports.cells import csv_text, neutral

FORMULA_SIGNS = "=+-@−⁺⁻⁼₊₋₌⩵⩶﬩﹢﹣﹦﹫＋－＝＠"
"""The four, and every character that is normalised to one of them."""
BLANKS = " \t\r\n\x0b\x0c\x00\x1f\xa0\u3000\u200b\u2028\u00ad"
TEXTS = st.text(
    st.one_of(
        st.sampled_from(FORMULA_SIGNS + BLANKS + "'\",;1a垃"),
        st.characters(exclude_categories=["Cs"]),
    )
)


def may_be_a_formula(text):
    """The slow rule: what is seen first is a sign, or the text begins by leaving its cell."""
    if text[:1] in ("\t", "\r", "\n"):
        return True
    for sign in text:
        if sign.isspace() or not sign.isprintable():
            continue
        return sign in FORMULA_SIGNS
    return False


@given(TEXTS)
def test_what_may_be_a_formula_is_shown_and_not_computed(text):
    shown = neutral(text)
    assert shown == (f"'{text}" if may_be_a_formula(text) else text)
    assert not may_be_a_formula(shown)
    assert neutral(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://evil.example","点我")',
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(1)",
        "＝1+1",
        "　　=1",
        "\t=1",
        "\n垃圾",
        " \u200b＠x",
    ],
)
def test_known_attacks_are_neutralised(text):
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "垃圾成堆", "3 号楼 - 东", "06010", "a=b", "'=1", "“=1”"])
def test_plain_words_stay_as_they_are(text):
    assert neutral(text) == text


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS)


def written(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return {True: "true", False: "false"}[value]
    return neutral(value) if isinstance(value, str) else str(value)


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(VALUES, min_size=width, max_size=width))
    )
)
def test_what_is_written_is_read_back(rows):
    text = csv_text(rows)
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        [written(value) for value in row] for row in rows
    ]


def test_lines_are_those_of_rfc_4180():
    at = datetime(2026, 4, 1, 16, 0, 0, 123000, UTC)
    row = ['引号"', "a,b", "c;=d", "行\n行", 117.91, 7, True, None, at]
    assert csv_text([row]) == (
        '"引号""","a,b","c;=d","行\n行",117.91,7,"true","","2026-04-02T00:00:00.123000+08:00"\r\n'
    )
