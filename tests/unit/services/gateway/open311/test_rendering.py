"""XML and JSON say the same, whatever people wrote."""

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.open311.rendering import ITEMS, rendered

TEXTS = st.text(st.characters(codec="utf-8"))
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), TEXTS)
ROWS = st.lists(st.dictionaries(st.sampled_from(["status", "lat", "description"]), VALUES))


def read(element):
    if element.tag in ITEMS:
        assert {each.tag for each in element} <= {ITEMS[element.tag]}
        return [read(each) for each in element]
    return {each.tag: each.text for each in element}


def said(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value in (None, "") else str(value)


@given(ROWS)
def test_both_formats_say_the_same(rows):
    as_json = json.loads(rendered("service_requests", rows, "json").data)
    root = ElementTree.fromstring(rendered("service_requests", rows, "xml").data)  # noqa: S314 - our own answer
    assert root.tag == "service_requests"
    expected = [{name: said(value) for name, value in row.items()} for row in as_json]
    assert read(root) == expected


@given(TEXTS)
def test_what_xml_can_hold_is_left_as_it_is(text):
    told = json.loads(rendered("errors", [{"description": text}], "json").data)[0]["description"]
    kept = "".join(each for each in text if each >= " " or each in "\t\n\r")
    kept = kept.replace("\ufffe", "").replace("\uffff", "")
    assert told == kept.replace("\r\n", "\n").replace("\r", "\n")


def test_control_characters_and_markup_do_no_harm():
    evil = "\x00\x08]]><script>&amp;\ud83d"
    for extension in ("json", "xml"):
        answer = rendered("errors", [{"code": 400, "description": evil}], extension)
        assert b"<script>" not in answer.data or extension == "json"
        answer.data.decode("utf-8")


@pytest.mark.parametrize(
    ("extension", "kind"),
    [
        ("json", "application/json; charset=utf-8"),
        ("xml", "text/xml; charset=utf-8"),
        ("yaml", "text/xml; charset=utf-8"),
    ],
)
def test_the_media_type_and_the_declaration_say_utf_8(extension, kind):
    answer = rendered("services", [], extension)
    assert answer.headers["Content-Type"] == kind
    if "xml" in kind:
        assert answer.data.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
