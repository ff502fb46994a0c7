"""Wishlists, alerts, votes and what is bought together, as clients see them."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import alerts, reviews, together, wishlists
from catalog.models import Alert, Product, Review, ReviewVote, WishlistItem
from schema import ids
from tests.client import call, mutate, refusals
from tests.factories import make_product, make_staff, make_user, make_variant
from users.models import User

WISHLIST = "{ me { wishlist { totalCount nodes { id } } } }"
ALERTS = "alerts { id kind belowPrice { amount currency } product { id } variant { id } createdAt }"


def wished(user: User) -> list[str]:
    found = call(WISHLIST, user=user).data["me"]["wishlist"]
    assert found["totalCount"] == len(found["nodes"])
    return [row["id"] for row in found["nodes"]]


def make_reader() -> User:
    return make_user(email_verified_at=timezone.now())


def product_input(product: Product, **more: Any) -> dict[str, Any]:
    return {"productId": ids.of(product)} | more


def test_a_wishlist_shows_the_latest_wish_first() -> None:
    user, products = make_user(), [make_product() for _ in range(3)]
    for product in products:
        payload = mutate("wishlistAdd", product_input(product), "user { id }", user=user)
        assert payload == {"user": {"id": ids.of(user)}, "errors": []}

    assert wished(user) == [ids.of(product) for product in reversed(products)]
    mutate("wishlistRemove", product_input(products[1]), "user { id }", user=user)
    assert wished(user) == [ids.of(products[2]), ids.of(products[0])]
    assert wished(make_user()) == []


def test_a_wishlist_is_walked_by_the_page_in_both_directions() -> None:
    user, products = make_user(), [make_product() for _ in range(5)]
    for product in products:
        wishlists.add(user, product)
    document = """query($first: Int, $after: String, $last: Int, $before: String) { me {
        wishlist(first: $first, after: $after, last: $last, before: $before) {
          nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""

    def page(**at: Any) -> dict[str, Any]:
        found: dict[str, Any] = call(document, user=user, **at).data["me"]["wishlist"]
        return found

    first = page(first=3)
    second = page(first=3, after=first["pageInfo"]["endCursor"])
    back = page(last=3, before=second["pageInfo"]["startCursor"])

    assert [row["id"] for row in first["nodes"] + second["nodes"]] == [
        ids.of(product) for product in reversed(products)
    ]
    assert not second["pageInfo"]["hasNextPage"]
    assert back["nodes"] == first["nodes"]


def test_what_is_hidden_leaves_the_wishlist_and_can_still_be_taken_off() -> None:
    user, product = make_user(), make_product()
    wishlists.add(user, product)
    Product.objects.update(status="DRAFT")
    assert wished(user) == []

    gone = mutate("wishlistRemove", product_input(product), "user { id }", user=user)

    assert gone["errors"] == []
    assert not WishlistItem.objects.exists()


@pytest.mark.parametrize("name", ["wishlistAdd", "wishlistRemove", "priceAlertCreate"])
def test_a_hidden_product_is_found_no_more_than_none(name: str) -> None:
    user, hidden, gone = make_reader(), make_product(status="DRAFT"), make_product()
    gone_id = ids.of(gone)
    gone.delete()
    more = {"belowPrice": "1.00"} if name == "priceAlertCreate" else {}

    found = [
        mutate(name, {"productId": id} | more, "__typename", user=user)["errors"]
        for id in (ids.of(hidden), gone_id)
    ]

    assert found[0] == found[1]
    assert [(each["code"], each["path"]) for each in found[0]] == [("NOT_FOUND", ["productId"])]
    assert not WishlistItem.objects.exists()


def test_staff_who_may_see_customers_see_what_they_wish_for() -> None:
    user, staff = make_user(), make_staff("users.view_user")
    wishlists.add(user, make_product())
    document = """query($id: ID!) { node(id: $id) { ... on User {
        wishlist { totalCount } } } }"""

    assert call(document, user=staff, id=ids.of(user)).data["node"]["wishlist"]["totalCount"] == 1
    assert call(document, user=make_staff(), id=ids.of(user)).data["node"] is None
    assert call(document, user=make_user(), id=ids.of(user)).data["node"] is None


def test_alerts_are_made_shown_and_ended() -> None:
    reader, sold_out = make_reader(), make_variant(stock=0, price=1000)
    product = sold_out.product
    input = {"variantId": ids.of(sold_out)}
    stock = mutate("stockAlertCreate", input, "alert { id }", user=reader)
    price = mutate(
        "priceAlertCreate", product_input(product, belowPrice="9.50"), "alert { id }", user=reader
    )
    assert (stock["errors"], price["errors"]) == ([], [])

    first, second = call(f"{{ me {{ {ALERTS} }} }}", user=reader).data["me"]["alerts"]

    assert (first["id"], first["kind"]) == (price["alert"]["id"], "PRICE_BELOW")
    assert first["belowPrice"] == {"amount": "9.50", "currency": "EUR"}
    assert (first["product"], first["variant"]) == ({"id": ids.of(product)}, None)
    assert (second["id"], second["kind"]) == (stock["alert"]["id"], "BACK_IN_STOCK")
    assert (second["belowPrice"], second["variant"]) == (None, {"id": ids.of(sold_out)})
    ended = mutate("alertDelete", {"id": first["id"]}, "deletedId", user=reader)
    assert ended == {"deletedId": first["id"], "errors": []}
    assert Alert.objects.get().kind == "BACK_IN_STOCK"


def test_an_alert_that_was_mailed_is_listed_no_more() -> None:
    reader = make_reader()
    alerts.on_stock(reader, make_variant(stock=0))
    Alert.objects.update(sent_at=timezone.now())

    assert call("{ me { alerts { id } } }", user=reader).data["me"]["alerts"] == []


def test_anothers_alert_is_found_no_more_than_none() -> None:
    alert = alerts.on_stock(make_reader(), make_variant(stock=0))
    other = make_reader()
    node = "query($id: ID!) { node(id: $id) { id } }"

    found = [
        mutate("alertDelete", {"id": id}, "deletedId", user=other)["errors"]
        for id in (ids.of(alert), ids.pack("Alert", "999999"))
    ]

    assert found[0] == found[1]
    assert found[0][0]["code"] == "NOT_FOUND"
    assert call(node, user=other, id=ids.of(alert)).data["node"] is None
    assert call(node, id=ids.of(alert)).data["node"] is None
    assert call(node, user=alert.user, id=ids.of(alert)).data["node"] == {"id": ids.of(alert)}
    assert Alert.objects.exists()


def test_an_alert_of_what_is_hidden_tells_nothing_of_it() -> None:
    reader = make_reader()
    alerts.on_stock(reader, make_variant(stock=0))
    Product.objects.update(status="DRAFT")

    (alert,) = call(f"{{ me {{ {ALERTS} }} }}", user=reader).data["me"]["alerts"]

    assert (alert["product"], alert["variant"]) == (None, None)


def test_without_a_verified_address_there_is_no_alert() -> None:
    input = {"variantId": ids.of(make_variant(stock=0))}

    payload = mutate("stockAlertCreate", input, "alert { id }", user=make_user())

    assert refusals(payload) == [("INVALID_STATE", [])]


@pytest.mark.parametrize(
    ("price", "code"), [("-1", "OUT_OF_RANGE"), ("0", "OUT_OF_RANGE"), ("1.234", "INVALID")]
)
def test_an_odd_price_is_refused_at_its_field(price: str, code: str) -> None:
    input = product_input(make_variant().product, belowPrice=price)

    payload = mutate("priceAlertCreate", input, "alert { id }", user=make_reader())

    assert refusals(payload) == [(code, ["belowPrice"])]


def make_review() -> Review:
    return reviews.upsert(make_user(), make_product(), rating=4, texts={})


def test_votes_are_counted_changed_and_taken_back() -> None:
    review, voter = make_review(), make_user()

    for helpful, count in ((True, 1), (True, 1), (False, 0), (True, 1), (None, 0)):
        input = {"reviewId": ids.of(review), "helpful": helpful}
        payload = mutate("reviewVote", input, "review { helpfulCount }", user=voter)
        assert payload == {"review": {"helpfulCount": count}, "errors": []}
    assert not ReviewVote.objects.exists()


def test_ones_own_review_is_not_for_ones_own_vote() -> None:
    review = make_review()
    input = {"reviewId": ids.of(review), "helpful": True}

    payload = mutate("reviewVote", input, "review { id }", user=review.author)

    assert refusals(payload) == [("NOT_ALLOWED", ["reviewId"])]


@pytest.mark.parametrize("status", ["PENDING", "REJECTED"])
def test_a_review_that_is_not_published_is_not_found(status: str) -> None:
    review = make_review()
    Review.objects.update(status=status)
    input = {"reviewId": ids.of(review), "helpful": True}

    payload = mutate("reviewVote", input, "review { id }", user=make_user())

    assert refusals(payload) == [("NOT_FOUND", ["reviewId"])]
    assert not ReviewVote.objects.exists()


SIGNED_IN = {
    "wishlistAdd": {"productId": "x"},
    "wishlistRemove": {"productId": "x"},
    "stockAlertCreate": {"variantId": "x"},
    "priceAlertCreate": {"productId": "x", "belowPrice": "1"},
    "alertDelete": {"id": "x"},
    "reviewVote": {"reviewId": "x"},
}


@pytest.mark.parametrize("name", SIGNED_IN)
def test_guests_are_sent_to_sign_in(name: str) -> None:
    kind = "WishlistInput" if name.startswith("wishlist") else f"{name[0].upper()}{name[1:]}Input"
    document = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ errors {{ code }} }} }}"

    assert call(document, input=SIGNED_IN[name]).codes == ["UNAUTHENTICATED"]


