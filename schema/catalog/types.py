"""What the API shows of the catalogue."""

from typing import Annotated

import strawberry
import strawberry_django
from strawberry import auto, relay

from catalog import models
from schema import batch, ids
from schema.authorization.rules import FOR_STAFF, ON_SALE, guard, guarded
from schema.catalog import choices, nearby, trees
from schema.catalog.choices import Attribute, ProductOption, SelectedOption, SelectedOptionInput
from schema.catalog.groups import Category, Collection
from schema.catalog.images import Image, main_image
from schema.catalog.lists import ProductConnection, ProductFilter, ProductSort
from schema.catalog.reviews import Rating, Review, ReviewConnection, Stars, page_of
from schema.catalog.states import ProductStatus
from schema.context import viewer
from schema.errors import Info, check_argument
from schema.money import Money, PriceRange
from schema.pages import After, Before, First, Last, PageArgs

__all__ = [
    "Attribute",
    "Category",
    "Collection",
    "Image",
    "PriceRange",
    "Product",
    "ProductConnection",
    "ProductFilter",
    "ProductOption",
    "ProductSort",
    "Rating",
    "Review",
    "ReviewConnection",
    "SelectedOption",
    "SelectedOptionInput",
    "Variant",
]


@guarded(ON_SALE)
@strawberry_django.type(models.Variant, description="What is bought: one choice of a product.")
class Variant(relay.Node):
    sku: auto = strawberry_django.field(
        description="The merchant's article number; no other variant on sale has it."
    )
    name: auto = strawberry_django.field(description="Tells it from the others; may be empty.")
    price: Money = strawberry_django.field(description="Of one unit.")
    compare_at_price: Money | None = strawberry_django.field(
        description="The former price, above the present; null without one."
    )
    in_stock: bool = strawberry_django.field(description="Whether it can be bought now.")
    available: int | None = strawberry_django.field(
        description="Units that can be bought now; null when nobody counts them."
    )
    weight_grams: int | None = strawberry_django.field(
        field_name="weight_g", description="Of one unit with its packing; null when unknown."
    )
    barcode: auto = strawberry_django.field(description="EAN, UPC or ISBN; may be empty.")
    requires_shipping: auto = strawberry_django.field(
        description="False for what is not sent, such as a service."
    )

    @strawberry_django.field(description="What it is a choice of.")
    def product(
        self, root: strawberry.Parent[models.Variant], info: Info
    ) -> Annotated["Product", strawberry.lazy("schema.catalog.types")]:
        return choices.product_of(root, info)  # type: ignore[return-value]

    @strawberry_django.field(description="What it is for each option of the product, in order.")
    def options(self, root: strawberry.Parent[models.Variant]) -> list[SelectedOption]:
        return [
            SelectedOption(name=one.attribute.name, value=one.value.value)
            for one in choices.chosen_of(root)
        ]

    @strawberry_django.field(description="A picture of this very choice; null without one.")
    def image(self, root: strawberry.Parent[models.Variant]) -> Image | None:
        return choices.image_of(root)  # type: ignore[return-value]

    @strawberry_django.field(
        description="Whether its units are counted; null but for staff.", metadata=guard(FOR_STAFF)
    )
    def track_stock(self, root: strawberry.Parent[models.Variant], info: Info) -> bool | None:
        return root.track_stock if is_staff(info) else None

    @strawberry_django.field(
        description="Units owned, promised ones included; null but for staff.",
        metadata=guard(FOR_STAFF),
    )
    def stock(self, root: strawberry.Parent[models.Variant], info: Info) -> int | None:
        return root.stock if is_staff(info) else None

    @strawberry_django.field(
        description="Units promised to open orders; null but for staff.", metadata=guard(FOR_STAFF)
    )
    def reserved(self, root: strawberry.Parent[models.Variant], info: Info) -> int | None:
        return root.reserved if is_staff(info) else None


def is_staff(info: Info) -> bool:
    who = viewer(info)
    return who is not None and who.is_staff


