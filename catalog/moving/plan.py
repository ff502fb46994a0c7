"""What a file asks of the shop as it is now: which rows are new, changed or the same.

Nothing is written here. The same checks stand behind the API's mutations.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Lower

from catalog import attributes, brands, checks, drafts, images, products, stock
from catalog.attributes import Named
from catalog.models import Product, ProductImage, Variant
from catalog.moving import shelves
from catalog.moving.folder import Folder, NewPicture
from catalog.moving.goods import Goods, GoodsVariant
from catalog.moving.shelves import Tree
from shop.errors import ShopError

COLUMNS = (*products.TEXTS, "status", "published_at")
VARIANT_COLUMNS = (
    *drafts.TEXTS,
    *drafts.COLUMNS.values(),
    "price_minor",
    "compare_at_minor",
)


@dataclass
class PlannedVariant:
    """A variant's row as it shall be; `delta` units are to be added."""

    said: GoodsVariant
    row: Variant
    changed: set[str] = field(default_factory=set)  # columns
    chooses_anew: bool = False
    delta: int = 0

    @property
    def is_new(self) -> bool:
        return self.row.pk is None


@dataclass
class Planned:
    """A product's row as it shall be, and which of its parts are to be written."""

    goods: Goods
    row: Product
    is_new: bool
    columns: set[str] = field(default_factory=set)
    brand: bool = False
    category: bool = False
    attributes: bool = False
    collections: bool = False
    variants: list[PlannedVariant] = field(default_factory=list)
    pictures: list[NewPicture] = field(default_factory=list)
    order: list[str] = field(default_factory=list)  # slugs of the option names

    @property
    def changes_row(self) -> bool:
        return bool(self.columns or self.brand or self.category)

    @property
    def changes_rows(self) -> bool:
        """Whether anything but pictures is to be written."""
        of_variants = any(one.is_new or one.changed or one.delta for one in self.variants)
        own = self.changes_row or self.attributes or self.collections
        return self.is_new or own or of_variants

    @property
    def changes_anything(self) -> bool:
        return self.changes_rows or bool(self.pictures)


def of(batch: Sequence[Goods], folder: Folder | None) -> list[Planned]:
    """The plans in the order of the goods; what is wrong is added to the goods themselves.

    The number of statements does not depend on the number of goods.
    """
    tree = Tree()
    rows = Product.objects.filter(slug__in=[goods.slug for goods in batch])
    there = {row.slug: row for row in with_parts(rows)}
    owners = owners_of_skus(batch)
    return [planned(goods, there.get(goods.slug), tree, owners, folder) for goods in batch]


def with_parts(rows: QuerySet[Product]) -> QuerySet[Product]:
    """The products with their live variants and all else that a file speaks of."""
    live = Variant.objects.live().order_by("position", "pk")
    return rows.select_related("brand", "category").prefetch_related(
        Prefetch("variants", live.prefetch_related("chosen__attribute", "chosen__value")),
        Prefetch("images", ProductImage.objects.order_by("position", "pk")),
        "described_by__value__attribute",
        "places__collection",
    )


def owners_of_skus(batch: Iterable[Goods]) -> dict[str, str]:
    """The slugs of the products that have the SKUs now, by the SKUs in small letters."""
    skus = {one.sku.lower() for goods in batch for one in goods.variants}
    named = Variant.objects.live().annotate(folded=Lower("sku")).filter(folded__in=skus)
    return dict(named.values_list("folded", "product__slug"))


def planned(
    goods: Goods, row: Product | None, tree: Tree, owners: dict[str, str], folder: Folder | None
) -> Planned:
    plan = Planned(goods, row or fresh(goods), is_new=row is None)
    plan_columns(plan)
    plan_groups(plan, tree)
    live = [] if row is None else list(row.variants.all())
    plan_variants(plan, live)
    plan_options(plan, live)
    for one in plan.variants:
        if owners.get(one.said.sku.lower(), goods.slug) != goods.slug:
            goods.complain(one.said.line, "sku", "A variant of another product has this SKU.")
    if folder is not None:
        plan.pictures = folder.new_pictures(goods, [] if row is None else list(row.images.all()))
    plan_pictures(plan, [] if row is None else list(row.images.all()))
    return plan


def fresh(goods: Goods) -> Product:
    return Product(slug=goods.slug, currency=settings.SHOP_CURRENCY, histogram=[0] * 5)


def plan_columns(plan: Planned) -> None:
    """Fill texts, status and time; what is wrong with them stands at the product's first row."""
    goods, row = plan.goods, plan.row
    before = state(row, COLUMNS)
    values = {"name": "", **goods.values} if plan.is_new else goods.values
    complain(goods, products.fill(row, values))
    changes: dict[str, object] = {}
    if goods.status is not None:
        changes["status"] = goods.status
    if goods.published_at is not None or goods.unpublished:
        changes["published_at"] = goods.published_at
    products.publish(row, changes)
    plan.columns = {name for name, _ in before ^ state(row, COLUMNS)}


def state(row: Product | Variant, names: Iterable[str]) -> set[tuple[str, object]]:
    """What stands in those columns; two states differ by the pairs that only one has."""
    return {(name, getattr(row, name)) for name in names}


def complain(goods: Goods, refusals: Iterable[ShopError]) -> None:
    for refusal in refusals:
        goods.complain(goods.line, refusal.path[0] if refusal.path else "", str(refusal))


