"""What happens to orders when an account proves its address, and when it is closed."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from catalog import reviews
from catalog.models import Review
from checkout import orders
from checkout.models import (
    Cart,
    DiscountRedemption,
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    Refund,
    Return,
)
from checkout.models.payments import OPEN_STATES
from shop import jobs
from shop.errors import Refused
from users import passwords, tokens, verification
from users.models import User

Status = Order.Status

# Tables whose rows stay with the nameless user; of all others their `on_delete` says what
# becomes of them, as if the user's row went.
KEPT = {
    "catalog.Review": "what others rely on; shown as by “Customer”",
    "admin.LogEntry": "what somebody did when they worked here",
}


@transaction.atomic
def verify_email(token: str) -> User:
    """Prove an address by the code from a mail; what was ordered with it as a guest is the user's.

    Raises:
        Refused: as `users.verification.verify` does.
    """
    user = verification.verify(token)
    claim_orders(user)
    return user


def reset_password(token: str, *, new: str) -> User:
    """Set a new password by the code from a mail, which proves the address just as well.

    Raises:
        Refused: as `users.passwords.reset` does.
    """
    return passwords.reset(token, new=new, then=claim_orders)


def claim_orders(user: User) -> int:
    """Give the user the guests' orders with the same address, whatever its case; how many.

    To be called only when the user has proven to read mail to the address. Their reviews of
    what these orders paid for count as verified a little later.
    """
    of_guests = Order.objects.filter(user=None)
    alike = of_guests.filter(email__iexact=user.email).values_list("pk", "email")  # by its index
    same = [pk for pk, email in alike if is_same_address(email, user.email)]
    claimed = of_guests.filter(pk__in=same).update(user=user, updated_at=timezone.now())
    if claimed:
        jobs.enqueue(record_purchases, user_id=user.pk)
    return claimed


def is_same_address(one: str, other: str) -> bool:
    """Whether two addresses that are alike but for their case are the same mailbox.

    Beyond ASCII two letters can share a capital, such as the Kelvin sign and k: they are two
    mailboxes, perhaps of two people.
    """
    return one == other or (one.isascii() and other.isascii())


@jobs.job
def record_purchases(user_id: int) -> None:
    """Note what the user has paid for in all of their orders, as a payment does for its own."""
    user = User.objects.filter(pk=user_id, closed_at=None).first()
    if user is None:
        return
    paid = Order.objects.filter(user=user).exclude(paid_at=None).exclude(status=Status.CANCELLED)
    lines = OrderLine.objects.filter(order__in=paid).exclude(product=None)
    found = lines.values_list("product_id", flat=True).distinct()
    reviews.record_purchase(user, [id for id in found if id is not None])


def delete(user: User, *, password: str) -> None:
    """Close the user's account for good, with the password as proof.

    Orders stay, as the books need them, but say nothing of anybody: no name, address, e-mail
    or note; invoices stay as issued. Published reviews stay, as by “Customer”. Carts, addresses,
    tokens and whatever else is the user's alone go; the e-mail address is free for a new
    account. What payment providers have, and orders that were placed as a guest and never
    claimed, are not reached.

    Raises:
        Refused: INVALID_CREDENTIALS at "password"; INVALID_STATE while an order is open or its
            money is on the way, and for the last superuser.
    """
    wrong = Refused("INVALID_CREDENTIALS", "That is not the password.", "password")
    if not user.check_password(password):
        raise wrong
    with transaction.atomic():
        lock_belongings(user)
        locked = lock_with_bosses(user)
        if locked is None or locked.token_version != user.token_version:
            raise wrong  # the proof was overtaken
        refuse_open_orders(locked)
        _close(locked)


def carts_of(user: User) -> models.QuerySet[Cart]:
    """The user's, and those that became the user's orders while they were a guest's."""
    ordered = Order.objects.filter(user=user).exclude(cart=None).values("cart")
    return Cart.objects.filter(Q(user=user) | Q(pk__in=ordered))


def lock_belongings(user: User) -> None:
    """Carts before orders before the user, as everywhere: who places an order holds its cart."""
    list(Cart.objects.select_for_update().filter(pk__in=carts_of(user)).order_by("pk"))
    list(Order.objects.select_for_update(no_key=True).filter(user=user).order_by("pk"))


