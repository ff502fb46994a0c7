"""What the catalogue's mutations take."""

from datetime import datetime
from decimal import Decimal

import strawberry
from strawberry.file_uploads import Upload

from schema.catalog.choices import SelectedOptionInput
from schema.catalog.states import ProductStatus, ReviewStatus

UNSET = strawberry.UNSET

NAME = "At most 200 signs."
SLUG = "For links; made of the name when left out, with a suffix when it is taken."
NEW_SLUG = "For links; with a suffix when it is taken. Links with the old one end."
DESCRIPTION = "Plain text of at most 20,000 signs."
BRAND = "Its name, at most 100 signs; a new one is made."
CATEGORY = "Where it stands in the tree."
PUBLISHED_AT = "When shoppers see it, if ACTIVE then; left out: at once, when it becomes ACTIVE."
ATTRIBUTES = "What it is like, in this order; new names and values are made."
COLLECTIONS = "The collections that it is in, and no others."
TAX_CLASS = "At most 50 signs, for instance REDUCED; empty for the usual one."
SEO_TITLE = "For search engines; at most 200 signs."
SEO_DESCRIPTION = "For search engines; at most 500 signs."
SKU = "The article number, at most 64 signs; no other variant on sale may have it in any case."
VARIANT_NAME = 'At most 200 signs; without one it is made of the options: "Red / M".'
PRICE = "Of one unit, in the shop's currency."
COMPARE_AT = "The former price, in the shop's currency; above the price."
OPTIONS = "What tells it from the others: one value for each of the product's options."
WEIGHT = "Of one unit with its packing."
BARCODE = "EAN, UPC or ISBN; at most 64 signs."
REQUIRES_SHIPPING = "False for what is not sent, such as a service."
TRACK_STOCK = "False when nobody counts the units: then it is always in stock."
UNDER = "The category above; without one it stands at the top."
IMAGE = "Its picture, by a multipart request: JPEG, PNG or WebP of at most 10 MB."
IMAGE_ALT = "What the picture shows, for those who cannot see it; at most 300 signs."
SHORT_DESCRIPTION = "Plain text of at most 5,000 signs."


@strawberry.input(description="A value of a property: Material, Oak.")
class AttributeInput:
    name: str = strawberry.field(description="Of the property; at most 100 signs.")
    value: str = strawberry.field(description="What it is; at most 100 signs.")


@strawberry.input(description="A variant to be made.")
class VariantInput:
    sku: str = strawberry.field(description=SKU)
    price: Decimal = strawberry.field(description=PRICE)
    name: str | None = strawberry.field(default=None, description=VARIANT_NAME)
    compare_at_price: Decimal | None = strawberry.field(default=None, description=COMPARE_AT)
    stock: int | None = strawberry.field(
        default=None, description="Units on the shelf at first; none when left out."
    )
    options: list[SelectedOptionInput] | None = strawberry.field(
        default=None, description=OPTIONS + " A product's only variant may have none."
    )
    weight_grams: int | None = strawberry.field(default=None, description=WEIGHT)
    barcode: str | None = strawberry.field(default=None, description=BARCODE)
    requires_shipping: bool | None = strawberry.field(default=True, description=REQUIRES_SHIPPING)
    track_stock: bool | None = strawberry.field(default=True, description=TRACK_STOCK)


@strawberry.input(description="A product to be made, with all that belongs to it.")
class ProductCreateInput:
    name: str = strawberry.field(description=NAME)
    variants: list[VariantInput] = strawberry.field(
        description="One or more, in their order. The first one's options give the options' order."
    )
    slug: str | None = strawberry.field(default=None, description=SLUG)
    description: str | None = strawberry.field(default=None, description=DESCRIPTION)
    brand: str | None = strawberry.field(default=None, description=BRAND)
    category_id: strawberry.ID | None = strawberry.field(default=None, description=CATEGORY)
    status: ProductStatus | None = strawberry.field(
        default=None, description="DRAFT when left out."
    )
    published_at: datetime | None = strawberry.field(default=None, description=PUBLISHED_AT)
    attributes: list[AttributeInput] | None = strawberry.field(default=None, description=ATTRIBUTES)
    collection_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="The collections to put it into, last in each."
    )
    tax_class: str | None = strawberry.field(default=None, description=TAX_CLASS)
    seo_title: str | None = strawberry.field(default=None, description=SEO_TITLE)
    seo_description: str | None = strawberry.field(default=None, description=SEO_DESCRIPTION)


