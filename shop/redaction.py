"""The last net under the logs: what looks like a secret or an address is blotted out.

Nothing of the kind is meant to be logged in the first place. But the traceback of a bug quotes
whatever was at hand, and a library may log what it was given.
"""

import logging
import re

BLOT = "[redacted]"

NAMES = "(?:password|passwd|secret|signature|token|api_?key|nonce|authorization)"
LONGEST = 20_000  # letters of a record; the patterns below are not linear in hostile text
# Each with a group of what may stay.
SECRETS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(\bbearer\s+)[^\s\"',;]+",
        r"(\b)eyJ[\w-]+\.[\w-]+\.[\w-]*",  # a JSON Web Token
        r"(\b[rs]k_(?:test|live)_)\w+",  # Stripe's keys
        r"(\bwhsec_)[\w+/=]+",
        r"(\b(?:pi|seti|cs)_\w{1,80}?_secret_)\w+",
        rf"(\b\w{{0,40}}{NAMES}[\"']?\s{{0,9}}[:=]\s{{0,9}})(?:\"[^\"]*\"|'[^']*'|[^\s\"',;)}}&]+)",
        r"([?&](?:key|code|session_id)=)[^&\s\"']+",
        r"(/uploads/)[^\s\"'?]+",  # whoever has the address may upload
    )
]
EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]+)+")


def redacted(text: str) -> str:
    """The text without what looks like a credential or an e-mail address."""
    for secret in SECRETS:
        text = secret.sub(rf"\1{BLOT}", text)
    return EMAIL.sub(BLOT, text)


class Redacting(logging.Formatter):
    """Formats as ever, tracebacks included, and blots out afterwards."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record)[:LONGEST])