def plan_groups(plan: Planned, tree: Tree) -> None:
    """Brand, category, collections and attributes: compared here, made when they are written."""
    goods, row = plan.goods, plan.row
    if goods.brand is not None:
        complain(goods, brands.refusals(goods.brand, "brand"))
        plan.brand = differ([goods.brand], [row.brand.name if row.brand else ""])
    if goods.category is not None:
        for message in shelves.category_refusals(goods.category):
            goods.complain(goods.line, "category", message)
        plan.category = differ(goods.category, tree.names(row.category))
    if goods.collections is not None:
        for message in shelves.length_refusals(goods.collections):
            goods.complain(goods.line, "collections", message)
        placed = [] if plan.is_new else [place.collection.name for place in row.places.all()]
        plan.collections = differ(sorted(goods.collections), sorted(placed))
    if goods.attributes is not None:
        complain(goods, attributes.refusals(goods.attributes, "attributes"))
        described = [] if plan.is_new else described_by(row)
        same = described == goods.attributes
        plan.attributes = not same and keys(described) != keys(goods.attributes)


def differ(said: Sequence[str], there: Sequence[str]) -> bool:
    """Whether they name different things; texts that are alike spare the slugs."""
    return said != there and shelves.key_of(said) != shelves.key_of(there)


def described_by(row: Product) -> list[Named]:
    return [Named(one.value.attribute.name, one.value.value) for one in row.described_by.all()]


def keys(pairs: Iterable[Named]) -> list[tuple[str, str]]:
    return list(dict.fromkeys(pair.key for pair in pairs))


def plan_variants(plan: Planned, live: Sequence[Variant]) -> None:
    """Match by SKU, whatever its case, and fill what the file says."""
    goods = plan.goods
    by_sku = {row.sku.lower(): row for row in live}
    last = max((row.position for row in live), default=-1)
    for said in goods.variants:
        row = by_sku.get(said.sku.lower())
        if row is None:
            last += 1
            plan.variants.append(new_variant(goods, said, last))
        else:
            plan.variants.append(changed_variant(goods, said, row))
    if not live and not goods.variants:
        goods.complain(goods.line, "sku", "A product has at least one variant.")


def new_variant(goods: Goods, said: GoodsVariant, position: int) -> PlannedVariant:
    row = Variant(position=position, stock=said.stock or 0)
    fill(goods, said, row, {"price": None, **said.values})
    if not 0 <= row.stock <= stock.MOST_UNITS:
        message = f"A stock is between 0 and {stock.MOST_UNITS}."
        goods.complain(said.line, "stock", message)
    return PlannedVariant(said, row, chooses_anew=True)


def changed_variant(goods: Goods, said: GoodsVariant, row: Variant) -> PlannedVariant:
    before = state(row, VARIANT_COLUMNS)
    values = dict(said.values)
    if not values.get("name"):
        values.pop("name", None)  # it keeps the name that its options gave it
    fill(goods, said, row, values)
    changed = {name for name, _ in before ^ state(row, VARIANT_COLUMNS)}
    delta = 0 if said.stock is None else said.stock - row.stock
    if delta and (refusal := stock.refusal_of(stock.StockChange(row.pk, delta), row)):
        goods.complain(said.line, "stock", str(refusal))
    return PlannedVariant(said, row, changed, delta=delta)


def fill(goods: Goods, said: GoodsVariant, row: Variant, values: dict[str, object]) -> None:
    for refusal in drafts.fill(row, values):
        where = refusal.path[0] if refusal.path else ""
        where = "variant_name" if where == "name" else where
        goods.complain(said.line, where, str(refusal))


def plan_options(plan: Planned, live: Sequence[Variant]) -> None:
    """What tells the variants apart: the file's options, and those of rows it does not name."""
    goods, named = plan.goods, {one.row.pk for one in plan.variants if not one.is_new}
    others = [drafts.key_of(chosen(row)) for row in live if row.pk not in named]
    offered = [options_of(one) for one in plan.variants]
    for refusal in drafts.option_refusals(offered, others):
        said = goods.variants[int(refusal.path[0])]
        goods.complain(said.line, "option1_value", str(refusal))
    for one, options in zip(plan.variants, offered, strict=True):
        there = options if one.is_new else chosen(one.row)
        if options != there and drafts.key_of(options) != drafts.key_of(there):
            one.changed |= {"name", "options_key"}
            one.chooses_anew = True
    first = chosen(live[0]) if live else offered[0] if offered else []
    plan.order = [option.key[0] for option in first]


def options_of(one: PlannedVariant) -> Sequence[Named]:
    if one.said.options is not None:
        return one.said.options
    return [] if one.is_new else chosen(one.row)


def chosen(row: Variant) -> list[Named]:
    return [Named(option.attribute.name, option.value.value) for option in row.chosen.all()]


def plan_pictures(plan: Planned, there: Sequence[ProductImage]) -> None:
    goods = plan.goods
    for picture in plan.pictures:
        row = ProductImage(alt=picture.said.alt)
        for refusal in checks.refusals(row, "alt"):
            goods.complain(picture.said.line, "picture_alt", str(refusal))
    if len(there) + len(plan.pictures) > images.MOST_IMAGES:
        message = f"A product has at most {images.MOST_IMAGES} pictures."
        goods.complain(goods.line, "picture", message)


def refuse_repeated_skus(goods: Iterable[Goods]) -> None:
    """Complain of each SKU that an earlier row of the file has."""
    seen: dict[str, int] = {}
    for said in goods:
        for one in said.variants:
            sku = one.sku.lower()
            if sku and sku in seen:
                said.complain(one.line, "sku", f"Line {seen[sku]} has the same one.")
            seen.setdefault(sku, one.line)


def ordered(options: Sequence[Named], order: Sequence[str]) -> Iterator[Named]:
    """The options in the order of the product's names, then the rest."""
    known = [*order, *(option.key[0] for option in options)]
    yield from sorted(options, key=lambda option: known.index(option.key[0]))
