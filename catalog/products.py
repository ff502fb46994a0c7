"""Things for sale come, change and go.

Locks: the category, the collections, the variants, the product.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog import (
    attributes,
    brands,
    categories,
    checks,
    collections,
    columns,
    drafts,
    files,
    owners,
    slugs,
    stamp,
    stock,
    uploads,
    variants,
)
from catalog.attributes import Named
from catalog.drafts import VariantDraft
from catalog.models import (
    AttributeValue,
    Category,
    Collection,
    Product,
    ProductAttribute,
    Variant,
)
from shop.errors import Refused, SeveralRefusals, ShopError
from users.models import User

Status = Product.Status

TEXTS = ("name", "description", "tax_class", "seo_title", "seo_description")
NEEDED = ("name", "slug", "status")


@dataclass(frozen=True)
class ProductDraft:
    """A product to be made, with all that belongs to it."""

    name: str
    variants: Sequence[VariantDraft]
    slug: str = ""
    description: str = ""
    brand: str = ""
    category: Category | None = None
    status: Product.Status = Status.DRAFT
    published_at: datetime | None = None  # None: at once, when it is ACTIVE
    attributes: Sequence[Named] = ()
    collections: Sequence[Collection] = ()
    tax_class: str = ""
    seo_title: str = ""
    seo_description: str = ""

    @property
    def options(self) -> list[Sequence[Named]]:
        """What each of the variants offers, in the order of the first one's names."""
        order = [option.key[0] for option in self.variants[0].options]
        return [
            sorted(variant.options, key=lambda option: order.index(option.key[0]))
            for variant in self.variants
        ]


@transaction.atomic
def create(draft: ProductDraft, *, owner: User | None) -> Product:
    """A new product with its variants, their options, prices and first stock.

    The number of statements does not depend on the number of variants.

    Raises:
        ShopError: all that is wrong with the draft, each at its place.
    """
    product = Product(owner=owner, currency=settings.SHOP_CURRENCY, histogram=[0] * 5)
    rows, refusals = checked(product, draft)
    if refusals:
        raise SeveralRefusals(refusals)
    product.status, product.published_at = draft.status, draft.published_at
    if product.status == Status.ACTIVE and product.published_at is None:
        product.published_at = timezone.now()
    if draft.category is not None:
        product.category = categories.locked(draft.category, "category_id")
    placed = collections.locked(draft.collections, "collection_ids")
    product.brand = brands.named(draft.brand)
    named = attributes.values([*draft.attributes, *(o for each in draft.options for o in each)])

    slugs.save(product, draft.slug.strip() or draft.name)
    chosen = [[named[option] for option in options] for options in draft.options]
    paths = [("variants", str(at)) for at in range(len(rows))]
    drafts.write(product, rows, chosen, paths=paths, actor=owner)
    describe(product, [named[pair] for pair in draft.attributes])
    collections.place(product, placed)
    return columns.refresh([product.pk], columns.in_stock, columns.prices, columns.texts)[0]


def checked(product: Product, draft: ProductDraft) -> tuple[list[Variant], list[ShopError]]:
    """The unsaved variants, and what is wrong anywhere in the draft."""
    refusals = [*fill(product, {name: getattr(draft, name) for name in TEXTS})]
    refusals += attributes.refusals(draft.attributes, "attributes")
    refusals += brands.refusals(draft.brand, "brand")
    if not draft.variants:
        refusals.append(Refused("REQUIRED", "A product has at least one variant.", "variants"))
    rows, wrong = drafts.read(draft.variants)
    wrong += drafts.option_refusals([variant.options for variant in draft.variants])
    return rows, [*refusals, *(refusal.under("variants") for refusal in wrong)]


