"""Which network a request comes from: all that tells one stranger from another."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from django.conf import settings

UNIX = "unix"  # in TRUSTED_PROXIES: whoever reaches the socket of a file, which has no address
MOST_PROXIES = 10  # one behind the other

Address = IPv4Address | IPv6Address


def network_of(environ: Mapping[str, Any]) -> str:
    """The client's IPv4 address, or the /64 of its IPv6 one: what one customer line has.

    Behind a socket without an address, and without a proxy that tells one, it is blank: all
    who come so are one.
    """
    client = client_of(environ)
    if isinstance(client, IPv6Address):
        return str(IPv6Network((client, 64), strict=False))
    return "" if client is None else str(client)


def client_of(environ: Mapping[str, Any]) -> Address | None:
    """Who asks: the peer, or whom a declared proxy names.

    Each proxy adds its peer at the right end of X-Forwarded-For. So it is read from there, as
    far as declared proxies have written it; what stands before is anybody's invention.
    """
    client = address_in(environ.get("REMOTE_ADDR", ""))
    said = environ.get("HTTP_X_FORWARDED_FOR", "")
    for _ in range(MOST_PROXIES):
        if not said or not is_trusted(client):
            break
        said, _, last = said.rpartition(",")
        named = address_in(last)
        if named is None:
            break  # a proxy that tells nonsense is all that is known
        client = named
    return client


def is_trusted(peer: Address | None) -> bool:
    if peer is None:
        return UNIX in settings.TRUSTED_PROXIES
    return any(one != UNIX and peer in one for one in settings.TRUSTED_PROXIES)


def address_in(text: str) -> Address | None:
    """The address that is written there, perhaps with a port; None for anything else."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
