"""Goods into rows: a batch of products in a number of statements that hardly depends on how many.

Locks: the collections, the variants, the products; the same order as everywhere.
"""

from collections.abc import Iterator, Sequence

from django.core.files import File
from django.db import connection, transaction
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from catalog import (
    attributes,
    brands,
    collections,
    columns,
    drafts,
    files,
    images,
    pictures,
    slugs,
    stamp,
    stock,
)
from catalog.attributes import Named
from catalog.models import (
    AttributeValue,
    Collection,
    Product,
    ProductAttribute,
    ProductImage,
    Variant,
    VariantOption,
)
from catalog.moving import plan, shelves
from catalog.moving.folder import Folder
from catalog.moving.goods import Goods, GoodsPicture
from catalog.moving.plan import Planned, PlannedVariant
from catalog.moving.shelves import Tree
from shop.errors import Refused

REASON = "Import"

Values = dict[Named, AttributeValue]


def put_in(batch: Sequence[Goods], folder: Folder | None) -> list[Planned]:
    """Write the goods, all of them or none; what was planned with them locked.

    Raises:
        Refused: INVALID, when something is wrong with one: its complaints say what.
        ShopError, IntegrityError: when somebody else was quicker, or a picture is none.
    """
    with files.written_or_gone() as written:
        return write(batch, folder, written)


@transaction.atomic
def write(batch: Sequence[Goods], folder: Folder | None, written: list[str]) -> list[Planned]:
    wait_for_other_imports()
    tree = Tree()
    places = {goods.slug: tree.ready(goods.category or ()) for goods in batch}
    placed = shelves.ready_collections(n for goods in batch for n in goods.collections or ())
    lock([goods.slug for goods in batch])
    plans = plan.of(batch, folder)
    if any(goods.wrong for goods in batch):
        raise Refused("INVALID", "Something is wrong with the goods.")

    for each in plans:
        if each.category:
            each.row.category = places[each.goods.slug]
    write_products(plans)
    write_collections(plans, placed)
    write_parts(plans)
    for each in plans:
        write_pictures(each, written)
    stamp.move()
    return plans


