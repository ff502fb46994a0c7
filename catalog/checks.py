"""What single fields of a row must keep to, before the database is asked."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db.models import Model, TextField

from shop.errors import Refused, SeveralRefusals, ShopError, from_validation


def refusals(row: Model, *fields: str, **names: str) -> Iterator[ShopError]:
    """What is wrong with those fields: blank, too long, out of range.

    Args:
        names: further fields, with what the input calls them.
    """
    wanted = {*fields, *names}
    own = row._meta.concrete_fields
    try:
        row.clean_fields(exclude={field.name for field in own} - wanted)
    except ValidationError as error:
        yield from from_validation(error, **names).each()
    for field in own:
        # Django keeps the length of a TextField in forms only.
        longest = field.max_length if isinstance(field, TextField) else None
        if longest and field.name in wanted and len(getattr(row, field.name)) > longest:
            message = f"At most {longest} characters."
            yield Refused("TOO_LONG", message, names.get(field.name, field.name))


def fields(row: Model, *fields: str, **names: str) -> None:
    """Raise what is wrong with those fields, all of it at once."""
    if found := list(refusals(row, *fields, **names)):
        raise SeveralRefusals(found)
