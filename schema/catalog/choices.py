"""What can be chosen of a product: its variants and their options, read once for all of a list."""

from collections.abc import Iterable
from typing import Any

import strawberry
from django.db.models import QuerySet
from django.utils import timezone

from catalog import models, slugs
from catalog.querysets import NOW
from schema import batch
from schema.authorization.rules import OBJECT, guarded
from schema.context import viewer
from schema.errors import Info
from shop.prepared import Among, Columns, Prepared, columns_of, is_prepared

REACHED_FROM = "_reached_from"
CHOSEN = Columns(
    frozenset({"variant_id", "position"}),
    beside=(
        ("attribute", Columns(frozenset({"name", "slug"}))),
        ("value", Columns(frozenset({"value", "slug", "position"}))),
    ),
)


@guarded(OBJECT)
@strawberry.type(description="A choice that the variants of a product differ in.")
class ProductOption:
    name: str = strawberry.field(description='Of the choice: "Size".')
    values: list[str] = strawberry.field(description="What variants offer, in the shop's order.")


@guarded(OBJECT)
@strawberry.type(description="What a variant is for one of the product's options.")
class SelectedOption:
    name: str = strawberry.field(description='Of the option: "Size".')
    value: str = strawberry.field(description='What it is here: "M".')


@strawberry.input(description="A choice for one of a product's options.")
class SelectedOptionInput:
    name: str = strawberry.field(description='Of the option: "Size".')
    value: str = strawberry.field(description='What is chosen: "M".')


@guarded(OBJECT)
@strawberry.type(description="What a product is like.")
class Attribute:
    name: str = strawberry.field(description='Of the property: "Material".')
    value: str = strawberry.field(description='What it is: "Oak".')


def variants_of(product: models.Product, info: Info) -> list[models.Variant]:
    """Those that are sold, in order; one statement for all products read together."""
    who = viewer(info)
    # Who was shown the product may see all of it that is sold; that is not asked again.
    all_live = is_prepared(product) or (who is not None and who.is_staff)
    variants = models.Variant.objects
    ask = Prepared(
        ("variants", all_live),
        lambda: of_products(variants.live() if all_live else variants.public(NOW)),
        columns_of(product).of("variants"),
        {"now": timezone.now()},
    )
    found: list[models.Variant] = batch.children(product, "variants", "product_id", ask)
    for variant in found:
        variant.__dict__[REACHED_FROM] = product
    return found


def of_products(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(Among("product_id", "owners")).order_by("position", "pk")


def with_products(variants: list[models.Variant]) -> None:
    """Show the variants with the products that were read along with them."""
    products = {variant.product_id: variant.product for variant in variants}
    batch.together(products.values())
    for variant in variants:
        variant.__dict__[REACHED_FROM] = products[variant.product_id]


def product_of(variant: models.Variant, info: Info) -> models.Product | None:
    """What it is a choice of: the product it was reached from, or read for all peers."""
    if REACHED_FROM in variant.__dict__:
        return variant.__dict__[REACHED_FROM]  # type: ignore[no-any-return]
    rows = models.Product.objects.visible_to(viewer(info))
    return batch.one(variant, "product", rows)  # type: ignore[no-any-return]


def images_of(product: models.Product) -> list[models.ProductImage]:
    """In order; one statement for all products read together."""
    ask = Prepared(
        "images",
        lambda: of_products(models.ProductImage.objects.all()),
        columns_of(product).of("images"),
    )
    return batch.children(product, "images", "product_id", ask)


def image_of(variant: models.Variant) -> models.ProductImage | None:
    """The first picture of this very choice, out of its product's where they are read anyway."""
    product = variant.__dict__.get(REACHED_FROM)
    if product is None:
        rows = models.ProductImage.objects.order_by("position", "pk")
        found = batch.many(variant, "images", rows)
    else:
        found = [image for image in images_of(product) if image.variant_id == variant.pk]
    return found[0] if found else None


def chosen_of(variant: models.Variant) -> list[models.VariantOption]:
    """The variant's options in the product's order; one statement for all read together."""
    ask = Prepared("chosen options", of_variants, CHOSEN)
    return batch.children(variant, "chosen", "variant_id", ask)


def of_variants() -> QuerySet[models.VariantOption]:
    rows = models.VariantOption.objects.filter(Among("variant_id", "owners"))
    return rows.order_by("position", "pk")


def default_of(variants: list[models.Variant]) -> models.Variant | None:
    """The first that is in stock, else the first."""
    return next((one for one in variants if one.in_stock), variants[0] if variants else None)


def options_of(variants: list[models.Variant]) -> list[ProductOption]:
    """The names in the product's order, each with its values in the attribute's order."""
    names: dict[str, tuple[int, dict[str, tuple[int, int]]]] = {}
    for variant in variants:
        for chosen in chosen_of(variant):
            _, values = names.setdefault(chosen.attribute.name, (chosen.position, {}))
            values[chosen.value.value] = (chosen.value.position, chosen.value.pk)
    in_order = sorted(names.items(), key=lambda item: item[1][0])
    return [
        ProductOption(name=name, values=sorted(values, key=values.__getitem__))
        for name, (_, values) in in_order
    ]


def offering(
    variants: list[models.Variant], wanted: Iterable[SelectedOptionInput]
) -> models.Variant | None:
    """The variant that offers exactly these options, written as names or slugs; else None."""
    choice = {slugs.of(one.name): one.value for one in wanted}
    for variant in variants:
        chosen = chosen_of(variant)
        if len(chosen) == len(choice) and all(offers(one, choice) for one in chosen):
            return variant
    return None


def offers(chosen: models.VariantOption, choice: dict[str, str]) -> bool:
    """Whether the choice for this option is what the variant has."""
    names = {chosen.attribute.slug, slugs.of(chosen.attribute.name)}
    asked = next((choice[name] for name in names if name in choice), None)
    if asked is None:
        return False
    slug = slugs.of(asked)
    return asked == chosen.value.value or slug in {
        chosen.value.slug,
        slugs.of(chosen.value.value),
    }
