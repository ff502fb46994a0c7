"""Passwords: what is good enough for one, changing it, and getting back in without it."""

from collections.abc import Callable

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from shop import jobs
from shop.errors import Refused
from users import emails, one_time, tokens
from users.models import User

LONGEST = 1000


def check(password: str, user: User, *path: str) -> None:
    """Refuse what must not become the password of `user`, whose names and address count too.

    Raises:
        Refused: REQUIRED, TOO_LONG (over 1000 signs), WEAK_PASSWORD; at `path`.
    """
    if not password.strip():
        raise Refused("REQUIRED", "A password is needed.", *path)
    if len(password) > LONGEST:
        raise Refused("TOO_LONG", f"A password has at most {LONGEST} signs.", *path)
    try:
        validate_password(password, user)
    except ValidationError as found:
        raise Refused("WEAK_PASSWORD", " ".join(found.messages), *path) from None


def change(user: User, *, current: str, new: str) -> User:
    """Give the user another password, which ends every token, the caller's too.

    Raises:
        Refused: INVALID_CREDENTIALS at "current_password"; what `check` raises, at
            "new_password".
    """
    wrong = Refused("INVALID_CREDENTIALS", "That is not the password.", "current_password")
    if not user.check_password(current):
        raise wrong
    check(new, user, "new_password")
    hashed = make_password(new)  # takes long: done before any row is locked
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if locked.token_version != user.token_version:
            raise wrong  # it was changed since it was checked
        return _set(locked, hashed)


def request_reset(email: str) -> None:
    """Send a code by mail to the owner of the address, if it has one.

    Known or not, the same is done here: the look-up and one job, which finds out the rest.
    Only a queue hides what the job does: with JOBS=inline it runs before the answer, which so
    comes later for an address that has an account, by the time it takes to send a mail.

    Raises:
        Refused: for what is no e-mail address.
    """
    user = User.objects.with_email(emails.checked(email)).first()
    jobs.enqueue(emails.password_reset, user_id=user.pk if user else emails.NOBODY)


def reset(token: str, *, new: str, then: Callable[[User], object] = lambda user: None) -> User:
    """Set a new password by the code from a mail, which is used up; every other token ends.

    Whoever has the code reads the mail to the address, which is thereby proven.

    Args:
        then: what else comes of that proof, in the same transaction.

    Raises:
        Refused: INVALID_TOKEN at "token"; what `check` raises, at "new_password", and then
            the code stays good.
    """
    purpose = one_time.Purpose.PASSWORD_RESET
    check(new, one_time.owner_of(token, purpose), "new_password")
    hashed = make_password(new)
    with transaction.atomic():
        user = _set(one_time.redeem(token, purpose), hashed)
        user.email_verified_at = timezone.now()
        user.save(update_fields=["email_verified_at"])
        then(user)
        return user


@transaction.atomic
def set_for(user: User, new: str | None) -> User:
    """Set a password that staff chose and checked, or none; every token of the user ends."""
    return _set(user, make_password(new))


def _set(user: User, hashed: str) -> User:
    user.password = hashed
    user.save(update_fields=["password"])
    tokens.revoke_everywhere(user)
    # A change of address that was asked for with the old password would take the account along.
    one_time.void(user, one_time.Purpose.PASSWORD_RESET, one_time.Purpose.EMAIL_CHANGE)
    jobs.enqueue(emails.password_changed, user_id=user.pk)
    return user
