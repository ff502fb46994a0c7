"""What a request asks: the document, its variables and the operation's name, as they were sent."""

import json
from typing import Any
from urllib.parse import parse_qsl

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError

from schema.answers import persisted
from schema.http import media
from schema.http.errors import Unreadable

READING = ("GET", "HEAD")
METHODS = "GET, HEAD, POST, OPTIONS"
MARK = "\ufeff"  # of UTF-8, which may be passed over (RFC 8259, section 8.1)
DEEPEST = 32  # levels of JSON; the deepest input has ten
OBJECT, TEXT = (dict, type(None)), (str, type(None))
MOST_PARAMETERS = 20  # of an address; GraphQL knows five


def by_address(request: HttpRequest) -> dict[str, Any]:
    """What is asked in the address of a GET.

    Django takes the last of two parameters of one name, and a sign for what is not UTF-8.

    Raises:
        Unreadable: 400.
    """
    try:
        sent = request.META.get("QUERY_STRING", "").encode("latin-1").decode()
        pairs = parse_qsl(
            sent, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS
        )
    except ValueError:
        raise Unreadable(400, "The address cannot be read.") from None
    asked: dict[str, Any] = once(pairs)
    for name in ("variables", "extensions"):
        asked[name] = decoded(asked.get(name) or "null")
    return checked(asked)


def by_body(request: HttpRequest) -> dict[str, Any]:
    """What is asked in the JSON of a POST. Raises Unreadable: 400, 411 or 413."""
    try:
        text = body_of(request).decode()
    except UnicodeDecodeError:
        raise Unreadable(400, "The body is not valid UTF-8.") from None
    return checked(decoded(text.removeprefix(MARK)))


def body_of(request: HttpRequest) -> bytes:
    """All of the body that was announced. Raises Unreadable: 400, 411 or 413."""
    said = request.META.get("CONTENT_LENGTH") or ""
    if not said and "HTTP_TRANSFER_ENCODING" in request.META:
        raise Unreadable(411, "Send the body's length in Content-Length.")
    if len(said) > 18 or (said and not said.isdecimal()):
        raise Unreadable(400, "Content-Length is not a length.")
    try:
        body = request.body
    except RequestDataTooBig:
        raise Unreadable(413, "The body is larger than allowed.") from None
    except UnreadablePostError:
        raise Unreadable(400, "The body broke off.") from None
    if len(body) != int(said or 0):
        raise Unreadable(400, "The body is shorter than its Content-Length.")
    return body


def refuse_unknown(request: HttpRequest) -> None:
    """Before a body is looked at. Raises Unreadable: 405, 406 or 415."""
    if request.method not in ("POST", *READING):
        raise Unreadable(405, "GraphQL takes GET and POST.", allow=METHODS)
    if media.of(request.META) is None:
        raise Unreadable(406, f"Answers are {media.JSON} or {media.GRAPHQL}.")
    charset = (request.content_params or {}).get("charset", "utf-8")
    if request.method == "POST" and charset.lower() not in ("utf-8", "utf8"):
        raise Unreadable(415, "Send UTF-8.")


def decoded(text: str) -> Any:
    try:
        value = STRICT.decode(text)
    except (ValueError, RecursionError):
        raise Unreadable(400, "The body is not valid JSON.") from None
    refuse_deep(value)
    return value


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that stands twice, every reader takes another one: refused."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable(400, "A name stands twice in one object.")
    return found


def refuse_constant(name: str) -> Any:
    raise ValueError(name)  # NaN and Infinity are no JSON (RFC 8259, section 6)


STRICT = json.JSONDecoder(object_pairs_hook=once, parse_constant=refuse_constant)


def refuse_deep(value: Any) -> None:
    """What is nested deeper than any input is refused here, before anything walks into it."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(DEEPEST):
        if not level:
            return
        level = parts_of(level)
    if level:
        raise Unreadable(400, "The body is nested too deeply.")


def parts_of(level: list[Any]) -> list[Any]:
    """The objects and lists that stand in those of one level."""
    return [
        item
        for each in level
        for item in (each.values() if isinstance(each, dict) else each)
        if isinstance(item, (dict, list))
    ]


def checked(asked: Any) -> dict[str, Any]:
    """The request, with the document where only its hash was sent. Raises Unreadable."""
    if isinstance(asked, dict) and "documentId" in asked:
        if "query" in asked:
            raise Unreadable(400, "Send the document or its `documentId`, not both.")
        asked = {**asked, "query": by_hash(asked["documentId"])}
    if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
        raise Unreadable(400, "Send one JSON object with the document as `query`.")
    if not asked["query"]:  # which the framework takes for a mistake of ours
        raise Unreadable(400, "The document is empty.")
    for name in ("variables", "extensions"):
        if not isinstance(asked.get(name), OBJECT):
            raise Unreadable(400, f"`{name}` must be an object.")
    if not isinstance(asked.get("operationName"), TEXT):
        raise Unreadable(400, "`operationName` must be a text.")
    return asked


def by_hash(document_id: Any) -> str:
    found = persisted.find(document_id) if isinstance(document_id, str) else None
    if found is None:
        raise Unreadable(404, "No document was registered under that `documentId`.", "NOT_FOUND")
    return found
