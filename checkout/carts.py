"""Carts: make, fill, change. Each change locks the cart's row first."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import CharField, QuerySet
from django.utils import timezone

from catalog.querysets import NOW, Instant
from checkout import access, contents, quotes
from checkout.contents import check_quantity
from checkout.lines import full_name, variants_for
from checkout.models import Cart, CartLine
from checkout.models.carts import MAX_LINES
from checkout.quotes import Quote, Wish, Wishes
from shop import jobs
from shop.errors import Refused
from shop.prepared import PK, Prepared, Slot
from users import tokens
from users.models import User

DIGEST = Slot("digest", CharField())


def quote(cart: Cart, *, buyer: User | None = None, is_order: bool = False) -> Quote:
    """The cart at today's prices, for whoever looks at it, or orders it now."""
    wishes = Wishes(
        email=email_of(cart, buyer),
        user=buyer,
        shipping_address=cart.shipping_address,
        billing_address=cart.billing_address,
        method_id=cart.shipping_method_id,
        codes=cart.codes,
        is_order=is_order,
    )
    lines = Prepared("lines of a cart", _lines_of_one, values={"cart": cart.pk})
    return quotes.of_cart_lines(lines.read(), wishes)


def _lines_of_one() -> QuerySet[CartLine]:
    return CartLine.objects.filter(cart=Slot("cart", PK))


def email_of(cart: Cart, buyer: User | None = None) -> str:
    """Where the order's mails would go: as written in the cart, else the account's address."""
    owned = cart.user_id is not None and (buyer is None or buyer.pk != cart.user_id)
    account = cart.user if owned else buyer  # the buyer's row is at hand, the owner's is not
    return cart.email or (account.email if account else "")


def open_cart(user: User) -> Cart | None:
    """The user's one open cart, if there is one."""
    return Cart.objects.filter(
        user=user, status=Cart.Status.OPEN, expires_at__gt=timezone.now()
    ).first()


def by_token(token: str, *, user: User | None) -> Cart | None:
    """The open cart that the token is for, if `user` may use it."""
    owner: Any = Slot("user", PK) if user else None
    ask = Prepared(
        ("open cart", user is not None),
        lambda: still_open(usable(Cart.objects.filter(token_digest=DIGEST), owner), NOW),
        values={"digest": tokens.digest(token), "now": timezone.now(), "user": user and user.pk},
    )
    return next(iter(ask.read()), None)


def still_open(rows: QuerySet[Cart], at: Instant | None = None) -> QuerySet[Cart]:
    return rows.filter(status=Cart.Status.OPEN, expires_at__gt=at or timezone.now())


def usable(rows: QuerySet[Cart], user: User | None) -> QuerySet[Cart]:
    """Guests' carts, and the user's own: a token alone does not open somebody's cart."""
    return rows.filter(user=None) | rows.filter(user=user) if user else rows.filter(user=None)


@transaction.atomic
def create(
    *, user: User | None, wishes: Sequence[Wish] = (), fields: Mapping[str, Any] | None = None
) -> tuple[Cart, str | None]:
    """A new guest's cart with its token; for a user, the one open cart, filled further.

    The token of a cart that was there before is not known any more: None.
    """
    cart, token = _own(user) if user else _new(None)
    _apply(cart, fields or {})
    _add(cart, wishes)
    saved(cart)
    return cart, token


def locked(token: str | None, *, user: User | None) -> Cart:
    """The cart to change, its row locked: by its token, else the user's own (made if need be).

    Raises:
        Refused: REQUIRED for a guest without a token, NOT_FOUND for an unknown or somebody
            else's one, CART_CLOSED once it was ordered, merged or has expired.
    """
    if token is None and user is not None:
        return _own(user)[0]
    cart = locked_by_token(token, user=user)
    refuse_closed(cart)
    return cart


def locked_by_token(token: str | None, *, user: User | None) -> Cart:
    """A cart in whatever state, its row locked. Raises Refused: REQUIRED, NOT_FOUND."""
    if token is None:
        raise Refused("REQUIRED", "Sign in, or say which cart.", "cart_token")
    rows = usable(Cart.objects.filter(token_digest=tokens.digest(token)), user)
    cart = rows.select_for_update(no_key=True).first()
    if cart is None:
        raise Refused("NOT_FOUND", "There is no such cart.", "cart_token")
    return cart


def locked_own(user: User) -> Cart | None:
    """The user's open cart with its row locked, if there is one."""
    rows = Cart.objects.filter(user=user, status=Cart.Status.OPEN)
    cart = rows.select_for_update(no_key=True).first()
    if cart and cart.expires_at <= timezone.now():
        cart.status = Cart.Status.EXPIRED
        cart.save(update_fields=["status"])
        return None
    return cart


def refuse_closed(cart: Cart) -> None:
    """Raises Refused: CART_CLOSED unless the cart can still change."""
    if cart.status != Cart.Status.OPEN or cart.expires_at <= timezone.now():
        raise Refused("CART_CLOSED", "This cart is closed.", "cart_token")


