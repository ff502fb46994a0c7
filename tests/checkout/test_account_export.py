"""What users get of all that the shop keeps about them."""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Alert, Review, ReviewVote, WishlistItem
from checkout import account_export, carts, refunds
from checkout.account_export import LEFT_OUT, PARTS, Part
from checkout.models import (
    DiscountRedemption,
    Dispute,
    Invoice,
    LinkMail,
    Order,
    OrderEvent,
    RefundLine,
    Return,
    ReturnLine,
)
from checkout.quotes import Wish
from checkout.refunds import Wish as RefundWish
from tests.checkout import states
from tests.checkout.buying import ADDRESS
from tests.factories import PASSWORD, make_user, make_variant
from users import accounts, addresses, one_time, tokens
from users.models import User


def buy(user: User) -> Order:
    """A delivered order with everything that can hang on one."""
    order = states.WAYS["completed"](user)
    line, payment = order.lines.get(), order.payments.get()
    refund = refunds.refund(order.pk, RefundWish(amount=1), actor=states.clerk()).refunds.get()
    RefundLine.objects.create(refund=refund, line=line, quantity=1)
    ReturnLine.objects.create(parent=Return.objects.create(order=order), line=line, quantity=1)
    DiscountRedemption.objects.create(order=order, name="Spring", amount_minor=0)
    Dispute.objects.create(
        payment=payment, stripe_id=f"dp_{payment.pk}", amount_minor=1, currency="EUR",
        reason="fraudulent", status="won", created_at=timezone.now(),
    )  # fmt: skip
    Invoice.objects.create(
        order=order, year=2026, serial=order.pk, seller=["Shop"], buyer=["Ada"], payment="Paid."
    )
    LinkMail.objects.create(order=order, sent_at=timezone.now())
    OrderEvent.objects.create(order=order, type="FLAGGED", message="for staff", internal=True)
    return order


def furnish(user: User) -> None:
    """A row in each table that is told."""
    order = buy(user)
    product, variant = make_variant().product, make_variant()
    addresses.create(user, ADDRESS)
    accounts.update(user, {"marketing_consent": True})
    review = Review.objects.create(product=product, author=user, rating=4, title="Fine")
    ReviewVote.objects.create(user=user, review=review, helpful=True)
    bought = order.lines.get().product
    assert bought is not None
    user.purchases.create(product=bought)
    WishlistItem.objects.create(user=user, product=product)
    Alert.objects.create(user=user, kind="BACK_IN_STOCK", product=variant.product, variant=variant)


def told(user: User) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(account_export.export(User.objects.get(pk=user.pk)))
    return found


def model_of(above: type[Model], part: Part) -> type[Model]:
    model = above._meta.get_field(part.relation).related_model
    assert isinstance(model, type)
    assert issubclass(model, Model)
    return model


def told_models(above: type[Model], parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        model = model_of(above, part)
        yield model._meta.label
        yield from told_models(model, part.parts)


def below(model: type[Model], seen: set[str]) -> set[str]:
    """Every table whose rows lead to the model's, but for those below what is left out."""
    for relation in model._meta.get_fields(include_hidden=True):
        related = relation.related_model
        if not relation.auto_created or relation.concrete or not isinstance(related, type):
            continue
        assert issubclass(related, Model)
        label = related._meta.label
        if label not in seen:
            seen.add(label)
            if label not in LEFT_OUT:
                below(related, seen)
    return seen


def empty_parts(rows: list[dict[str, Any]], parts: tuple[Part, ...]) -> list[str]:
    """The parts of which no row is told."""
    missing = []
    for part in parts:
        under = [one for row in rows for one in row[part.relation]]
        missing += [part.relation] * (not under) + empty_parts(under, part.parts)
    return missing


def test_every_table_with_a_way_to_a_user_is_told_or_left_out_with_a_reason() -> None:
    known = set(told_models(User, PARTS)) | set(LEFT_OUT)

    tables = below(User, {"users.User"}) - {"users.User"}

    assert tables == known
    assert all(LEFT_OUT.values())


def test_a_user_gets_the_rows_of_each_of_their_tables() -> None:
    user = make_user(email="ada@example.com", first_name="Ada")
    furnish(user)
    carts.create(user=user, wishes=[Wish(make_variant().pk, 2)], fields={"note": "Ring twice"})

    found = told(user)

    assert found["profile"]["email"] == "ada@example.com"
    assert empty_parts([found], PARTS) == []
    assert found["addresses"][0]["city"] == "London"
    assert found["reviews"][0]["title"] == "Fine"
    assert found["carts"][0]["note"] == "Ring twice"
    (order,) = found["orders"]
    assert (order["total_minor"], order["lines"][0]["quantity"]) == (2000, 2)
    assert order["refunds"][0]["amount_minor"] == 1
    assert found["consent_changes"][0]["given"] is True


def test_no_secret_and_nothing_that_is_for_staff_alone_is_told() -> None:
    user = make_user(password=PASSWORD)
    furnish(user)
    issued, code = tokens.issue(user), one_time.issue(user, one_time.Purpose.PASSWORD_RESET)
    nonce = Order.objects.get().access_nonce
    Order.objects.update(review_flag="look at this one")

    text = account_export.export(User.objects.get(pk=user.pk))

    hidden = [user.password, issued.refresh_token, code, nonce, "look at this one", "for staff"]
    for digest in (tokens.digest(issued.refresh_token), tokens.digest(code), *hidden):
        assert digest not in text
    for name in ("password", "digest", "nonce", "token", "is_staff", "is_superuser", "actor"):
        assert f'"{name}' not in text


def test_nothing_of_anybody_else_is_told() -> None:
    user, other = make_user(), make_user(email="eve@example.com")
    furnish(other)

    found = told(user)

    profile = found.pop("profile")
    assert profile["email"] == user.email
    assert not any(found.values())


def test_many_rows_take_as_many_statements_as_few() -> None:
    counts = []
    for rows in (1, 3):
        user = make_user()
        furnish(user)
        for _ in range(rows - 1):
            buy(user)
        with CaptureQueriesContext(connection) as captured:
            told(user)
        counts.append(len(captured))

    assert counts[0] == counts[1]
