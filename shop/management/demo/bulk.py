"""Many more products, for trying the shop at size: bulk writes instead of one call a product."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog import attributes, brands, columns, drafts
from catalog.attributes import Named
from catalog.models import (
    AttributeValue,
    Category,
    Product,
    ProductAttribute,
    StockMovement,
    Variant,
    VariantOption,
)
from shop import money
from shop.management.demo.assortment import Product as Goods
from shop.management.demo.assortment import Variant as GoodsVariant
from shop.management.demo.generated import generated
from shop.management.demo.shelves import price

AT_ONCE = 1000


def load(count: int) -> Iterator[int]:
    """Add made-up products until there are `count` in all; after each batch, how many there are."""
    present = set(Product.objects.values_list("slug", flat=True))
    missing = max(count - len(present), 0)
    fresh = (row for row in generated(missing + len(present)) if row.slug not in present)
    wanted = islice(fresh, missing)
    by_slug = {row.slug: row for row in Category.objects.all()}
    done = len(present)
    while batch := list(islice(wanted, AT_ONCE)):
        write(batch, by_slug)
        done += len(batch)
        yield done


@transaction.atomic
def write(batch: Sequence[Goods], by_slug: dict[str, Category]) -> None:
    """A batch of products with all that belongs to them, in a fixed number of bulk writes."""
    pairs = {Named(*pair) for row in batch for pair in row.attributes}
    pairs |= {Named(*pair) for row in batch for one in row.variants for pair in one.options}
    values = attributes.values(sorted(pairs))
    named = {row.brand: brands.named(row.brand) for row in batch}
    now = timezone.now()
    rows = [
        Product(
            name=row.name,
            slug=row.slug,
            description=row.description,
            brand=named[row.brand],
            category=by_slug[row.category],
            status=row.status,
            published_at=now + timedelta(days=row.published_in_days),
            created_at=now + timedelta(days=row.published_in_days),
            currency=settings.SHOP_CURRENCY,
            histogram=[0] * 5,
        )
        for row in batch
    ]
    Product.objects.bulk_create(rows)
    ProductAttribute.objects.bulk_create(
        ProductAttribute(product=product, value=values[Named(*pair)], position=at)
        for product, row in zip(rows, batch, strict=True)
        for at, pair in enumerate(row.attributes)
    )
    write_variants(batch, rows, values)
    columns.refresh([row.pk for row in rows], columns.in_stock, columns.prices, columns.texts)


def write_variants(
    batch: Sequence[Goods], products: Sequence[Product], values: dict[Named, AttributeValue]
) -> None:
    options: list[VariantOption] = []
    variants = []
    for goods, product in zip(batch, products, strict=True):
        for at, one in enumerate(goods.variants):
            variant = variant_of(one, product, at)
            options += drafts.choose(variant, [values[Named(*pair)] for pair in one.options])
            variants.append(variant)
    Variant.objects.bulk_create(variants)
    VariantOption.objects.bulk_create(options)
    StockMovement.objects.bulk_create(
        StockMovement(variant=one, kind=StockMovement.Kind.RECEIVE, delta_stock=one.stock)
        for one in variants
        if one.stock
    )


def variant_of(one: GoodsVariant, product: Product, position: int) -> Variant:
    currency = settings.SHOP_CURRENCY
    former = one.compare_at_minor and money.minor(price(one.compare_at_minor), currency)
    return Variant(
        product=product,
        sku=one.sku,
        price_minor=money.minor(price(one.price_minor), currency),
        compare_at_minor=former,
        weight_g=one.weight_grams,
        stock=one.stock,
        position=position,
    )
