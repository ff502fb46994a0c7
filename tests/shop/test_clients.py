"""Which network asks, and whom that is believed from."""

from ipaddress import ip_network

import pytest
from pytest_django import Settings

from shop.clients import network_of

PROXIES = [ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48")]


def seen(peer: str, said: str = "") -> str:
    return network_of({"REMOTE_ADDR": peer} | ({"HTTP_X_FORWARDED_FOR": said} if said else {}))


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("localhost", ""),
    ],
)
def test_a_network_is_what_one_line_has(peer: str, network: str) -> None:
    assert seen(peer) == network


def test_without_a_declared_proxy_nobody_says_who_they_are(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = []

    assert seen("203.0.113.7", "198.51.100.1") == "203.0.113.7"
    assert seen("10.0.0.1", "198.51.100.1") == "10.0.0.1"
    assert seen("", "198.51.100.1") == ""


def test_only_a_declared_proxy_is_believed(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = PROXIES

    assert seen("203.0.113.7", "198.51.100.1") == "203.0.113.7"
    assert seen("10.0.0.1", "198.51.100.1") == "198.51.100.1"
    assert seen("", "198.51.100.1") == ""


@pytest.mark.parametrize(
    ("said", "network"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("1.1.1.1, 198.51.100.1", "198.51.100.1"),  # what stands before is the client's own idea
        ("1.1.1.1,198.51.100.1, 10.2.0.1,10.3.0.1", "198.51.100.1"),
        ("10.2.0.1, 10.3.0.1", "10.2.0.1"),
        ("198.51.100.1:4711", "198.51.100.1"),
        ("[2001:db8:1:2::9]:4711", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("1.1.1.1, 2001:db8:ffff::1", "1.1.1.1"),
        ("1.1.1.1, unknown", "10.0.0.1"),
        ("nonsense, 198.51.100.1", "198.51.100.1"),
        (",,,", "10.0.0.1"),
        ("[", "10.0.0.1"),
        ("999.1.1.1", "10.0.0.1"),
        ("\x00☃, é", "10.0.0.1"),
        ("1.1.1.1, " + "10.0.0.2, " * 50_000 + "10.0.0.3", "10.0.0.2"),
    ],
)
def test_the_address_is_read_from_the_right(said: str, network: str, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = PROXIES

    assert seen("10.0.0.1", said) == network


def test_a_socket_without_an_address_is_declared_by_a_word(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["unix", *PROXIES]

    assert seen("", "1.1.1.1, 198.51.100.1") == "198.51.100.1"
    assert seen("", "1.1.1.1, 198.51.100.1, 10.0.0.1") == "198.51.100.1"
    assert seen("203.0.113.7", "198.51.100.1") == "203.0.113.7"
