"""Photos that tests send, and how they look at the answers."""

import io
import json

import pillow_heif
import requests
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

pillow_heif.register_heif_opener()

ELSEWHERE = "https://photos.example/1.jpg"
WAITING = "92001"
"""A category whose cases wait for somebody."""
BY_ITSELF = "06012"
"""A category whose cases go to their party."""
SECRET = b"ZHANG-SAN-13812345678"
NOBODYS = "/api/v1/photos/01ARZ3NDEKTSV4RRFFQ69G5FAV"


def picture(kind="JPEG", size=(320, 240), **options):
    """A photo that no other test has sent."""
    grain = Image.effect_noise((16, 12), 90).resize(size).convert("RGB")
    out = io.BytesIO()
    grain.save(out, kind, **options)
    return out.getvalue()


def taken_photo():
    """A photo that says when, where and by whom it was taken."""
    exif = Image.Exif()
    exif[Base.Artist] = SECRET.decode()
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2026:04:01 08:30:00"
    gps = exif.get_ifd(IFD.GPSInfo)
    gps[GPS.GPSLongitudeRef], gps[GPS.GPSLongitude] = "E", (117.0, 54.0, 36.0)
    gps[GPS.GPSLatitudeRef], gps[GPS.GPSLatitude] = "N", (33.0, 28.0, 48.0)
    return picture(exif=exif)


def form(body, *photos):
    """The parts of a report that comes with photos."""
    parts = [("report", ("report.json", json.dumps(body), "application/json"))]
    return parts + [("photo", (f"{n}.jpg", data, "image/jpeg")) for n, data in enumerate(photos)]


def report_form(world, fields, key, account="member"):
    """The answer to a report as a form."""
    return world.request(
        "POST", "/api/v1/issues", account, fields=fields, headers={"Idempotency-Key": key}
    )


def shown(world, url, account=None, method="GET", **headers):
    """The raw answer to a request for a photo."""
    if account:
        headers["Authorization"] = f"Bearer {world.token(account)}"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.request(method, world.stack.url + url, headers=named, timeout=30)


def fault(answer):
    return answer.status, answer.body["type"].rpartition(":")[2]
