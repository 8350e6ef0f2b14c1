"""When and where a photo was taken: written by Pillow, read by us."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from services.gateway.photos.exif import location, read_exif, taken_at
from suishoupai.datum import to_gcj02

from .pictures import as_read, broken_exif, corners, encoded, exif_of

SECOND = 1 / 3600
HERE = (117.9102, 33.4805)


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_a_point_of_any_hemisphere_is_read_to_the_second(lng, lat):
    read = location(as_read(exif_of(point=(lng, lat), datum="WGS-84")))
    if max(abs(lng), abs(lat)) < SECOND / 1000:
        return
    assert read == pytest.approx((lng, lat), abs=SECOND / 1000)


@pytest.mark.parametrize("datum", [None, "WGS-84", "WGS84", "wgs-84 ", "WGS-84\0"])
def test_a_point_of_gps_is_in_wgs_84(datum):
    assert location(as_read(exif_of(point=HERE, datum=datum))) == pytest.approx(HERE, abs=1e-6)


def test_a_point_of_a_chinese_map_is_turned():
    read = location(as_read(exif_of(point=to_gcj02(*HERE), datum="GCJ-02")))
    assert read == pytest.approx(HERE, abs=1e-6)


def test_a_point_of_an_unknown_datum_is_not_guessed():
    assert location(as_read(exif_of(point=HERE, datum="TOKYO"))) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {GPS.GPSLatitude: (91.0, 0.0, 0.0)},
        {GPS.GPSLongitude: (180.0, 30.0, 0.0)},
        {GPS.GPSLatitudeRef: "X"},
        {GPS.GPSLatitudeRef: "EW"},
        {GPS.GPSLongitudeRef: ""},
        {GPS.GPSLatitude: (33.0, 0.0)},
        {GPS.GPSLatitude: "33"},
        {GPS.GPSLongitude: (0.0, 0.0, 0.0), GPS.GPSLatitude: (0.0, 0.0, 0.0)},
    ],
)
def test_a_point_that_cannot_be_is_not_known(wrong):
    exif = exif_of(point=HERE)
    exif.get_ifd(IFD.GPSInfo).update(wrong)
    image = Image.new("RGB", (1, 1))
    image._exif = exif
    assert read_exif(image)[1] is None


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)),
    st.integers(-12 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_a_time_with_its_offset_is_that_instant(local, offset):
    zone = timezone(offset)
    written = f"{local:%Y:%m:%d %H:%M:%S}", f"{local.replace(tzinfo=zone):%z}"
    text = f"{written[1][:3]}:{written[1][3:]}"
    read = taken_at(as_read(exif_of(taken=written[0], offset=text)))
    assert read == local.replace(microsecond=0, tzinfo=zone)
    assert read.tzinfo is UTC


def test_a_time_without_an_offset_is_the_county_s():
    read = taken_at(as_read(exif_of(taken="2026:04:01 08:30:00")))
    assert read == datetime(2026, 4, 1, 0, 30, tzinfo=UTC)


def test_the_time_of_the_file_stands_in_for_that_of_the_photo():
    exif = exif_of()
    exif[Base.DateTime] = "2026:04:01 08:30:00"
    assert taken_at(as_read(exif)) == datetime(2026, 4, 1, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "yesterday", "2026:13:01 00:00:00"])
def test_a_time_that_cannot_be_is_not_known(text):
    assert taken_at(as_read(exif_of(taken=text))) is None


def test_one_part_that_is_broken_takes_only_itself_with_it():
    exif = exif_of(taken="2026:04:01 08:30:00", point=HERE)
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (b"x", None, 0)
    image = Image.new("RGB", (1, 1))
    image._exif = exif
    assert read_exif(image) == (datetime(2026, 4, 1, 0, 30, tzinfo=UTC), None)


def test_offsets_that_lead_nowhere_say_nothing(tmp_path):
    (tmp_path / "photo").write_bytes(broken_exif())
    with Image.open(tmp_path / "photo") as image:
        assert read_exif(image) == (None, None)


def test_a_photo_without_data_says_nothing(tmp_path):
    (tmp_path / "photo").write_bytes(encoded(corners()))
    with Image.open(tmp_path / "photo") as image:
        assert read_exif(image) == (None, None)
