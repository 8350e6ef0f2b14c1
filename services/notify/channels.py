"""The channels besides the inbox: a name, an apprise URL with ``{address}``, what addresses are.

They are in the file that ``SUISHOUPAI_CHANNELS`` names, for secrets are in it. Pure, but for
reading the file once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import yaml

from services.notify.tables import UnusableTable, one_of
from suishoupai.outward import names_private, web_address

WELL_KNOWN = {
    "email": "email",
    "sms": "phone",
    "wecom": "key",
    "dingtalk": "key",
    "feishu": "key",
    "webhook": "url",
}
"""Channel → what its addresses are; another channel says it itself."""
MOST_CHANNELS = 16
"""Each has a carrier of its own."""
PLACEHOLDER = "{address}"
WEBHOOK = "webhook://"
"""Scheme by which a web address that a person gave is posted to (``suishoupai.outward``)."""
LONGEST_ADDRESS = 500
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True)
class Channel:
    """One way out."""

    name: str
    url: str
    """Apprise URL with ``{address}``."""
    address: str
    """What an address is: email, phone, key or url."""

    def url_for(self, address: str) -> str:
        """The apprise URL that sends to an address, whatever characters are in it."""
        return self.url.replace(PLACEHOLDER, quote(address, safe=""))


Channels = Mapping[str, Channel]


def read_channels(path: Path | None) -> Channels:
    """The channels of a YAML or JSON file; none without a file, or in an empty one.

    Raises ``UnusableTable`` naming the line and the channel at fault; never with its secrets.
    """
    if path is None:
        return {}
    text = path.read_text(encoding="utf-8")
    try:
        node, content = yaml.compose(text), yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UnusableTable(path, mark.line + 1 if mark else 1, "not YAML or JSON") from None
    if content is None:
        return {}
    if not isinstance(content, dict) or not isinstance(node, yaml.MappingNode):
        raise UnusableTable(path, 1, "must hold channels by their name")
    if len(content) > MOST_CHANNELS:
        raise UnusableTable(path, 1, f"at most {MOST_CHANNELS} channels")
    lines = {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
    channels = {}
    for name, given in content.items():
        try:
            channels[name] = _channel(name, given)
        except ValueError as error:
            raise UnusableTable(path, lines.get(str(name), 1), f"{name}: {error}") from None
    return channels


def _channel(name: Any, given: Any) -> Channel:
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name in ("all", "none", "inbox"):
        raise ValueError("a channel's name is lower-case letters, and not all, none or inbox")
    if isinstance(given, str):
        given = {"url": given}
    if not isinstance(given, dict) or not set(given) <= {"url", "address"}:
        raise ValueError("must be a URL, or url and address")
    address = given.get("address", WELL_KNOWN.get(name))
    if address not in CHECKS:
        raise ValueError(f"address {one_of(CHECKS)}")
    url = given.get("url")
    if not isinstance(url, str) or PLACEHOLDER not in url:
        raise ValueError(f"its URL needs {PLACEHOLDER}")
    if (address == "url") != url.startswith(WEBHOOK):
        raise ValueError(f"an address that is a url goes with {WEBHOOK}?to={PLACEHOLDER}")
    return Channel(name, url, str(address))


def _email(text: str) -> str:
    if not re.fullmatch(r"[\w.+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", text, re.ASCII):
        raise ValueError("not an e-mail address")
    return text


def _phone(text: str) -> str:
    bare = re.sub(r"[ -]", "", text)
    if not re.fullmatch(r"(\+86)?1[3-9]\d{9}|\+(?!86)[1-9]\d{6,14}", bare, re.ASCII):
        raise ValueError("not a mobile number: 11 digits, or + and the country's code first")
    return bare


def _key(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{8,128}", text, re.ASCII):
        raise ValueError("not a bot's key: 8 to 128 letters, digits, - or _")
    return text


CHECKS: Mapping[str, Callable[[str], str]] = {
    "email": _email,
    "phone": _phone,
    "key": _key,
    "url": web_address,
}
"""What an address is → how it is checked; gives it as it is kept, or raises ``ValueError``."""


def checked_address(channel: Channel, text: str, private_allowed: bool) -> str:
    """An address as it is kept; raises ``ValueError`` with what is wrong with it."""
    if len(text) > LONGEST_ADDRESS:
        raise ValueError(f"at most {LONGEST_ADDRESS} characters")
    kept = CHECKS[channel.address](text.strip())
    if channel.address == "url" and not private_allowed and names_private(kept):
        raise ValueError("must not lie in a private network")
    return kept


def line_of(channel: Channel, address: str) -> str:
    """What fails together: a channel as a whole, of web addresses each host by itself."""
    host = urlsplit(address).hostname if channel.address == "url" else None
    return f"{channel.name} {host}" if host else channel.name
