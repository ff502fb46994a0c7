"""Postal fields, a user's addresses, and their defaults."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from shop.errors import Refused, ShopError
from tests.factories import make_user
from users import addresses
from users.countries import all_countries, is_country
from users.models import Address, User

HOME = {"name": "Ada Byron", "line1": "12 St James's Square", "city": "London", "country": "GB"}


def found(refusal: ShopError) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.code, one.path) for one in refusal.each()]


def defaults(user: User, name: str) -> list[int]:
    return list(Address.objects.filter(user=user, **{name: True}).values_list("pk", flat=True))


def test_there_are_249_countries_by_code() -> None:
    countries = all_countries()

    assert len(countries) == 249
    assert [one.code for one in countries] == sorted(one.code for one in countries)
    assert all(len(one.code) == 2 and one.code.isupper() and one.name for one in countries)
    assert len({one.name for one in countries}) == 249
    assert {"DE": "Germany", "CI": "Côte d'Ivoire"}.items() <= {
        one.code: one.name for one in countries
    }.items()
    assert is_country("DE")
    assert not any(is_country(code) for code in ("de", "XX", "UK", "EU", "", "DEU"))


def test_checked_fields_are_tidied_and_complete() -> None:
    fields = addresses.checked(HOME | {"city": "  London ", "country": "gb", "company": None})

    assert fields == HOME | dict.fromkeys(["company", "line2", "region", "postcode", "phone"], "")
    assert tuple(fields) == Address.POSTAL


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": ""}, "REQUIRED"),
        ({"name": "  "}, "REQUIRED"),
        ({"name": None}, "REQUIRED"),
        ({"line1": ""}, "REQUIRED"),
        ({"city": ""}, "REQUIRED"),
        ({"country": ""}, "REQUIRED"),
        ({"country": "XX"}, "INVALID"),
        ({"country": "Germany"}, "INVALID"),
        ({"country": "ß"}, "INVALID"),
        ({"name": "x" * 201}, "TOO_LONG"),
        ({"company": "x" * 201}, "TOO_LONG"),
        ({"line1": "x" * 201}, "TOO_LONG"),
        ({"line2": "x" * 201}, "TOO_LONG"),
        ({"city": "x" * 101}, "TOO_LONG"),
        ({"region": "x" * 101}, "TOO_LONG"),
        ({"postcode": "x" * 21}, "TOO_LONG"),
        ({"phone": "1" * 41}, "TOO_LONG"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(ShopError) as caught:
        addresses.checked(HOME | wrong)

    assert found(caught.value) == [(code, tuple(wrong))]


def test_everything_that_is_wrong_is_named_at_once_under_the_address() -> None:
    user = make_user()

    with pytest.raises(ShopError) as caught:
        addresses.create(user, {"name": "x" * 201, "country": "XX"})

    assert found(caught.value) == [
        ("TOO_LONG", ("address", "name")),
        ("REQUIRED", ("address", "line1")),
        ("REQUIRED", ("address", "city")),
        ("INVALID", ("address", "country")),
    ]
    assert not Address.objects.exists()


@pytest.mark.parametrize("name", ["is_default_shipping", "is_default_billing"])
def test_a_default_moves(name: str) -> None:
    user, other = make_user(), make_user()
    others = addresses.create(other, HOME, **{name: True})
    first = addresses.create(user, HOME, **{name: True})
    assert defaults(user, name) == [first.pk]

    second = addresses.create(user, HOME, **{name: True})
    assert defaults(user, name) == [second.pk]

    addresses.update(first, {name: True})
    assert defaults(user, name) == [first.pk]

    addresses.update(first, {name: True})
    assert defaults(user, name) == [first.pk]

    addresses.update(first, {name: False})
    assert defaults(user, name) == []
    assert defaults(other, name) == [others.pk]


def test_an_update_keeps_what_is_left_out() -> None:
    user = make_user()
    address = addresses.create(
        user, HOME | {"company": "Engines", "postcode": "SW1Y"}, is_default_billing=True
    )

    updated = addresses.update(address, {"address": HOME | {"city": "Bath", "company": None}})

    stored = Address.objects.get()
    assert updated == stored
    assert (stored.city, stored.company, stored.postcode) == ("Bath", "", "SW1Y")
    assert stored.is_default_billing


@pytest.mark.parametrize("name", ["address", "is_default_shipping", "is_default_billing"])
def test_what_cannot_be_empty_is_not_emptied(name: str) -> None:
    address = addresses.create(make_user(), HOME, is_default_shipping=True)

    with pytest.raises(ShopError) as caught:
        addresses.update(address, {name: None})

    assert found(caught.value) == [("REQUIRED", (name,))]
    assert Address.objects.get().is_default_shipping


def test_a_refused_update_writes_nothing() -> None:
    user = make_user()
    kept = addresses.create(user, HOME, is_default_shipping=True)
    address = addresses.create(user, HOME)

    with pytest.raises(ShopError):
        addresses.update(address, {"is_default_shipping": True, "address": {"country": "XX"}})

    assert defaults(user, "is_default_shipping") == [kept.pk]
    assert Address.objects.get(pk=address.pk).country == "GB"


def test_what_was_deleted_meanwhile_is_not_found() -> None:
    address = addresses.create(make_user(), HOME)
    stale = Address.objects.get()
    addresses.delete(address)

    with pytest.raises(Refused) as caught:
        addresses.update(stale, {"is_default_billing": True})

    assert (caught.value.code, caught.value.path) == ("NOT_FOUND", ("id",))
    assert not Address.objects.exists()


@pytest.mark.transactional
def test_what_is_deleted_while_it_is_changed_stays_deleted() -> None:
    both = dict.fromkeys(addresses.DEFAULTS, True)

    def change(row: Address, start: Barrier) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            addresses.update(row, {"address": HOME | {"city": "Bath"}, **both})
        except Refused as refusal:
            assert refusal.code == "NOT_FOUND"  # noqa: PT017  # or it came first
        finally:
            connection.close()

    def delete(row: Address, start: Barrier) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            addresses.delete(row)
        finally:
            connection.close()

    user = make_user()
    with ThreadPoolExecutor(6) as threads:
        for _ in range(20):
            address, start = addresses.create(user, HOME), Barrier(6)
            running = [threads.submit(change, address, start) for _ in range(5)]
            running.append(threads.submit(delete, address, start))
            for each in running:
                each.result()

            assert not Address.objects.filter(pk=address.pk).exists()


def test_an_account_holds_a_hundred() -> None:
    user = make_user()
    Address.objects.bulk_create(Address(user=user, **HOME) for _ in range(99))
    addresses.create(user, HOME)

    with pytest.raises(Refused) as caught:
        addresses.create(user, HOME)

    assert (caught.value.code, caught.value.path) == ("OUT_OF_RANGE", ("address",))
    assert Address.objects.count() == 100


@pytest.mark.transactional
def test_defaults_made_at_once_leave_one() -> None:
    user, start = make_user(), Barrier(6)

    def create(_: int) -> Address:
        try:
            connection.ensure_connection()
            start.wait()
            return addresses.create(user, HOME, is_default_shipping=True)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(create, range(6)))

    assert Address.objects.count() == len(made) == 6
    assert len(defaults(user, "is_default_shipping")) == 1


def test_nothing_is_written_into_an_account_that_was_closed_meanwhile() -> None:
    user = make_user(is_active=False)
    home = addresses.create(user, HOME)
    User.objects.filter(pk=user.pk).update(closed_at=timezone.now())

    with pytest.raises(Refused) as created:
        addresses.create(user, HOME)
    with pytest.raises(Refused) as updated:
        addresses.update(home, {})

    assert (created.value.code, updated.value.code) == ("NOT_FOUND", "NOT_FOUND")
    assert Address.objects.count() == 1