def wait_for_other_imports() -> None:
    """Until this transaction ends no other import writes: two would make a new category twice.

    SQLite has one writer anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('catalog.moving'))")


def lock(found: Sequence[str]) -> None:
    """The variants, then the products, of those slugs."""
    ids = list(Product.objects.filter(slug__in=found).values_list("pk", flat=True))
    stock.lock(Variant.objects.filter(product__in=ids))
    columns.lock(ids)


def write_products(plans: Sequence[Planned]) -> None:
    said = sorted({each.goods.brand or "" for each in plans if each.brand})
    named = {name: brands.named(name) for name in said}
    for each in plans:
        if each.brand:
            each.row.brand = named[each.goods.brand or ""]
    new = [each for each in plans if each.is_new]
    for each in new:
        foretell(each)
    Product.objects.bulk_create(each.row for each in new)
    changed = [each for each in plans if each.changes_row and not each.is_new]
    fields = {"brand", "category", "updated_at"}.union(*(each.columns for each in changed))
    for each in changed:
        each.row.updated_at = timezone.now()
    Product.objects.bulk_update([each.row for each in changed], fields, batch_size=100)


def foretell(each: Planned) -> None:
    """Give a new row its read columns beforehand, so that `columns.refresh` finds them right.

    Writing them once more would take as long as all the rest.
    """
    row, brand = each.row, each.row.brand.name if each.row.brand else ""
    cheapest_first = sorted((one.row for one in each.variants), key=lambda one: one.price_minor)
    row.price_min_minor = cheapest_first[0].price_minor
    row.price_max_minor = cheapest_first[-1].price_minor
    row.compare_at_minor = cheapest_first[0].compare_at_minor
    row.in_stock = any(one.in_stock for one in cheapest_first)
    row.brand_name = brand
    row.search_text = "\n".join((row.name, brand, row.description)).casefold()


def write_collections(plans: Sequence[Planned], placed: dict[str, Collection]) -> None:
    """New products go behind the others, in the order of the file."""
    new: dict[str, list[Product]] = {}
    for each in (each for each in plans if each.collections):
        keys = dict.fromkeys(slugs.of(name) for name in each.goods.collections or ())
        if not each.is_new:
            collections.place(each.row, [placed[key] for key in keys])
            continue
        for key in keys:
            new.setdefault(key, []).append(each.row)
    for key, rows in new.items():
        collections.append(placed[key], rows)


def write_parts(plans: Sequence[Planned]) -> None:
    """Attributes, variants, options and units; then what lists show of them."""
    values = attributes.values(named(plans))
    described = [each for each in plans if each.attributes]
    old = [each.row.pk for each in described if not each.is_new]
    ProductAttribute.objects.filter(product__in=old).delete()
    ProductAttribute.objects.bulk_create(
        ProductAttribute(product=each.row, value=value, position=at)
        for each in described
        for at, value in enumerate(
            dict.fromkeys(values[pair] for pair in each.goods.attributes or ())
        )
    )
    write_variants(plans, values)
    touched = [each.row.pk for each in plans if each.changes_rows]
    columns.refresh(touched, columns.in_stock, columns.prices, columns.texts)


def named(plans: Sequence[Planned]) -> Iterator[Named]:
    for each in plans:
        if each.attributes:
            yield from each.goods.attributes or ()
        for one in each.variants:
            if one.chooses_anew:
                yield from plan.options_of(one)


def write_variants(plans: Sequence[Planned], values: Values) -> None:
    of_all = [(each, one) for each in plans for one in each.variants]
    choose_anew([one.row for _, one in of_all if one.chooses_anew and not one.is_new])
    options: list[VariantOption] = []
    for each, one in of_all:
        if one.chooses_anew:
            options += drafts.choose(one.row, options_in_order(each, one, values))
        if one.is_new:
            one.row.product = each.row
    new = [one.row for _, one in of_all if one.is_new]
    Variant.objects.bulk_create(sorted(new, key=lambda row: row.sku.lower()))
    changed = [one for _, one in of_all if one.changed and not one.is_new]
    if changed:
        fields = set[str]().union(*(one.changed for one in changed))
        Variant.objects.bulk_update([one.row for one in changed], fields, batch_size=100)
    VariantOption.objects.bulk_create(options)
    stock.receive(new, actor=None)
    moves = [stock.StockChange(one.row.pk, one.delta) for _, one in of_all if one.delta]
    if moves:
        stock.adjust(moves, actor=None, reason=REASON)


def options_in_order(each: Planned, one: PlannedVariant, values: Values) -> list[AttributeValue]:
    return [values[pair] for pair in plan.ordered(plan.options_of(one), each.order)]


def choose_anew(rows: Sequence[Variant]) -> None:
    """Take the options off the rows, and free what they offered for their neighbours.

    A name that came from the options goes with them.
    """
    for row in rows:
        if row.name == drafts.label([option.value for option in row.chosen.all()]):
            row.name = ""
    ids = [row.pk for row in rows]
    VariantOption.objects.filter(variant__in=ids).delete()
    Variant.objects.filter(pk__in=ids).update(
        options_key=Concat(Value("~"), Cast(F("pk"), CharField()))
    )


def write_pictures(each: Planned, written: list[str]) -> None:
    """Make and store the new pictures, behind those that the product has."""
    rows: list[ProductImage] = []
    for picture in each.pictures:
        with picture.path.open("rb") as handle:
            made = pictures.read(File(handle), "files", len(rows))
        row = images.stored(each.row, made, written, alt=picture.said.alt)
        row.variant = shown_by(each, picture.said)
        rows.append(row)
    if rows:
        images.add(each.row, rows)


def shown_by(each: Planned, picture: GoodsPicture) -> Variant | None:
    """The first variant that the file gives that picture."""
    return next((one.row for one in each.variants if one.said.is_shown_by(picture)), None)
