"""Posts to web addresses that people gave: never into a private network, never elsewhere than
where it was looked up (SSRF).

What an address looks like is checked when it is given. When something is posted, the host's name
is resolved once, every one of its addresses is checked, and the connection goes to a checked
address itself, so that a name that changes in between (DNS rebinding) changes nothing; a redirect
is not followed, and nothing but the status of an answer is read.

Waits on green sockets: it is for services, which run on eventlet.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import SplitResult, urlsplit

import eventlet
import urllib3

LONGEST_URL = 500
"""Characters."""
SECONDS = 5.0
"""Longest wait for the connection, and for each read."""
ALTOGETHER_SECONDS = 15.0
"""Longest that one post may take, whatever the other side does."""
MOST_ADDRESSES = 3
"""So many addresses of a host are tried until one lets us connect."""
AGENT = {"User-Agent": "suishoupai"}

PRIVATE_NAMES = frozenset(
    {"arpa", "home", "internal", "intranet", "lan", "local", "localdomain", "localhost"}
)
"""Last parts of names that no public host has."""
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
"""A name whose last part is one is an IPv4 address to many programs, however it is written."""
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


class NotPosted(Exception):
    """The address did not take it; says why."""

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status
        """What it answered; None when it did not answer."""


def web_address(text: str) -> str:
    """A web address as it is kept; raises ``ValueError`` with what is wrong with it."""
    kept = text.strip()
    if len(kept) > LONGEST_URL:
        raise ValueError(f"at most {LONGEST_URL} characters")
    if re.search(r"[\s\x00-\x1f\x7f\\]", kept):
        raise ValueError("a web address holds no blanks and no backslashes")
    try:
        parts = urlsplit(kept)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError("not a web address") from error
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise ValueError("not a web address: http:// or https:// and a host")
    if "@" in parts.netloc:
        raise ValueError("a web address holds no user")
    if ("[" in parts.netloc) != (":" in plain_host(host)):
        raise ValueError("not a web address: only an IPv6 address stands in brackets")
    return kept


def plain_host(host: str) -> str:
    """A host as it is looked up: lower case, ASCII, without a dot at its end.

    Raises ``ValueError`` for what is no host, and for an IPv4 address in any but its common form.
    """
    if ":" in host and is_ip(host):
        return host.lower()
    try:
        name = host.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError as error:
        raise ValueError("not a web address: its host is not a name") from error
    if len(name) > 253 or not _NAME.fullmatch(name):
        raise ValueError("not a web address: its host is not a name")
    if _NUMBER.fullmatch(name.rpartition(".")[2]) and not is_ip(name):
        raise ValueError("not a web address: write an IPv4 address as four decimal numbers")
    return name


def names_private(url: str) -> bool:
    """Whether one sees from a web address, without looking it up, that it lies in a private
    network: an IP address of one, or a name that no public host has."""
    host = plain_host(str(urlsplit(url).hostname))
    if is_ip(host):
        return not is_public(host)
    return "." not in host or host.rpartition(".")[2] in PRIVATE_NAMES


def all_public(addresses: Iterable[str]) -> bool:
    """Whether every one of the IP addresses of a host is public, and there is one."""
    found = list(addresses)
    return bool(found) and all(map(is_public, found))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public Internet, also where IPv6 wraps an IPv4."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if ip.sixtofour or ip.teredo or ip.is_site_local:
            return False
        if any(ip in network for network in _TRANSLATED):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def is_ip(host: str) -> bool:
    """Whether a host is given by its IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def addresses_of(url: str, private_allowed: bool) -> list[str]:
    """The IP addresses of the host of a web address; raises ``NotPosted`` when it has none, or
    when one of them is private and that is not allowed."""
    with _limited():
        return _addresses(urlsplit(url), private_allowed)


def post(url: str, body: bytes, headers: Mapping[str, str], private_allowed: bool) -> int:
    """Posts to a web address of the form that ``web_address`` gives; says with which 2xx it was
    taken, and raises ``NotPosted`` when it was not."""
    parts = urlsplit(url)
    with _limited():
        addresses = _addresses(parts, private_allowed)[:MOST_ADDRESSES]
        status = _post_to_first(parts, addresses, body, headers)
    if not 200 <= status < 300:
        raise NotPosted(f"answered {status}", status)
    return status


@contextmanager
def _limited() -> Iterator[None]:
    limit = eventlet.Timeout(ALTOGETHER_SECONDS)
    try:
        yield
    except eventlet.Timeout as passed:
        if passed is not limit:
            raise
        raise NotPosted(f"no answer within {ALTOGETHER_SECONDS:.0f} s") from None
    finally:
        limit.cancel()


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _addresses(parts: SplitResult, private_allowed: bool) -> list[str]:
    host = plain_host(str(parts.hostname))
    try:
        found = socket.getaddrinfo(host, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotPosted("its host has no address") from error
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    if not private_allowed and not all_public(addresses):
        raise NotPosted("its host lies in a private network")
    return addresses


def _post_to_first(
    parts: SplitResult, addresses: list[str], body: bytes, headers: Mapping[str, str]
) -> int:
    """Posts to the first of the addresses that lets us connect: nothing was sent to the others."""
    for number, address in enumerate(addresses, start=1):
        try:
            return _post_to(parts, address, body, headers)
        except (
            urllib3.exceptions.NewConnectionError,
            urllib3.exceptions.ConnectTimeoutError,
        ) as error:
            if number == len(addresses):
                raise NotPosted(f"no answer: {type(error).__name__}") from error
        except urllib3.exceptions.HTTPError as error:
            raise NotPosted(f"no answer: {type(error).__name__}") from error
    raise NotPosted("its host has no address")


def _post_to(parts: SplitResult, address: str, body: bytes, headers: Mapping[str, str]) -> int:
    host = plain_host(str(parts.hostname))
    pool = _pool(parts, host, address)
    named = f"[{host}]" if ":" in host else host
    try:
        response = pool.urlopen(
            "POST",
            f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}",
            body=body,
            headers={**AGENT, **headers, "Host": f"{named}:{parts.port}" if parts.port else named},
            redirect=False,
            retries=False,
            preload_content=False,
            timeout=urllib3.Timeout(connect=SECONDS, read=SECONDS),
        )
        # What it says besides its status is of no interest, and may be endless.
        response.close()
    finally:
        pool.close()
    return response.status


def _pool(parts: SplitResult, host: str, address: str) -> urllib3.HTTPConnectionPool:
    if parts.scheme == "http":
        return urllib3.HTTPConnectionPool(address, _port(parts))
    return urllib3.HTTPSConnectionPool(
        address, _port(parts), server_hostname=host, assert_hostname=host
    )
