"""Which kind of photo some bytes are, judged by the bytes and never by what they are called."""

from __future__ import annotations

JPEG = "image/jpeg"
PNG = "image/png"
WEBP = "image/webp"
HEIC = "image/heic"
HEIF = "image/heif"

KINDS = (JPEG, PNG, WEBP, HEIC, HEIF)
"""Media types that are taken; HEIC and HEIF are one family."""
UNSAID = ("", "application/octet-stream", "binary/octet-stream")
"""What is declared where nothing is declared."""
HEAD = 64
"""Bytes from the beginning that are enough to tell."""

_ALIASES = {"image/jpg": JPEG, "image/pjpeg": JPEG, "image/x-png": PNG}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_OTHER_BRANDS = {b"avif", b"avis"}


def sniffed(head: bytes) -> str | None:
    """The media type that the first ``HEAD`` bytes of a file speak of; None for any other kind."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    return HEIC if _is_heif(head) else None


def _is_heif(head: bytes) -> bool:
    """Whether an ISO base media file names HEVC images among its brands (ISO/IEC 23008-12)."""
    if head[4:8] != b"ftyp":
        return False
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, length - 3, 4))}
    return bool(brands & _HEIF_BRANDS) and not brands & _OTHER_BRANDS


def declared_kind(declared: str | None) -> str | None:
    """The media type that was declared, without parameters and in its usual spelling; None where
    nothing was."""
    kind = (declared or "").partition(";")[0].strip().lower()
    return None if kind in UNSAID else _ALIASES.get(kind, kind)


def agrees(declared: str, kind: str) -> bool:
    """Whether what was declared is what the bytes are."""
    return declared == kind or {declared, kind} == {HEIC, HEIF}
