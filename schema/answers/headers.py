"""What an answer says of its own keeping, to browsers and to proxies (RFC 9111, RFC 9110)."""

from hashlib import sha256

from django.utils.http import parse_etags

PUBLIC = "public, max-age=0, must-revalidate"  # kept, but asked about each time
PRIVATE = "private, no-store"
NO_STORE = "no-store"
# The bearer decides what is seen; Accept, under which name the same JSON comes.
VARY = "Authorization, Accept"


def etag_of(body: bytes) -> str:
    return f'"{sha256(body).hexdigest()}"'


def is_known(etag: str, if_none_match: str) -> bool:
    """Whether the sender has the body: compared weakly, as a proxy that packs it weakens a tag."""
    known = parse_etags(if_none_match)
    return "*" in known or etag in {one.removeprefix("W/") for one in known}
