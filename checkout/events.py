"""Events of Stripe's as plain values, however they came: https://docs.stripe.com/api/events."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Event:
    """What happened: its kind, and the object that it is about, as it was then."""

    id: str
    type: str
    created: datetime
    livemode: bool
    account: str  # of somebody else who uses Stripe through ours; else ""
    object: Mapping[str, Any]

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "Event":
        """An event from its JSON. Raises KeyError, TypeError or ValueError when it is none."""
        subject = dict(found["data"]["object"])
        # Not every kind of object has an id, such as a balance.
        _refuse_odd(found["id"], found["type"], subject.get("id", "none"))
        return cls(
            id=found["id"],
            type=found["type"],
            created=datetime.fromtimestamp(int(found["created"]), UTC),
            livemode=found["livemode"] is True,
            account=str(found.get("account") or ""),
            object=subject,
        )


def _refuse_odd(*names: Any) -> None:
    """Raises ValueError for what Stripe calls nothing, and what no database would keep."""
    for name in names:
        if not isinstance(name, str) or not re.fullmatch(r"[!-~]{1,255}", name):
            raise ValueError("no name of Stripe's")