@transaction.atomic
def add(token: str | None, wishes: Sequence[Wish], *, user: User | None) -> Cart:
    """Put units into the cart; more of a variant that is there joins its line."""
    cart = locked(token, user=user)
    _add(cart, wishes)
    return saved(cart)


@transaction.atomic
def change(
    token: str | None, quantities: Sequence[tuple[int | None, int]], *, user: User | None
) -> Cart:
    """Set the units of lines, by line id; 0 removes the line. All of them or none."""
    cart = locked(token, user=user)
    lines = {line.pk: line for line in cart.lines.all()}
    for at, (id, quantity) in enumerate(quantities):
        if id not in lines:
            raise Refused("NOT_FOUND", "There is no such line.", "lines", at, "id")
        if quantity:
            check_quantity(quantity, at)
        lines[id].quantity = quantity
    changed = [lines[id] for id in dict.fromkeys(id for id, _ in quantities if id is not None)]
    _refresh_seen(changed)
    CartLine.objects.bulk_update(
        [line for line in changed if line.quantity], ["quantity", "sku", "name", "unit_minor"]
    )
    _drop(cart, [line.pk for line in changed if not line.quantity])
    return saved(cart)


@transaction.atomic
def remove(token: str | None, line_ids: Sequence[int | None], *, user: User | None) -> Cart:
    """Take lines out. All of them or none."""
    cart = locked(token, user=user)
    present = set(cart.lines.values_list("pk", flat=True))
    for at, id in enumerate(line_ids):
        if id not in present:
            raise Refused("NOT_FOUND", "There is no such line.", "line_ids", at)
    _drop(cart, [id for id in line_ids if id is not None])
    return saved(cart)


@transaction.atomic
def update(token: str | None, fields: Mapping[str, Any], *, user: User | None) -> Cart:
    """Change e-mail, addresses, note or codes: what is given, null to empty it."""
    cart = locked(token, user=user)
    _apply(cart, fields)
    return saved(cart)


@jobs.sweep("17 * * * *")
def expire_due() -> None:
    """Close the carts that nobody has touched for CART_DAYS."""
    due = Cart.objects.filter(status=Cart.Status.OPEN, expires_at__lte=timezone.now())
    due.update(status=Cart.Status.EXPIRED)


def _own(user: User) -> tuple[Cart, str | None]:
    """The user's open cart, locked; made, with its token, when there is none."""
    if cart := locked_own(user):
        return cart, None
    try:
        with transaction.atomic():
            return _new(user)
    except IntegrityError:  # made by a parallel request this moment
        cart = locked_own(user)
        if cart is None:
            raise
        return cart, None


def _new(user: User | None) -> tuple[Cart, str]:
    token = access.new_token()
    cart = Cart.objects.create(token_digest=tokens.digest(token), user=user, expires_at=_expiry())
    return cart, token


def _expiry() -> Any:
    return timezone.now() + timedelta(days=settings.CART_DAYS)


def saved(cart: Cart) -> Cart:
    """A locked cart after a change: counted, and kept for CART_DAYS from now."""
    cart.version += 1
    cart.expires_at = _expiry()
    cart.save()
    return cart


def _apply(cart: Cart, fields: Mapping[str, Any]) -> None:
    for name, value in contents.checked(fields).items():
        setattr(cart, name, value)


def _add(cart: Cart, wishes: Sequence[Wish]) -> None:
    if not wishes:
        return
    present = list(cart.lines.all())
    lines = {line.variant_id: line for line in present}
    found = variants_for(wish.variant_id for wish in wishes)
    for at, wish in enumerate(wishes):
        variant = found.get(wish.variant_id or 0)
        if variant is None:
            raise Refused("NOT_FOUND", "There is no such variant.", "lines", at, "variant_id")
        check_quantity(wish.quantity, at)
        line = lines.setdefault(variant.pk, CartLine(cart=cart, variant=variant, quantity=0))
        line.quantity += wish.quantity
        check_quantity(line.quantity, at)
        _see(line, variant)
    # Lines whose variant is gone count as well.
    if len(present) + sum(line.pk is None for line in lines.values()) > MAX_LINES:
        raise Refused("OUT_OF_RANGE", f"A cart takes {MAX_LINES} lines.", "lines")
    write_lines([lines[id] for id in dict.fromkeys(wish.variant_id for wish in wishes)])


def write_lines(lines: Sequence[CartLine]) -> None:
    """Write new and changed lines of a locked cart. Two statements."""
    CartLine.objects.bulk_create([line for line in lines if line.pk is None])
    CartLine.objects.bulk_update(
        [line for line in lines if line.pk is not None], ["quantity", "sku", "name", "unit_minor"]
    )


def _see(line: CartLine, variant: Any) -> None:
    """Remember what the variant is called and costs, for when it is gone."""
    line.sku, line.name = variant.sku, full_name(variant)
    line.unit_minor = variant.price_minor


def _refresh_seen(lines: Sequence[CartLine]) -> None:
    found = variants_for(line.variant_id for line in lines)
    for line in lines:
        if variant := found.get(line.variant_id or 0):
            _see(line, variant)


def _drop(cart: Cart, ids: Sequence[int]) -> None:
    if ids:
        cart.lines.filter(pk__in=ids).delete()
