"""Which kind of photo some bytes are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.photos.formats import HEAD, KINDS, agrees, declared_kind, sniffed

from .pictures import FORMATS, OTHER_KINDS, corners, encoded


@pytest.mark.parametrize("kind", FORMATS)
def test_a_photo_is_known_by_its_bytes(kind):
    assert sniffed(encoded(corners(), kind)[:HEAD]) == kind


@pytest.mark.parametrize("name", OTHER_KINDS)
def test_what_is_no_photo_is_none(name):
    assert sniffed(OTHER_KINDS[name][:HEAD]) is None


@given(st.binary(max_size=HEAD))
def test_any_bytes_are_judged(head):
    assert sniffed(head) in (None, *KINDS)


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        (None, None),
        ("", None),
        ("application/octet-stream", None),
        ("image/jpg", "image/jpeg"),
        ("IMAGE/PNG; charset=binary", "image/png"),
        ("text/html", "text/html"),
    ],
)
def test_what_is_declared_is_read(declared, kind):
    assert declared_kind(declared) == kind


def test_heic_and_heif_are_one_family():
    assert agrees("image/heif", "image/heic")
    assert not agrees("image/jpeg", "image/heic")
