"""Variants as somebody describes them, before they are rows: read, checked, written together."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower

from catalog import attributes, checks, stock
from catalog.attributes import Named
from catalog.models import AttributeValue, Product, Variant, VariantOption
from shop import money
from shop.errors import Refused, SeveralRefusals, ShopError
from users.models import User

MOST_OPTIONS = 10  # as many as `options_key` holds, whatever their ids
NEEDED = ("sku", "price", "requires_shipping", "track_stock")
TEXTS = ("sku", "name", "barcode")
COLUMNS = {"requires_shipping": "requires_shipping", "track_stock": "track_stock"} | {
    "weight_grams": "weight_g"
}
# What a variant offers: slugs of option name and value, in no order.
Key = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class VariantDraft:
    """A variant to be made. Prices are in units of the shop's currency; `stock` in pieces."""

    sku: str
    price: Decimal
    name: str = ""
    compare_at_price: Decimal | None = None
    stock: int = 0
    options: Sequence[Named] = ()
    weight_grams: int | None = None
    barcode: str = ""
    requires_shipping: bool = True
    track_stock: bool = True

    def values(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def fill(variant: Variant, values: Mapping[str, Any]) -> Iterator[ShopError]:
    """Put what somebody entered into the variant's columns; what is wrong with it.

    Args:
        values: by the draft's names, as far as given; None empties.
    """
    missing = [name for name in NEEDED if name in values and values[name] is None]
    yield from (Refused("REQUIRED", "It cannot be empty.", name) for name in missing)
    for name in TEXTS:
        if name in values:
            setattr(variant, name, (values[name] or "").strip())
    for name, column in COLUMNS.items():
        if name in values and name not in missing:
            setattr(variant, column, values[name])
    if "price" not in missing:
        yield from fill_prices(variant, values)
    wrong = checks.refusals(variant, *TEXTS, weight_g="weight_grams")
    yield from (refusal for refusal in wrong if refusal.path[0] not in missing)


def fill_prices(variant: Variant, values: Mapping[str, Any]) -> Iterator[ShopError]:
    """Put prices into minor units; the former one must be above the present one."""
    try:
        for name, column in (("price", "price_minor"), ("compare_at_price", "compare_at_minor")):
            if name in values:
                amount = values[name]
                minor = None if amount is None else money.minor(amount, currency(), name)
                setattr(variant, column, minor)
    except Refused as refusal:
        yield refusal
        return
    former = variant.compare_at_minor
    if former is not None and former <= variant.price_minor:
        where = "compare_at_price" if values.get("compare_at_price") is not None else "price"
        message = "The price to compare with must be above the price."
        yield Refused("OUT_OF_RANGE", message, where)


def currency() -> str:
    return str(settings.SHOP_CURRENCY)


def read(drafts: Sequence[VariantDraft]) -> tuple[list[Variant], list[ShopError]]:
    """Unsaved variants in the order of the drafts, and what is wrong with single ones.

    Paths begin with the draft's number.
    """
    rows, refusals = [], []
    for at, draft in enumerate(drafts):
        row = Variant(stock=draft.stock, position=at)
        refusals += [refusal.under(at) for refusal in fill(row, draft.values())]
        if not 0 <= draft.stock <= stock.MOST_UNITS:
            message = f"A stock is between 0 and {stock.MOST_UNITS}."
            refusals.append(Refused("OUT_OF_RANGE", message, at, "stock"))
        rows.append(row)
    return rows, [*refusals, *(sku_taken(at) for at in taken_skus(rows))]


def sku_taken(*path: str | int) -> Refused:
    return Refused("ALREADY_EXISTS", "Another variant has this SKU.", *path, "sku")


def taken_skus(rows: Sequence[Variant]) -> list[int]:
    """The rows, by number, whose SKU another live variant or an earlier row has."""
    skus = [row.sku.lower() for row in rows]
    others = Variant.objects.live().exclude(pk__in=[row.pk for row in rows if row.pk])
    named = others.annotate(folded=Lower("sku")).filter(folded__in=set(skus))
    known = set(named.values_list("folded", flat=True))
    return [at for at, sku in enumerate(skus) if sku and (sku in known or sku in skus[:at])]


@contextmanager
def races_lost(rows: Sequence[Variant], paths: Sequence[tuple[str, ...]]) -> Iterator[None]:
    """Turn the loss of a race for a SKU into the refusal that a later comer gets.

    Args:
        paths: where the input speaks of each of the rows.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        if lost := taken_skus(rows):
            raise SeveralRefusals(sku_taken(*paths[at]) for at in lost) from None
        raise


def option_refusals(
    offered: Sequence[Sequence[Named]], others: Sequence[Key] = ()
) -> Iterator[ShopError]:
    """What stops variants from being told apart by their options.

    One variant alone may have none; several have the same option names, and no two of them
    the same values. Paths begin with the variant's number.

    Args:
        others: what the product's other variants offer.
    """
    several = len(offered) + len(others) > 1
    seen = list(others)
    for at, options in enumerate(offered):
        key = key_of(options)
        if wrong := [*attributes.refusals(options, at, "options"), *repeated(options, at)]:
            yield from wrong
        elif several and not options:
            message = "Several variants need options that tell them apart."
            yield Refused("REQUIRED", message, at, "options")
        elif seen and names_of(seen[0]) != names_of(key):
            message = "All variants of a product have the same option names."
            yield Refused("INVALID", message, at, "options")
        elif key in seen:
            yield Refused("ALREADY_EXISTS", "Another variant offers the same.", at, "options")
        else:
            seen.append(key)


def repeated(options: Sequence[Named], at: int) -> Iterator[ShopError]:
    if len(options) > MOST_OPTIONS:
        yield Refused("OUT_OF_RANGE", f"At most {MOST_OPTIONS} options.", at, "options")
    names = [option.key[0] for option in options]
    for place, name in enumerate(names):
        if name in names[:place]:
            yield Refused("INVALID", "Chosen twice.", at, "options", place, "name")


def key_of(options: Sequence[Named]) -> Key:
    return frozenset(option.key for option in options)


def names_of(key: Key) -> set[str]:
    return {name for name, _ in key}


def choose(row: Variant, values: Sequence[AttributeValue]) -> list[VariantOption]:
    """Name the variant's choice in its columns; the rows that keep it, in that order."""
    row.options_key = "-".join(str(pk) for pk in sorted(value.pk for value in values))
    row.name = row.name or label(values)
    return [
        VariantOption(variant=row, attribute=value.attribute, value=value, position=place)
        for place, value in enumerate(values)
    ]


def label(values: Sequence[AttributeValue]) -> str:
    """What a variant is called by its options: "Red / M"."""
    return " / ".join(value.value for value in values)[:200]


def write(
    product: Product,
    rows: Sequence[Variant],
    chosen: Sequence[Sequence[AttributeValue]],
    *,
    paths: Sequence[tuple[str, ...]],
    actor: User | None,
) -> None:
    """Insert checked variants with their options and their first stock: three statements.

    Two callers who insert the same SKUs wait for each other instead of deadlocking, because
    both go in the order of the SKUs.

    Raises:
        ShopError: ALREADY_EXISTS below its path, for a SKU that somebody else took meanwhile.
    """
    options = []
    for row, values in zip(rows, chosen, strict=True):
        row.product = product
        options += choose(row, values)
    with races_lost(rows, paths):
        Variant.objects.bulk_create(sorted(rows, key=lambda row: row.sku.lower()))
    VariantOption.objects.bulk_create(options)
    stock.receive(rows, actor=actor)
