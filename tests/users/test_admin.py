from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from shop.errors import Refused
from tests.admin_pages import (
    errors,
    filled,
    grant,
    make_boss,
    messages,
    page,
    shown,
    signed_in,
    statements,
)
from tests.factories import PASSWORD, make_staff, make_user
from users import accounts, addresses, one_time, passwords, tokens
from users.models import Address, User

NEW = "a quite different horse"
HOME = {"name": "Ada", "line1": "Torggata 4", "city": "Oslo", "country": "NO"}
ROW = {f"addresses__0__{name}": value for name, value in HOME.items()}


def user_page(user: User) -> str:
    return page("users.user", "change", user.pk)


def password_page(user: User) -> str:
    return user_page(user).replace("change", "password")


def test_an_account_is_added_with_its_address_as_name() -> None:
    client, url = signed_in(make_boss()), page("users.user", "add")
    fields = {"usable_password": "true", "password1": NEW, "password2": NEW}

    taken = client.post(url, {"email": "BOSS@example.com", **fields})
    client.post(url, {"email": " ada@EXAMPLE.com ", **fields})

    assert errors(taken) == {"email": ["Another account has this address."]}
    assert User.objects.get(email="ada@example.com").check_password(NEW)


def test_an_address_of_another_account_is_refused() -> None:
    make_user(email="ada@example.com")
    other, client = make_user(), signed_in(make_boss())

    response = client.post(
        user_page(other), filled(client, user_page(other), email="ADA@example.com")
    )

    assert errors(response) == {"email": ["Another account has this address."]}


def test_another_address_is_unproven_and_ends_the_codes_mailed_to_the_former() -> None:
    user, client = make_user(email_verified_at=timezone.now()), signed_in(make_boss())
    codes = {purpose: one_time.issue(user, purpose) for purpose in one_time.Purpose}
    url = user_page(user)

    as_before = user.email.replace("example", "EXAMPLE")
    client.post(url, filled(client, url, first_name="Ada", email=as_before))
    user.refresh_from_db()
    assert user.email_verified_at is not None
    assert all(one_time.owner_of(code, purpose) == user for purpose, code in codes.items())
    client.post(url, filled(client, url, email="new@example.com"))

    user.refresh_from_db()
    assert (user.email, user.first_name) == ("new@example.com", "Ada")
    assert User.objects.filter(pk=user.pk, email_verified_at=None).exists()
    for purpose, code in codes.items():
        with pytest.raises(Refused):
            one_time.owner_of(code, purpose)


def test_what_changed_since_an_account_was_read_is_not_written_back() -> None:
    user = make_user()
    issued = tokens.issue(user)
    read = User.objects.get(pk=user.pk)
    passwords.change(user, current=PASSWORD, new=NEW)

    read.first_name = "Ada"
    accounts.save(read, ["first_name", "groups"])

    user.refresh_from_db()
    assert user.first_name == "Ada"
    assert user.check_password(NEW)
    assert tokens.owner_of(issued.token) is None


def test_the_form_writes_no_more_than_was_changed_in_it() -> None:
    user, client = make_user(), signed_in(make_boss())
    data = filled(client, user_page(user), first_name="Ada")

    with CaptureQueriesContext(connection) as queries:
        client.post(user_page(user), data)

    found = [one["sql"] for one in queries if one["sql"].startswith('UPDATE "users_user"')]
    assert len(found) == 1
    assert '"first_name"' in found[0]
    assert '"password"' not in found[0]
    assert '"token_version"' not in found[0]


@pytest.mark.parametrize("password", ["aB3 " * 251, " " * 20])
def test_a_password_that_the_domain_refuses_is_refused_at_its_field(password: str) -> None:
    boss, user = make_boss(), make_user()
    client = signed_in(boss)
    given = {"password1": password, "password2": password, "usable_password": "true"}
    own = {"new_password1": password, "new_password2": password, "old_password": PASSWORD}

    answers = [
        (client.post(reverse("admin:password_change"), own), "new_password2"),
        (client.post(password_page(user), given | {"set-password": "1"}), "password2"),
        (client.post(page("users.user", "add"), {"email": "x@example.com", **given}), "password2"),
    ]

    for answer, field in answers:
        shown(answer)
        context = answer.context
        form = context["adminform"].form if "adminform" in context else context["form"]
        assert list(form.errors) == [field]
    for row in (boss, user):
        row.refresh_from_db()
        assert row.check_password(PASSWORD)
    assert not User.objects.with_email("x@example.com").exists()


