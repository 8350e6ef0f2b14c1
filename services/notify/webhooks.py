"""Posts to web addresses that people gave: never into a private network, never elsewhere than
where it was looked up (SSRF).

The host's name is resolved once, every one of its addresses is checked, and the connection goes to
the checked address itself; a redirect is not followed.
"""

from __future__ import annotations

import json
import socket
from typing import Any
from urllib.parse import urlsplit

import urllib3

from services.notify.channels import all_public

SECONDS = 5.0
"""Longest wait for the connection, and for each read."""
HEADERS = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "suishoupai"}


class NotPosted(Exception):
    """The address did not take it; says why."""


def post(url: str, body: dict[str, Any], private_allowed: bool) -> None:
    """Posts JSON; raises ``NotPosted`` unless the answer is a 2xx."""
    parts = urlsplit(url)
    host = str(parts.hostname)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    pool = _pool(parts.scheme, host, port, _address(host, port, private_allowed))
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    try:
        response = pool.urlopen(
            "POST",
            target,
            body=json.dumps(body, ensure_ascii=False).encode(),
            headers={**HEADERS, "Host": parts.netloc},
            redirect=False,
            retries=False,
            preload_content=False,
            timeout=urllib3.Timeout(connect=SECONDS, read=SECONDS),
        )
        # What it says besides its status is of no interest, and may be endless.
        response.close()
    except urllib3.exceptions.HTTPError as error:
        raise NotPosted(f"no answer: {type(error).__name__}") from error
    finally:
        pool.close()
    if not 200 <= response.status < 300:
        raise NotPosted(f"answered {response.status}")


def _address(host: str, port: int, private_allowed: bool) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotPosted("its host has no address") from error
    addresses = [str(sockaddr[0]) for *_, sockaddr in found]
    if not private_allowed and not all_public(addresses):
        raise NotPosted("its host lies in a private network")
    return addresses[0]


def _pool(scheme: str, host: str, port: int, address: str) -> urllib3.HTTPConnectionPool:
    if scheme == "http":
        return urllib3.HTTPConnectionPool(address, port)
    return urllib3.HTTPSConnectionPool(address, port, server_hostname=host, assert_hostname=host)
