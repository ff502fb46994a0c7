"""Money, Decimal and DateTime as the API shows and takes them."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import strawberry
from django.utils.dateparse import parse_datetime
from graphql import GraphQLError

from schema.authorization.rules import OBJECT, guarded
from shop import money


def parse_decimal(value: Any) -> Decimal:
    """An exact amount from a text such as "19.90" or a whole number.

    Raises:
        GraphQLError: for a float, which is not exact, and for any other notation.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    plain = isinstance(value, str) and value.isascii() and len(value) <= 30
    if plain and value.removeprefix("-").replace(".", "", 1).isdigit():
        try:
            return Decimal(value)
        except InvalidOperation:
            pass
    raise GraphQLError('A Decimal is a plain number in quotes, such as "19.90".')


def parse_instant(value: Any) -> datetime:
    """An instant from ISO 8601 with an offset.

    Raises:
        GraphQLError: for anything else; without an offset nobody knows which instant is meant.
    """
    plain = isinstance(value, str) and value.isascii()  # digits of other scripts are digits too
    try:
        instant = parse_datetime(value) if plain else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or not 1900 < instant.year < 9999:
        raise GraphQLError("A DateTime is ISO 8601 with an offset, as in 2026-11-23T12:00:00Z.")
    return instant


# The framework's own accept NaN, floats, 1_000 and times without an offset.
SCALARS: dict[object, Any] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number as a text, "19.90".',
        serialize=str,
        parse_value=parse_decimal,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in ISO 8601, always with an offset.",
        serialize=lambda instant: instant.isoformat(),
        parse_value=parse_instant,
    ),
}


@guarded(OBJECT)
@strawberry.type(description="An amount of money.")
class Money:
    """Shows `shop.money.Money`: the same attributes, so that no row needs to be converted."""

    amount: Decimal = strawberry.field(
        description="In units of the currency, with as many decimals as it has."
    )
    currency: str = strawberry.field(description="ISO 4217.")

    @classmethod
    def of(cls, money: money.Money) -> "Money":
        return cls(amount=money.amount, currency=money.currency)


@guarded(OBJECT)
@strawberry.type(description="What the variants of a product cost.")
class PriceRange:
    min: Money = strawberry.field(description="Of the cheapest.")
    max: Money = strawberry.field(description="Of the dearest.")