@guarded(ON_SALE)
@strawberry_django.type(models.Product, description="One thing for sale, in one variant or more.")
class Product(relay.Node):
    name: auto = strawberry_django.field(description="As shown to shoppers.")
    slug: auto = strawberry_django.field(description="For links; no other product has it.")
    description: auto = strawberry_django.field(description="Plain text; may be empty.")
    status: ProductStatus = strawberry_django.field(description="Shoppers only meet ACTIVE ones.")
    published_at: auto = strawberry_django.field(
        description="When shoppers see it, or will; null when that is not decided."
    )
    created_at: auto = strawberry_django.field(description="When it was first written.")
    updated_at: auto = strawberry_django.field(description="When it last changed.")
    price: Money = strawberry_django.field(description="Of the cheapest variant.")
    compare_at_price: Money | None = strawberry_django.field(
        description="The former price of the cheapest variant; null without one."
    )
    in_stock: bool = strawberry_django.field(
        description="Whether any of its variants can be bought now."
    )
    seo_title: auto = strawberry_django.field(description="For search engines; may be empty.")
    seo_description: auto = strawberry_django.field(description="For search engines; may be empty.")

    @strawberry_django.field(description="Who makes it; null when that is not told.")
    def brand(self, root: strawberry.Parent[models.Product]) -> str | None:
        return root.brand_name or None

    @strawberry_django.field(description="Its place in the tree; null without one.")
    def category(self, root: strawberry.Parent[models.Product]) -> Category | None:
        return trees.category_of(root)  # type: ignore[return-value]

    @strawberry_django.field(description="The collections that it was put into, by name.")
    def collections(self, root: strawberry.Parent[models.Product]) -> list[Collection]:
        rows = models.Collection.objects.order_by("name", "pk")
        return batch.many(root, "collections", rows)

    @strawberry_django.field(description="What its variants cost.")
    def price_range(self, root: strawberry.Parent[models.Product]) -> PriceRange:
        return PriceRange(min=root.price, max=root.price_max)  # type: ignore[arg-type]

    @strawberry_django.field(description="What its variants differ in; empty for a simple product.")
    def options(self, root: strawberry.Parent[models.Product], info: Info) -> list[ProductOption]:
        return choices.options_of(choices.variants_of(root, info))

    @strawberry_django.field(
        description="What to show at first: the first variant in stock, else the first."
    )
    def default_variant(
        self, root: strawberry.Parent[models.Product], info: Info
    ) -> Variant | None:
        return choices.default_of(choices.variants_of(root, info))  # type: ignore[return-value]

    @strawberry_django.field(description="All that are sold, in the merchant's order.")
    def variants(self, root: strawberry.Parent[models.Product], info: Info) -> list[Variant]:
        return choices.variants_of(root, info)  # type: ignore[return-value]

    @strawberry_django.field(description="The one with exactly these options; null without one.")
    def variant(
        self,
        root: strawberry.Parent[models.Product],
        info: Info,
        options: Annotated[
            list[SelectedOptionInput],
            strawberry.argument(description="One for each of the product's options."),
        ],
    ) -> Variant | None:
        check_argument(options, "options")
        return choices.offering(choices.variants_of(root, info), options)  # type: ignore[return-value]

    @strawberry_django.field(description="What it is like, in the merchant's order.")
    def attributes(self, root: strawberry.Parent[models.Product]) -> list[Attribute]:
        rows = models.ProductAttribute.objects.select_related("value__attribute")
        found = batch.many(root, "described_by", rows.order_by("position", "pk"))
        return [Attribute(name=one.value.attribute.name, value=one.value.value) for one in found]

    @strawberry_django.field(description="The main picture; null without any.")
    def image(self, root: strawberry.Parent[models.Product]) -> Image | None:
        return main_image(root)  # type: ignore[return-value]

    @strawberry_django.field(description="All pictures, the main one first.")
    def images(self, root: strawberry.Parent[models.Product]) -> list[Image]:
        return choices.images_of(root)  # type: ignore[return-value]

    @strawberry_django.field(description="What its published reviews come to.")
    def rating(self, root: strawberry.Parent[models.Product]) -> Rating:
        return Stars(root)  # type: ignore[return-value]

    @strawberry_django.field(description="What buyers say and everybody sees, the latest first.")
    def reviews(
        self,
        root: strawberry.Parent[models.Product],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ReviewConnection:
        return page_of(root, PageArgs.of(first, after, last, before))

    @strawberry_django.field(
        description="Others like it: of its category, then of its brand; the best rated first."
    )
    def related(
        self,
        root: strawberry.Parent[models.Product],
        info: Info,
        first: First = None,
    ) -> list[Annotated["Product", strawberry.lazy("schema.catalog.types")]]:
        return nearby.related_to(root, viewer(info), PageArgs.of(first, None, None, None).limit)  # type: ignore[return-value]

    @strawberry_django.field(
        description="What its buyers bought besides and everybody may see, the most bought first;"
        " counted at night, of two buyers or more in common. At most 24 of them are kept."
    )
    def bought_together(
        self, root: strawberry.Parent[models.Product], first: First = None
    ) -> list[Annotated["Product", strawberry.lazy("schema.catalog.types")]]:
        return nearby.bought_together(root, PageArgs.of(first, None, None, None).limit)  # type: ignore[return-value]


ids.NODES |= {
    "Product": models.Product.objects.visible_to,
    "Variant": models.Variant.objects.visible_to,
    "Review": models.Review.objects.visible_to,
    "Image": lambda who: models.ProductImage.objects.filter(
        product__in=models.Product.objects.visible_to(who)
    ),
    "Category": lambda who: models.Category.objects.all(),
    "Collection": lambda who: models.Collection.objects.all(),
}
