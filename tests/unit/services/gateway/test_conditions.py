"""Tags change with what they stand for, and conditions are read as RFC 9110 has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.conditions import is_known, tag_of, versions_matched


@given(st.binary(), st.binary(), st.integers(1, 10**6), st.integers(1, 10**6))
def test_tags_are_the_same_exactly_when_what_they_stand_for_is(first, second, one, two):
    same = (first, one) == (second, two)
    assert (tag_of(first, one) == tag_of(second, two)) == same
    assert (tag_of(first) == tag_of(second)) == (first == second)


@given(st.binary(), st.integers(1, 10**8))
def test_a_tag_names_its_version(content, version):
    tag = tag_of(content, version)
    assert versions_matched(f'"{tag}"') == [version]
    assert versions_matched(f'"x", "{tag}"') == [version]
    assert versions_matched(f'W/"{tag}"') == []
    assert is_known(f'"{tag}"', tag) and is_known(f'"x",W/"{tag}"', tag)
    assert not is_known(f'"{tag}x"', tag)


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        (None, None),
        ("*", None),
        ("", []),
        ('"7-0a1b"', [7]),
        ('"7-0a1b", "9-0a1b"', [7, 9]),
        ('"0-0a1b"', []),
        ('"-1-0a1b"', []),
        ('"7"', []),
        ('"7-"', []),
        ('"7-0a1b-more"', []),
        ('"99999999999999999999-0a"', []),
        ('"７-0a1b"', []),
        ('", "7-0a1b', []),
        ('""', []),
        ('"", "7-0a1b"', [7]),
    ],
)
def test_the_versions_that_a_precondition_allows(header, versions):
    assert versions_matched(header) == versions


@given(st.text() | st.text('",W/*- 7a'))
def test_any_header_is_read(header):
    versions = versions_matched(header)
    assert versions is None or all(each >= 1 for each in versions)
    assert is_known(header, "tag") in (True, False)


def test_nothing_is_known_without_a_header():
    assert not is_known(None, "tag")
    assert is_known("*", "tag")
