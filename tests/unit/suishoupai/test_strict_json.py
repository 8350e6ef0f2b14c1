"""Strict JSON reads what the standard library reads, and refuses what two readers might not agree
on or what cannot be kept."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from suishoupai.contracts.problems import Problem
from suishoupai.strict_json import DEEPEST, MOST_PARTS, parse_json, unkeepable

BAD = [*map(chr, range(0x20)), "\ud800", "\udfff", "\ufffe", "\uffff"]
for kept in "\t\n\r":
    BAD.remove(kept)

NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


def refusal(body):
    with pytest.raises(Problem) as caught:
        parse_json(body)
    return caught.value


def strings(value):
    if isinstance(value, str):
        yield value
    for member in value if isinstance(value, list) else ():
        yield from strings(member)
    for name, member in value.items() if isinstance(value, dict) else ():
        yield name
        yield from strings(member)


def depth(value):
    members = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth, members), default=0) if isinstance(value, dict | list) else 0


@given(VALUES, st.booleans())
def test_what_is_fine_is_read_as_ever(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only)
    assume(depth(value) <= DEEPEST)
    if any(bad in each for each in strings(value) for bad in BAD):
        assert refusal(text.encode()).code == "invalid"
    else:
        assert parse_json(text.encode()) == value


@given(st.binary())
def test_any_bytes_are_read_or_refused_with_a_reason(body):
    try:
        parse_json(body)
    except Problem as problem:
        assert problem.code in ("not-json", "invalid")
        assert problem.detail
        problem.detail.encode()


@pytest.mark.parametrize("character", BAD)
def test_what_cannot_be_kept_is_named_with_its_place(character):
    body = json.dumps({"a": [{"b": f"xy{character}"}]}).encode()
    problem = refusal(body)
    assert problem.errors == [
        {"field": "a.0.b", "message": f"U+{ord(character):04X} at 2 cannot be kept"}
    ]
    assert unkeepable(f"xy{character}") == problem.errors[0]["message"]


def test_a_name_that_cannot_be_kept_is_refused_and_not_repeated():
    problem = refusal(b'{"a": {"x\\u0000": 1}}')
    assert problem.errors[0]["field"] == "a.x\N{REPLACEMENT CHARACTER}"
    refusal(b'{"\\ud800": 1}').detail.encode()


@pytest.mark.parametrize("body", [b'{"a": 1, "a": 2}', b'[{"b": {"a": 1, "\\u0061": 1}}]'])
def test_a_name_that_is_given_twice_is_refused(body):
    assert refusal(body).errors == [{"field": "a", "message": "is given more than once"}]


@pytest.mark.parametrize(
    "number",
    ["1" * 4000, "1" * 100_000, "-" + "9" * 20, str(2**63), str(-(2**63) - 1), "1e400", "-1e999"],
)
def test_a_number_beyond_64_bits_is_refused_where_it_stands(number):
    assert refusal(f'{{"n": [0, {number}]}}'.encode()).errors == [
        {"field": "n.1", "message": "beyond 64 bits"}
    ]


def test_the_widest_numbers_are_taken():
    assert parse_json(f"[{2**63 - 1}, {-(2**63)}, 1e308]".encode()) == [2**63 - 1, -(2**63), 1e308]


@pytest.mark.parametrize("whole", ["2.0", "2e0", "0.2E1", "20e-1"])
def test_a_whole_number_is_an_integer_however_it_is_written(whole):
    assert isinstance(parse_json(whole.encode()), int)
    assert parse_json(whole.encode()) == 2
    assert isinstance(parse_json(b"2.5"), float)
    assert isinstance(parse_json(f"{2.0**53 + 2:.1f}".encode()), float)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"\xff", "not UTF-8 at byte 0"),
        (b'"\xc0\xaf"', "not UTF-8 at byte 1"),
        (b'"\xed\xa0\x80"', "not UTF-8 at byte 1"),
        ('"甲"'.encode("gb18030"), "not UTF-8 at byte 1"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8 at byte 0"),
        (b"NaN", "NaN is not JSON"),
        (b'{"a": -Infinity}', "-Infinity is not JSON"),
        (b"[" * 1_000_000, f"more than {MOST_PARTS} parts"),
        (b"[" * 90_000, f"nested deeper than {DEEPEST}"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, f"nested deeper than {DEEPEST}"),
        (b"[" + b"0," * MOST_PARTS + b"0]", f"more than {MOST_PARTS} parts"),
        (b'{"a": 1} x', "Extra data: line 1 column 10 (char 9)"),
    ],
)
def test_what_is_no_json_says_where_or_why(body, detail):
    problem = refusal(body)
    assert (problem.code, problem.detail) == ("not-json", detail)


def test_as_deep_as_may_be_is_taken():
    body = b"[" * DEEPEST + b"]" * DEEPEST
    assert parse_json(body) == json.loads(body)
    assert refusal(b"[" + body + b"]").detail == f"nested deeper than {DEEPEST}"


def test_a_byte_order_mark_is_no_part_of_the_text():
    assert parse_json(b"\xef\xbb\xbf{}") == {}
