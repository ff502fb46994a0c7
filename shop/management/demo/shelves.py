"""The demo's catalogue: made by the functions that staff use."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from os import cpu_count

from django.conf import settings
from django.utils import timezone

from catalog import categories, collections, images, products
from catalog.attributes import Named
from catalog.drafts import VariantDraft
from catalog.models import Category, Collection, Product
from catalog.pictures import Picture, ran
from shop.management.demo import assortment, pictures
from shop.money import Money, exponent, rounded
from users.models import User

SIZE = 960  # pixels a side: drawn quickly, and sharp on a product page
COVER_SIZE = 640  # a tile among others; small, so that the first start stays short
Drawing = tuple[str, str, int, str | None]  # what `pictures.draw` takes


def price(cents: int) -> Decimal:
    """Euro cents of the assortment as a price in the shop's currency, number for number."""
    currency = settings.SHOP_CURRENCY
    return Money(rounded(Decimal(cents).scaleb(exponent(currency) - 2), currency), currency).amount


def load(owner: User, *, with_pictures: bool) -> None:
    """Make what is not there yet, by slug."""
    goods = assortment.load()
    load_categories(goods.categories)
    load_products(goods.products, owner)
    if with_pictures:
        load_pictures(goods, owner)
    for row in goods.collections:
        if not Collection.objects.filter(slug=row.slug).exists():
            by_slug = {found.slug: found for found in Product.objects.filter(slug__in=row.products)}
            collections.create(
                name=row.name,
                slug=row.slug,
                description=row.description,
                products=[by_slug[slug] for slug in row.products],
            )


def load_categories(rows: Iterable[assortment.Category]) -> None:
    for row in rows:
        if not Category.objects.filter(slug=row.slug).exists():
            parent = Category.objects.get(slug=row.parent) if row.parent else None
            categories.create(
                name=row.name, slug=row.slug, description=row.description, parent=parent
            )


def load_products(rows: Iterable[assortment.Product], owner: User) -> None:
    present = set(Product.objects.values_list("slug", flat=True))
    by_slug = {row.slug: row for row in Category.objects.all()}
    now = timezone.now()
    for row in rows:
        if row.slug not in present:
            made = products.create(draft_of(row, by_slug[row.category], now), owner=owner)
            published = now + timedelta(days=row.published_in_days)
            Product.objects.filter(pk=made.pk).update(created_at=min(published, now))


def draft_of(row: assortment.Product, category: Category, now: datetime) -> products.ProductDraft:
    return products.ProductDraft(
        name=row.name,
        slug=row.slug,
        description=row.description,
        brand=row.brand,
        category=category,
        status=Product.Status(row.status),
        published_at=now + timedelta(days=row.published_in_days),
        attributes=[Named(*pair) for pair in row.attributes],
        variants=[
            VariantDraft(
                sku=variant.sku,
                price=price(variant.price_minor),
                compare_at_price=former(variant),
                stock=variant.stock,
                options=[Named(*option) for option in variant.options],
                weight_grams=variant.weight_grams,
            )
            for variant in row.variants
        ],
    )


def former(variant: assortment.Variant) -> Decimal | None:
    return price(variant.compare_at_minor) if variant.compare_at_minor else None


def load_pictures(goods: assortment.Assortment, owner: User) -> None:
    """Draw the pictures of what has none, on all cores, and store them as uploads are."""
    rows = goods.products
    bare = Product.objects.filter(images=None, slug__in=[row.slug for row in rows])
    by_slug = {product.slug: product for product in bare}
    drawings = [one for row in rows if row.slug in by_slug for one in drawings_of(row)]
    shelves = list(covers_of(goods))
    # A thread waits for a process of its own, in which the picture is decoded.
    with ProcessPoolExecutor(cpu_count()) as pool, ThreadPoolExecutor(cpu_count()) as makers:
        drawn = zip(drawings, pool.map(draw, drawings, chunksize=4), strict=True)
        covers = pool.map(draw_cover, [drawing for _, drawing in shelves])
        for slug, group in groupby(drawn, key=lambda pair: pair[0][0]):
            attach(by_slug[slug], list(group), owner, makers)
        for (category, _), made in zip(shelves, makers.map(as_uploaded, covers), strict=True):
            categories.update(category, {"image": made, "image_alt": category.name})


def covers_of(goods: assortment.Assortment) -> Iterator[tuple[Category, Drawing]]:
    """The categories without a picture, each with something that is sold in it."""
    bare = {row.slug: row for row in Category.objects.filter(image=None)}
    for row in goods.products:
        for shelf in goods.path(row.category):
            if category := bare.pop(shelf.slug, None):
                # By the shelf's name: in another light than on the product's own pictures.
                yield category, (f"{shelf.slug}/{row.slug}", row.motif, 0, row.colour)


def attach(
    product: Product, drawn: list[tuple[Drawing, bytes]], owner: User, makers: Executor
) -> None:
    """Store a product's pictures; one of a colour goes to the variant of that colour."""
    made = list(makers.map(as_uploaded, [data for _, data in drawn]))
    rows = images.attach(product, made, user=owner, alt=product.name)
    variants = {one.name: one for one in product.variants.all()}
    for row, ((_, _, _, colour), _) in zip(rows, drawn, strict=True):
        of_colour = [one for name, one in variants.items() if colour and name.startswith(colour)]
        if of_colour:
            shown = {"variant": of_colour[0], "alt": f"{product.name}, {colour}"}
            images.update(row, shown, user=owner)


def drawings_of(row: assortment.Product) -> Iterator[Drawing]:
    """The product as a whole, and each of its further colours once."""
    for index in range(row.pictures):
        yield row.slug, row.motif, index, row.colour
    colours = dict.fromkeys(one.colour for one in row.variants if one.colour)
    for index, colour in enumerate(colours):
        if colour != row.colour:
            yield row.slug, row.motif, row.pictures + index, colour


def draw(drawing: Drawing, size: int = SIZE) -> bytes:
    slug, motif, index, colour = drawing
    return pictures.draw(slug, motif, index, size=size, colour=colour)


def draw_cover(drawing: Drawing) -> bytes:
    return draw(drawing, COVER_SIZE)


def as_uploaded(data: bytes) -> Picture:
    """Made anew as an upload is, but without waiting for a turn: these are known to be small."""
    return ran(data)
