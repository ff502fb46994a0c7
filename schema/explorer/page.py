"""The page itself: GraphiQL, the examples beside it, and a policy that keeps it at home."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_vary_headers

from schema.explorer import examples, files
from schema.explorer.examples import EXAMPLES, TOKENS, Example
from shop import storages

OWN_STYLE = "explorer/page.css"
OWN_SCRIPTS = ("explorer/chain.js", "explorer/page.js")


def explorer_page(request: HttpRequest, *, folder: Path = EXAMPLES) -> HttpResponse:
    """The page for people; it sends its operations to the address it was opened at.

    Raises:
        BadExample: when a file of the folder cannot be shown.
    """
    shown = examples.load(folder)
    links = [*files.links(), *_own()]
    context = {
        "shop": settings.SHOP_NAME,
        "examples": shown,
        "accounts": _accounts(shown),
        "styles": [link for link in links if link.is_style],
        "scripts": [link for link in links if not link.is_style],
        "admin_url": _address("admin:index"),
        "sdl_url": _address("sdl"),
        "config": {"endpoint": request.path, "examples": [as_json(one) for one in shown]},
    }
    response = render(request, "explorer/graphiql.html", context)
    response["Content-Security-Policy"] = _policy((link.url for link in links), _uploads(shown))
    patch_vary_headers(response, ["Accept"])
    return response


def _own() -> list[files.Link]:
    return [files.Link(staticfiles_storage.url(name)) for name in (OWN_STYLE, *OWN_SCRIPTS)]


def as_json(example: Example) -> dict[str, Any]:
    return {**asdict(example), "token": example.token, "needs": example.needs}


def _accounts(shown: list[Example]) -> list[dict[str, str]]:
    """Who can sign in, read out of the examples that keep a token: role, email, password."""
    found = []
    for example in shown:
        role = next((role for role, token in TOKENS.items() if token in example.keeps), None)
        given = example.variables.get("input")
        if role and isinstance(given, dict) and {"email", "password"} <= given.keys():
            found.append({"role": role, "email": given["email"], "password": given["password"]})
    return [account for at, account in enumerate(found) if account not in found[:at]]


def _address(name: str) -> str:
    """The address of a page of the shop, empty when the shop does not serve it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _uploads(shown: list[Example]) -> str:
    """The bucket that examples send pictures to; blank without one, or with files on the disk."""
    if not any(example.sends for example in shown):
        return ""
    form = storages.private().post_form("-", mime="image/png", size=1, seconds=1)
    at = urlsplit(form.url)
    return f"{at.scheme}://{at.netloc}" if at.netloc else ""


def _policy(urls: Iterable[str], uploads: str) -> str:
    """Only the page's own files run; its requests go to this shop, and pictures to its bucket.

    Styles may stand in the page because the editor writes them there while it measures text.
    """
    hosts = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, urls) if parts.netloc}
    allowed = " ".join(["'self'", *sorted(hosts)])
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {allowed}",
            f"style-src {allowed} 'unsafe-inline'",
            f"connect-src 'self' {uploads}".strip(),
            "img-src 'self' data:",
            "font-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )
