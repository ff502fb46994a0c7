"""What answers tell browsers to keep to (www.w3.org/TR/CSP3), beside Django's own headers."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static

NAME = "Content-Security-Policy"
# For what is no page: JSON, files, redirects. Nothing in it runs, wherever it is opened.
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
ADMIN = "/admin/"


class ContentPolicy:
    """A policy on every answer that has none of its own, as the explorer's page has."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if NAME not in response.headers and not is_django_s_own(response):
            response.headers[NAME] = of_admin() if request.path.startswith(ADMIN) else NOTHING
        return response


def is_django_s_own(response: HttpResponse) -> bool:
    """Whether it may be one of the pages for developers, whose styles and scripts stand in them."""
    if not settings.DEBUG or response.status_code not in (400, 404, 500):
        return False
    return b"<html" in response.content


def of_admin() -> str:
    """Its own scripts and styles, none of which stands in a page, and the shop's pictures."""
    files, pictures = host_of(static("admin/css/base.css")), host_of(default_storage.url("-"))
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' {files}".strip(),
            f"style-src 'self' {files}".strip(),
            f"font-src 'self' {files}".strip(),
            " ".join(dict.fromkeys(filter(None, ["img-src 'self' data: blob:", files, pictures]))),
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def host_of(url: str) -> str:
    """Scheme and host; blank for an address within this shop."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
