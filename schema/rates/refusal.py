"""The answer to who came too often."""

from collections.abc import Mapping
from typing import Any

from schema.errors import Denied

CODE = "RATE_LIMITED"


class RateLimited(Denied):
    """Nothing of the document was run. `retryAfter`: seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(CODE, f"That was too often. Try again in {wait} seconds.")
        self.extensions = {"code": CODE, "retryAfter": wait}


def is_limited(answer: Mapping[str, Any]) -> bool:
    return any(one["extensions"]["code"] == CODE for one in answer.get("errors", ()))


def retry_after(answer: Mapping[str, Any]) -> int:
    """The longest wait that the answer's errors ask for, in seconds; 0 without one."""
    asked = [one["extensions"].get("retryAfter", 0) for one in answer.get("errors", ())]
    return max(asked, default=0)
