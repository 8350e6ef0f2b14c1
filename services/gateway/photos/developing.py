"""From the bytes of a stranger to a photo of ours: checked, turned upright, in sRGB, made smaller,
and written anew, so that nothing of the old file is in it but the picture.

Runs in a process of its own (``worker``): decoders are C libraries that eat what they are given.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagehash
import pillow_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from services.gateway.photos.exif import read_exif
from services.gateway.photos.formats import HEIC, JPEG, PNG, WEBP

Document = dict[str, Any]

CAME, PHOTO, THUMBNAIL = "came", "photo.jpg", "thumbnail.jpg"
"""Names of what came and what is made of it, in the folder of one photo."""
LONGEST_EDGE = 2560
"""Pixels of the photo that is kept."""
LONGEST_THUMBNAIL_EDGE = 400
QUALITY = 85
"""Of JPEG."""
MOST_FRAMES = 64
"""A phone's photo may have a few (depth, gain map); with more it is a film."""
LONGEST_PROFILE = 1024 * 1024
"""Bytes of a colour profile that is looked at."""

_READERS = {JPEG: ["JPEG", "MPO"], PNG: ["PNG"], WEBP: ["WEBP"], HEIC: ["HEIF"]}
_SRGB = ImageCms.createProfile("sRGB")

Image.MAX_IMAGE_PIXELS = None  # judged here, before anything is decoded
pillow_heif.register_heif_opener(thumbnails=False)
pillow_heif.options.DECODE_THREADS = 1


class Unusable(Exception):
    """A photo that is not taken, and why, in words for who sent it."""


@dataclass(frozen=True)
class Limits:
    """The largest photo that is decoded."""

    pixels: int


def develop(folder: Path, kind: str, limits: Limits) -> Document:
    """Makes ``PHOTO`` and ``THUMBNAIL`` of ``CAME`` and says what they are.

    ``{width, height, bytes, thumbnail_bytes, hash, taken_at, location}``: pixels, bytes, 16
    hexadecimal digits, ISO 8601 in UTC or None, [lng, lat] in WGS-84 or None. Raises ``Unusable``.
    """
    with _opened(folder / CAME, kind, limits) as image:
        taken_at, location = read_exif(image)
        photo = _upright(_decoded(image))
    thumbnail = photo.copy()
    thumbnail.thumbnail((LONGEST_THUMBNAIL_EDGE, LONGEST_THUMBNAIL_EDGE))
    return {
        "width": photo.width,
        "height": photo.height,
        "bytes": _written(photo, folder / PHOTO),
        "thumbnail_bytes": _written(thumbnail, folder / THUMBNAIL),
        "hash": str(imagehash.phash(thumbnail)),
        "taken_at": taken_at.isoformat() if taken_at else None,
        "location": list(location) if location else None,
    }


def _opened(path: Path, kind: str, limits: Limits) -> Image.Image:
    """The image with its header read and nothing decoded; raises ``Unusable`` when it is too
    large, a film, or not what it began as."""
    try:
        image = Image.open(path, formats=_READERS[kind])
    except UnidentifiedImageError as error:
        raise Unusable(f"it begins as {kind} and cannot be read as that") from error
    except Exception as error:  # a decoder raises what it likes
        raise Unusable(f"its header cannot be read: {error}") from error
    width, height = image.size
    if width * height > limits.pixels:
        raise Unusable(f"{width} × {height} pixels: at most {limits.pixels} are taken")
    frames = getattr(image, "n_frames", 1)
    if frames > MOST_FRAMES:
        raise Unusable(f"{frames} frames: a film is not taken")
    return image


def _decoded(image: Image.Image) -> Image.Image:
    """The first frame, no larger than it is kept; a JPEG is decoded no larger than needed."""
    try:
        image.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
        image.load()
        if image.mode == "I;16":
            image = image.point(lambda value: value / 256).convert("L")
        elif image.mode in ("P", "PA", "1", "I", "F"):
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
        image.thumbnail((LONGEST_EDGE, LONGEST_EDGE), reducing_gap=2.0)
    except MemoryError:
        raise
    except Exception as error:
        raise Unusable(f"it is damaged: {error}") from error
    return image


def _upright(image: Image.Image) -> Image.Image:
    """The picture alone: turned as its camera was held, in sRGB, on white where it is clear."""
    try:
        turned = ImageOps.exif_transpose(image)
    except Exception:  # an orientation that cannot be read is none
        turned = image
    coloured = _in_srgb(turned)
    clean = Image.new("RGB", coloured.size, "white")
    if coloured.has_transparency_data:
        layer = coloured.convert("RGBA")
        clean.paste(layer, mask=layer.getchannel("A"))
    else:
        clean.paste(coloured.convert("RGB"))
    return clean


def _in_srgb(image: Image.Image) -> Image.Image:
    """The image in sRGB by its own profile; one without a profile that can be used is in it."""
    profile = image.info.get("icc_profile")
    if not profile or len(profile) > LONGEST_PROFILE:
        return image
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, _SRGB, outputMode=mode) or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image


def _written(image: Image.Image, path: Path) -> int:
    image.save(path, "JPEG", quality=QUALITY, optimize=True)
    return path.stat().st_size
