"""Discounts as staff make, try and end them."""

from django.db import transaction

from checkout.models import Discount
from checkout.models.discounts import folded
from checkout.quotes import Quote
from shop.errors import Refused


@transaction.atomic
def save(discount: Discount) -> None:
    """Write a discount as it was entered. The count of its uses is kept, whatever the row says.

    Without a limit nobody counts, so that with a new limit the uses are counted from the orders
    that still count; one that is being placed at this very moment, without a limit, is missed.
    The lock makes orders wait that count themselves.

    Raises:
        Refused: OUT_OF_RANGE for a limit below the uses that there are.
    """
    if discount.pk is not None:
        kept = Discount.objects.select_for_update().get(pk=discount.pk)
        discount.used = kept.used
        if kept.usage_limit is None and discount.usage_limit is not None:
            discount.used = uses(discount)
        elif discount.usage_limit is None:
            discount.used = 0
    if discount.usage_limit is not None and discount.usage_limit < discount.used:
        message = f"It was used {discount.used} times already; the limit cannot be below that."
        raise Refused("OUT_OF_RANGE", message, "usage_limit")
    discount.save()


def uses(discount: Discount) -> int:
    """By how many orders it is used that were neither cancelled nor have expired."""
    return discount.redemptions.filter(counts=True).count()


@transaction.atomic
def end(discount: Discount) -> bool:
    """Delete a discount that no order ever used, switch off one that was; whether it is gone."""
    list(Discount.objects.select_for_update().filter(pk=discount.pk))  # orders count behind it
    if was_used(discount):
        Discount.objects.filter(pk=discount.pk).update(is_active=False)
        return False
    discount.delete()
    return True


def was_used(discount: Discount) -> bool:
    return discount.redemptions.exists()


def tried(quote: Quote, discount: Discount) -> Quote:
    """The quote with the discount in it, as if it could be used now and its code were entered.

    Whether it is switched on, its dates, its limit and former uses are left out of account. The
    quote must not have been priced yet.
    """
    found = quote.candidates
    codes = list(discount.codes.values_list("code", flat=True))
    own = {folded(code) for code in codes}
    found.refused = {
        code: reason for code, reason in found.refused.items() if folded(code) not in own
    }
    found.rows[discount.pk] = discount
    if not discount.is_automatic and codes:
        found.code_of.setdefault(discount.pk, codes[0])
    return quote
