from django.core import mail
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

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
from users import addresses, tokens
from users.models import Address, User

NEW = "a quite different horse"
HOME = {"name": "Ada", "line1": "Torggata 4", "city": "Oslo", "country": "NO"}
ROW = {f"addresses__0__{name}": value for name, value in HOME.items()}


def user_page(user: User) -> str:
    return page("users.user", "change", user.pk)


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


def test_a_new_password_ends_all_tokens_and_is_told_by_mail(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    user, client = make_user(), signed_in(make_boss())
    issued = tokens.issue(user)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            page("users.user", "change", user.pk).replace("change", "password"),
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
    settings: Settings,
) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
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
        user_page(colleague).replace("change", "password"),
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
