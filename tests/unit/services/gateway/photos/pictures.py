"""Photos for tests: good ones, and such as somebody who means harm would send."""

import io
import struct
import zlib

import pillow_heif
from PIL import Image, ImageCms
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo

pillow_heif.register_heif_opener()

JPEG, PNG, WEBP, HEIC = "image/jpeg", "image/png", "image/webp", "image/heic"
FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", HEIC: "HEIF"}
SECRET = "ZHANG-SAN-13812345678"
"""What must be in no photo of ours."""


def corners(width=64, height=48):
    """Four fields of colours that no turning confuses: red, green above blue, white."""
    image = Image.new("RGB", (width, height), "white")
    half, middle = width // 2, height // 2
    image.paste((255, 0, 0), (0, 0, half, middle))
    image.paste((0, 160, 0), (half, 0, width, middle))
    image.paste((0, 0, 255), (0, middle, half, height))
    return image


def noise(width=64, height=48):
    """Something that no codec makes small."""
    return Image.effect_noise((width, height), 90).convert("RGB")


def encoded(image, kind=JPEG, **options):
    out = io.BytesIO()
    options = {"lossless": True, **options} if kind == WEBP else options
    image.save(out, FORMATS[kind], **options)
    return out.getvalue()


def exif_of(orientation=None, taken=None, offset=None, point=None, datum=None, note=None):
    """EXIF data; ``point``: lng and lat in degrees, each written as three rationals."""
    exif = Image.Exif()
    if orientation is not None:
        exif[Base.Orientation] = orientation
    if note:
        exif[Base.Artist] = note
        exif[Base.ImageDescription] = note
    detail = exif.get_ifd(IFD.Exif)
    if taken:
        detail[Base.DateTimeOriginal] = taken
    if offset:
        detail[Base.OffsetTimeOriginal] = offset
    if point:
        lng, lat = point
        gps = exif.get_ifd(IFD.GPSInfo)
        gps[GPS.GPSLongitudeRef], gps[GPS.GPSLatitudeRef] = "EW"[lng < 0], "NS"[lat < 0]
        gps[GPS.GPSLongitude], gps[GPS.GPSLatitude] = sixty(abs(lng)), sixty(abs(lat))
        if datum:
            gps[GPS.GPSMapDatum] = datum
    return exif


def sixty(angle):
    """Degrees, minutes and seconds of an angle in degrees."""
    degrees, rest = divmod(angle, 1)
    minutes, rest = divmod(rest * 60, 1)
    return degrees, minutes, round(rest * 60, 4)


def as_read(exif):
    """EXIF data as they come out of a file again."""
    return Image.open(io.BytesIO(encoded(corners(), exif=exif))).getexif()


def telling_photo(kind):
    """A photo with a secret wherever a file of its kind can have one."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = exif_of(note=SECRET, point=(117.9, 33.5)).tobytes()
    common = {"exif": exif, "xmp": xmp(SECRET), "icc_profile": profile + SECRET.encode()}
    if kind == JPEG:
        data = encoded(corners(), kind, comment=SECRET, **common)
        iptc = b"Photoshop 3.0\0" + SECRET.encode()
        return data[:2] + b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc + data[2:]
    if kind == PNG:
        text = PngInfo()
        text.add_text("Comment", SECRET)
        text.add_text("Squeezed", SECRET, zip=True)
        text.add_itxt("Author", SECRET)
        del common["xmp"]
        return encoded(corners(), kind, pnginfo=text, **common)
    return encoded(corners(), kind, **common)


def xmp(text):
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><who>{text}</who></x:xmpmeta>'.encode()


def chunk(name, data):
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, *more, data=b""):
    """A PNG of one byte a pixel by its header, with whatever else."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(data, 9) if data else b""
    parts = [chunk(b"IHDR", header), *more, chunk(b"IDAT", rows), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def hundred_megapixels():
    """100 million pixels in a hundred kilobytes: a decompression bomb that is a right PNG."""
    return png(10_000, 10_000, data=bytes(10_001 * 10_000))


def text_bomb():
    """A text of 200 MB in 200 kB."""
    return png(1, 1, chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)))


def profile_bomb():
    """A colour profile of 200 MB in 200 kB."""
    return png(1, 1, chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(bytes(200_000_000), 9)))


def endless_rows():
    """A small picture by its header whose data never end."""
    return png(8, 8, data=bytes(300_000_000))


def film(frames=200):
    """An animation."""
    pictures = [Image.new("RGB", (8, 8), (n % 256, n // 256, 0)) for n in range(frames)]
    out = io.BytesIO()
    pictures[0].save(out, "WEBP", save_all=True, append_images=pictures[1:], lossless=True)
    return out.getvalue()


def broken_exif():
    """A JPEG whose EXIF data point behind their own end and at themselves."""
    tags = struct.pack("<HHII", 0x8769, 4, 1, 0xFFFFFFF0) + struct.pack("<HHII", 0x8825, 4, 1, 8)
    bad = struct.pack("<HHII", 0x0112, 3, 0xFFFFFFFF, 0x7FFFFFFF)
    tiff = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 3) + tags + bad
    segment = b"Exif\0\0" + tiff + struct.pack("<I", 8)
    data = encoded(corners())
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + data[2:]


POLYGLOTS = {
    "html": f"<html><script>alert('{SECRET}')</script></html>".encode(),
    "zip": b"PK\x03\x04" + SECRET.encode() + b"PK\x05\x06" + bytes(18),
    "script": f"*/alert('{SECRET}')//".encode(),
    "php": f"<?php system('{SECRET}'); ?>".encode(),
}
"""What is put behind a photo to be something else as well."""

OTHER_KINDS = {
    "svg": f'<svg xmlns="http://www.w3.org/2000/svg"><text>{SECRET}</text></svg>'.encode(),
    "html": b"<!doctype html><html></html>",
    "pdf": b"%PDF-1.7\n",
    "text": b"not a photo at all",
    "avif": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miafMA1A",
    "mp4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
    "one byte": b"\xff",
}
"""What is no photo that is taken."""
for name, pillow_format in (("gif", "GIF"), ("tiff", "TIFF"), ("bmp", "BMP"), ("ico", "ICO")):
    _out = io.BytesIO()
    corners().save(_out, pillow_format)
    OTHER_KINDS[name] = _out.getvalue()