@strawberry.input(description="What to change; a field left out stays, null empties it.")
class ProductUpdateInput:
    id: strawberry.ID = strawberry.field(description="Of the product.")
    name: str | None = strawberry.field(default=UNSET, description=NAME)
    slug: str | None = strawberry.field(default=UNSET, description=NEW_SLUG)
    description: str | None = strawberry.field(default=UNSET, description=DESCRIPTION)
    brand: str | None = strawberry.field(default=UNSET, description=BRAND)
    category_id: strawberry.ID | None = strawberry.field(default=UNSET, description=CATEGORY)
    status: ProductStatus | None = strawberry.field(
        default=UNSET, description="Shoppers only meet ACTIVE ones."
    )
    published_at: datetime | None = strawberry.field(default=UNSET, description=PUBLISHED_AT)
    attributes: list[AttributeInput] | None = strawberry.field(
        default=UNSET, description=ATTRIBUTES + " Instead of all it had."
    )
    collection_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description=COLLECTIONS
    )
    tax_class: str | None = strawberry.field(default=UNSET, description=TAX_CLASS)
    seo_title: str | None = strawberry.field(default=UNSET, description=SEO_TITLE)
    seo_description: str | None = strawberry.field(default=UNSET, description=SEO_DESCRIPTION)


@strawberry.input(description="What to delete.")
class ProductDeleteInput:
    id: strawberry.ID = strawberry.field(
        description="Of the product; if it was ever in an order it is archived."
    )


@strawberry.input(description="A further variant.")
class VariantCreateInput:
    product_id: strawberry.ID = strawberry.field(description="Of which product.")
    variant: VariantInput = strawberry.field(description="Last in the product's order.")


@strawberry.input(description="What to change; a field left out stays, null empties it.")
class VariantUpdateInput:
    id: strawberry.ID = strawberry.field(description="Of the variant.")
    sku: str | None = strawberry.field(default=UNSET, description=SKU)
    name: str | None = strawberry.field(default=UNSET, description=VARIANT_NAME)
    price: Decimal | None = strawberry.field(default=UNSET, description=PRICE)
    compare_at_price: Decimal | None = strawberry.field(default=UNSET, description=COMPARE_AT)
    options: list[SelectedOptionInput] | None = strawberry.field(
        default=UNSET, description=OPTIONS + " Instead of those it had."
    )
    position: int | None = strawberry.field(
        default=UNSET, description="Its place among the product's variants, from 0."
    )
    weight_grams: int | None = strawberry.field(default=UNSET, description=WEIGHT)
    barcode: str | None = strawberry.field(default=UNSET, description=BARCODE)
    requires_shipping: bool | None = strawberry.field(default=UNSET, description=REQUIRES_SHIPPING)
    track_stock: bool | None = strawberry.field(default=UNSET, description=TRACK_STOCK)


@strawberry.input(description="What to delete.")
class VariantDeleteInput:
    id: strawberry.ID = strawberry.field(
        description="Of the variant; if it was ever in an order it is archived."
    )


@strawberry.input(description="One variant's change.")
class StockChangeInput:
    variant_id: strawberry.ID = strawberry.field(description="Of a variant whose units count.")
    delta: int = strawberry.field(description="Units to add; negative: to take away.")
    expected: int | None = strawberry.field(
        default=None, description="The stock that was read; another one now is a CONFLICT."
    )


