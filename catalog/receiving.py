"""The local address for files sent straight to the storage, in the place of a bucket's.

It takes the form that a bucket takes, and answers as one does, so that clients need no second
way (docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html): 204 when it is there, 403 for
what was not allowed or is too late, 400 for another file than the one announced, 413 for a body
that is longer than such a form or does not tell its length, 503 when the disk takes nothing.
"""

import logging

from django.core import signing
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from shop import storages
from shop.storages.disk import allowed_by

log = logging.getLogger(__name__)

MOST_AROUND = 20_000  # bytes of a form beside its file


@csrf_exempt  # the signed address is the right, and no cookie is looked at
@require_POST
def receive(request: HttpRequest, allowed: str) -> HttpResponse:
    return HttpResponse(status=taken(request, allowed))


def taken(request: HttpRequest, allowed: str) -> int:
    """Keep the file, and the status to answer with."""
    try:
        key, mime, size = allowed_by(allowed)
    except signing.BadSignature:
        return 403
    length = request.headers.get("Content-Length", "")
    if not (length.isdecimal() and len(length) < 10 and int(length) <= size + MOST_AROUND):
        return 413
    try:
        return kept(request, key, mime, size)
    except OSError:  # also of a large body, which is on the disk before it is looked at
        log.exception("the disk did not take %s", key)
        return 503


def kept(request: HttpRequest, key: str, mime: str, size: int) -> int:
    """The status, once the file is there or is not the one announced. Raises OSError."""
    file = sent(request)
    if file is None or file.size != size or request.POST.get("Content-Type") != mime:
        return 400
    if request.POST.get("key") != key:
        return 403
    storages.private().save(key, file)
    return 204


def sent(request: HttpRequest) -> UploadedFile | None:
    try:
        return request.FILES.get("file")
    except (
        MultiPartParserError, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent,
        UnreadablePostError,  # the sender has gone
    ):  # fmt: skip
        return None
