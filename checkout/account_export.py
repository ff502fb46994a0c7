"""All that the shop keeps about one user, for that user (GDPR, articles 15 and 20)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, prefetch_related_objects

from users.addresses import DEFAULTS
from users.models import Address, User


@dataclass(frozen=True)
class Part:
    """What is told of the rows that a relation leads to, and of those below them.

    `fields` may lead across foreign keys, as in "product__name"; `unless` names a flag of rows
    that are for staff alone.
    """

    relation: str
    fields: tuple[str, ...]
    parts: tuple["Part", ...] = ()
    unless: str = ""


PROFILE = (
    *("email", "first_name", "last_name", "phone", "email_verified_at", "marketing_consent_at"),
    *("created_at", "last_login"),
)
ORDER = (
    *("number", "email", "locale", "note", "shipping_address", "billing_address", "shipping_name"),
    *("currency", "prices_include_tax", "subtotal_minor", "discount_minor", "shipping_minor"),
    *("shipping_discount_minor", "shipping_tax_minor", "shipping_tax_rate", "tax_minor"),
    *(
        "total_minor",
        "refunded_minor",
        "payment_method",
        "status",
        "payment_status",
        "fulfilment_status",
    ),
    *("placed_at", "paid_at", "cancelled_at"),
)
ORDER_LINE = (
    *("sku", "name", "options", "unit_minor", "quantity", "discount_minor", "tax_rate"),
    *("tax_minor", "total_minor", "fulfilled", "refunded", "returned"),
)
PRODUCT = ("product__name", "product__slug")
UNITS = ("line__sku", "quantity")
PARCEL = ("carrier", "tracking_number", "tracking_url", "shipped_at", "delivered_at")
RETURN = ("state", "reason", "note", "requested_at", "decided_at", "received_at")
DISPUTE = ("amount_minor", "currency", "reason", "status", "created_at")

PARTS = (
    Part("addresses", (*Address.POSTAL, *DEFAULTS)),
    Part("consent_changes", ("given", "at")),
    Part(
        "carts",
        (
            *("email", "note", "shipping_address", "billing_address", "codes", "status"),
            *("created_at", "expires_at"),
        ),
        (Part("lines", ("sku", "name", "quantity", "unit_minor")),),
    ),
    Part(
        "orders",
        ORDER,
        (
            Part("lines", ORDER_LINE),
            Part("redemptions", ("name", "code", "amount_minor")),
            Part(
                "payments",
                ("method", "amount_minor", "currency", "state", "reference", "created_at"),
                (Part("disputes", DISPUTE),),
            ),
            Part(
                "refunds",
                ("amount_minor", "currency", "reason", "state", "created_at"),
                (Part("lines", UNITS),),
            ),
            Part("fulfilments", PARCEL, (Part("lines", UNITS),)),
            Part("returns", RETURN, (Part("lines", UNITS),)),
            Part("invoice", ("number", "issued_at", "buyer", "payment")),
            Part("events", ("type", "message", "at"), unless="internal"),
            Part("link_mail", ("sent_at",)),
        ),
    ),
    Part(
        "reviews",
        (*PRODUCT, "rating", "title", "body", "status", "verified", "created_at", "updated_at"),
    ),
    Part("review_votes", ("review__product__name", "helpful", "created_at")),
    Part("purchases", (*PRODUCT, "first_at")),
    Part("wishes", (*PRODUCT, "created_at")),
    Part("alerts", ("kind", *PRODUCT, "variant__sku", "below_minor", "created_at", "sent_at")),
)

# Tables with a way to a user that are not told, and why. What hangs on their rows is not either.
LEFT_OUT = {
    "users.RefreshToken": "a secret, of which a digest is kept; it says nothing of its user",
    "users.OneTimeToken": "a secret, of which a digest is kept; it says nothing of its user",
    "users.User_groups": "what staff may do",
    "users.User_user_permissions": "what staff may do",
    "admin.LogEntry": "what staff did",
    "catalog.Product": "the shop's; its owner is the member of staff who made it",
    "catalog.StockMovement": "the shop's; its actor is a member of staff",
}


def export(user: User) -> str:
    """A JSON text with all of the user's data; amounts in minor units, times in UTC.

    A fixed number of statements, however many rows there are.
    """
    prefetch_related_objects([user], *paths(PARTS))
    told = {"profile": fields_of(user, PROFILE)} | parts_of(user, PARTS)
    return json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)


def paths(parts: tuple[Part, ...], above: str = "") -> Iterator[str]:
    """What is read at once: the relations, and the foreign keys that fields lead across."""
    for part in parts:
        here = f"{above}{part.relation}"
        yield here
        for name in part.fields:
            if "__" in name:
                yield f"{here}__{name.rpartition('__')[0]}"
        yield from paths(part.parts, f"{here}__")


def parts_of(row: Model, parts: tuple[Part, ...]) -> dict[str, list[dict[str, Any]]]:
    return {
        part.relation: [
            fields_of(one, part.fields) | parts_of(one, part.parts)
            for one in rows_of(row, part.relation)
            if not (part.unless and getattr(one, part.unless))
        ]
        for part in parts
    }


def rows_of(row: Model, relation: str) -> list[Model]:
    """The rows that a relation leads to; of one to one, a list of one or none."""
    if row._meta.get_field(relation).one_to_one:
        one = getattr(row, relation, None)
        return [] if one is None else [one]
    return list(getattr(row, relation).all())


def fields_of(row: Model, names: tuple[str, ...]) -> dict[str, Any]:
    return {name.replace("__", "_"): value_of(row, name) for name in names}


def value_of(row: Any, name: str) -> Any:
    for step in name.split("__"):
        row = None if row is None else getattr(row, step)
    return row
