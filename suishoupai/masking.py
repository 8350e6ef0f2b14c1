"""Keeps phone numbers, e-mail addresses and keys out of what is read by others (DOMAIN: people).

Example::

    mask("请联系 13812345678")  # 请联系 138****5678
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_MOBILE = re.compile(r"(?<![\d.])(1[3-9]\d)([ -]?\d{4})([ -]?)(\d{4})(?!\d)")
_WITH_COUNTRY = re.compile(r"\+\d{1,3}[ -]?\d(?:[ -]?\d){4,9}(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<![\d.-])(0\d{2,3})-\d{3,4}(\d{4})(?![\d-])")
_EMAIL = re.compile(r"([\w.+%-])[\w.+%-]*@([\w-]+(?:\.[\w-]+)+)")


def mask(text: str) -> str:
    """A text with the middle of every phone number and the name of every e-mail address hidden.

    Mobile numbers of China with or without +86, numbers in E.164, landlines as 0557-7012345.
    """
    text = _WITH_COUNTRY.sub(r"+****\1", text)
    text = _MOBILE.sub(r"\1****\4", text)
    text = _LANDLINE.sub(r"\1-****\2", text)
    return _EMAIL.sub(r"\1***@\2", text)


def mask_address(address: str) -> str:
    """An address that messages are sent to, as far as its owner needs it to know it again: of a
    web address its host, of a key its ends."""
    masked = mask(address)
    if masked != address:
        return masked
    parts = urlsplit(address)
    if parts.hostname:
        return f"{parts.scheme}://{parts.hostname}/…"
    return f"{address[:2]}…{address[-2:]}" if len(address) > 8 else "…"
