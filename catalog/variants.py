"""What is bought: variants come, change and go.

Locks: all variants of the product by id, then the product. Whoever adds, changes or removes a
variant waits for whoever else does so with the same product, and for who moves its stock.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog import attributes, columns, drafts, owners, positions, stock
from catalog.attributes import Named
from catalog.drafts import Key, VariantDraft
from catalog.models import AttributeValue, Product, StockMovement, Variant, VariantOption
from shop.errors import Refused, SeveralRefusals, ShopError
from users.models import User


@transaction.atomic
def create(product: Product, draft: VariantDraft, *, user: User) -> Variant:
    """A further variant of a product, last in its order.

    Raises:
        ShopError: under `variant`, what is wrong with the draft; NOT_ALLOWED or NOT_FOUND at
            `product_id`.
    """
    live = opened(product, user, "product_id")
    offered = offers(live)
    rows, refusals = drafts.read([draft])
    refusals += drafts.option_refusals([draft.options], list(offered.values()))
    if refusals:
        raise SeveralRefusals(of_one(refusals)).under("variant")
    row = rows[0]
    row.position = max((other.position for other in live), default=-1) + 1
    values = in_order(draft.options, order_of(live))
    drafts.write(product, [row], [values], paths=[("variant",)], actor=user)
    columns.refresh([product.pk], columns.in_stock, columns.prices)
    return row


@transaction.atomic
def update(variant: Variant, changes: Mapping[str, Any], *, user: User) -> Variant:
    """Change a variant; its stock is for `stock.adjust`.

    Args:
        changes: any of sku, name, price, compare_at_price, options, position, weight_grams,
            barcode, requires_shipping and track_stock. Options replace those it had.

    Raises:
        ShopError: what is wrong with a change, at its name; NOT_ALLOWED or NOT_FOUND at `id`.
    """
    live = opened(variant.product, user, "id")
    row = among(live, variant)
    was_called = row.name
    refusals = [*drafts.fill(row, changes)]
    refusals += [drafts.sku_taken() for _ in drafts.taken_skus([row])]
    others = [other for other in live if other.pk != row.pk]
    options = changes.get("options") or []
    if "options" in changes:
        offered = list(offers(others).values())
        refusals += of_one(drafts.option_refusals([options], offered))
    if refusals:
        raise SeveralRefusals(refusals)
    with drafts.races_lost([row], [()]):
        if "options" in changes:
            choose_anew(row, options, others or live, was_called=was_called)
        row.name = row.name or drafts.label(chosen(row))
        row.save()
    if "position" in changes:
        rearrange(live, row, changes["position"])
    columns.refresh([row.product_id], columns.in_stock, columns.prices)
    return row


@transaction.atomic
def delete(variant: Variant, *, user: User) -> None:
    """Delete a variant, or archive it when it was ever in an order.

    Raises:
        Refused: INVALID_STATE at `id` for a product's last one; NOT_ALLOWED or NOT_FOUND there.
    """
    live = opened(variant.product, user, "id")
    row = among(live, variant)
    if len(live) == 1:
        raise Refused("INVALID_STATE", "A product has at least one variant.", "id")
    if was_ordered([row]):
        row.archived_at = timezone.now()
        row.save(update_fields=["archived_at"])
    else:
        row.delete()
    columns.refresh([variant.product_id], columns.in_stock, columns.prices)


def was_ordered(rows: Sequence[Variant]) -> bool:
    """Whether an order ever held or bought units of any of them. Ask with the rows locked."""
    kinds = [StockMovement.Kind.HOLD, StockMovement.Kind.SALE]
    return StockMovement.objects.filter(variant__in=rows, kind__in=kinds).exists()


def opened(product: Product, user: User, *path: str) -> list[Variant]:
    """The live variants in their order, with the product locked, for somebody who may edit it."""
    owners.refuse_others(user, product, *path)
    rows = stock.lock(Variant.objects.filter(product=product))
    if not columns.lock([product.pk]):
        raise Refused("NOT_FOUND", "There is no such product.", *path)
    live = [row for row in rows if row.archived_at is None]
    return sorted(live, key=lambda row: (row.position, row.pk))


def among(live: Sequence[Variant], variant: Variant) -> Variant:
    for row in live:
        if row.pk == variant.pk:
            return row
    raise Refused("NOT_FOUND", "There is no such variant.", "id")


def offers(rows: Sequence[Variant]) -> dict[int, Key]:
    """What each of the variants offers."""
    found: dict[int, set[tuple[str, str]]] = {row.pk: set() for row in rows}
    options = VariantOption.objects.filter(variant__in=rows).order_by()
    for pk, *pair in options.values_list("variant_id", "attribute__slug", "value__slug"):
        found[pk].add((pair[0], pair[1]))
    return {pk: frozenset(pairs) for pk, pairs in found.items()}


def order_of(live: Sequence[Variant]) -> list[str]:
    """The option names of a product, as slugs, in the product's order."""
    options = VariantOption.objects.filter(variant__in=live[:1]).order_by("position", "pk")
    return list(options.values_list("attribute__slug", flat=True))


def in_order(options: Sequence[Named], order: Sequence[str]) -> list[AttributeValue]:
    """The rows of the options, made where they are new, in the order of the product's names."""
    values = attributes.values(options)
    names = [*order, *(option.key[0] for option in options)]
    return sorted(values.values(), key=lambda value: names.index(value.attribute.slug))


def chosen(row: Variant) -> list[AttributeValue]:
    return [option.value for option in row.chosen.select_related("value")]


def choose_anew(
    row: Variant, options: Sequence[Named], alike: Sequence[Variant], *, was_called: str
) -> None:
    """Replace the variant's options; a name that came from the old ones follows."""
    if was_called == row.name == drafts.label(chosen(row)):
        row.name = ""
    order = order_of(alike)
    row.chosen.all().delete()
    VariantOption.objects.bulk_create(drafts.choose(row, in_order(options, order)))


def rearrange(live: Sequence[Variant], row: Variant, position: int | None) -> None:
    if position is None:
        raise Refused("REQUIRED", "A position is needed.", "position")
    Variant.objects.bulk_update(positions.moved(live, row, position), ["position"])


def of_one(refusals: Iterable[ShopError]) -> list[ShopError]:
    """The same refusals without the number of the one draft that they are about."""
    found = list(refusals)
    for refusal in found:
        refusal.path = refusal.path[1:]
    return found
