"""The way back to an order, for a guest who has lost it."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from checkout import emails
from checkout.models import LinkMail, Order
from shop import jobs
from shop.errors import Refused
from users.emails import checked

PAUSE = timedelta(minutes=10)  # between two mails about one order
NO_ORDER = 0  # stands for numbers and addresses that do not belong together


def request(number: str, email: str) -> None:
    """Mail an order's link to its buyer, when number and address belong together.

    Whether they do, the same is done here: one look-up and one job, as in
    `users.passwords.request_reset`.

    Raises:
        Refused: REQUIRED for a blank number, and for what is no e-mail address; nothing that
            hangs on the orders there are.
    """
    wanted = number.strip().upper()
    if not wanted:
        raise Refused("REQUIRED", "The order's number is needed.", "number")
    rows = matching(wanted, checked(email))
    found = rows.values_list("pk", flat=True).first()
    jobs.enqueue(send, order_id=found or NO_ORDER)


def matching(number: str, email: str) -> QuerySet[Order]:
    shown = Order.objects.shown().annotate(by=Lower("email"))
    return shown.filter(number=number, by=email.lower())


@jobs.job
def send(order_id: int) -> None:
    """Mail the link, at most once in ten minutes, however often and parallel it is asked for."""
    order = Order.objects.filter(pk=order_id).first()
    if order is None or not _claim_mail(order_id):
        return
    try:
        emails.order_link(order)
    except Exception:
        LinkMail.objects.filter(order=order).update(sent_at=None)  # the next attempt may send it
        raise


@transaction.atomic
def _claim_mail(order_id: int) -> bool:
    """Whether a mail is due; noted as sent before it is, so that of two jobs one sends it."""
    now = timezone.now()
    LinkMail.objects.get_or_create(order_id=order_id)
    mail = LinkMail.objects.select_for_update().get(order_id=order_id)
    if mail.sent_at is not None and mail.sent_at > now - PAUSE:
        return False
    mail.sent_at = now
    mail.save(update_fields=["sent_at"])
    return True
