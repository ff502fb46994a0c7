"""Accounts: opening one, proving that it is yours, keeping it up to date."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction

from shop import jobs
from shop.errors import Refused, SeveralRefusals, ShopError, from_validation
from users import consent, emails, one_time, passwords, tokens
from users.models import User

OWN = ("first_name", "last_name", "phone")  # what users write about themselves


def register(
    email: str, password: str, *, first_name: str = "", last_name: str = "", phone: str = "",
    marketing_consent: bool = False,
) -> None:  # fmt: skip
    """Open an account, or tell the owner of the address by mail that there is one already.

    Both end alike and take alike long: the password is hashed either way, before the address
    is looked up. The account that is there stays as it is.

    Raises:
        ShopError: what is wrong with the input, all at once; the same for every address.
    """
    user = User(first_name=first_name, last_name=last_name, phone=phone)
    _tidy(user)
    wrong = _wrong_with(user)
    try:
        user.email = emails.checked(email)
    except ShopError as refusal:
        wrong.append(refusal)
    try:
        # Compared with names and address only once these have a sane length.
        passwords.check(password, User() if wrong else user, "password")
    except Refused as refusal:
        wrong.append(refusal)
    _raise(wrong)
    user.password = make_password(password)
    _save_or_tell(user, consents=marketing_consent)


@transaction.atomic
def _save_or_tell(user: User, *, consents: bool) -> None:
    # The same statements for a free address and a taken one, which leave it as it is.
    User.objects.bulk_create([user], ignore_conflicts=True)
    owner = User.objects.with_email(user.email).get()
    if owner.password == user.password:  # salted: nobody has the same
        if consents:
            consent.say(owner, given=True)
        jobs.enqueue(emails.registered_new, user_id=owner.pk)
    else:
        jobs.enqueue(emails.registered_known, user_id=owner.pk)


def authenticate(email: str, password: str) -> User:
    """The owner of address and password.

    Raises:
        Refused: INVALID_CREDENTIALS, alike (also in time) for a wrong password, an unknown
            address, a closed account, and an unproven address while
            REQUIRE_VERIFIED_EMAIL asks for proof.
    """
    user = User.objects.with_email(email.strip()).first()
    if user is None:
        make_password(password)  # takes as long as checking one
    elif user.check_password(password) and user.is_active and _is_proven(user):
        return user
    raise Refused("INVALID_CREDENTIALS", "E-mail and password do not belong together.")


def _is_proven(user: User) -> bool:
    """Whether they may sign in as far as the address goes; staff were let in by staff.

    Where anybody may register any address and then sign in, that it works tells whether the
    address was free; so the setting asks for the code from the mail first.
    """
    wanted = settings.REQUIRE_VERIFIED_EMAIL and not user.is_staff
    return user.email_verified_at is not None or not wanted


@transaction.atomic
def update(user: User, changes: Mapping[str, Any]) -> User:
    """Change first_name, last_name, phone or marketing_consent; None empties one of the first
    three, what is absent stays.

    Returns:
        The row as it is now.

    Raises:
        ShopError: TOO_LONG at the field; REQUIRED for a consent of None.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    changed = [name for name in OWN if name in changes]
    for name in changed:
        setattr(user, name, changes[name] or "")
    _tidy(user)
    _raise([*_wrong_with(user), *consent.wrong_with(changes)])
    user.save(update_fields=changed)
    if "marketing_consent" in changes:
        consent.say(user, given=changes["marketing_consent"])
    return user


@transaction.atomic
def save(user: User, fields: Collection[str]) -> None:
    """Save what staff wrote into those fields of the account, and no other column.

    Since the row was read its password may have changed, or its tokens may have ended.
    Another address is unproven, and the codes that were mailed to the former one end; a closed
    account has no tokens left.
    """
    before = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    columns = {field.name for field in User._meta.concrete_fields} & set(fields)
    changed = {name for name in columns if getattr(user, name) != getattr(before, name)}
    user.save(update_fields=changed)
    if "email" in changed:
        _doubt_address(user)
    if "is_active" in changed and not user.is_active:
        deactivate(user)


def _doubt_address(user: User) -> None:
    user.email_verified_at = None
    user.save(update_fields=["email_verified_at"])
    one_time.void(user, *one_time.Purpose)


@transaction.atomic
def deactivate(user: User) -> None:
    """Close the account to its user: nobody signs in to it, and all its tokens end."""
    User.objects.filter(pk=user.pk).update(is_active=False)
    tokens.revoke_everywhere(user)
    user.is_active = False


def _tidy(user: User) -> None:
    for name in OWN:
        setattr(user, name, getattr(user, name).strip())


def _wrong_with(user: User) -> list[ShopError]:
    try:
        user.clean_fields(exclude=_all_but(*OWN))
    except ValidationError as found:
        return [from_validation(found)]
    return []


def _all_but(*names: str) -> set[str]:
    return {field.name for field in User._meta.fields} - set(names)


def _raise(wrong: Iterable[ShopError]) -> None:
    """Raise what there is, if there is any."""
    found = [one for refusal in wrong for one in refusal.each()]
    if found:
        raise found[0] if len(found) == 1 else SeveralRefusals(found)
