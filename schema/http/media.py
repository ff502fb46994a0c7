"""Under which name an answer goes out: what its reader accepts (RFC 9110, section 12.5.1)."""

import re
from functools import lru_cache
from typing import Any

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
REMEMBERED = 200  # characters of an Accept header at most; nobody's own reads longer
QUALITY = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


def of(environ: dict[str, Any]) -> str | None:
    """The media type of the answer to this request; None where it accepts neither of ours."""
    accept = environ.get("HTTP_ACCEPT", "")
    return remembered(accept) if len(accept) <= REMEMBERED else best(accept)


def best(accept: str) -> str | None:
    """The one that suits an Accept header best.

    GraphQL's own is given to who names it; all others, old clients among them, get plain JSON.
    """
    if not accept.strip():
        return JSON
    wishes = [wish for part in accept.split(",") if (wish := wish_of(part))]
    graphql, plain = suits(GRAPHQL, wishes), suits(JSON, wishes)
    if not graphql[0] and not plain[0]:
        return None
    named = graphql[1] == 2
    return GRAPHQL if graphql > plain or (named and graphql == plain) else JSON


remembered = lru_cache(maxsize=256)(best)


def wish_of(part: str) -> tuple[str, float] | None:
    """A range of media types and its quality; None for one that cannot be read or met."""
    name, *parameters = part.split(";")
    quality = "1"
    for parameter in parameters:
        key, _, value = (text.strip().lower() for text in parameter.partition("="))
        if key == "charset" and value.strip('"') not in ("utf-8", "utf8"):
            return None
        quality = value if key == "q" else quality
    return (name.strip().lower(), float(quality)) if QUALITY.fullmatch(quality) else None


def suits(kind: str, wishes: list[tuple[str, float]]) -> tuple[float, int]:
    """How much a media type is wanted, and how exactly that was said: by name is 2."""
    exactness = {kind: 2, "application/*": 1, "*/*": 0}
    said = [(exactness[name], quality) for name, quality in wishes if name in exactness]
    exact, quality = max(said, default=(0, 0.0))
    return quality, exact
