"""Operations that come with files: a multipart form, from staff alone."""

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from strawberry.file_uploads.utils import replace_placeholders_with_files

from catalog import pictures
from schema.context import Context
from schema.errors import Denied
from schema.http.errors import Unreadable
from schema.http.reading import checked, decoded

log = logging.getLogger(__name__)

# Ten pictures of the largest kind, and what says where they belong.
LARGEST_FORM = settings.DATA_UPLOAD_MAX_NUMBER_FILES * pictures.MOST_BYTES + 1_000_000


def by_form(request: HttpRequest, context: Context) -> dict[str, Any]:
    """What is asked in a form. Raises Unreadable: 400, 401, 403, 413 or 503."""
    refuse_upload(request, context)
    return checked(with_files(request))


def refuse_upload(request: HttpRequest, context: Context) -> None:
    """Before a byte of a form is kept: only staff send files, with a header, and not too many.

    A form is all that a foreign page can make a browser send, so a header is wanted that
    such a page cannot set.
    """
    if not any(name in request.headers for name in ("GraphQL-Preflight", "X-Requested-With")):
        raise Unreadable(400, "Send files with the header GraphQL-Preflight: 1.")
    try:
        sender = context.viewer
    except Denied as denied:
        raise Unreadable(401, denied.message, "UNAUTHENTICATED") from None
    if sender is None:
        raise Unreadable(401, "Sign in first.", "UNAUTHENTICATED")
    if not sender.is_staff:
        raise Unreadable(403, "Only the shop's staff send files.", "FORBIDDEN")
    length = request.headers.get("Content-Length", "")
    if not (length.isdecimal() and len(length) < 10 and 0 < int(length) <= LARGEST_FORM):
        raise Unreadable(413, "The form is larger than allowed.", "LIMIT_EXCEEDED")


def with_files(request: HttpRequest) -> Any:
    """A GraphQL multipart request (github.com/jaydenseric/graphql-multipart-request-spec)."""
    try:
        form, files = request.POST, request.FILES
    except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
        raise Unreadable(413, "The form is larger than allowed, or has too many files.") from None
    except (MultiPartParserError, UnreadablePostError):
        raise Unreadable(400, "The body is not a valid form.") from None
    except OSError:  # a large file is on the disk before it is looked at
        log.exception("the disk did not take a form")
        message = "The files cannot be taken at the moment. Try again later."
        raise Unreadable(503, message, "STORAGE_UNAVAILABLE") from None
    operations = decoded(form.get("operations", ""))
    places = decoded(form.get("map", ""))
    try:
        return replace_placeholders_with_files(operations, places, files)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError):
        raise Unreadable(400, "Operations, map and files do not fit together.") from None
