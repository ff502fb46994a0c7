"""What a mutation declares of its limits, as `rates=(…)`; the numbers stand in RATE_LIMITS."""

from dataclasses import dataclass
from typing import Any

RATES = "rates"


@dataclass(frozen=True)
class Rate:
    """A limit on calls.

    Args:
        name: of the limits in RATE_LIMITS, without their " by network" and so on.
        email: the input's field with an e-mail address, where there is a limit by it.
        when: the way to the part of the input without which a call does not count.
    """

    name: str
    email: str = ""
    when: tuple[str, ...] = ()

    def concerns(self, input: dict[str, Any]) -> bool:
        part: Any = input
        for step in self.when:
            part = part.get(step) if isinstance(part, dict) else None
        return not self.when or bool(part)


@dataclass(frozen=True)
class PasswordAsked:
    """Wrong passwords are limited: for the account with the e-mail in that field of the input.

    Without one it is the caller's own account.
    """

    email: str = ""


Declared = Rate | PasswordAsked
