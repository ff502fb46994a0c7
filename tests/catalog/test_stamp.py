"""The catalogue's stamp: it moves with what everybody can see, in the commit of the change."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from catalog import attributes, categories, columns, reviews, stamp, together
from catalog.attributes import Named
from catalog.models import BoughtTogether, Product, ProductAttribute, Purchase, Review
from tests.admin_pages import filled, make_boss, page, signed_in
from tests.catalog import test_admin, test_admin_covers
from tests.catalog.races import at_once
from tests.checkout.buying import place
from tests.factories import make_category, make_product, make_user, make_variant
from tests.schema.public_view import Capture, told
from users import accounts


@pytest.fixture
def capture(django_capture_on_commit_callbacks: Capture) -> Capture:
    return django_capture_on_commit_callbacks


@contextmanager
def moved(capture: Capture) -> Iterator[list[bool]]:
    """Whether the stamp moved inside, told behind it."""
    found: list[bool] = []
    connection.run_on_commit.clear()  # what came before is committed, as it were
    before = stamp.read()
    with capture(execute=True):
        yield found
    connection.run_on_commit.clear()
    found.append(stamp.read() != before)


# ── the number ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.transactional
def test_the_first_move_ever_is_seen_and_so_is_each_later_one() -> None:
    seen = [stamp.present()]

    for _ in range(3):
        with transaction.atomic():
            stamp.move()
        seen.append(stamp.present())

    assert len(set(seen)) == 4


@pytest.mark.transactional
def test_it_does_not_move_before_the_commit_nor_without_one() -> None:
    before = stamp.read()

    with transaction.atomic():
        stamp.move()
        elsewhere = at_once(stamp.read)
        transaction.set_rollback(True)

    assert elsewhere == [before]
    assert stamp.read() == before
    assert not stamp.is_moving()


@pytest.mark.transactional
def test_a_part_that_is_taken_back_leaves_the_rest_to_move_it() -> None:
    before = stamp.read()

    with transaction.atomic():
        with transaction.atomic():
            stamp.move()
            transaction.set_rollback(True)
        stamp.move()

    assert stamp.read() != before


@pytest.mark.transactional
def test_many_changes_of_one_transaction_are_one_move() -> None:
    stamp.move()
    before = stamp.read()

    with transaction.atomic():
        for _ in range(5):
            stamp.move()

    assert stamp.read() == before + 1


@pytest.mark.transactional
def test_a_move_of_another_process_is_seen_after_the_poll() -> None:
    now = 100.0
    other_process = stamp.Known(stamp.read, lambda: now)
    before = other_process.present()

    stamp.move()

    assert stamp.present() != before
    assert other_process.present() == before
    now += stamp.POLL
    assert other_process.present() == stamp.present()


def test_a_look_that_a_move_came_across_is_repeated() -> None:
    looks = iter([1, 2])

    def look() -> int:
        found = next(looks)
        if found == 1:  # read, and the move is committed before it is known
            known.forget()
        return found

    known = stamp.Known(look)

    assert known.present() == 2
    assert known.present() == 2


@pytest.mark.transactional
def test_in_a_transaction_nothing_is_remembered_of_a_move_that_may_be_taken_back() -> None:
    before = stamp.present()

    with transaction.atomic():
        stamp.move()
        stamp.present()
        transaction.set_rollback(True)

    assert stamp.present() == before


@pytest.mark.transactional
def test_it_has_moved_before_any_job_that_waited_for_the_commit() -> None:
    before, seen = stamp.present(), []

    with transaction.atomic():
        transaction.on_commit(lambda: seen.append(stamp.present()))
        stamp.move()

    assert seen == [stamp.present()]
    assert seen != [before]


@pytest.mark.transactional
def test_an_error_of_what_waited_for_the_commit_does_not_hold_it_up() -> None:
    before = stamp.present()

    def fail() -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction.atomic():
        transaction.on_commit(fail)
        stamp.move()

    assert stamp.present() != before


# ── what moves it ───────────────────────────────────────────────────────────────────────────
def test_an_order_moves_it_only_when_something_is_sold_out_or_back(capture: Capture) -> None:
    lamp = make_variant(stock=3)

    with moved(capture) as by_first:
        place({lamp: 2})
    with moved(capture) as by_last:
        place({lamp: 1})

    assert (by_first, by_last) == ([False], [True])


def test_a_purchase_marks_what_was_said_and_else_moves_nothing(capture: Capture) -> None:
    buyer, lamp = make_user(), make_product()
    with moved(capture) as by_silent:
        reviews.record_purchase(buyer, [lamp.pk])
    Purchase.objects.all().delete()
    Review.objects.create(product=lamp, author=buyer, rating=4)

    with moved(capture) as by_author, told(capture):
        reviews.record_purchase(buyer, [lamp.pk])

    assert (by_silent, by_author) == ([False], [True])


def test_an_author_who_is_called_otherwise_moves_it(capture: Capture) -> None:
    author = make_user(first_name="Ada")
    Review.objects.create(product=make_product(), author=author, rating=4)

    with moved(capture) as by_name, told(capture):
        accounts.update(author, {"first_name": "Grace"})
    with moved(capture) as by_phone:
        accounts.update(author, {"phone": "+44 1"})

    assert (by_name, by_phone) == ([True], [False])


@pytest.mark.parametrize("status", [None, "PENDING", "REJECTED"])
def test_who_is_not_read_moves_nothing_by_another_name(capture: Capture, status: str) -> None:
    silent = make_user(first_name="Ada")
    if status:
        Review.objects.create(product=make_product(), author=silent, rating=4, status=status)

    with moved(capture) as by_name, told(capture):
        accounts.update(silent, {"first_name": "Grace"})

    assert by_name == [False]


def test_the_night_moves_it_only_with_another_result(capture: Capture) -> None:
    lamp, shade = make_product(), make_product()
    for buyer in (make_user(), make_user()):
        for product in (lamp, shade):
            Purchase.objects.create(user=buyer, product=product)

    with moved(capture) as at_first, told(capture):
        together.recount()
    with moved(capture) as again:
        together.recount()

    assert BoughtTogether.objects.count() == 2
    assert (at_first, again) == ([True], [False])


def test_a_repair_moves_it_and_a_look_does_not(capture: Capture) -> None:
    Product.objects.filter(pk=make_variant().product_id).update(price_max_minor=77_000)

    with moved(capture) as by_look:
        columns.recount(fix=False)
    with moved(capture) as by_repair, told(capture):
        columns.recount(fix=True)

    assert (by_look, by_repair) == ([False], [True])


def test_a_category_that_an_import_makes_moves_it(capture: Capture) -> None:
    with moved(capture) as made, told(capture):
        categories.create(name="Lamps", parent=make_category())

    assert made == [True]


def test_the_command_moves_it(capture: Capture) -> None:
    with moved(capture) as by_command:
        call_command("bump_catalog")

    assert by_command == [True]


def test_an_attribute_that_staff_rename_moves_it(capture: Capture) -> None:
    lamp, browser = make_product(), signed_in(make_boss())
    oak = attributes.values([Named("Wood", "Oak")])[Named("Wood", "Oak")]
    ProductAttribute.objects.create(product=lamp, value=oak)
    url = page("catalog.attribute", "change", oak.attribute_id)
    sent = filled(browser, url, name="Timber", values__0__value="Beech")

    with moved(capture) as by_name, told(capture):
        browser.post(url, sent)

    oak.refresh_from_db()
    assert (by_name, oak.value) == ([True], "Beech")


def acts_in_the_admin() -> list[Any]:
    """The tests of the catalogue's admin, each of which presses some of its buttons."""
    return [
        pytest.param(act, id=f"{module.__name__.rpartition('.')[2]}.{name}")
        for module in (test_admin, test_admin_covers)
        for name, act in vars(module).items()
        if name.startswith("test_")
        and "cost_the_same" not in name
        and act.__code__.co_varnames[: act.__code__.co_argcount] == ("client",)
    ]


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("act", acts_in_the_admin())
def test_no_button_of_the_admin_changes_what_is_seen_behind_its_back(
    act: Callable[[Client], None], capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(make_boss())
    post = client.post

    def watched(*args: Any, **options: Any) -> Any:
        with told(capture):
            return post(*args, **options)

    monkeypatch.setattr(client, "post", watched)

    act(client)