def test_ones_own_password_that_was_changed_meanwhile_is_asked_again() -> None:
    boss = make_boss()
    request = RequestFactory().post(
        reverse("admin:password_change"),
        {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW},
    )
    vars(request)["_dont_enforce_csrf_checks"] = True
    request.user = User.objects.get(pk=boss.pk)  # as it was when the request began
    passwords.change(boss, current=PASSWORD, new="still another horse")

    response: Any = admin.site.password_change(request)

    assert response.context_data["form"].errors == {"old_password": ["That is not the password."]}
    boss.refresh_from_db()
    assert boss.check_password("still another horse")


def test_a_new_password_ends_all_tokens_and_is_told_by_mail(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    user, client = make_user(), signed_in(make_boss())
    issued = tokens.issue(user)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            password_page(user),
            {"usable_password": "true", "password1": NEW, "password2": NEW, "set-password": "1"},
        )

    user.refresh_from_db()
    assert user.check_password(NEW)
    assert tokens.owner_of(issued.token) is None
    assert not user.refresh_tokens.filter(revoked_at=None).exists()
    assert [message.to for message in mail.outbox] == [[user.email]]


def test_ones_own_new_password_ends_all_tokens_but_not_the_visit() -> None:
    boss = make_boss()
    client, issued = signed_in(boss), tokens.issue(boss)
    url = reverse("admin:password_change")
    fields = {"new_password1": NEW, "new_password2": NEW}

    wrong = client.post(url, {"old_password": "guess", **fields})
    assert "old_password" in wrong.context["form"].errors
    client.post(url, {"old_password": PASSWORD, **fields})

    boss.refresh_from_db()
    assert boss.check_password(NEW)
    assert tokens.owner_of(issued.token) is None
    assert client.get(page("users.user")).status_code == 200


def test_a_closed_account_has_no_tokens_left() -> None:
    user, client = make_user(), signed_in(make_boss())
    issued = tokens.issue(user)

    client.post(user_page(user), filled(client, user_page(user), is_active=None))

    user.refresh_from_db()
    assert not user.is_active
    assert user.token_version == 1
    assert not user.refresh_tokens.filter(revoked_at=None).exists()
    assert tokens.owner_of(issued.token) is None


def test_addresses_are_added_changed_and_removed_with_their_user() -> None:
    user, client = make_user(), signed_in(make_boss())
    url = user_page(user)

    count = {"addresses__TOTAL_FORMS": "1"}
    client.post(url, filled(client, url, **count, **ROW, addresses__0__is_default_shipping="on"))
    added = user.addresses.get()
    client.post(url, filled(client, url, addresses__0__city="Bergen"))
    changed = user.addresses.get()
    client.post(url, filled(client, url, addresses__0__DELETE="on"))

    assert (added.city, added.country, added.is_default_shipping) == ("Oslo", "NO", True)
    assert (changed.pk, changed.city) == (added.pk, "Bergen")
    assert not user.addresses.exists()


def test_a_new_default_address_takes_the_place_of_the_former() -> None:
    user, client = make_user(), signed_in(make_boss())
    addresses.create(user, HOME, is_default_shipping=True)
    second = addresses.create(user, HOME | {"city": "Bergen"})

    response = client.post(
        user_page(user),
        filled(client, user_page(user), addresses__1__is_default_shipping="on"),
    )

    assert response.status_code == 302
    assert user.addresses.get(is_default_shipping=True) == second


def test_a_refused_address_is_shown_at_its_row_and_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(addresses, "MOST", 3)  # a page of a hundred takes seconds to draw
    user, client = make_user(), signed_in(make_boss())
    Address.objects.bulk_create(Address(user=user, **HOME) for _ in range(addresses.MOST))
    url, last = user_page(user), f"addresses__{addresses.MOST}"
    row = {f"{last}__{name}": value for name, value in HOME.items()}

    response = client.post(
        url,
        filled(client, url, first_name="Eve", addresses__TOTAL_FORMS=addresses.MOST + 1, **row),
    )

    (found,) = errors(response).values()
    assert found == [f"An account holds at most {addresses.MOST} addresses."]
    assert user.addresses.count() == addresses.MOST
    user.refresh_from_db()
    assert user.first_name == ""


