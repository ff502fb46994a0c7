"""From a cart, or at once, to an order."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from catalog import products
from catalog.errors import OutOfStock
from catalog.models import Attribute, AttributeValue, Purchase, Variant, VariantOption
from checkout import carts, placement
from checkout.errors import PriceChanged
from checkout.models import Cart, Order
from checkout.models.orders import PaymentMethod
from checkout.placement import Terms
from checkout.quotes import Wish
from shop.errors import ShopError
from shop.money import Money
from tests.checkout.buying import ADDRESS, CASH, TRANSFER, check_books, movements, place, rows
from tests.factories import make_product, make_staff, make_user, make_variant
from users.models import User


def refused(call: Any, *args: Any, **kwargs: Any) -> list[tuple[str, tuple[str, ...]]]:
    """Codes and paths of the refusals, which have written nothing."""
    before = rows(), list(Variant.objects.values()), list(Cart.objects.values())
    with pytest.raises(ShopError) as caught:
        call(*args, **kwargs)
    assert (rows(), list(Variant.objects.values()), list(Cart.objects.values())) == before
    return [(one.code, one.path) for one in caught.value.each()]


def cart_with(
    lamp: Variant, units: int = 1, user: User | None = None, **fields: Any
) -> tuple[Cart, str]:
    fields = {"email": "guest@example.com"} | fields
    cart, token = carts.create(user=user, wishes=[Wish(lamp.pk, units)], fields=fields)
    return cart, token or ""


def test_a_guest_orders_a_cart_by_its_token() -> None:
    lamp = make_variant(price=1999, stock=5)
    cart, token = cart_with(lamp, 2, note="ring", shipping_address=ADDRESS)

    order = placement.place_cart(token, Terms(TRANSFER, None))

    assert (order.cart, order.user, order.email) == (cart, None, "guest@example.com")
    assert (order.note, order.shipping_address) == ("ring", cart.shipping_address)
    assert (order.status, order.payment_status) == ("PENDING", "PENDING")
    assert (order.subtotal_minor, order.total_minor, order.currency) == (3998, 3998, "EUR")
    cart.refresh_from_db()
    lamp.refresh_from_db()
    assert (cart.status, lamp.stock, lamp.reserved) == ("ORDERED", 5, 2)
    assert movements(order) == ["HOLD"]
    check_books()


def test_a_customer_orders_the_open_cart_by_being_signed_in() -> None:
    user, lamp = make_user(), make_variant()
    cart, _ = carts.create(user=user, wishes=[Wish(lamp.pk, 2)])

    order = placement.place_cart(None, Terms(TRANSFER, user))

    assert (order.cart, order.user, order.email) == (cart, user, user.email)
    assert refused(placement.place_cart, None, Terms(TRANSFER, user)) == [
        ("CART_EMPTY", ("cart_token",))
    ]


def test_a_customer_who_orders_a_guest_s_cart_needs_no_other_address() -> None:
    user = make_user()
    _, token = cart_with(make_variant(), email=None)

    order = placement.place_cart(token, Terms(TRANSFER, user))

    assert (order.user, order.email) == (user, user.email)


def test_at_once_leaves_the_open_cart_alone() -> None:
    user, lamp = make_user(), make_variant()
    own, _ = carts.create(user=user, wishes=[Wish(lamp.pk, 2)])
    before = Cart.objects.values().get()

    order = place({lamp: 3}, user=user, email=None)

    assert (order.cart, order.user, order.email) == (None, user, user.email)
    assert Cart.objects.values().get() == before
    assert own.lines.get().quantity == 2


def test_the_same_cart_again_is_the_same_order() -> None:
    lamp = make_variant()
    _, token = cart_with(lamp, 2)
    order = placement.place_cart(token, Terms(TRANSFER, None))
    before = rows()

    again = placement.place_cart(token, Terms(CASH, None, expected_total=Decimal(1)))

    assert again == order
    assert again.payment_method == TRANSFER
    assert rows() == before


@pytest.mark.parametrize("status", ["MERGED", "EXPIRED"])
def test_a_cart_that_was_not_ordered_but_closed_stays_so(status: str) -> None:
    _, token = cart_with(make_variant())
    Cart.objects.update(status=status)

    assert refused(placement.place_cart, token, Terms(TRANSFER, None)) == [
        ("CART_CLOSED", ("cart_token",))
    ]


def test_cash_on_delivery_is_confirmed_and_sold_at_once() -> None:
    lamp = make_variant(stock=5)

    order = place({lamp: 2}, method=CASH)

    lamp.refresh_from_db()
    assert (order.status, order.payment_status) == ("CONFIRMED", "UNPAID")
    assert (order.stock_state, order.hold_until) == ("SOLD", None)
    assert (lamp.stock, lamp.reserved) == (3, 0)
    assert movements(order) == ["HOLD", "SALE"]
    assert list(order.events.values_list("type", flat=True)) == ["PLACED", "CONFIRMED"]
    lamp.product.refresh_from_db()
    assert lamp.product.sales_count == 2
    check_books()


def test_a_transfer_is_awaited_for_some_days(settings: Settings) -> None:
    settings.TRANSFER_HOLD_DAYS = 4

    order = place({make_variant(price=500): 1})

    payment = order.payments.get()
    assert (payment.state, payment.amount, payment.reference) == ("OPEN", Money(500, "EUR"), "")
    assert order.hold_until
    assert (order.hold_until - order.placed_at).days == 4


@pytest.mark.parametrize("method", [TRANSFER, CASH])
def test_what_costs_nothing_is_settled_at_once(
    method: PaymentMethod, django_capture_on_commit_callbacks: Any
) -> None:
    user, lamp = make_user(), make_variant(price=0)

    with django_capture_on_commit_callbacks(execute=True):
        order = place({lamp: 1}, method=method, user=user)

    assert (order.status, order.payment_status, order.stock_state) == ("CONFIRMED", "PAID", "SOLD")
    assert order.paid_at
    assert order.payments.get().state == "PAID"
    assert movements(order) == ["HOLD", "SALE"]
    assert Purchase.objects.filter(user=user, product=lamp.product).exists()
    check_books()


def test_another_total_than_expected_orders_nothing() -> None:
    lamp = make_variant(price=1999)
    _, token = cart_with(lamp, 2)
    terms = Terms(TRANSFER, None, expected_total=Decimal("19.99"))

    assert refused(placement.place_cart, token, terms) == [("PRICE_CHANGED", ("expected_total",))]
    with pytest.raises(PriceChanged) as caught:
        place({lamp: 1}, expected_total=Decimal(20))
    assert caught.value.expected == Money(2000, "EUR")
    assert caught.value.actual == Money(1999, "EUR")
    assert caught.value.path == ("expected_total",)
    assert place({lamp: 1}, expected_total=Decimal("19.990"))


@pytest.mark.parametrize(("amount", "code"), [("-1", "OUT_OF_RANGE"), ("1.001", "INVALID")])
def test_an_expectation_must_be_an_amount(amount: str, code: str) -> None:
    assert refused(place, {make_variant(): 1}, expected_total=Decimal(amount)) == [
        (code, ("expected_total",))
    ]


def test_too_few_units_are_told_with_their_numbers_and_leave_no_trace() -> None:
    plenty, scarce = make_variant(stock=9), make_variant(stock=3, reserved=0)
    place({scarce: 2})

    assert refused(place, {plenty: 3, scarce: 2}) == [
        ("OUT_OF_STOCK", ("cart", "lines", "1", "variant_id"))
    ]
    with pytest.raises(OutOfStock) as caught:
        place({plenty: 3, scarce: 2})
    assert caught.value.sku == scarce.sku
    assert (caught.value.requested, caught.value.available) == (2, 1)
    _, token = cart_with(scarce, 2)
    assert refused(placement.place_cart, token, Terms(TRANSFER, None)) == [
        ("OUT_OF_STOCK", ("cart_token",))
    ]


def test_an_order_needs_an_address_to_write_to_and_something_in_it() -> None:
    lamp = make_variant()
    _, token = cart_with(lamp, email=None)
    empty = carts.create(user=None, fields={"email": "a@example.com"})[1]

    assert refused(place, {lamp: 1}, email=None) == [("EMAIL_REQUIRED", ("cart", "email"))]
    assert refused(place, {lamp: 1}, email=" ") == [("EMAIL_REQUIRED", ("cart", "email"))]
    assert refused(placement.place_cart, token, Terms(TRANSFER, None)) == [
        ("EMAIL_REQUIRED", ("cart_token",))
    ]
    assert refused(place, {}) == [("CART_EMPTY", ("cart", "lines"))]
    assert refused(placement.place_cart, empty, Terms(TRANSFER, None)) == [
        ("CART_EMPTY", ("cart_token",))
    ]
    assert refused(placement.place_cart, None, Terms(TRANSFER, None)) == [
        ("REQUIRED", ("cart_token",))
    ]


def test_only_offered_ways_to_pay_are_taken(settings: Settings) -> None:
    lamp = make_variant()
    unavailable = [("PAYMENT_METHOD_UNAVAILABLE", ("payment_method",))]
    settings.CASH_ON_DELIVERY, settings.BANK_ACCOUNT = False, ""

    for method in PaymentMethod:
        assert refused(place, {lamp: 1}, method=method) == unavailable
    _, token = cart_with(lamp)
    assert refused(placement.place_cart, token, Terms("STRIPE", None)) == unavailable


def test_an_order_never_changes_because_the_catalogue_or_the_account_did() -> None:
    user, product = make_user(first_name="Ada"), make_product(name="Lamp")
    lamp = make_variant(product=product, price=1000, name="green", sku="L-1")
    make_variant(product=product)
    colour = Attribute.objects.create(name="Colour", slug="colour")
    green = AttributeValue.objects.create(attribute=colour, value="Green", slug="green")
    VariantOption.objects.create(variant=lamp, attribute=colour, value=green)
    order = place({lamp: 2}, user=user)
    line = order.lines.values().get()
    kept = Order.objects.values().get()
    assert (line["name"], line["sku"], line["unit_minor"]) == ("Lamp, green", "L-1", 1000)
    assert line["options"] == [{"name": "Colour", "value": "Green"}]

    colour.name, green.value = "Color", "Lime"
    colour.save()
    green.save()
    product.name, lamp.name, lamp.sku, lamp.price_minor = "Torch", "lime", "L-2", 5000
    product.save()
    lamp.save()
    products.delete(product, user=make_staff("catalog.delete_product"))
    User.objects.filter(pk=user.pk).update(email="new@example.com", first_name="Eve")
    User.objects.get(pk=user.pk).delete()

    assert order.lines.values().get() == line
    assert Order.objects.values().get() == kept | {"user_id": None}
    Variant.objects.all().delete()
    assert order.lines.values().get() == line | {"variant_id": None}


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "3000 JPY"), ("KWD", "3.000 KWD")])
def test_an_order_is_in_the_shop_s_currency(settings: Settings, currency: str, shown: str) -> None:
    settings.SHOP_CURRENCY = currency
    total = Decimal(3000) if currency == "JPY" else Decimal(3)

    order = place({make_variant(price=1500): 2}, expected_total=total)

    assert (order.currency, str(order.total)) == (currency, shown)
    settings.SHOP_CURRENCY = "EUR"
    assert str(Order.objects.get().total) == shown


def test_net_prices_are_marked_as_such(settings: Settings) -> None:
    settings.PRICES_INCLUDE_TAX = False

    order = place({make_variant(price=1500): 2})

    assert not order.prices_include_tax
    assert order.total_minor == 3000


def test_nothing_is_placed_later_than_now() -> None:
    assert place({make_variant(): 1}).placed_at <= timezone.now()


@pytest.mark.parametrize("method", [TRANSFER, CASH])
def test_an_order_of_thirty_lines_takes_as_many_statements_as_one_of_one(
    method: PaymentMethod, django_assert_max_num_queries: Any
) -> None:
    product = make_product()
    many = {make_variant(product=product): 1 for _ in range(30)}
    one = {make_variant(product=product): 1}
    user = make_user()

    with django_assert_max_num_queries(40) as few:
        place(one, method=method, user=user)
    with django_assert_max_num_queries(40) as more:
        place(many, method=method, user=user)

    assert len(few) == len(more)


def test_a_guests_token_does_not_open_what_somebody_signed_in_ordered() -> None:
    lamp, buyer = make_variant(stock=5), make_user()
    _, token = cart_with(lamp)
    order = placement.place_cart(token, Terms(TRANSFER, buyer))

    assert placement.place_cart(token, Terms(TRANSFER, buyer)) == order
    for other in (None, make_user()):
        with pytest.raises(ShopError) as caught:
            placement.place_cart(token, Terms(TRANSFER, other))
        assert caught.value.code == "CART_CLOSED"


def test_an_order_that_was_deleted_is_told_to_nobody() -> None:
    lamp, key = make_variant(stock=5), "5d7f0f6e-0000-4000-8000-000000000000"
    _, token = cart_with(lamp)
    terms = Terms(TRANSFER, None, idempotency_key=key)
    order = placement.place_cart(token, terms)
    Order.objects.filter(pk=order.pk).update(deleted_at=timezone.now())

    for asked, code in ((Terms(TRANSFER, None), "CART_CLOSED"), (terms, "NOT_FOUND")):
        with pytest.raises(ShopError) as caught:
            placement.place_cart(token, asked)
        assert caught.value.code == code
