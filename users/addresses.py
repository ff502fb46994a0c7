"""Addresses: checking what was written, and a user's own with their defaults."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from shop.errors import Refused, SeveralRefusals, ShopError, from_validation
from users.countries import is_country
from users.models import Address, User

POSTAL = Address.POSTAL
DEFAULTS = ("is_default_shipping", "is_default_billing")
MOST = 100  # addresses of one user


def visible_to(viewer: User | None) -> QuerySet[Address]:
    """Those of the users that the viewer sees: an address is a part of its user."""
    return Address.objects.filter(user__in=User.objects.visible_to(viewer))


def checked(fields: Mapping[str, str | None]) -> dict[str, str]:
    """The nine postal fields, tidied: without blanks around, the country in capitals.

    Args:
        fields: some or all of them; None and absent are blank, other names are ignored.

    Raises:
        ShopError: REQUIRED, TOO_LONG or INVALID at the fields in question, all at once.
    """
    values = {name: (fields.get(name) or "").strip() for name in POSTAL}
    if values["country"].isascii():  # elsewhere capitals can be other letters: ß is no SS
        values["country"] = values["country"].upper()
    wrong: list[ShopError] = []
    skipped = {field.name for field in Address._meta.fields} - set(POSTAL)
    if values["country"]:
        skipped.add("country")  # one finding will do for it
        if not is_country(values["country"]):
            sentence = "This is not an ISO 3166-1 alpha-2 code of a country, such as DE."
            wrong.append(Refused("INVALID", sentence, "country"))
    try:
        Address(**values).clean_fields(exclude=skipped)
    except ValidationError as found:
        wrong = [*from_validation(found).each(), *wrong]
    if wrong:
        raise wrong[0] if len(wrong) == 1 else SeveralRefusals(wrong)
    return values


@transaction.atomic
def create(user: User, fields: Mapping[str, str | None], **defaults: bool | None) -> Address:
    """Add an address. As a default it takes the place of the user's present one.

    Args:
        defaults: is_default_shipping, is_default_billing.

    Raises:
        ShopError: what `checked` finds, under "address"; OUT_OF_RANGE for the 101st address;
            NOT_FOUND when the account was closed meanwhile.
    """
    values = _checked(fields)
    _lock(user.pk)
    if Address.objects.filter(user=user).count() >= MOST:
        raise Refused("OUT_OF_RANGE", f"An account holds at most {MOST} addresses.", "address")
    wanted = {name: bool(defaults.get(name)) for name in DEFAULTS}
    _make_room(user.pk, wanted)
    return Address.objects.create(user=user, **values, **wanted)


@transaction.atomic
def update(address: Address, changes: Mapping[str, Any]) -> Address:
    """Change what is given: "address" (some of the postal fields), is_default_….

    Returns:
        The row as it is now.

    Raises:
        ShopError: what `checked` finds, under "address"; REQUIRED for a None where none can
            be; NOT_FOUND at "id" when somebody has deleted it meanwhile.
    """
    _refuse_nulls(changes)
    _lock(address.user_id)
    row = Address.objects.filter(pk=address.pk).first()
    if row is None:
        raise Refused("NOT_FOUND", "There is no such address.", "id")
    if "address" in changes:
        present = {name: getattr(row, name) for name in POSTAL}
        for name, value in _checked(present | dict(changes["address"])).items():
            setattr(row, name, value)
    wanted = {name: changes[name] for name in DEFAULTS if name in changes}
    _make_room(row.user_id, wanted)
    for name, value in wanted.items():
        setattr(row, name, value)
    row.save()
    return row


@transaction.atomic
def delete(address: Address) -> None:
    """Remove a user's address. Orders keep their own copies."""
    _lock(address.user_id)  # else `update`, having read the row, would put it back
    Address.objects.filter(pk=address.pk).delete()


def _checked(fields: Mapping[str, str | None]) -> dict[str, str]:
    try:
        return checked(fields)
    except ShopError as refusal:
        raise refusal.under("address") from None


def _refuse_nulls(changes: Mapping[str, Any]) -> None:
    empty = [name for name in ("address", *DEFAULTS) if name in changes and changes[name] is None]
    if empty:
        raise SeveralRefusals(
            Refused("REQUIRED", "This cannot be emptied; leave it out to keep it.", name)
            for name in empty
        )


def _lock(user_id: int) -> None:
    """Changes to one user's addresses wait for each other, so that no two defaults meet.

    Raises:
        Refused: NOT_FOUND, when the account was closed meanwhile: nothing comes back into it.
    """
    rows = User.objects.open().select_for_update(no_key=True)
    if rows.filter(pk=user_id).first() is None:
        raise Refused("NOT_FOUND", "The account is closed.")


def _make_room(user_id: int, wanted: Mapping[str, bool]) -> None:
    for name, yes in wanted.items():
        if yes:
            Address.objects.filter(user_id=user_id, **{name: True}).update(**{name: False})
