"""A small shop with something of each kind, and what a client may know of it."""

from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.apps import apps
from django.core.management import call_command

from catalog import images
from catalog.models import Product, Variant
from checkout.models import Order
from schema import ids
from schema.ids import NODES
from tests.catalog.picturing import drawn, file
from tests.checkout.states import WAYS
from tests.client import call, mutate
from tests.factories import make_staff, make_user
from users import tokens
from users.models import User

WRONG_IDS = ["", "x", "UHJvZHVjdDo5OTk5OTk5", "UHJvZHVjdDp4", "Tm9uZToxCg==", "ÿ", "1"]
WRONG_CURSORS = ["", "x", "WyJuZXdlc3QiLDEsMV0=", "bnVsbA==", "\x00"]


@dataclass(frozen=True)
class Shop:
    """Who asks (by token), and texts for arguments by their names."""

    tokens: dict[str, str]
    words: dict[str, list[str]]

    @property
    def roots(self) -> dict[str, str]:
        """Arguments of the root's fields with which they find something."""
        found = {
            "product": "slug", "variant": "sku", "category": "slug", "collection": "slug",
            "cart": "token", "order": "number",
        }  # fmt: skip
        return {name: f'{key}: "{self.words[name][0]}"' for name, key in found.items()} | {
            "node": f'id: "{self.words["id"][0]}"',
            "nodes": "ids: " + str(self.words["id"][:30]).replace("'", '"'),
        }


def filled() -> Shop:
    """The demo, without its pictures, and what it lacks."""
    buyer = make_user()
    for way in ("awaiting transfer", "cash, partly arrived", "completed", "cancelled"):
        WAYS[way](buyer)  # before there are zones, which want an address
    call_command("demo", "--force", "--no-pictures", stdout=StringIO())
    boss = User.objects.get(email="admin@example.com")
    for product in Product.objects.order_by("pk")[:6]:
        images.attach(product, [file(drawn(40 + product.pk % 9, 30))], user=boss, alt="Front")
    return Shop(
        {
            "anonymous": "",
            "buyer": tokens.access_token(buyer),
            "customer": tokens.access_token(User.objects.get(email="customer@example.com")),
            "stranger": tokens.access_token(make_user()),
            "clerk": tokens.access_token(make_staff("checkout.view_order")),
            "boss": tokens.access_token(boss),
            "expired": tokens.access_token(boss)[:-3] + "abc",
        },
        words(buyer, cart_of(buyer)),
    )


def cart_of(buyer: User) -> str:
    """The token of a guest's cart; the buyer has one of the same things."""
    lines = [
        {"variantId": ids.of(variant), "quantity": 1 + variant.pk % 2}
        for variant in Variant.objects.filter(stock__gt=5, archived_at=None).order_by("pk")[:4]
    ]
    mutate("cartLinesAdd", {"lines": lines}, "cart { id }", user=buyer)
    made = mutate("cartCreate", {"lines": lines}, "cart { token }")
    return str(made["cart"]["token"])


def words(buyer: User, cart: str) -> dict[str, list[str]]:
    """Right and wrong values for arguments of text, by the names of the arguments."""
    number = str(Order.objects.filter(user=buyer).latest("pk").number)
    sold = Product.objects.exclude(variants=None).order_by("pk")
    slugs = [*sold.values_list("slug", flat=True)[:5], "no-such", "", "a" * 300, "\x00"]
    categories = apps.get_model("catalog", "Category").objects.values_list("slug", flat=True)
    collections = apps.get_model("catalog", "Collection").objects.values_list("slug", flat=True)
    cursors = cursors_of(buyer)
    return {
        "product": slugs[2:],
        "variant": [str(Variant.objects.filter(product__slug=slugs[2])[0].sku)],
        "category": [*categories],
        "collection": [*collections],
        "cart": [cart],
        "order": [number],
        "id": [*known_ids(), *WRONG_IDS],
        "slug": [*slugs, *categories[:5], *collections[:3]],
        "sku": [*Variant.objects.values_list("sku", flat=True)[:3], "none"],
        "token": [cart, cart, "wrong", ""],
        "number": [number, "none", ""],
        "accessToken": ["wrong", ""],
        "after": [*cursors, *WRONG_CURSORS],
        "before": [*cursors, *WRONG_CURSORS],
        "search": ["lamp", "a", "", "zzzz", '"desk lamp" -red', "%_'", "x" * 101],
    }


def known_ids() -> list[str]:
    """A few rows of each type that `node` reaches, whoever may see them."""
    models = [model for model in apps.get_models() if ids.type_name(model) in NODES]
    return [ids.of(row) for model in models for row in model._default_manager.all()[:2]]


def cursors_of(buyer: User) -> list[str]:
    page = "pageInfo { startCursor endCursor }"
    document = f"""{{ a: products(first: 3) {{ {page} }}
        b: products(first: 2, sort: PRICE_ASC) {{ {page} }} reviews(first: 2) {{ {page} }}
        collections(first: 1) {{ {page} }} me {{ orders(first: 1) {{ {page} }} }} }}"""
    found: list[str] = []
    gather(call(document, user=buyer).data, found)
    return found


def gather(value: Any, found: list[str]) -> None:
    if isinstance(value, dict):
        for each in value.values():
            gather(each, found)
    elif isinstance(value, str):
        found.append(value)
