"""Guessing passwords is slow, and nobody is locked out by somebody else's guesses.

Each attempt is taken from allowances before the password is looked at, and given back when it
was right: so only wrong ones count, and those that come at once cannot all slip through. A
refused attempt hashes nothing, and tells nothing of the password that came with it.

- at one account from one network: few at once, then slowly;
- from one network at whatever accounts;
- at one account from all networks together.

Where the account's owner has signed in from lately, only the first one holds. So an attacker with
many addresses, or another customer behind the same address, may use up the other two, and the
owner does not notice. An owner elsewhere proves by a code from the mail (`passwords.reset`) who
they are, which makes that network known.

Known and unknown addresses are treated alike.
"""

import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from shop import jobs
from users import rates
from users.models import KnownNetwork
from users.rates import Use

KNOWN_FOR = timedelta(days=30)
KNOWN = "known network"


@dataclass
class Attempt:
    """One look at a password. `wait`: 0, or the seconds until one may be taken."""

    taken: list[Use] = field(default_factory=list)
    wait: int = 0

    def forgive(self) -> None:
        """It was right, or was not looked at."""
        while self.taken:
            rates.give_back(self.taken.pop())


def begin(email: str, network: str) -> Attempt:
    """Take an attempt at the account with that address; with a `wait`, nothing was taken.

    To be called outside of any transaction, and before the account is looked up.
    """
    attempt = Attempt()
    for use in uses(email, network):
        attempt.wait = rates.take(use)
        if attempt.wait:
            attempt.forgive()
            break
        attempt.taken.append(use)
    return attempt


def uses(email: str, network: str) -> list[Use]:
    """What an attempt takes. The account's own comes last: whoever is refused for another reason
    takes nothing from it."""
    account = folded(email)
    here = Use("wrong passwords by account and network", (account, network))
    if is_known(email, network):
        return [here]
    return [
        Use("wrong passwords by network", (network,)),
        here,
        Use("wrong passwords by account", (account,)),
    ]


def folded(email: str) -> str:
    """The address without what any database may overlook when it compares two.

    Coarser than all of them, so that no spelling of an address brings attempts of its own.
    """
    parts = unicodedata.normalize("NFKD", email.strip().casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).casefold()


def remember(email: str, network: str) -> None:
    """The owner of that address has just proven to be there."""
    row = KnownNetwork(key=rates.keys(KNOWN, folded(email), network)[0], seen_at=timezone.now())
    KnownNetwork.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["key"], update_fields=["seen_at"]
    )


def is_known(email: str, network: str) -> bool:
    found = KnownNetwork.objects.filter(pk__in=rates.keys(KNOWN, folded(email), network))
    return found.filter(seen_at__gt=timezone.now() - KNOWN_FOR).exists()


@jobs.sweep("26 3 * * *")
def prune() -> None:
    """Forget the networks that nobody signed in from for KNOWN_FOR."""
    KnownNetwork.objects.filter(seen_at__lte=timezone.now() - KNOWN_FOR).delete()