@transaction.atomic
def update(product: Product, changes: Mapping[str, Any], *, user: User) -> Product:
    """Change a product; its variants have functions of their own.

    Args:
        changes: any of name, slug, description, brand (a name), category, status, published_at,
            attributes and collections (instead of those it had), tax_class, seo_title and
            seo_description; None empties.

    Raises:
        ShopError: what is wrong with a change, at its name; NOT_ALLOWED or NOT_FOUND at `id`;
            INVALID_STATE at `status`, for showing a product whose variants are all archived.
    """
    owners.refuse_others(user, product, "id")
    pairs, brand = changes.get("attributes") or [], changes.get("brand") or ""
    category = changes.get("category")
    if category is not None:
        category = categories.locked(category, "category_id")
    placed = collections.locked(changes.get("collections") or [], "collection_ids")
    row = locked(product)
    refusals = [*fill(row, changes), *status_refusals(row, changes)]
    refusals += [*attributes.refusals(pairs, "attributes"), *brands.refusals(brand, "brand")]
    if refusals:
        raise SeveralRefusals(refusals)

    publish(row, changes)
    if "brand" in changes:
        row.brand = brands.named(brand)
    if "category" in changes:
        row.category = category
    save(row, changes)
    if "attributes" in changes:
        named = attributes.values(pairs)
        row.described_by.all().delete()
        describe(row, [named[pair] for pair in pairs])
    if "collections" in changes:
        collections.place(row, placed)
    return columns.refresh([row.pk], columns.texts)[0]


@transaction.atomic
def delete(product: Product, *, user: User) -> None:
    """Delete a product with all that belongs to it, or archive it when it was ever in an order.

    An archived one keeps its rows for those orders, and its pictures; it stands in no category
    and no collection any more, and its SKUs are free for others.

    Raises:
        Refused: NOT_ALLOWED or NOT_FOUND at `id`.
    """
    if not owners.may_delete(user, product):
        message = "This is for who made the product, or needs the permission to delete products."
        raise Refused("NOT_ALLOWED", message, "id")
    rows = stock.lock(Variant.objects.filter(product=product))
    row = locked(product)
    if variants.was_ordered(rows):
        now = timezone.now()
        Variant.objects.live().filter(product=row).update(archived_at=now)
        row.status, row.category = Status.ARCHIVED, None
        row.save()
        row.places.all().delete()
        columns.refresh([row.pk], columns.in_stock)
    else:
        files.forget(row.images.all())
        uploads.forget(row)
        row.delete()
        stamp.move()


def locked(product: Product) -> Product:
    rows = columns.lock([product.pk])
    if not rows:
        raise Refused("NOT_FOUND", "There is no such product.", "id")
    return rows[0]


def fill(product: Product, values: Mapping[str, Any]) -> Iterator[ShopError]:
    """Put texts into the product's columns; what is wrong with them."""
    missing = [name for name in NEEDED if name in values and not (values[name] or "").strip()]
    yield from (Refused("REQUIRED", "It cannot be empty.", name) for name in missing)
    for name in TEXTS:
        if name in values:
            setattr(product, name, (values[name] or "").strip())
    yield from checks.refusals(product, *(name for name in TEXTS if name not in missing))


def status_refusals(product: Product, changes: Mapping[str, Any]) -> Iterator[ShopError]:
    if changes.get("status") == Status.ACTIVE and not product.variants.live().exists():
        message = "All of its variants are archived: give it a new one first."
        yield Refused("INVALID_STATE", message, "status")


def publish(product: Product, changes: Mapping[str, Any]) -> None:
    """Set status and time; a product that becomes ACTIVE without a time is shown at once."""
    product.status = changes.get("status", product.status)
    product.published_at = changes.get("published_at", product.published_at)
    now_active = "status" in changes and product.status == Status.ACTIVE
    if now_active and product.published_at is None and "published_at" not in changes:
        product.published_at = timezone.now()


def save(product: Product, changes: Mapping[str, Any]) -> None:
    if "slug" in changes:
        slugs.save(product, changes["slug"])
    else:
        product.save()


def describe(product: Product, values: Sequence[AttributeValue]) -> None:
    """Write what the product is like; what is said twice counts once."""
    ProductAttribute.objects.bulk_create(
        ProductAttribute(product=product, value=value, position=position)
        for position, value in enumerate(dict.fromkeys(values))
    )
