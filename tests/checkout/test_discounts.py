"""What lowers a total: for which goods, when, and by which codes."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import Collection, CollectionProduct, Product
from checkout import carts, contents, placement
from checkout.models import Discount, DiscountCode
from checkout.placement import Terms
from checkout.quotes import Wish
from tests.checkout.buying import TRANSFER
from tests.checkout.carting import guest_cart, refused
from tests.checkout.offering import (
    GUEST,
    address,
    make_discount,
    make_method,
    make_zone,
    quoted,
)
from tests.checkout.redeeming import NOT_APPLICABLE, because, off
from tests.factories import make_category, make_product, make_variant

# For which goods.


def of_product(product: Product) -> str:
    return f"product:{product.pk}"


def of_category(product: Product) -> str:
    return f"category:{product.category_id}"


def of_parent(product: Product) -> str:
    assert product.category
    return f"category:{product.category.parent_id}"


def of_collection(product: Product) -> str:
    return f"collection:{product.places.get().collection_id}"


def shelved() -> Product:
    """A product in a sub-category and in a collection."""
    category = make_category("Desk lamps", parent=make_category())
    product = make_product(category=category)
    summer = Collection.objects.create(name="Summer", slug="summer")
    CollectionProduct.objects.create(collection=summer, product=product)
    return product


KINDS: list[tuple[str, dict[str, Any], int]] = [
    ("PERCENT", {"percent": Decimal(20)}, 600),
    ("FIXED", {"amount_minor": 700}, 700),
    ("BUY_X_GET_Y", {"percent": Decimal(50), "buy_quantity": 2, "get_quantity": 1}, 500),
]


@pytest.mark.parametrize("group_of", [of_product, of_category, of_parent, of_collection])
@pytest.mark.parametrize(("kind", "fields", "amount"), KINDS, ids=[kind for kind, *_ in KINDS])
def test_it_is_for_its_goods_alone(
    group_of: Callable[[Product], str], kind: str, fields: dict[str, Any], amount: int
) -> None:
    product = shelved()
    inside, outside = make_variant(price=1000, product=product), make_variant(price=900)
    make_discount(kind=kind, groups=[group_of(product)], **fields)

    quote = quoted({outside: 4, inside: 3})

    assert [one.discount for one in quote.priced.lines] == [0, amount]
    assert off(quoted({outside: 4})) == 0


@pytest.mark.parametrize(
    ("kind", "fields", "amount"),
    [(KINDS[0][0], KINDS[0][1], 780), (KINDS[1][0], KINDS[1][1], 700), (*KINDS[2][:2], 450)],
    ids=[kind for kind, *_ in KINDS],
)
def test_without_goods_of_its_own_it_is_for_the_whole_order(
    kind: str, fields: dict[str, Any], amount: int
) -> None:
    make_discount(kind=kind, **fields)

    quote = quoted({make_variant(price=1000): 3, make_variant(price=900): 1})

    assert off(quote) == amount


def test_free_shipping_takes_off_what_sending_costs() -> None:
    make_method(make_zone("GB"), (0, 490))
    product = shelved()
    make_discount(kind="FREE_SHIPPING", groups=[of_collection(product)])

    with_it = quoted({make_variant(product=product): 1}, shipping_address=address()).totals
    without = quoted({make_variant(): 1}, shipping_address=address()).totals

    assert (with_it.shipping, with_it.shipping_discount, with_it.discount) == (490, 490, 490)
    assert (without.shipping, without.discount) == (490, 0)


def test_free_shipping_of_nothing_says_that_it_lowers_nothing() -> None:
    make_discount("FREE", kind="FREE_SHIPPING")

    quote = quoted({make_variant(): 1}, "FREE")

    assert quote.refused_codes == {"FREE": "Nothing in the cart is reduced by it."}


def test_it_never_takes_more_than_there_is() -> None:
    make_discount(kind="FIXED", amount_minor=99_999)
    make_discount(percent=Decimal(100))

    totals = quoted({make_variant(price=1000): 3}).totals

    assert (totals.discount, totals.total) == (3000, 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"percent": Decimal(0)},
        {"percent": Decimal("100.01")},
        {"percent": Decimal(-1)},
        {"kind": "FIXED", "amount_minor": 0},
        {"kind": "FIXED", "amount_minor": -500},
        {"kind": "BUY_X_GET_Y", "percent": Decimal(50), "buy_quantity": 2},
        {"kind": "BUY_X_GET_Y", "percent": Decimal(50), "get_quantity": 1},
        {"kind": "BUY_X_GET_Y", "buy_quantity": 2, "get_quantity": 1},
        {"usage_limit": 1, "used": 2},
        {"ends_at": timezone.now() - timedelta(days=1)},
    ],
)
def test_the_database_refuses_what_takes_nothing_off_or_too_much(fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_discount(**fields)


# Which codes apply, and why the others do not.


def test_a_code_is_needed_where_there_is_one() -> None:
    make_discount("SUMMER")
    lamp = make_variant(price=1000)

    assert off(quoted({lamp: 1})) == 0
    assert off(quoted({lamp: 1}, "SUMMER")) == 100


@pytest.mark.parametrize("written", ["summer24", "Summer24", "SUMMER24"])
def test_the_case_of_a_code_s_letters_does_not_count(written: str) -> None:
    make_discount("Summer24")

    assert because(written) == [""]


@pytest.mark.parametrize(
    ("kept", "written"),
    [("Grün", "GRÜN"), ("ΣΟΦΊΑ", "σοφία"), ("STRASSE", "straße"), ("Été", "E\u0301te\u0301")],
)
def test_no_more_does_it_beyond_the_english_letters(kept: str, written: str) -> None:
    row = make_discount(kept)

    assert because(written) == [""]
    assert contents.distinct([kept, written]) == [kept]
    with pytest.raises(IntegrityError), transaction.atomic():
        row.codes.create(code=written)


def test_a_code_that_was_written_anew_is_the_new_one() -> None:
    row = make_discount("SUMMER").codes.get()
    row.code = "Winter"
    row.save()

    assert because("WINTER", "SUMMER") == ["", "This code is not known."]


def test_the_database_refuses_a_code_that_nobody_could_enter() -> None:
    row = make_discount("SUMMER")

    with pytest.raises(IntegrityError), transaction.atomic():
        DiscountCode.objects.bulk_create([DiscountCode(discount=row, code="WINTER")])


@pytest.mark.parametrize("written", ["S%", "S_LE", "SALES", "SAL", "*", "' OR 1=1 --"])
def test_a_code_that_is_not_quite_the_one_is_not_known(written: str) -> None:
    make_discount("SALE")

    assert because(written) == ["This code is not known."]


def test_a_code_that_was_switched_off_is_not_known() -> None:
    make_discount("SUMMER", is_active=False)
    make_discount(is_active=False)

    assert because("SUMMER") == ["This code is not known."]
    assert off(quoted({make_variant(): 1})) == 0


def test_two_codes_of_one_discount_count_once() -> None:
    make_discount("FIRST", "SECOND")

    assert because("SECOND", "FIRST", "second") == [
        "",
        "It is the same discount as SECOND.",
        "It is the same discount as SECOND.",
    ]


def test_below_the_minimum_it_says_how_much_is_missing() -> None:
    lamp = make_variant(price=1000)
    make_discount("BIG", minimum_minor=2500, groups=[of_product(lamp.product)])
    make_variant(price=9000)

    assert because("BIG", quantities={lamp: 2}) == ["Goods for 5.00 EUR more are needed."]
    assert because("BIG", quantities={lamp: 3}) == [""]
    other = make_variant(price=9000)
    assert because("BIG", quantities={lamp: 2, other: 9}) == ["Goods for 5.00 EUR more are needed."]


def test_before_and_after_its_time_it_says_when() -> None:
    now = timezone.now()
    soon, over = now + timedelta(days=3), now - timedelta(minutes=1)
    make_discount("SOON", starts_at=soon)
    make_discount("OVER", ends_at=over)
    make_discount("NOW", ends_at=soon)

    assert because("SOON", "OVER", "NOW") == [
        f"It starts on {soon:%Y-%m-%d %H:%M} (UTC).",
        f"It ended on {over:%Y-%m-%d %H:%M} (UTC).",
        "",
    ]


def test_automatic_ones_keep_to_their_time_as_well() -> None:
    now = timezone.now()
    make_discount(starts_at=now + timedelta(days=3))
    make_discount(ends_at=now - timedelta(minutes=1))

    assert off(quoted({make_variant(): 1})) == 0


def test_overlapping_ones_come_one_after_the_other() -> None:
    make_discount(percent=Decimal(50), priority=2)
    make_discount("TEN", kind="FIXED", amount_minor=200, priority=1)

    quote = quoted({make_variant(price=1000): 1}, "TEN")

    assert [amount for *_, amount in quote.applied] == [200, 400]


def test_one_that_stands_alone_keeps_the_others_out() -> None:
    make_discount("ALONE", is_combinable=False, priority=1)
    make_discount("BESIDE", priority=2)
    refusal = "It cannot be combined with another discount of the cart."

    assert because("BESIDE", "ALONE") == [refusal, ""]
    Discount.objects.filter(codes__code="ALONE").update(priority=3)
    assert because("BESIDE", "ALONE") == ["", refusal]


def test_a_code_of_an_automatic_discount_takes_off_no_more() -> None:
    make_discount("TEN", is_automatic=True)
    lamp = make_variant(price=1000)

    quote = quoted({lamp: 1}, "TEN")

    assert [(code, amount) for _, code, amount in quote.applied] == [("TEN", 100)]
    assert off(quoted({lamp: 1})) == 100


def test_a_code_that_does_not_apply_stays_until_it_is_taken_out() -> None:
    cart, token = guest_cart(Wish(make_variant().pk, 1), email=GUEST, discount_codes=["NOPE"])
    assert refused(placement.place_cart, token, Terms(TRANSFER, None)) == (
        NOT_APPLICABLE, ("cart_token",),
    )  # fmt: skip

    carts.update(token, {"discount_codes": []}, user=None)

    assert placement.place_cart(token, Terms(TRANSFER, None)).cart_id == cart.pk
