"""A catalogue drawn by a seed: large enough that every filter meets every other."""

from datetime import timedelta
from random import Random
from typing import NamedTuple

from django.utils import timezone

from catalog import columns
from catalog.models import (
    Attribute,
    AttributeValue,
    Brand,
    Category,
    Collection,
    CollectionProduct,
    Product,
    ProductAttribute,
    ProductImage,
    Review,
    Variant,
    VariantOption,
)
from tests.factories import make_category, make_product, make_user

BRANDS = ("Essence", "Nordlys", "Kjær & Søn")
MATERIALS = ("oak", "steel", "wool")
CHOICES = {"colour": ("red", "blue", "green"), "size": ("s", "m", "l")}
TREE: dict[str, dict[str, tuple[str, ...]]] = {
    "home": {"lamps": ("desk-lamps", "floor-lamps"), "rugs": ()},
    "garden": {"tools": ()},
}
HIDDEN: tuple[dict[str, object], ...] = (
    {"status": "DRAFT"},
    {"status": "ARCHIVED"},
    {"published_at": timezone.now() + timedelta(days=365)},
    {"published_at": None},
)


class Assortment(NamedTuple):
    products: list[Product]  # the public ones
    hidden: list[Product]
    categories: dict[str, Category]
    collections: list[Collection]


def make_assortment(count: int, seed: int = 1) -> Assortment:
    """So many public products, and one for each way of being hidden."""
    draw = Random(seed)
    categories = make_tree()
    brands = [Brand.objects.create(name=name, slug=slug_of(name)) for name in BRANDS]
    values = {name: make_values(name, found) for name, found in CHOICES.items()}
    values["material"] = make_values("material", MATERIALS)
    collections = [Collection.objects.create(name=f"C{n}", slug=f"c{n}") for n in range(3)]
    plain: list[dict[str, object]] = [{} for _ in range(count)]
    made = [
        make_drawn(draw, fields, categories, brands, values, collections)
        for fields in (*plain, *HIDDEN)
    ]
    columns.refresh([one.pk for one in made], *columns.EVERYTHING)
    for product in made:
        stars, sold = draw.choice([0, 2, 3.5, 4, 5]), draw.randrange(3)
        Product.objects.filter(pk=product.pk).update(
            rating_average=stars, rating_count=2 * bool(stars), rating_sum=2 * stars,
            sales_count=sold,
        )  # fmt: skip
        product.refresh_from_db()
    return Assortment(made[:count], made[count:], categories, collections)


def slug_of(name: str) -> str:
    return name.lower().replace(" & ", "-")


def make_tree() -> dict[str, Category]:
    found: dict[str, Category] = {}

    def add(slug: str, parent: Category | None) -> Category:
        found[slug] = make_category(slug.title(), parent)
        Category.objects.filter(pk=found[slug].pk).update(slug=slug)
        found[slug].slug = slug
        return found[slug]

    for top, middles in TREE.items():
        above = add(top, None)
        for middle, leaves in middles.items():
            between = add(middle, above)
            for leaf in leaves:
                add(leaf, between)
    return found


def make_values(name: str, slugs: tuple[str, ...]) -> list[AttributeValue]:
    attribute = Attribute.objects.create(name=name.title(), slug=name)
    return [
        AttributeValue.objects.create(attribute=attribute, value=slug.upper(), slug=slug)
        for slug in slugs
    ]


def make_drawn(
    draw: Random,
    fields: dict[str, object],
    categories: dict[str, Category],
    brands: list[Brand],
    values: dict[str, list[AttributeValue]],
    collections: list[Collection],
) -> Product:
    product = make_product(
        name=f"Thing {draw.randrange(4)}",
        category=draw.choice([*categories.values(), None]),
        brand=draw.choice([*brands, None]),
        created_at=timezone.now() - timedelta(days=draw.randrange(3)),
        **fields,
    )
    for value in draw.sample(values["material"], draw.randrange(3)):
        ProductAttribute.objects.create(product=product, value=value)
    for collection in draw.sample(collections, draw.randrange(3)):
        place = draw.randrange(4)
        CollectionProduct.objects.create(collection=collection, product=product, position=place)
    chosen = {(draw.choice(values["colour"]), draw.choice(values["size"])) for _ in range(3)}
    for number, pair in enumerate(sorted(chosen, key=lambda pair: (pair[0].pk, pair[1].pk))):
        make_drawn_variant(draw, product, number, pair)
    return product


def make_drawn_variant(
    draw: Random, product: Product, number: int, pair: tuple[AttributeValue, AttributeValue]
) -> None:
    variant = Variant.objects.create(
        product=product,
        sku=f"SKU-{product.pk}-{number}",
        price_minor=draw.choice([500, 1000, 1500, 9900]),
        stock=draw.choice([0, 0, 0, 5]),
        position=number,
        options_key=f"{pair[0].pk}-{pair[1].pk}",
        archived_at=timezone.now() if number and not draw.randrange(3) else None,
    )
    for place, value in enumerate(pair):
        VariantOption.objects.create(
            variant=variant, attribute=value.attribute, value=value, position=place
        )


def add_review_and_picture(product: Product) -> None:
    """A review and a picture."""
    Review.objects.create(product=product, author=make_user(first_name="Ada"), rating=4)
    ProductImage.objects.create(
        product=product, file=f"{product.pk}.webp", width=800, height=600, bytes=1,
        mime="image/webp", checksum="x", variant=product.variants.first(),
    )  # fmt: skip
    columns.refresh([product.pk], *columns.EVERYTHING)
