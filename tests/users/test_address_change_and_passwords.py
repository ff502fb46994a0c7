"""A change of address that was asked for with an old password ends with that password."""

import pytest

from shop.errors import Refused
from tests.factories import PASSWORD, make_user
from users import one_time, passwords, verification
from users.models import User
from users.one_time import Purpose

OTHER = "a whole other password"


def wished(user: User) -> str:
    return one_time.issue(user, Purpose.EMAIL_CHANGE, email="elsewhere@example.com")


@pytest.mark.parametrize("way", ["reset", "change"])
def test_a_new_password_ends_a_change_of_address(way: str) -> None:
    user = make_user()
    code = wished(user)

    if way == "reset":
        passwords.reset(one_time.issue(user, Purpose.PASSWORD_RESET, email=user.email), new=OTHER)
    else:
        passwords.change(user, current=PASSWORD, new=OTHER)

    with pytest.raises(Refused) as caught:
        verification.verify(code)
    assert caught.value.code == "INVALID_TOKEN"
    assert User.objects.get(pk=user.pk).email == user.email


def test_who_knows_the_old_password_alone_changes_no_address() -> None:
    user = make_user()
    User.objects.filter(pk=user.pk).update(token_version=user.token_version + 1)

    with pytest.raises(Refused) as caught:
        verification.request_change(user, new_email="elsewhere@example.com", password=PASSWORD)

    assert caught.value.code == "INVALID_CREDENTIALS"
