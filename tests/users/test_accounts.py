"""Opening an account, signing in, keeping it up to date."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from shop.errors import Refused, ShopError
from tests.factories import PASSWORD, make_staff, make_user
from tests.users.hashing import Work
from tests.users.test_tokens_race import at_once
from users import accounts
from users.models import ConsentChange, User

COUNTING = ["tests.users.hashing.CountingHasher"]
SIGNATURE = {"first_name": "Ada", "last_name": "Byron", "phone": "+44 20 7946 0000"}


def found(refusal: ShopError) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.code, one.path) for one in refusal.each()]


def test_an_account_is_opened_with_what_was_written() -> None:
    written: dict[str, Any] = {name: f" {value} " for name, value in SIGNATURE.items()}

    accounts.register("  Ada@EXAMPLE.com ", PASSWORD, **written)

    user = User.objects.get()
    assert (user.email, user.first_name, user.last_name, user.phone) == (
        "Ada@example.com",
        *SIGNATURE.values(),
    )
    assert user.check_password(PASSWORD)
    assert not user.is_staff
    assert not user.is_superuser
    assert user.email_verified_at is None


def test_a_known_address_stays_as_it_is_and_its_owner_is_told(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    user = make_user(email="ada@example.com", first_name="Ada")

    with django_capture_on_commit_callbacks(execute=True):
        accounts.register("ADA@example.com", "another long secret", first_name="Eve")

    user.refresh_from_db()
    assert (User.objects.count(), user.first_name) == (1, "Ada")
    assert user.check_password(PASSWORD)
    assert [(one.to, one.subject) for one in mail.outbox] == [
        (["ada@example.com"], "You already have an account at Shop")
    ]


@pytest.mark.parametrize("known", [False, True])
def test_registering_hashes_once_for_new_and_known(settings: Settings, known: bool) -> None:
    if known:
        make_user(email="ada@example.com")
    settings.PASSWORD_HASHERS = COUNTING
    work = Work()

    accounts.register("ada@example.com", PASSWORD)

    assert work.done == 1


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        ({"email": ""}, "REQUIRED", "email"),
        ({"email": "   "}, "REQUIRED", "email"),
        ({"email": "ada"}, "INVALID", "email"),
        ({"email": "ada@"}, "INVALID", "email"),
        ({"email": "ada@example.com\nbcc: eve@example.com"}, "INVALID", "email"),
        ({"email": f"{'a' * 250}@example.com"}, "TOO_LONG", "email"),
        ({"email": "a." * 50_000 + "@example.com"}, "TOO_LONG", "email"),
        ({"password": ""}, "REQUIRED", "password"),
        ({"password": "    "}, "REQUIRED", "password"),
        ({"password": "x" * 1001}, "TOO_LONG", "password"),
        ({"password": "kurz1"}, "WEAK_PASSWORD", "password"),
        ({"password": "password123"}, "WEAK_PASSWORD", "password"),
        ({"password": "8402843028"}, "WEAK_PASSWORD", "password"),
        ({"password": "ada@example.com"}, "WEAK_PASSWORD", "password"),
        ({"password": "Wilhelmina", "first_name": "Wilhelmina"}, "WEAK_PASSWORD", "password"),
        ({"first_name": "x" * 101}, "TOO_LONG", "first_name"),
        ({"last_name": "x" * 101}, "TOO_LONG", "last_name"),
        ({"phone": "1" * 41}, "TOO_LONG", "phone"),
    ],
)
def test_what_is_wrong_is_named_alike_for_new_and_known(
    wrong: dict[str, str], code: str, path: str, known: bool
) -> None:
    if known:
        make_user(email="ada@example.com")
    before = User.objects.count()
    written: dict[str, Any] = {"email": "ada@example.com", "password": PASSWORD} | wrong

    with pytest.raises(ShopError) as caught:
        accounts.register(**written)

    assert found(caught.value) == [(code, (path,))]
    assert User.objects.count() == before


def test_everything_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(ShopError) as caught:
        accounts.register("ada", "123", first_name="x" * 101, phone="1" * 41)

    assert sorted(found(caught.value)) == [
        ("INVALID", ("email",)),
        ("TOO_LONG", ("first_name",)),
        ("TOO_LONG", ("phone",)),
        ("WEAK_PASSWORD", ("password",)),
    ]


@pytest.mark.transactional
def test_one_address_registered_by_many_at_once_is_one_account() -> None:
    start = Barrier(6)

    def register(number: int) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            accounts.register("Ada@example.com" if number % 2 else "ada@example.com", PASSWORD)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as people:
        list(people.map(register, range(6)))

    assert User.objects.count() == 1
    assert sorted(one.subject.split()[0] for one in mail.outbox) == ["Welcome"] + ["You"] * 5


def test_address_and_password_sign_in_whatever_the_case_of_the_address() -> None:
    user = make_user(email="Ada@example.com")

    assert accounts.authenticate(" ADA@EXAMPLE.COM ", PASSWORD) == user


def known(**fields: Any) -> None:
    make_user(email="ada@example.com", **fields)


@pytest.mark.parametrize(
    ("make", "password"),
    [
        (lambda: None, PASSWORD),
        (known, "wrong"),
        (known, ""),
        (lambda: known(is_active=False), PASSWORD),
        (lambda: known(password=None), PASSWORD),
    ],
    ids=["unknown", "wrong", "blank", "closed", "without"],
)
def test_signing_in_is_refused_alike_and_hashes_once(
    settings: Settings, make: Any, password: str
) -> None:
    settings.PASSWORD_HASHERS = COUNTING
    make()
    work = Work()

    with pytest.raises(Refused) as caught:
        accounts.authenticate("ada@example.com", password)

    assert (caught.value.code, caught.value.path) == ("INVALID_CREDENTIALS", ())
    assert str(caught.value) == "E-mail and password do not belong together."
    assert work.done == 1


@pytest.mark.parametrize("email", ["%", "a_a@example.com", "", "x" * 5000])
def test_an_address_is_no_pattern(email: str) -> None:
    make_user(email="aba@example.com")

    with pytest.raises(Refused):
        accounts.authenticate(email, PASSWORD)


def test_an_update_changes_what_is_given_and_null_empties() -> None:
    user = make_user(**SIGNATURE)

    updated = accounts.update(user, {"first_name": " Augusta ", "phone": None})

    user.refresh_from_db()
    assert (user.first_name, user.last_name, user.phone) == ("Augusta", "Byron", "")
    assert updated.first_name == "Augusta"


def test_a_refused_update_writes_nothing() -> None:
    user = make_user(**SIGNATURE)

    with pytest.raises(ShopError) as caught:
        accounts.update(user, {"first_name": "Augusta", "last_name": "x" * 101, "phone": "1" * 41})

    assert found(caught.value) == [("TOO_LONG", ("last_name",)), ("TOO_LONG", ("phone",))]
    assert user.first_name == "Ada"
    user.refresh_from_db()
    assert user.first_name == "Ada"


def test_an_update_reaches_nothing_but_the_signature() -> None:
    user = make_user()

    accounts.update(user, {"is_staff": "yes", "email": "eve@example.com"})

    user.refresh_from_db()
    assert not user.is_staff
    assert user.email != "eve@example.com"


def test_consent_is_asked_for_and_each_change_is_kept_with_its_time() -> None:
    accounts.register("ada@example.com", PASSWORD)
    user = User.objects.get()
    assert user.marketing_consent_at is None

    given = accounts.update(user, {"marketing_consent": True})
    accounts.update(user, {"marketing_consent": True, "first_name": "Ada"})
    taken_back = accounts.update(user, {"marketing_consent": False})

    assert given.marketing_consent_at is not None
    assert taken_back.marketing_consent_at is None
    changes = list(ConsentChange.objects.values_list("given", flat=True))
    assert changes == [True, False]
    assert ConsentChange.objects.earliest("pk").at == given.marketing_consent_at


@pytest.mark.transactional
def test_consent_that_is_given_by_many_requests_at_once_is_given_once() -> None:
    for _ in range(5):
        user = make_user()

        at_once(*[partial(accounts.update, user, {"marketing_consent": True})] * 6)

        assert user.consent_changes.count() == 1


def test_consent_can_be_given_at_once() -> None:
    accounts.register("ada@example.com", PASSWORD, marketing_consent=True)

    assert User.objects.get().marketing_consent_at is not None
    assert ConsentChange.objects.get().given


def test_registering_a_known_address_leaves_its_owners_consent_alone() -> None:
    make_user(email="ada@example.com")

    accounts.register("ada@example.com", PASSWORD, marketing_consent=True)

    assert User.objects.get().marketing_consent_at is None
    assert not ConsentChange.objects.exists()


def test_consent_cannot_be_emptied() -> None:
    user = make_user(first_name="Ada")

    with pytest.raises(ShopError) as caught:
        accounts.update(user, {"marketing_consent": None, "first_name": "Eve"})

    assert found(caught.value) == [("REQUIRED", ("marketing_consent",))]
    user.refresh_from_db()
    assert user.first_name == "Ada"


def test_where_proof_is_asked_for_an_unproven_address_signs_in_no_better_than_an_unknown_one(
    settings: Settings,
) -> None:
    settings.PASSWORD_HASHERS = COUNTING
    settings.REQUIRE_VERIFIED_EMAIL = True
    user = make_user(email="ada@example.com")
    work = Work()

    with pytest.raises(Refused) as caught:
        accounts.authenticate(user.email, PASSWORD)

    assert (caught.value.code, caught.value.path) == ("INVALID_CREDENTIALS", ())
    assert work.done == 1
    User.objects.update(email_verified_at=timezone.now())
    assert accounts.authenticate(user.email, PASSWORD) == user


def test_staff_sign_in_without_proof_of_their_address(settings: Settings) -> None:
    settings.REQUIRE_VERIFIED_EMAIL = True
    staff = make_staff()

    assert accounts.authenticate(staff.email, PASSWORD) == staff
