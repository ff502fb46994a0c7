"""Proving that somebody reads the mail to an address: their own, or the one they change to."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from shop import jobs
from shop.errors import Refused
from users import emails, one_time, tokens
from users.models import User
from users.one_time import Purpose


def request(email: str) -> None:
    """Send a code to the owner of the address, if it has one, to prove it with.

    Known, proven or not, the same is done here: the look-up and one job, as in
    `passwords.request_reset`. Who has proven the address may do so again, and thereby bring in
    what they ordered since as a guest.

    Raises:
        Refused: for what is no e-mail address.
    """
    user = User.objects.with_email(emails.checked(email)).first()
    jobs.enqueue(emails.email_verification, user_id=user.pk if user else emails.NOBODY)


def request_change(user: User, *, new_email: str, password: str) -> None:
    """Send a code to another address, which becomes the user's once the code comes back.

    The present address gets a notice. The new one gets the code, or, when an account has it
    already, a mail that says so: nothing here depends on whether it has.

    Raises:
        Refused: INVALID_CREDENTIALS at "password"; at "new_email" what is no e-mail address,
            and INVALID for the present one.
    """
    try:
        address = emails.checked(new_email)
    except Refused as refusal:
        raise Refused(refusal.code, str(refusal), "new_email") from None
    if address == user.email:
        raise Refused("INVALID", "That is the address of the account already.", "new_email")
    if not user.check_password(password):
        raise Refused("INVALID_CREDENTIALS", "That is not the password.", "password")
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if locked.token_version != user.token_version:  # a new password was set meanwhile
            raise Refused("INVALID_CREDENTIALS", "That is not the password.", "password")
        wish = one_time.reserve(user, Purpose.EMAIL_CHANGE, email=address)
        jobs.enqueue(emails.email_change, token_id=wish.pk)
        jobs.enqueue(emails.email_change_notice, user_id=user.pk)


@transaction.atomic
def verify(raw: str) -> User:
    """Use the code from a mail up: its address is proven, and is the user's from now on.

    Another address than before ends every token and every code, as a new password does.

    Returns:
        The user, with the row locked until the transaction ends.

    Raises:
        Refused: as `one_time.redeem` does, and INVALID_TOKEN when another account has the new
            address meanwhile.
    """
    token = one_time.redeemed(raw, Purpose.EMAIL_VERIFICATION, Purpose.EMAIL_CHANGE)
    user = token.user
    if token.purpose == Purpose.EMAIL_CHANGE:
        _change(user, token.email)
    user.email_verified_at = timezone.now()
    user.save(update_fields=["email_verified_at"])
    one_time.void(user, Purpose.EMAIL_VERIFICATION)
    return user


def _change(user: User, address: str) -> None:
    user.email = address
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError:  # the database alone knows who was first
        raise one_time.invalid() from None
    tokens.revoke_everywhere(user)
    one_time.void(user, *Purpose)
