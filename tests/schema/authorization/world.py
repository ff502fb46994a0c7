"""Something of every kind that not everybody may see, all of it one user's, and full of secrets."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from catalog import alerts, wishlists
from catalog.models import Review
from checkout import access, carts, refunds, returns
from checkout.models import Order, OrderEvent, Payment
from checkout.quotes import Wish as Wanted
from checkout.refunds import Wish
from schema import ids
from schema.authorization.rules import Actor, Rule
from tests.checkout import states
from tests.checkout.buying import ADDRESS
from tests.factories import make_product, make_user, make_variant
from tests.schema.authorization.cast import somebody
from tests.schema.whole_inputs import boss, image
from users import addresses
from users.models import User

# How a row of each type leads to its owner; a row that has none is nobody's.
OWNERS: dict[str, str] = {
    "Order": "user_id",
    "OrderLine": "order.user_id",
    "Payment": "order.user_id",
    "Refund": "order.user_id",
    "Fulfilment": "order.user_id",
    "Return": "order.user_id",
    "User": "pk",
    "Address": "user_id",
    "Alert": "user_id",
    "Review": "author_id",
    "Product": "owner_id",
    "Variant": "product.owner_id",
    "Image": "product.owner_id",
}
SECRET = "Wanda's secret"  # in all that is about the person
DRAFT = "Not to be told yet"  # in what is not on sale, or not published


@dataclass
class World:
    """What there is to see: rows by the name of their type, and whose they are."""

    owner: User
    maker: User  # of the product, and one of the staff
    rows: dict[str, Any]
    cart_token: str
    access_token: str

    def id(self, name: str) -> str:
        return ids.of(self.rows[name])

    def owner_of(self, name: str) -> User:
        return self.maker if name in ("Product", "Variant", "Image") else self.owner


def make_world() -> World:
    owner, maker = make_owner(), somebody(is_staff=True)
    rows: dict[str, Any] = order_of(owner) | account_of(owner) | draft_of(maker)
    wishes, fields = [Wanted(make_variant().pk, 1)], {"note": SECRET}
    cart, token = carts.create(user=owner, wishes=wishes, fields=fields)
    rows["Cart"] = cart
    return World(owner, maker, rows, token or "", access.token_for(rows["Order"]))


def owner_key(name: str, row: Any) -> int | None:
    """The primary key of the row's owner."""
    for step in OWNERS[name].split("."):
        row = getattr(row, step)
    return row  # type: ignore[no-any-return]


def kind_of(caller: User | None, rule: Rule, owner: int | None) -> Actor:
    """Which column of the table is about that caller, for something of that owner's."""
    if caller is None:
        return Actor.ANONYMOUS
    if caller.pk == owner:
        return Actor.OWNER
    if not caller.is_staff:
        return Actor.OTHER
    named = [caller.has_perm(name) for name in rule.permissions]
    besides = [caller.has_perm(name) for name in rule.besides]
    return Actor.PERMITTED if any(named) and all(besides) else Actor.STAFF


def make_owner() -> User:
    return make_user(
        email="wanda@secret.example", first_name="Wanda", last_name=SECRET, phone=SECRET
    )


def order_of(owner: User) -> dict[str, Any]:
    """An order with everything that can be in one."""
    order = states.WAYS["paid, sent"](owner)
    line = order.lines.get()
    returned = returns.request(order.pk, [(line.pk, 1)], reason=SECRET, actor=owner)
    refunds.refund(order.pk, Wish(amount=100, reason=SECRET), actor=boss())
    Order.objects.filter(pk=order.pk).update(
        note=SECRET,
        email=owner.email,
        shipping_address=secret_address(),
        billing_address=secret_address(),
        review_flag=SECRET,
    )
    Payment.objects.filter(order=order).update(reference=SECRET)
    order.fulfilments.update(tracking_number=SECRET)
    OrderEvent.objects.filter(order=order).update(message=SECRET)
    order.refresh_from_db()
    return {
        "Order": order, "OrderLine": line, "Return": returned, "Payment": order.payments.get(),
        "Refund": order.refunds.get(), "Fulfilment": order.fulfilments.get(),
    }  # fmt: skip


def secret_address() -> dict[str, str]:
    blank = dict.fromkeys(("company", "line2", "region", "phone"), "")
    return blank | ADDRESS | {"name": SECRET, "line1": SECRET}


def account_of(owner: User) -> dict[str, Model]:
    """An account with everything that can be in one."""
    wished = make_product()
    wishlists.add(owner, wished)
    User.objects.filter(pk=owner.pk).update(email_verified_at=owner.created_at)
    owner.refresh_from_db()
    return {
        "User": owner,
        "Address": addresses.create(owner, secret_address()),
        "Alert": alerts.on_stock(owner, make_variant(stock=0)),
        "Review": Review.objects.create(
            product=wished, author=owner, rating=1, title=DRAFT, body=DRAFT, status="PENDING"
        ),
    }


def draft_of(maker: User) -> dict[str, Model]:
    """A product that is not on sale yet."""
    product = make_product(status="DRAFT", owner=maker, name=DRAFT, slug="the-draft")
    variant = make_variant(product=product, name=DRAFT, sku="DRAFT-1")
    return {"Product": product, "Variant": variant, "Image": image(product)}
