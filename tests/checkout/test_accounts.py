"""Guests' orders that come into an account, and accounts that are closed."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.db import connection, models
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalog.models import Purchase, Review
from checkout import access, accounts, carts, emails, orders, refunds
from checkout.models import (
    Cart,
    DiscountRedemption,
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    Return,
)
from checkout.quotes import Wish
from checkout.refunds import Wish as RefundWish
from shop.errors import Refused
from tests.checkout import states
from tests.checkout.buying import ADDRESS, at_once, place, rows
from tests.checkout.carting import guest_cart
from tests.factories import PASSWORD, make_product, make_staff, make_user, make_variant
from users import addresses, one_time, tokens
from users.accounts import authenticate, register, update
from users.models import Address, ConsentChange, OneTimeToken, RefreshToken, User

EMAIL = "ada@example.com"
DONE = ["completed", "cancelled", "expired"]
OPEN = [way for way in states.WAYS if way not in DONE]


def code_for(user: User) -> str:
    return one_time.issue(user, one_time.Purpose.EMAIL_VERIFICATION)


def refused(user: User, password: str = PASSWORD) -> tuple[str, tuple[str, ...]]:
    """What closing the account is refused with; nothing is written."""
    before = rows(), list(User.objects.values()), list(Order.objects.values())
    with pytest.raises(Refused) as caught:
        accounts.delete(user, password=password)
    assert (rows(), list(User.objects.values()), list(Order.objects.values())) == before
    return caught.value.code, caught.value.path


# ── claiming ──


def test_a_proven_address_brings_in_what_was_ordered_with_it_as_a_guest() -> None:
    user = make_user(email=EMAIL)
    mine = place({make_variant(): 1}, email="ADA@example.com")
    others = place({make_variant(): 1}, email="eve@example.com")
    owned = place({make_variant(): 1}, email=EMAIL, user=make_user())

    accounts.verify_email(code_for(user))

    assert [*Order.objects.filter(user=user)] == [mine]
    others.refresh_from_db()
    assert others.user is None
    owned.refresh_from_db()
    assert owned.user not in (None, user)
    assert access.opens(mine, access.token_for(mine))


def test_without_proof_no_order_is_claimed() -> None:
    place({make_variant(): 1}, email=EMAIL)
    user = make_user(email=EMAIL)
    code = code_for(user)
    OneTimeToken.objects.update(expires_at=timezone.now())

    with pytest.raises(Refused):
        accounts.verify_email(code)

    assert Order.objects.get().user is None


def test_a_new_address_brings_in_its_orders() -> None:
    order = place({make_variant(): 1}, email=EMAIL)
    user = make_user()

    accounts.verify_email(one_time.issue(user, one_time.Purpose.EMAIL_CHANGE, email=EMAIL))

    order.refresh_from_db()
    assert order.user == user


@pytest.mark.parametrize(
    ("ordered", "proven", "is_theirs"),
    [
        ("Kate@Example.com", "kate@example.COM", True),
        ("kate@example.com", "\u212aate@example.com", False),  # the Kelvin sign, small: k
        ("\u212aate@example.com", "kate@example.com", False),
        ("ira@example.com", "\u0131ra@example.com", False),  # without a dot, as a capital: I
        ("\u212aate@example.com", "\u212aate@example.com", True),
        ("k_te@example.com", "kate@example.com", False),
        ("kate@example.com", "k_te@example.com", False),
    ],
)
def test_an_address_is_the_same_in_whatever_case_and_no_other(
    ordered: str, proven: str, *, is_theirs: bool
) -> None:
    order, user = place({make_variant(): 1}, email=ordered), make_user(email=proven)

    assert accounts.claim_orders(user) == is_theirs

    order.refresh_from_db()
    assert (order.user == user) == is_theirs


def test_what_claimed_orders_paid_for_makes_reviews_verified(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    user = make_user(email=EMAIL)
    bought, unpaid = make_variant(), make_variant()
    paid = place({bought: 1}, email=EMAIL)
    orders.mark_paid(paid.pk, reference="B-1", actor=states.clerk())
    place({unpaid: 1}, email=EMAIL)
    review = Review.objects.create(product=bought.product, author=user, rating=5)

    with django_capture_on_commit_callbacks(execute=True):
        accounts.claim_orders(user)

    assert [one.product for one in Purchase.objects.all()] == [bought.product]
    review.refresh_from_db()
    assert review.verified


def test_a_cancelled_order_makes_no_review_verified() -> None:
    user = make_user(email=EMAIL)
    order = states.WAYS["paid"](None)
    Order.objects.filter(pk=order.pk).update(email=EMAIL, status="CANCELLED")

    accounts.claim_orders(user)
    accounts.record_purchases(user.pk)

    assert not Purchase.objects.exists()


@pytest.mark.transactional
def test_orders_are_claimed_once_however_many_codes_come_at_once() -> None:
    user = make_user(email=EMAIL)
    order = place({make_variant(): 1}, email=EMAIL)
    codes = [code_for(user) for _ in range(4)]

    answers = at_once(*[partial(accounts.verify_email, code) for code in codes])

    assert answers.count("INVALID_TOKEN") == 3
    order.refresh_from_db()
    assert order.user == user


def test_a_password_reset_by_mail_brings_in_the_guests_orders_too() -> None:
    user = make_user(email=EMAIL)
    order = place({make_variant(): 1}, email=EMAIL)

    accounts.reset_password(
        one_time.issue(user, one_time.Purpose.PASSWORD_RESET), new="a quite different secret"
    )

    order.refresh_from_db()
    assert order.user == user
    user.refresh_from_db()
    assert user.email_verified_at is not None


# ── closing ──


def furnished() -> User:
    """A user with a row in each table of their own, and an order that is done."""
    user = make_user(email=EMAIL, first_name="Ada", last_name="King", phone="1")
    update(user, {"marketing_consent": True})
    addresses.create(user, ADDRESS)
    tokens.issue(user)
    code_for(user)
    carts.create(user=user, wishes=[Wish(make_variant().pk, 1)], fields={"email": EMAIL})
    order = states.WAYS["completed"](user)
    Order.objects.filter(pk=order.pk).update(
        email=EMAIL, note="Ring twice", shipping_address=ADDRESS, billing_address=ADDRESS
    )
    OrderEvent.objects.create(order=order, type="CHANGED", message="E-mail was ada@example.com")
    OrderEvent.objects.create(order=order, type="CANCELLED", message="I moved", actor=user)
    Payment.objects.filter(order=order).update(parameters="ada@example.com")
    Return.objects.create(order=order, state="CANCELLED", reason="I am ill", note="Dear Ada")
    order.redemptions.create(name="Spring", amount_minor=0, customer=EMAIL)
    user.refresh_from_db()
    return user


def test_an_order_stays_for_the_books_and_says_nothing_of_anybody() -> None:
    user = furnished()
    before = Order.objects.get()
    lines = list(OrderLine.objects.values())

    accounts.delete(user, password=PASSWORD)

    order = Order.objects.get()
    assert (order.user, order.email, order.note) == (None, "", "")
    assert (order.shipping_address, order.billing_address) == (None, None)
    assert order.updated_at > before.updated_at
    assert (order.number, order.total_minor, order.status) == (
        before.number, before.total_minor, before.status,
    )  # fmt: skip
    assert list(OrderLine.objects.values()) == lines
    for kept in (Order, OrderEvent, Payment, Return, DiscountRedemption, User):
        text = str(list(kept.objects.values()))
        for word in ("ada@", "Ada", "King", "Ring twice", "moved", "am ill"):
            assert word not in text, (kept, word)


def test_what_is_the_users_alone_goes() -> None:
    user = furnished()

    accounts.delete(user, password=PASSWORD)

    for model in (Address, Cart, ConsentChange, OneTimeToken, RefreshToken, Purchase):
        assert not model.objects.exists(), model
    for field in accounts.pointing_to_users():
        if field.model._meta.label not in accounts.KEPT:
            rows = field.model._meta.default_manager
            assert rows is not None
            assert not rows.filter(**{field.name: user}).exists(), field


def test_nobody_signs_in_to_a_closed_account_and_its_tokens_are_dead() -> None:
    user = make_user(email=EMAIL)
    issued = tokens.issue(user)

    accounts.delete(user, password=PASSWORD)

    assert tokens.owner_of(issued.token) is None
    for use in (
        lambda: tokens.refresh(issued.refresh_token),
        lambda: authenticate(EMAIL, PASSWORD),
        lambda: authenticate(User.objects.get().email, PASSWORD),
    ):
        with pytest.raises(Refused):
            use()
    row = User.objects.get(pk=user.pk)
    assert not row.has_usable_password()
    assert row.token_version > user.token_version
    assert not User.objects.visible_to(make_staff("users.view_user")).filter(pk=user.pk).exists()


def test_the_address_is_free_again_and_opens_an_empty_account() -> None:
    accounts.delete(furnished(), password=PASSWORD)

    register(EMAIL, PASSWORD)

    fresh = User.objects.get(email=EMAIL)
    accounts.verify_email(code_for(fresh))
    assert not fresh.orders.exists()


def test_published_reviews_stay_as_by_a_customer_and_others_go() -> None:
    user = make_user(first_name="Ada", last_name="King")
    review = Review.objects.create(product=make_product(), author=user, rating=4, title="Good")
    Review.objects.create(product=make_product(), author=user, rating=1, status="REJECTED")

    accounts.delete(user, password=PASSWORD)

    kept = Review.objects.select_related("author").get()
    assert (kept.pk, kept.title, kept.rating) == (review.pk, "Good", 4)
    assert kept.author.public_name == ""


def test_of_an_order_without_a_buyer_nobody_is_told() -> None:
    accounts.delete(furnished(), password=PASSWORD)
    order = Order.objects.get()

    emails.order_paid(order.pk)

    assert not mail.outbox


def test_what_staff_did_stays_in_the_log() -> None:
    staff = make_staff("checkout.process_order")
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(user=staff, content_type=kind, object_repr="x", action_flag=2)

    accounts.delete(staff, password=PASSWORD)

    assert LogEntry.objects.count() == 1
    staff.refresh_from_db()
    assert not staff.is_staff
    assert not staff.user_permissions.exists()


@pytest.mark.parametrize("way", OPEN)
def test_while_an_order_is_open_the_account_stays(way: str) -> None:
    user = make_user()
    states.WAYS[way](user)

    assert refused(user) == ("INVALID_STATE", ())


@pytest.mark.parametrize("way", DONE)
def test_orders_that_are_done_hold_nobody(way: str) -> None:
    user = make_user()
    states.WAYS[way](user)

    accounts.delete(user, password=PASSWORD)

    assert User.objects.get(pk=user.pk).closed_at is not None


def test_an_order_that_was_all_given_back_holds_nobody() -> None:
    user = make_user()
    order = states.WAYS["paid"](user)
    refunds.refund(order.pk, RefundWish(amount=order.total_minor), actor=states.clerk())
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("CONFIRMED", "REFUNDED")

    accounts.delete(user, password=PASSWORD)

    assert User.objects.get(pk=user.pk).closed_at is not None


@pytest.mark.parametrize("state", ["REQUESTED", "APPROVED"])
def test_while_something_is_being_sent_back_the_account_stays(state: str) -> None:
    user = make_user()
    Return.objects.create(order=states.WAYS["completed"](user), state=state)

    assert refused(user) == ("INVALID_STATE", ())


def test_while_money_is_on_its_way_back_the_account_stays() -> None:
    user = make_user()
    order = states.WAYS["completed"](user)
    payment = order.payments.get()
    order.refunds.create(payment=payment, amount_minor=1, currency=order.currency)

    assert refused(user) == ("INVALID_STATE", ())


def test_while_money_is_owed_for_units_that_will_not_come_the_account_stays() -> None:
    user = make_user()
    states.WAYS["cancelled"](user).lines.update(withdrawn=2, owed=1)

    assert refused(user) == ("INVALID_STATE", ())


def test_while_a_payment_is_under_way_the_account_stays() -> None:
    user = make_user()
    order = states.WAYS["expired"](user)
    order.payments.create(method=order.payment_method, amount_minor=1, currency="EUR", state="OPEN")

    assert refused(user) == ("INVALID_STATE", ())


def test_a_wrong_password_closes_nothing() -> None:
    assert refused(furnished(), "wrong") == ("INVALID_CREDENTIALS", ("password",))


def test_a_proof_that_was_overtaken_closes_nothing() -> None:
    user = make_user()
    User.objects.update(token_version=7)

    assert refused(user) == ("INVALID_CREDENTIALS", ("password",))


def test_the_last_superuser_stays_and_one_of_several_may_go() -> None:
    first = make_user(is_staff=True, is_superuser=True)
    make_user(is_superuser=True, is_active=False)
    assert refused(first) == ("INVALID_STATE", ())
    make_user(is_staff=True, is_superuser=True)

    accounts.delete(first, password=PASSWORD)

    assert User.objects.get(pk=first.pk).closed_at is not None


def test_the_others_accounts_carts_and_orders_stay_as_they_were() -> None:
    other = make_user()
    states.WAYS["awaiting transfer"](other)
    addresses.create(other, ADDRESS)
    guest_cart(Wish(make_variant().pk, 1), email=EMAIL)
    before = [list(m.objects.values()) for m in (Order, Address, Cart)]

    accounts.delete(make_user(email=EMAIL), password=PASSWORD)

    assert [list(m.objects.values()) for m in (Order, Address, Cart)] == before


def test_every_table_that_points_to_users_says_what_becomes_of_its_rows() -> None:
    fields = list(accounts.pointing_to_users())

    labels = {field.model._meta.label for field in fields}
    assert {"users.Address", "checkout.Order", "catalog.Review", "users.User_groups"} <= labels
    for field in fields:
        assert field.remote_field.on_delete in (models.CASCADE, models.SET_NULL), field
    assert set(accounts.KEPT) <= labels


@pytest.mark.transactional
def test_an_account_that_is_closed_by_many_at_once_is_closed_once() -> None:
    user = furnished()
    users = [User.objects.get(pk=user.pk) for _ in range(4)]

    answers = at_once(*[partial(accounts.delete, row, password=PASSWORD) for row in users])

    assert answers.count("INVALID_CREDENTIALS") == 3
    assert answers.count(None) == 1


@pytest.mark.transactional
def test_of_two_superusers_who_go_at_once_one_stays() -> None:
    bosses = [make_user(is_staff=True, is_superuser=True) for _ in range(4)]

    answers = at_once(*[partial(accounts.delete, row, password=PASSWORD) for row in bosses])

    assert answers.count("INVALID_STATE") == 1
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


@pytest.mark.transactional
def test_an_order_placed_while_the_account_is_closed_waits_and_stays_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user, lamp = make_user(), make_variant()
    look = accounts.refuse_open_orders
    placed: list[Future[Order]] = []

    def buy() -> Order:
        try:
            return place({lamp: 1}, user=User.objects.get(pk=user.pk))
        finally:
            connection.close()

    def look_and_be_overtaken(row: User) -> None:
        look(row)
        placed.append(buyer.submit(buy))
        wait(placed, timeout=1)  # ends at once where nothing holds the buyer back

    monkeypatch.setattr(accounts, "refuse_open_orders", look_and_be_overtaken)
    with ThreadPoolExecutor(1) as buyer:
        accounts.delete(user, password=PASSWORD)

    order = placed[0].result()
    order.refresh_from_db()
    assert order.email == "guest@example.com"