def test_what_is_bought_together_is_shown_to_everybody() -> None:
    lamp, bulb, shade = (make_product() for _ in range(3))
    for _ in range(2):
        reviews.record_purchase(make_user(), [lamp.pk, bulb.pk, shade.pk])
    reviews.record_purchase(make_user(), [lamp.pk, bulb.pk])
    together.recount()
    document = """query($id: ID!, $first: Int) { product(id: $id) {
        boughtTogether(first: $first) { id } } }"""

    def beside(first: int | None, user: User | None = None) -> list[str]:
        found = call(document, user=user, id=ids.of(lamp), first=first).data["product"]
        return [row["id"] for row in found["boughtTogether"]]

    assert beside(None) == [ids.of(bulb), ids.of(shade)]
    assert beside(1) == [ids.of(bulb)]
    assert beside(0) == []
    Product.objects.filter(pk=bulb.pk).update(status="DRAFT")
    assert beside(None, make_staff()) == [ids.of(shade)]


def statements(document: str, user: User) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert call(document, user=user).data
    return len(captured)


def test_lists_cost_the_same_with_one_row_and_with_fifty() -> None:
    user = make_reader()
    document = f"""{{ me {{ wishlist(first: 60) {{ totalCount nodes {{ name
        variants {{ sku }} boughtTogether {{ name image {{ url }} variants {{ sku }} }} }} }}
        {ALERTS} }} }}"""
    pair = [make_product(), make_product()]

    def add(count: int) -> None:
        for _ in range(count):
            variant = make_variant(stock=0)
            wishlists.add(user, variant.product)
            alerts.on_stock(user, variant)
            for _ in range(2):
                reviews.record_purchase(
                    make_user(), [variant.product_id, *(one.pk for one in pair)]
                )
        together.recount()

    add(1)
    few = statements(document, user)

    add(49)

    assert statements(document, user) == few