def test_staff_change_customers_but_no_colleagues_and_no_powers() -> None:
    member = make_staff("users.view_user", "users.change_user")
    customer, colleague = make_user(), make_staff("users.delete_user")
    client = signed_in(member)

    client.post(
        user_page(customer),
        filled(client, user_page(customer), first_name="Eve", is_superuser="on", is_staff="on"),
    )
    refused = client.post(user_page(colleague), {"email": "x@example.com"})
    password = client.post(
        password_page(colleague),
        {"usable_password": "true", "password1": NEW, "password2": NEW, "set-password": "1"},
    )

    customer.refresh_from_db()
    assert customer.first_name == "Eve"
    assert not customer.is_staff
    assert not customer.is_superuser
    assert (refused.status_code, password.status_code) == (403, 403)
    colleague.refresh_from_db()
    assert colleague.check_password(PASSWORD)
    assert 'name="email"' not in shown(client.get(user_page(colleague)))


def test_staff_give_no_powers_to_their_own_group() -> None:
    names = [f"auth.{verb}_group" for verb in ("view", "add", "change", "delete")]
    member, group = make_staff(*names), Group.objects.create(name="Warehouse")
    member.groups.add(group)
    client = signed_in(member)
    power = Permission.objects.get(codename="change_user")
    pages = [("add", []), ("change", [group.pk]), ("delete", [group.pk])]

    for name, args in pages:
        sent = {"name": "Bosses", "permissions": [power.pk], "post": "yes"}
        assert client.post(page("auth.group", name, *args), sent).status_code == 403

    assert [(each.name, each.permissions.count()) for each in Group.objects.all()] == [
        ("Warehouse", 0)
    ]
    assert "Warehouse" in shown(client.get(page("auth.group")))
    url = page("auth.group", "change", group.pk)
    signed_in(make_boss()).post(url, {"name": "Bosses", "permissions": [power.pk]})
    assert group.permissions.get() == power


def test_superusers_say_who_works_here() -> None:
    user, client = make_user(), signed_in(make_boss())

    client.post(user_page(user), filled(client, user_page(user), is_staff="on"))

    user.refresh_from_db()
    assert user.is_staff


def test_accounts_are_not_deleted_here() -> None:
    user, client = make_user(), signed_in(make_boss())

    response = client.post(page("users.user", "delete", user.pk), {"post": "yes"})

    assert response.status_code == 403
    assert User.objects.filter(pk=user.pk).exists()
    assert "delete_selected" not in shown(client.get(page("users.user")))


def test_looking_needs_its_own_permission() -> None:
    member, user = make_staff("users.view_user"), make_user(first_name="Ada")
    addresses.create(user, HOME)
    client = signed_in(member)

    html = shown(client.get(user_page(user)))

    assert "Torggata 4" in html
    assert 'name="first_name"' not in html
    assert client.post(user_page(user), {"first_name": "x"}).status_code == 403
    grant(member, "users.change_user")
    assert 'name="first_name"' in shown(client.get(user_page(user)))


def test_the_list_costs_the_same_for_many_accounts() -> None:
    boss = make_boss()
    client = signed_in(boss)
    few = statements(client, page("users.user"))

    for _ in range(50):
        make_user()

    assert statements(client, page("users.user")) == few


def test_a_customer_is_found_by_name_and_address() -> None:
    make_user(email="ada@example.com", first_name="Ada")
    client = signed_in(make_boss())

    by_name = shown(client.get(page("users.user"), {"q": "ada exam"}))
    response = client.get(page("users.user"), {"q": "nobody"})

    assert "ada@example.com" in by_name
    assert "ada@example.com" not in shown(response)
    assert messages(response) == []


def test_consent_is_shown_and_nobody_says_it_for_a_customer() -> None:
    user, client = make_user(), signed_in(make_boss())
    accounts.update(user, {"marketing_consent": True})
    fields = filled(client, user_page(user), marketing_consent_at="", first_name="Ada")

    response = client.post(user_page(user), fields | {"consent_changes-0-given": ""})

    assert response.status_code == 302
    user.refresh_from_db()
    assert (user.first_name, user.marketing_consent_at is None) == ("Ada", False)
    assert user.consent_changes.get().given
    assert "onsent to marketing" in shown(client.get(user_page(user)))


def test_a_closed_account_is_not_listed() -> None:
    closed, client = make_user(first_name="Eve", is_active=False), signed_in(make_boss())
    User.objects.filter(pk=closed.pk).update(closed_at=timezone.now())

    listed = client.get(page("users.user", "changelist"))

    assert closed.email not in shown(listed)
    assert client.get(user_page(closed)).status_code == 302