@strawberry.input(description="Changes of what is on the shelf: all take place, or none.")
class StockAdjustInput:
    changes: list[StockChangeInput] = strawberry.field(description="Each variant once.")
    reason: str | None = strawberry.field(
        default=None, description="For the books; at most 200 signs."
    )


@strawberry.input(description="A category to be made.")
class CategoryCreateInput:
    name: str = strawberry.field(description="At most 100 signs.")
    slug: str | None = strawberry.field(default=None, description=SLUG)
    description: str | None = strawberry.field(default=None, description=SHORT_DESCRIPTION)
    parent_id: strawberry.ID | None = strawberry.field(default=None, description=UNDER)
    image: Upload | None = strawberry.field(default=None, description=IMAGE)
    image_alt: str | None = strawberry.field(default=None, description=IMAGE_ALT)


@strawberry.input(description="What to change; a field left out stays, null empties it.")
class CategoryUpdateInput:
    id: strawberry.ID = strawberry.field(description="Of the category.")
    name: str | None = strawberry.field(default=UNSET, description="At most 100 signs.")
    slug: str | None = strawberry.field(default=UNSET, description=NEW_SLUG)
    description: str | None = strawberry.field(default=UNSET, description=SHORT_DESCRIPTION)
    parent_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The category to stand under; null: at the top."
    )
    image: Upload | None = strawberry.field(default=UNSET, description=IMAGE)
    image_alt: str | None = strawberry.field(default=UNSET, description=IMAGE_ALT)


@strawberry.input(description="What to delete.")
class CategoryDeleteInput:
    id: strawberry.ID = strawberry.field(
        description="Of a category without categories and products in it."
    )


@strawberry.input(description="A collection to be made.")
class CollectionCreateInput:
    name: str = strawberry.field(description="At most 100 signs.")
    slug: str | None = strawberry.field(default=None, description=SLUG)
    description: str | None = strawberry.field(default=None, description=SHORT_DESCRIPTION)
    product_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="What is in it, in this order."
    )
    image: Upload | None = strawberry.field(default=None, description=IMAGE)
    image_alt: str | None = strawberry.field(default=None, description=IMAGE_ALT)


@strawberry.input(description="What to change; a field left out stays, null empties it.")
class CollectionUpdateInput:
    id: strawberry.ID = strawberry.field(description="Of the collection.")
    name: str | None = strawberry.field(default=UNSET, description="At most 100 signs.")
    slug: str | None = strawberry.field(default=UNSET, description=NEW_SLUG)
    description: str | None = strawberry.field(default=UNSET, description=SHORT_DESCRIPTION)
    product_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="What is in it, in this order, and nothing else."
    )
    add_product_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="To put behind the others; those in it stay where they are."
    )
    remove_product_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="To take out, at last."
    )
    image: Upload | None = strawberry.field(default=UNSET, description=IMAGE)
    image_alt: str | None = strawberry.field(default=UNSET, description=IMAGE_ALT)


@strawberry.input(description="What to delete.")
class CollectionDeleteInput:
    id: strawberry.ID = strawberry.field(description="Of the collection; its products stay.")


@strawberry.input(description="Your opinion; it replaces the one you gave before.")
class ReviewUpsertInput:
    product_id: strawberry.ID = strawberry.field(description="Of a product on sale.")
    rating: int = strawberry.field(description="1 to 5 stars.")
    title: str | None = strawberry.field(default=UNSET, description="At most 200 signs.")
    body: str | None = strawberry.field(
        default=UNSET, description="Plain text of at most 5,000 signs."
    )


@strawberry.input(description="Which of your opinions to take back.")
class ReviewDeleteInput:
    product_id: strawberry.ID = strawberry.field(description="Of the product you reviewed.")


@strawberry.input(description="What becomes of a review.")
class ReviewModerateInput:
    id: strawberry.ID = strawberry.field(description="Of the review.")
    status: ReviewStatus = strawberry.field(description="Only PUBLISHED ones are shown and count.")