def lock_with_bosses(user: User) -> User | None:
    """The user's row, so that what is tied to it meanwhile waits; None once it is closed.

    Superusers are locked together: two who go at once would each take the other for the last.

    Raises:
        Refused: INVALID_STATE for the last superuser.
    """
    wanted = Q(pk=user.pk) | (Q(is_superuser=True) if user.is_superuser else Q())
    rows = list(User.objects.select_for_update().filter(wanted, is_active=True).order_by("pk"))
    locked = next((row for row in rows if row.pk == user.pk), None)
    if locked and locked.is_superuser and not any(r.is_superuser for r in rows if r != locked):
        message = "The shop would be left without a superuser; make another one first."
        raise Refused("INVALID_STATE", message)
    return locked


def refuse_open_orders(user: User) -> None:
    """Refuse to let go of whom the shop still owes goods or money, or who owes it."""
    unfinished = open_orders(user).order_by("pk").first()
    if unfinished is not None:
        message = (
            f"Order {unfinished.number} is still open. Cancel it, or wait until it is delivered"
            " and all money has arrived."
        )
        raise Refused("INVALID_STATE", message)


def open_orders(user: User) -> models.QuerySet[Order]:
    """The user's orders with something still to be sent, paid or given back."""
    paying = Payment.objects.filter(state__in=OPEN_STATES)
    repaying = Refund.objects.filter(state__in=(Refund.State.REQUESTED, Refund.State.PENDING))
    returning = Return.objects.filter(state__in=(Return.State.REQUESTED, Return.State.APPROVED))
    owed = OrderLine.objects.filter(owed__gt=0)
    given_back = Q(status=Status.CONFIRMED, payment_status=Order.PaymentStatus.REFUNDED)
    going_on = Q(status__in=(Status.PENDING, Status.CONFIRMED)) & ~given_back
    return Order.objects.filter(
        going_on
        | Q(pk__in=paying.values("order"))
        | Q(pk__in=repaying.values("order"))
        | Q(pk__in=returning.values("order"))
        | Q(pk__in=owed.values("order"))
        | Q(review_flag__contains=orders.REFUND_DUE),
        user=user,
    )


def forget_log(user: User) -> None:
    """What staff did to the account was logged under its address, and names its addresses."""
    about = ContentType.objects.get_for_model(User)
    rows = LogEntry.objects.filter(content_type=about, object_id=str(user.pk))
    rows.update(object_repr="", change_message="")


def _close(user: User) -> None:
    forget_orders(user)
    carts_of(user).delete()
    forget_log(user)
    Review.objects.filter(author=user).exclude(status=Review.Status.PUBLISHED).delete()
    tokens.revoke_everywhere(user)
    let_go(user)
    # A name that nobody could have registered before; `.invalid` receives no mail (RFC 2606).
    user.email = f"{uuid4().hex}@closed.invalid"
    user.first_name = user.last_name = user.phone = ""
    user.set_unusable_password()
    user.is_active = user.is_staff = user.is_superuser = False
    user.email_verified_at = user.marketing_consent_at = user.last_login = None
    user.closed_at = timezone.now()
    user.save()


def forget_orders(user: User) -> None:
    """Empty what the user's orders say of them; the sums, lines and payments stay.

    Invoices stay as they were issued: tax law wants them kept, with the buyer's name.
    """
    mine = Order.objects.filter(user=user)
    # What the buyer wrote, and what staff changed: an address may stand in either.
    by_buyer = Q(actor=user) | Q(actor=None, type=OrderEvent.Type.CANCELLED)
    told = by_buyer | Q(type=OrderEvent.Type.CHANGED)
    OrderEvent.objects.filter(told, order__in=mine).update(message="")
    Return.objects.filter(order__in=mine).update(reason="", note="")
    DiscountRedemption.objects.filter(order__in=mine).update(customer=None)
    Payment.objects.filter(order__in=mine).update(parameters="")  # Stripe was told the address
    mine.update(
        email="", note="", shipping_address=None, billing_address=None, updated_at=timezone.now()
    )


def let_go(user: User) -> None:
    """Do to each row that points to the user what its `on_delete` says, but for the KEPT."""
    for field in pointing_to_users():
        rows: models.QuerySet[Any] = field.model._meta.default_manager.filter(**{field.name: user})  # type: ignore[union-attr]
        if field.model._meta.label in KEPT:
            continue
        if field.remote_field.on_delete is models.CASCADE:
            rows.delete()
        else:
            rows.update(**{field.name: None})


def pointing_to_users() -> Iterator["models.ForeignKey[Any, Any]"]:
    """Each foreign key to a user, of whatever table."""
    for relation in User._meta.get_fields(include_hidden=True):
        field = getattr(relation, "field", None)
        if relation.auto_created and not relation.concrete and isinstance(field, models.ForeignKey):
            yield field
