"""When and where a photo was taken, by its EXIF data; whatever cannot be read there is not known.

Only the point is read, never a direction, speed or track (DOMAIN: people).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from PIL.ExifTags import GPS, IFD, Base

from suishoupai.clock import LOCAL
from suishoupai.datum import to_wgs84

DATUMS = {
    "": "WGS-84",
    "WGS-84": "WGS-84",
    "WGS84": "WGS-84",
    "WGS 84": "WGS-84",
    "GCJ-02": "GCJ-02",
    "GCJ02": "GCJ-02",
}
"""GPSMapDatum → datum. Where none is said it is that of GPS; a point of any other is not known."""

Point = tuple[float, float]
"""Longitude and latitude in WGS-84, degrees."""


def read_exif(image: Any) -> tuple[datetime | None, Point | None]:
    """When (UTC) and where a Pillow image was taken, as far as it says so."""
    try:
        exif = image.getexif()
        # A part that is broken takes only itself with it.
        return _guarded(taken_at, exif), _guarded(location, exif)
    except Exception:  # Pillow raises whatever comes out of broken offsets
        return None, None


def _guarded(read: Any, exif: Any) -> Any:
    try:
        return read(exif)
    except Exception:
        return None


def taken_at(exif: Any) -> datetime | None:
    """DateTimeOriginal with its offset, else in Asia/Shanghai; DateTime where it is missing."""
    detail = exif.get_ifd(IFD.Exif)
    for text, offset in (
        (detail.get(Base.DateTimeOriginal), detail.get(Base.OffsetTimeOriginal)),
        (exif.get(Base.DateTime), detail.get(Base.OffsetTime)),
    ):
        if text and (found := _instant(_text(text), _text(offset))):
            return found
    return None


def _instant(text: str, offset: str) -> datetime | None:
    try:
        local = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")
        zone = datetime.strptime(offset, "%z").tzinfo if offset else LOCAL
        return local.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def location(exif: Any) -> Point | None:
    """The point of GPSInfo in WGS-84; None where there is none, or none that can be.

    A receiver without a fix writes zeros: that is no place in any county.
    """
    gps = exif.get_ifd(IFD.GPSInfo)
    lng = _degrees(gps, GPS.GPSLongitude, GPS.GPSLongitudeRef, "EW", 180)
    lat = _degrees(gps, GPS.GPSLatitude, GPS.GPSLatitudeRef, "NS", 90)
    datum = DATUMS.get(_text(gps.get(GPS.GPSMapDatum)).upper())
    if lng is None or lat is None or datum is None or (lng, lat) == (0, 0):
        return None
    lng, lat = to_wgs84(lng, lat, datum)
    return round(lng, 7), round(lat, 7)


def _degrees(
    gps: Mapping[int, Any], angle: int, reference: int, signs: str, most: int
) -> float | None:
    """An angle of degrees, minutes and seconds with its hemisphere: the first sign is positive for
    E and N, as EXIF has them."""
    side = _text(gps.get(reference)).upper()
    if angle not in gps or side not in tuple(signs):
        return None
    degrees, minutes, seconds = (float(part) for part in gps[angle])
    size = degrees + minutes / 60 + seconds / 3600
    if not isfinite(size) or not 0 <= size <= most:
        return None
    return -size if side in "WS" else size


def _text(value: Any) -> str:
    raw = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")
    return raw.replace("\0", "").strip()
