"""Whose address a request is counted by, when proxies stand before the gateway."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

LONE_PREFIX = 64
"""Bits of an IPv6 address that one customer shares; the rest they choose as they like."""


def client_address(peer: str, forwarded: str, trusted_proxies: int) -> str:
    """The address of the client, in its canonical form.

    Each proxy adds the address it was asked from at the right of X-Forwarded-For. So with N trusted
    proxies the N-th from the right is what the outermost of them saw; what stands left of it may be
    anybody's. A header that has fewer, or no address there, is not believed at all.
    """
    entries = forwarded.split(",")
    told = None
    if 0 < trusted_proxies <= len(entries):
        told = _address(entries[-trusted_proxies])
    return str(told or _address(peer) or "unknown")


def network_of(address: str) -> str:
    """What requests are counted by: an IPv4 address, the /64 of an IPv6 one."""
    found = _address(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, LONE_PREFIX), strict=False))
    return str(found or address)


def is_nearby(address: str) -> bool:
    """Whether an address is on this machine or in a private network."""
    found = _address(address)
    return found is not None and (found.is_loopback or found.is_private)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it: with a port or without, IPv6 perhaps in brackets."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    if "%" in text:  # a zone may be any text
        return None
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
