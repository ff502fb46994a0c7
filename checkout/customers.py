"""Who buys, and which of the discounts for one use they have used."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import BigIntegerField, CharField, Exists, Field, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Upper
from django.db.models.lookups import Exact

from checkout.models import Discount, DiscountRedemption
from shop.prepared import Among, Columns, Prepared, Slot
from users.models import User

NOBODY = Q(pk__in=[])
KEY_ALONE = Columns(own=frozenset())


@dataclass(frozen=True)
class Customer:
    """Who buys, as far as limits for each customer go: an account, an address, or both."""

    user_id: int | None
    email: str

    @classmethod
    def of(cls, user: User | None, email: str) -> "Customer":
        return cls(user.pk if user else None, email.casefold())

    @property
    def account(self) -> "Customer":
        """The same without the address, which anybody may enter."""
        return Customer(self.user_id, "")

    @property
    def keys(self) -> list[str]:
        """What a use is written down under, the first for a new one."""
        return [key for _, key in self._names.values()]

    @property
    def _names(self) -> dict[str, tuple[Any, str]]:
        """By what is known of them: what their orders say, and the key of their uses."""
        account = {"account": (self.user_id, f"user:{self.user_id}")} if self.user_id else {}
        return account | ({"email": (self.email, f"email:{self.email}")} if self.email else {})

    @property
    def shape(self) -> tuple[str, ...]:
        """What the statements that ask for this customer's uses depend on."""
        return tuple(self._names)

    @property
    def values(self) -> dict[str, Any]:
        """For the slots of `has_used`."""
        return {name: value for name, (value, _) in self._names.items()} | {
            f"{name} key": key for name, (_, key) in self._names.items()
        }

    @property
    def slots(self) -> dict[str, Slot]:
        """For `has_used`, in a statement that is prepared for all customers of this shape."""
        fields: dict[str, Field[Any, Any]] = {"account": BigIntegerField()}
        return {name: Slot(name, fields.get(name, CharField())) for name in self.values}


def has_used(values: Mapping[str, Any]) -> Q:
    """The discounts that a customer uses once, under whichever of the names, and has used.

    It starts from the customer's orders, for which there are indexes: the uses by all the
    others are not looked at.

    Args:
        values: of the customer, or slots for them.
    """
    uses = DiscountRedemption.objects.filter(counts=True, discount__isnull=False)
    keys = [value for name, value in values.items() if name.endswith(" key")]
    by_key = uses.filter(discount=OuterRef("pk"), customer__in=keys)
    by_order = uses.filter(_orders_of(values)).values("discount")
    return Q(once_per_customer=True) & (Q(Exists(by_key)) | Q(pk__in=by_order))


def _orders_of(values: Mapping[str, Any]) -> Q:
    found = NOBODY
    if "account" in values:
        found |= Q(order__user=values["account"])
    if "email" in values:
        email = values["email"]
        shown = email if isinstance(email, Slot) else Value(email)
        found |= Q(Exact(Upper("order__email"), Upper(shown)))  # as the index has it
    return found


def spent_by(customer: Customer, once: Collection[int]) -> set[int]:
    """Which of those that are for one use the customer has used. No statement for none."""
    if not once:
        return set()
    build = partial(_spent, customer)
    ask = Prepared(("discounts spent", customer.shape), build, KEY_ALONE, customer.values)
    return {row.pk for row in ask.read(once=once)}


def _spent(customer: Customer) -> QuerySet[Discount]:
    return Discount.objects.filter(Among("pk", "once")).filter(has_used(customer.slots))
