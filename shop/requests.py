"""Requests as the shop reads them: UTF-8, and with no header that Django stumbles over."""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """Django's, whose text is UTF-8, as browsers send it, whatever its Content-Type says.

    Django reads addresses and forms in the charset that is named there. Anybody could have an
    address mean something else by that, and `charset=rot13` or `x*=nope''y` ends in an
    exception where nothing catches it any more.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            parsed = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:
            parsed = "", {}
        self.content_type, self.content_params = parsed


class Handler(WSGIHandler):
    request_class = Request
