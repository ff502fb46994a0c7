"""Refusals as data, and the decorator that turns the one into the other."""

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry import UNSET
from strawberry.extensions import FieldExtension
from strawberry.utils.str_converters import to_camel_case

from catalog.errors import OutOfStock
from checkout.errors import PriceChanged
from schema.authorization.rules import OBJECT, guarded
from schema.money import Money
from schema.rates.declared import RATES, Declared
from shop.errors import Refused, ShopError

Info = strawberry.Info[Any, None]


class Denied(GraphQLError):
    """A top-level error: the caller may not ask this, or not in this way."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, extensions={"code": code})


@strawberry.enum(description="What is wrong, as a constant for programs.")
class ErrorCode(Enum):
    REQUIRED = strawberry.enum_value(
        "REQUIRED", description="Something that is needed is missing or blank."
    )
    INVALID = strawberry.enum_value("INVALID", description="The value cannot be used.")
    TOO_LONG = strawberry.enum_value("TOO_LONG", description="The text is longer than allowed.")
    OUT_OF_RANGE = strawberry.enum_value(
        "OUT_OF_RANGE", description="The number or the count is outside what is allowed."
    )
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND", description="There is none, or none that the caller may know of."
    )
    ALREADY_EXISTS = strawberry.enum_value(
        "ALREADY_EXISTS", description="It is taken, or was there before."
    )
    NOT_ALLOWED = strawberry.enum_value(
        "NOT_ALLOWED", description="The caller may not do this to it."
    )
    INVALID_CREDENTIALS = strawberry.enum_value(
        "INVALID_CREDENTIALS", description="E-mail and password do not belong together."
    )
    INVALID_TOKEN = strawberry.enum_value(
        "INVALID_TOKEN", description="The token is unknown, expired, or was used before."
    )
    WEAK_PASSWORD = strawberry.enum_value(
        "WEAK_PASSWORD", description="The password is too easy to guess."
    )
    OUT_OF_STOCK = strawberry.enum_value(
        "OUT_OF_STOCK", description="Fewer units are free than asked for."
    )
    PRICE_CHANGED = strawberry.enum_value(
        "PRICE_CHANGED", description="The total is not what the caller expected."
    )
    CART_EMPTY = strawberry.enum_value("CART_EMPTY", description="There is nothing in the cart.")
    CART_CLOSED = strawberry.enum_value(
        "CART_CLOSED", description="The cart was ordered, merged into another, or has expired."
    )
    INVALID_STATE = strawberry.enum_value(
        "INVALID_STATE", description="Its present state does not allow this."
    )
    CODE_NOT_APPLICABLE = strawberry.enum_value(
        "CODE_NOT_APPLICABLE", description="The discount code does not apply to this cart."
    )
    SHIPPING_UNAVAILABLE = strawberry.enum_value(
        "SHIPPING_UNAVAILABLE", description="Nothing can be sent there in that way."
    )
    ADDRESS_REQUIRED = strawberry.enum_value(
        "ADDRESS_REQUIRED", description="An address is needed first."
    )
    EMAIL_REQUIRED = strawberry.enum_value(
        "EMAIL_REQUIRED", description="An e-mail address is needed first."
    )
    PAYMENT_PROVIDER_UNAVAILABLE = strawberry.enum_value(
        "PAYMENT_PROVIDER_UNAVAILABLE",
        description="The payment provider does not answer; try again later.",
    )
    PAYMENT_METHOD_UNAVAILABLE = strawberry.enum_value(
        "PAYMENT_METHOD_UNAVAILABLE", description="The shop does not offer this way to pay."
    )
    AMOUNT_TOO_SMALL = strawberry.enum_value(
        "AMOUNT_TOO_SMALL", description="The amount is below what the payment provider accepts."
    )
    REFUND_TOO_LARGE = strawberry.enum_value(
        "REFUND_TOO_LARGE", description="More than what is left of the payment."
    )
    FILE_TOO_LARGE = strawberry.enum_value(
        "FILE_TOO_LARGE", description="The file is larger than allowed."
    )
    UNSUPPORTED_FILE = strawberry.enum_value(
        "UNSUPPORTED_FILE", description="The file is not a picture of a kind that is accepted."
    )
    STORAGE_UNAVAILABLE = strawberry.enum_value(
        "STORAGE_UNAVAILABLE", description="Files cannot be stored at the moment; try again later."
    )
    CONFLICT = strawberry.enum_value(
        "CONFLICT",
        description="Somebody changed it meanwhile, or the key was used for something else.",
    )


@guarded(OBJECT)
@strawberry.interface(description="Something in the input that its sender can put right.")
class UserError:
    code: ErrorCode = strawberry.field(description="For programs.")
    message: str = strawberry.field(description="For people.")
    path: list[str] = strawberry.field(
        description="The way to the value that is meant, from `input` down; empty for all of it."
    )


@strawberry.type(description="A refusal without further data.")
class InputError(UserError):
    pass


@strawberry.type(description="Fewer units are free than were asked for; nothing was taken.")
class OutOfStockError(UserError):
    sku: str = strawberry.field(description="Of the variant that is short.")
    requested: int = strawberry.field(description="Units asked for.")
    available: int = strawberry.field(description="Units that are free.")


@strawberry.type(description="The total is another than the one expected; nothing was ordered.")
class PriceChangedError(UserError):
    expected: Money = strawberry.field(description="What the caller expected to pay.")
    actual: Money = strawberry.field(description="What it costs now.")


@guarded(OBJECT)
@strawberry.type
class Payload:
    """Base of the payloads: what was refused; the subject beside it is null then."""

    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What was refused, and why; empty when all went well."
    )


@strawberry.type(description="What came of deleting something.")
class DeletePayload(Payload):
    deleted_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null when refused."
    )


def user_errors(refusal: ShopError) -> list[UserError]:
    """A refusal of the domain in the API's form."""
    return [_user_error(one) for one in refusal.each()]


