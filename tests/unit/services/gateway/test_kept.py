"""What the document says can be kept is what the program keeps."""

import json
import re

import pytest

from services.gateway.kept import ANY_VALUE, limit_to_kept
from suishoupai.contracts.problems import Problem
from suishoupai.contracts.questions import NOT_BLANK
from suishoupai.strict_json import INTEGERS, KEPT_TEXT, parse_json, unkeepable

EVERY_CHARACTER = [code for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
"""Text is of these: halves of a character stand in none that is encoded."""


def limited(shape, **components):
    limit_to_kept(shape, components)
    return shape


def is_taken(body):
    try:
        parse_json(json.dumps(body).encode())
    except Problem:
        return False
    return True


def test_the_pattern_allows_what_the_program_takes():
    pattern = re.compile(KEPT_TEXT)
    differing = [
        f"U+{code:04X}"
        for code in EVERY_CHARACTER
        for text in (chr(code), f"甲{chr(code)}b")
        if bool(pattern.fullmatch(text)) == bool(unkeepable(text))
    ]
    assert not differing


@pytest.mark.parametrize("half", ["\ud800", "\udbff", "\udc00", "\udfff"])
def test_half_a_character_is_not_taken(half):
    assert unkeepable(f"甲{half}")


def test_text_is_limited_wherever_it_stands():
    shape = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "names": {"type": "array", "items": {"type": ["string", "null"]}},
            "kind": {"type": "string", "enum": ["a"]},
            "at": {"type": "string", "format": "date-time"},
            "other": {"$ref": "#/components/schemas/Other"},
        },
    }
    other = {"type": "object", "properties": {"again": {"$ref": "#/components/schemas/Other"}}}
    other["properties"]["text"] = {"type": "string"}
    properties = limited(shape, Other=other)["properties"]
    assert properties["name"]["pattern"] == KEPT_TEXT
    assert properties["names"]["items"]["pattern"] == KEPT_TEXT
    assert other["properties"]["text"]["pattern"] == KEPT_TEXT
    assert "pattern" not in properties["kind"] | properties["at"]


def test_a_pattern_that_asks_for_one_character_is_kept_among_those_that_can_be():
    pattern = limited({"type": "string", "pattern": NOT_BLANK})["pattern"]
    assert re.search(pattern, " a ") and not re.search(pattern, "   ")
    assert not re.search(pattern, "a\x00")
    whole = {"type": "string", "pattern": "^[0-9]{6}$"}
    assert limited(dict(whole)) == whole


def test_integers_are_limited_to_what_is_taken():
    assert limited({"type": "integer"}) == {
        "type": "integer",
        "minimum": INTEGERS[0],
        "maximum": INTEGERS[1],
    }
    assert limited({"type": "integer", "minimum": 1})["minimum"] == 1
    for number, taken in ((INTEGERS[0], True), (INTEGERS[0] - 1, False)):
        assert is_taken(number) == taken
    for number, taken in ((INTEGERS[1], True), (INTEGERS[1] + 1, False)):
        assert is_taken(number) == taken


def test_names_of_fields_are_text_too():
    open_shape = limited({"type": "object", "additionalProperties": True}, Anything=ANY_VALUE)
    assert open_shape["propertyNames"] == {"pattern": KEPT_TEXT}
    assert open_shape["additionalProperties"] == {"$ref": "#/components/schemas/Anything"}
    closed = {"type": "object", "additionalProperties": False}
    assert limited(dict(closed)) == closed
    assert ANY_VALUE["anyOf"][4]["propertyNames"] == {"pattern": KEPT_TEXT}
    assert not is_taken({"a\x00": 1})
