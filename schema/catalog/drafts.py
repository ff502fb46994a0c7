"""What the inputs describe, in the domain's own terms."""

from collections.abc import Iterable, Sequence
from typing import Any

import strawberry

from catalog import models
from catalog.attributes import Named
from catalog.drafts import VariantDraft
from catalog.products import ProductDraft
from catalog.stock import StockChange
from schema import ids
from schema.catalog import inputs
from schema.catalog.choices import SelectedOptionInput
from shop.errors import Refused, SeveralRefusals


def product_draft(input: inputs.ProductCreateInput) -> ProductDraft:
    """Raises Refused: NOT_FOUND, for a category or a collection."""
    return ProductDraft(
        name=input.name,
        variants=[variant_draft(variant) for variant in input.variants],
        slug=input.slug or "",
        description=input.description or "",
        brand=input.brand or "",
        category=category_of(input.category_id, "category_id"),
        status=input.status or models.Product.Status.DRAFT,
        published_at=input.published_at,
        attributes=named(input.attributes),
        collections=collections_of(input.collection_ids),
        tax_class=input.tax_class or "",
        seo_title=input.seo_title or "",
        seo_description=input.seo_description or "",
    )


def variant_draft(input: inputs.VariantInput) -> VariantDraft:
    return VariantDraft(
        sku=input.sku,
        price=input.price,
        name=input.name or "",
        compare_at_price=input.compare_at_price,
        stock=input.stock or 0,
        options=named(input.options),
        weight_grams=input.weight_grams,
        barcode=input.barcode or "",
        requires_shipping=input.requires_shipping is not False,
        track_stock=input.track_stock is not False,
    )


def named(pairs: Iterable[inputs.AttributeInput | SelectedOptionInput] | None) -> list[Named]:
    return [Named(pair.name.strip(), pair.value.strip()) for pair in pairs or []]


def category_of(id: strawberry.ID | None, *path: str) -> models.Category | None:
    return None if id is None else ids.get(models.Category.objects.all(), id, *path)


def collections_of(given: Sequence[strawberry.ID] | None) -> list[models.Collection]:
    return ids.get_all(models.Collection.objects.all(), list(given or []), "collection_ids")


def changes_of(changes: Sequence[inputs.StockChangeInput]) -> list[StockChange]:
    """Raises ShopError: NOT_FOUND, for every id that is no variant's."""
    keys = [ids.key_of("Variant", change.variant_id) for change in changes]
    if lost := [at for at, key in enumerate(keys) if key is None]:
        raise SeveralRefusals(
            Refused("NOT_FOUND", "There is no such variant.", "changes", at, "variant_id")
            for at in lost
        )
    return [
        StockChange(int(key or 0), change.delta, change.expected)
        for key, change in zip(keys, changes, strict=True)
    ]


def renamed(changes: dict[str, Any], **names: str) -> dict[str, Any]:
    """The changes without the row's own id, under the domain's names where those differ."""
    return {names.get(name, name): value for name, value in changes.items() if name != "id"}