def _user_error(refusal: ShopError) -> UserError:
    common: dict[str, Any] = {
        "code": ErrorCode[refusal.code],
        "message": str(refusal),
        "path": [to_camel_case(step) for step in refusal.path],
    }
    if isinstance(refusal, OutOfStock):
        free = max(refusal.available, 0)
        return OutOfStockError(
            sku=refusal.sku, requested=refusal.requested, available=free, **common
        )
    if isinstance(refusal, PriceChanged):
        expected, actual = Money.of(refusal.expected), Money.of(refusal.actual)
        return PriceChangedError(expected=expected, actual=actual, **common)
    return InputError(**common)


LIST_LIMIT = 50
LIMIT_OF = {"lines": 100, "line_ids": 100}  # as many as a cart holds


def readable(text: str) -> bool:
    """Whether every database can keep it: PostgreSQL takes no NUL, and none takes half a pair."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def check_input(value: Any, *path: str) -> None:
    """Refuse what no mutation can use, wherever in the input it stands.

    Raises:
        Refused: INVALID, for text that cannot be stored.
        Denied: LIMIT_EXCEEDED, for a list that is too long.
    """
    if isinstance(value, str):
        if not readable(value):
            raise Refused("INVALID", "The text contains signs that cannot be stored.", *path)
    elif isinstance(value, list):
        limit = LIMIT_OF.get(path[-1], LIST_LIMIT)
        if len(value) > limit:
            raise Denied("LIMIT_EXCEEDED", f"{path[-1]} takes at most {limit} at once.")
        for at, item in enumerate(value):
            check_input(item, *path, str(at))
    elif is_dataclass(value):
        for field in fields(value):
            check_input(getattr(value, field.name), *path, field.name)


def check_argument(value: Any, name: str) -> None:
    """The same for what a list or a field is asked with, where there is no payload to tell it.

    Raises:
        Denied: LIMIT_EXCEEDED, or BAD_REQUEST for text that cannot be stored.
    """
    try:
        check_input(value, name)
    except Refused as refusal:
        raise Denied("BAD_REQUEST", str(refusal)) from None


COMMITS_ITSELF = "commits itself"


class RefusalsAsData(FieldExtension):
    """Answer a refusal of the shop with the payload's `errors`; let everything else through."""

    def apply(self, field: Any) -> None:
        self.field = field
        for argument in field.arguments:
            argument.description = "All that it is told, in one object."

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any) -> Any:
        try:
            check_input(kwargs.get("input"))
            answer = next_(source, info, **kwargs)
        except ShopError as refusal:
            info.context.refused[str(info.path.key)] = {one.code for one in refusal.each()}
            payload = self.field.type
            return getattr(payload, "of_type", payload)(errors=user_errors(refusal))
        info.context.carried_out = True
        return answer


def mutation(
    *,
    description: str,
    commits_itself: bool = False,
    rates: Sequence[Declared] = (),
    metadata: dict[Any, Any] | None = None,
    **options: Any,
) -> Any:
    """A field of the mutation type whose refusals are data. Permissions go into the options.

    Args:
        commits_itself: it cannot run inside a transaction: it asks Stripe between its commits,
            or keeps something although it refuses. See `schema.idempotency`.
        rates: how often it may be called. See `schema.rates`.
    """
    return strawberry.mutation(
        description=description,
        extensions=[RefusalsAsData()],
        metadata={**(metadata or {}), COMMITS_ITSELF: commits_itself, RATES: tuple(rates)},
        **options,
    )


def given(input: Any) -> dict[str, Any]:
    """What the caller did write in an input, null included, by field name."""
    return {
        field.name: value
        for field in fields(input)
        if (value := getattr(input, field.name)) is not UNSET
    }


def sent(value: Any) -> Any:
    """An optional input's value; None when it was left out."""
    return None if value is UNSET else value
