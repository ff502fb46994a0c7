"""Typed readers of environment variables: a bad value stops the start with one line."""

import os
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import NoReturn

ON = {"1", "true", "yes", "on"}
OFF = {"0", "false", "no", "off", ""}


class BadSetting(SystemExit):
    """Ends the process with a sentence that names the variable; no traceback helps here."""


def refuse(name: str, accepts: str) -> NoReturn:
    raise BadSetting(f"{name} {accepts} (see .env.example).")


def text(name: str, *, default: str | None = None) -> str:
    """The variable without surrounding blanks. Missing or blank: the default, or a stop."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        refuse(name, "must be set and not blank")
    return default


def flag(name: str, *, default: bool) -> bool:
    """On or off."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in ON | OFF:
        return value.strip().lower() in ON
    refuse(name, f"must be on or off, not {value!r}")


def number(name: str, *, default: int, least: int = 0) -> int:
    """A whole number that is at least `least`."""
    value = text(name, default=str(default))
    if value.isascii() and value.isdigit() and int(value) >= least:
        return int(value)
    refuse(name, f"must be a whole number from {least}, not {value!r}")


def names(name: str, *, default: Sequence[str] | None = None) -> list[str]:
    """A comma-separated list without blanks. Missing: the default, or a stop."""
    found = [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]
    if found:
        return found
    if default is None:
        refuse(name, "must name at least one, comma separated")
    return list(default)


def choice(name: str, *, among: Sequence[str], default: str) -> str:
    """One of a few words."""
    value = text(name, default=default)
    if value in among:
        return value
    refuse(name, f"must be one of {', '.join(among)}, not {value!r}")


def address(name: str, *, default: str) -> str:
    """An http(s) address without its last slash, or blank."""
    value = text(name, default=default)
    if not value or value.startswith(("http://", "https://")):
        return value.rstrip("/")
    refuse(name, f"must start with http:// or https://, not {value!r}")


def origins(name: str) -> list[str]:
    """A comma-separated list of scheme, host and perhaps port, each without a path."""
    found = [one.rstrip("/") for one in names(name, default=[])]
    for one in found:
        scheme, _, host = one.partition("://")
        if scheme not in ("http", "https") or not host or "/" in host:
            refuse(name, f"takes origins such as https://shop.example.com, not {one!r}")
    return found


def networks(name: str) -> list[IPv4Network | IPv6Network | str]:
    """A comma-separated list of addresses and networks; `unix` stays a word."""
    try:
        return [one if one == "unix" else ip_network(one) for one in names(name, default=[])]
    except ValueError:
        refuse(name, f"takes networks such as 10.0.0.0/8, or unix, not {os.environ[name]!r}")
