"""A catalogue that nobody here wrote goes in through the public API alone, and is sold from."""

import json
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.client import call, mutate
from tests.factories import PASSWORD, make_staff
from users.models import User

GOODS = json.loads((Path(__file__).parent / "data" / "dummyjson-products.json").read_text())
CENT = Decimal("0.01")
CLERK = (
    *(f"catalog.add_{row}" for row in ("product", "category")),
    *("checkout.view_order", "checkout.process_order"),
)


def amount(value: float) -> str:
    """A JSON number as it was written, in cents."""
    return str(Decimal(str(value)).quantize(CENT))


def former_price(row: dict[str, Any]) -> str | None:
    """What the goods cost before the reduction, when the reduction is worth a cent."""
    price = Decimal(str(row["price"]))
    former = price / (1 - Decimal(str(row["discountPercentage"])) / 100)
    former = former.quantize(CENT, ROUND_HALF_UP)
    return str(former) if former > price else None


def product_input(row: dict[str, Any], category_id: str) -> dict[str, Any]:
    size = row["dimensions"]
    return {
        "name": row["title"],
        "description": row["description"],
        "brand": row.get("brand"),
        "categoryId": category_id,
        "status": "ACTIVE",
        "attributes": [
            *({"name": "Tag", "value": tag} for tag in row["tags"]),
            {"name": "Warranty", "value": row["warrantyInformation"]},
            {"name": "Size", "value": f"{size['width']} × {size['height']} × {size['depth']}"},
        ],
        "variants": [
            {
                "sku": row["sku"],
                "price": amount(row["price"]),
                "compareAtPrice": former_price(row),
                "stock": row["stock"],
                "weightGrams": row["weight"],
                "barcode": row["meta"]["barcode"],
            }
        ],
    }


def sign_in(email: str) -> str:
    payload = mutate("tokenCreate", {"email": email, "password": PASSWORD}, "token")
    return str(payload["token"])


def bring_in_goods(clerk: User) -> dict[int, str]:
    """The products' global ids by the file's own ids."""
    categories: dict[str, str] = {}
    products = {}
    for row in GOODS:
        if row["category"] not in categories:
            name = row["category"].replace("-", " ").capitalize()
            made = mutate("categoryCreate", {"name": name}, "category { id }", user=clerk)
            categories[row["category"]] = made["category"]["id"]
        input = product_input(row, categories[row["category"]])
        made = mutate("productCreate", input, "product { id }", user=clerk)
        assert made["errors"] == [], (row["title"], made["errors"])
        products[row["id"]] = made["product"]["id"]
    return products


def bring_in_reviews(products: dict[int, str]) -> dict[tuple[str, int], int]:
    """Who thinks how much of what: of two reviews by one author the later stands."""
    by_author = defaultdict(list)
    for row in GOODS:
        for review in row["reviews"]:
            by_author[review["reviewerEmail"]].append((row["id"], review))
    standing = {}
    for email, written in by_author.items():
        first, _, last = written[0][1]["reviewerName"].partition(" ")
        account = {"email": email, "password": PASSWORD, "firstName": first, "lastName": last}
        assert mutate("accountRegister", account, "accepted")["accepted"]
        token = sign_in(email)
        for id, review in written:
            input = {
                "productId": products[id],
                "rating": review["rating"],
                "body": review["comment"],
            }
            made = mutate("reviewUpsert", input, "review { rating }", token=token)
            assert made["errors"] == []
            standing[email, id] = review["rating"]
    return standing


@pytest.fixture
def clerk() -> User:
    return make_staff(*CLERK)


@pytest.mark.long
def test_every_product_and_review_goes_in_and_can_be_bought(clerk: User) -> None:
    products = bring_in_goods(clerk)
    standing = bring_in_reviews(products)

    shown = shown_products()
    assert len(shown) == len(GOODS) == 194
    for row in GOODS:
        here = shown[products[row["id"]]]
        assert here["name"] == row["title"]
        assert here["brand"] == row.get("brand")
        assert here["price"]["amount"] == amount(row["price"])
        assert here["variants"][0]["available"] == row["stock"]
        ratings = [stars for (_, id), stars in standing.items() if id == row["id"]]
        assert here["rating"]["count"] == len(ratings)
    buy_and_receive(clerk)


def shown_products() -> dict[str, dict[str, Any]]:
    """All that a shopper sees, page by page, by id."""
    document = """query($after: String) {
      products(first: 100, after: $after, sort: NAME) {
        nodes { id name brand price { amount } rating { count } variants { available } }
        pageInfo { hasNextPage endCursor }
      }
    }"""
    found: dict[str, dict[str, Any]] = {}
    after = None
    while True:
        page = call(document, after=after).data["products"]
        found |= {node["id"]: node for node in page["nodes"]}
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def buy_and_receive(clerk: User) -> None:
    """A shopper searches, narrows, orders, and is delivered."""
    document = """{
      products(
        search: "mascara"
        filter: { category: ["Beauty"], brand: ["essence"], inStock: true }
      ) {
        totalCount nodes { name defaultVariant { id } }
      }
    }"""
    found = call(document).data["products"]
    assert [node["name"] for node in found["nodes"]] == ["Essence Mascara Lash Princess"]
    lines = [{"variantId": found["nodes"][0]["defaultVariant"]["id"], "quantity": 3}]
    cart = {"lines": lines, "email": "shopper@example.com"}
    input = {"cart": cart, "paymentMethod": "CASH_ON_DELIVERY", "expectedTotal": "29.97"}
    order = mutate("orderPlace", input, "order { id }")["order"]

    for name, more in (
        ("orderFulfil", {}),
        ("orderDeliver", {}),
        ("orderMarkPaid", {"reference": "cash"}),
    ):
        payload = mutate(name, {"orderId": order["id"]} | more, "order { status }", user=clerk)
        assert payload["errors"] == []
    assert payload["order"]["status"] == "COMPLETED"
