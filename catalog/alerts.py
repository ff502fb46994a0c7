"""Alerts: one mail when a variant is in stock again, or when a product costs less.

They are for those who have an account and have proven to read its mail, so that nobody can have
the shop write to a stranger. An alert is over with its mail; who wants another asks again.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from catalog import columns, emails
from catalog.models import Alert, Product, Variant
from shop import jobs
from shop.errors import Refused
from users.models import User

Kind = Alert.Kind
MOST = 100  # waiting ones of one user
BATCH = 200
KEPT = timedelta(days=30)  # after the mail
JOBS = {Kind.BACK_IN_STOCK: emails.back_in_stock, Kind.PRICE_BELOW: emails.price_dropped}


@transaction.atomic
def on_stock(user: User, variant: Variant) -> Alert:
    """Have the user told when the variant can be bought again; asked again, the same alert.

    Raises:
        Refused: INVALID_STATE without a verified address (at no field) and, at `variant_id`,
            while it is in stock; OUT_OF_RANGE for one alert too many; NOT_FOUND when it is gone.
    """
    refuse_unverified(user)
    row = Variant.objects.live().select_for_update(no_key=True).filter(pk=variant.pk).first()
    if row is None:
        raise Refused("NOT_FOUND", "There is no such variant.", "variant_id")
    if row.in_stock:
        raise Refused("INVALID_STATE", "It is in stock: buy it now.", "variant_id")
    waiting = Alert.objects.waiting().filter(user=user, kind=Kind.BACK_IN_STOCK, variant=row)
    if found := waiting.first():
        return found
    refuse_too_many(user, "variant_id")
    return Alert.objects.create(
        user=user, kind=Kind.BACK_IN_STOCK, product_id=row.product_id, variant=row
    )


@transaction.atomic
def on_price(user: User, product: Product, *, below_minor: int) -> Alert:
    """Have the user told when the cheapest variant costs less than that.

    Asked again, the same alert with the new limit.

    Args:
        below_minor: in minor units of the catalogue's currency.

    Raises:
        Refused: INVALID_STATE without a verified address (at no field); OUT_OF_RANGE at
            `below_price` for zero; INVALID_STATE there when it costs less already; OUT_OF_RANGE
            at `product_id` for one alert too many; NOT_FOUND when the product is gone.
    """
    if below_minor < 1:
        raise Refused("OUT_OF_RANGE", "No price is below zero.", "below_price")
    refuse_unverified(user)
    rows = columns.lock([product.pk])
    if not rows:
        raise Refused("NOT_FOUND", "There is no such product.", "product_id")
    if rows[0].price_min_minor < below_minor:
        raise Refused("INVALID_STATE", f"It costs {rows[0].price} already.", "below_price")
    waiting = Alert.objects.waiting().filter(user=user, kind=Kind.PRICE_BELOW, product=product)
    found = waiting.select_for_update(no_key=True).first()  # or the sweep's mark is lost
    if found is None:
        refuse_too_many(user, "product_id")
        found = Alert(user=user, kind=Kind.PRICE_BELOW, product=rows[0])
    found.below_minor = below_minor
    found.save()
    return found


def delete(alert: Alert) -> None:
    """End the alert; no mail follows that is not on its way."""
    Alert.objects.filter(pk=alert.pk).delete()


def refuse_unverified(user: User) -> None:
    """Lock the user's row, for what is counted next to stay so; refuse an unproven address."""
    row = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if row.email_verified_at is None:
        raise Refused("INVALID_STATE", "Verify your e-mail address first.")


def refuse_too_many(user: User, *path: str) -> None:
    if Alert.objects.waiting().filter(user=user).count() >= MOST:
        raise Refused("OUT_OF_RANGE", f"At most {MOST} alerts wait at a time.", *path)


@jobs.sweep("*/5 * * * *")
def send_due() -> None:
    """Mail all whose cause is there, each once; those mailed long ago are forgotten."""
    Alert.objects.filter(sent_at__lt=timezone.now() - KEPT).delete()
    last = 0
    while ids := next_due(last):
        send(ids)
        last = ids[-1]


def next_due(after: int) -> list[int]:
    rows = Alert.objects.due().filter(pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def send(ids: list[int]) -> None:
    """Mark those of the alerts that are due as sent and enqueue their mails, both or neither.

    The rows are locked before they are looked at again: of two sweeps at once the later finds
    them marked.
    """
    due = Alert.objects.due().filter(pk__in=ids)
    rows = list(due.select_for_update(of=("self",), no_key=True).order_by("pk"))
    Alert.objects.filter(pk__in=[row.pk for row in rows]).update(sent_at=timezone.now())
    for row in rows:
        jobs.enqueue(JOBS[Kind(row.kind)], alert_id=row.pk)
