"""The address a request is counted by is one that a trusted proxy saw, or the peer's own."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.addresses import client_address, is_nearby, network_of

PEER = "198.51.100.7"
ADDRESSES = st.ip_addresses(v=4) | st.ip_addresses(v=6).filter(lambda each: not each.ipv4_mapped)
FORGED = st.lists(st.text(st.characters(codec="latin-1", exclude_characters="\r\n")), max_size=4)


@given(FORGED, st.integers(-1, 0))
def test_without_a_proxy_nothing_is_believed(forged, trusted):
    assert client_address(PEER, ",".join(forged), trusted) == PEER


@given(FORGED, st.lists(ADDRESSES, min_size=1, max_size=4))
def test_what_stands_left_of_the_outermost_proxys_word_changes_nothing(forged, seen):
    written = ", ".join([*forged, *map(str, seen)])
    assert client_address(PEER, written, len(seen)) == str(seen[0])


@given(st.text(st.characters(codec="latin-1")), st.integers(0, 3))
def test_the_address_is_always_one(header, trusted):
    assert ip_address(client_address(PEER, header, trusted))


@pytest.mark.parametrize(
    ("forwarded", "trusted", "address"),
    [
        ("203.0.113.9", 1, "203.0.113.9"),
        ("203.0.113.9:4711", 1, "203.0.113.9"),
        ("[2001:db8::1]:443", 1, "2001:db8::1"),
        ("[2001:DB8::1]", 1, "2001:db8::1"),
        ("2001:db8:0:0::1", 1, "2001:db8::1"),
        ("::ffff:203.0.113.9", 1, "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9", 1, "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9", 2, "1.1.1.1"),
        ("203.0.113.9", 2, PEER),
        ("", 1, PEER),
        ("unknown", 1, PEER),
        ("fe80::1%\nforged", 1, PEER),
        ("203.0.113.09", 1, PEER),
        ("1.1.1.1,", 1, PEER),
    ],
)
def test_an_address_is_read_as_proxies_write_it(forwarded, trusted, address):
    assert client_address(PEER, forwarded, trusted) == address


def test_a_peer_without_an_address_is_unknown():
    assert client_address("", "", 0) == "unknown"


@given(st.ip_addresses(v=6, network="2000::/3"), st.integers(0, 2**64 - 1))
def test_who_chooses_another_address_in_their_network_is_counted_on(address, low):
    neighbour = type(address)(int(address) >> 64 << 64 | low)
    assert network_of(str(address)) == network_of(str(neighbour))
    elsewhere = type(address)(int(address) ^ 1 << 64)
    assert network_of(str(address)) != network_of(str(elsewhere))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_counted_by_itself(address):
    assert network_of(str(address)) == str(address)
    assert network_of(f"::ffff:{address}") == str(address)


@pytest.mark.parametrize(
    ("address", "nearby"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("10.1.2.3", True),
        ("172.18.0.1", True),
        ("fd00::1", True),
        ("1.1.1.1", False),
        ("2606:4700::1", False),
        ("", False),
        ("unknown", False),
    ],
)
def test_private_networks_are_near(address, nearby):
    assert is_nearby(address) is nearby
