"""What the API shows of reviews and of what they come to."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
import strawberry_django
from strawberry import auto, relay

from catalog import models
from catalog.querysets import ReviewQuerySet
from schema import batch, ids, pages
from schema.authorization.rules import OBJECT, REVIEW, guarded
from schema.catalog.columns import AUTHOR
from schema.catalog.states import ReviewStatus
from schema.context import viewer
from schema.errors import Info, check_argument
from schema.pages import Keyset, Page, PageArgs
from shop.prepared import PK, WHOLE, Columns, Prepared, Slot, columns_of
from users.models import User

if TYPE_CHECKING:
    from schema.catalog.types import Product

WITH_AUTHOR = Columns(beside=(("author", AUTHOR),))
NEWEST = Keyset("newest", "created_at", datetime, descending=True)


@strawberry.input(description="Narrows a list of reviews: all fields must hold.")
class ReviewFilter:
    status: list[ReviewStatus] | None = strawberry.field(
        default=None, description="Any of these; null and an empty list narrow nothing."
    )
    product_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of this product."
    )


@guarded(OBJECT)
@strawberry.type(description="What the published reviews of a product come to.")
class Rating:
    average: float | None = strawberry.field(
        description="Stars, to two decimals; null without reviews."
    )
    count: int = strawberry.field(description="How many reviews.")
    histogram: list[int] = strawberry.field(description="Five counts, one star first.")


class Stars:
    """Shows a product's columns as a `Rating`; each is looked at when it is asked for."""

    __slots__ = ("product",)

    def __init__(self, product: models.Product) -> None:
        self.product = product

    @property
    def average(self) -> float | None:
        count = self.product.rating_count
        return round(self.product.rating_sum / count, 2) if count else None

    @property
    def count(self) -> int:
        return self.product.rating_count

    @property
    def histogram(self) -> list[int]:
        return self.product.histogram or [0] * 5


@guarded(REVIEW)
@strawberry_django.type(models.Review, description="One author's opinion of one product.")
class Review(relay.Node):
    rating: auto = strawberry_django.field(description="1 to 5 stars.")
    title: auto = strawberry_django.field(description="May be empty.")
    body: auto = strawberry_django.field(description="Plain text; may be empty.")
    verified_purchase: bool = strawberry_django.field(
        field_name="verified", description="Whether its author bought the product here."
    )
    helpful_count: int = strawberry_django.field(
        description="How many said by `reviewVote` that it was of help."
    )
    status: ReviewStatus = strawberry_django.field(description="Who sees it.")
    created_at: auto = strawberry_django.field(description="When it was first written.")
    updated_at: auto = strawberry_django.field(description="When it last changed.")

    @strawberry_django.field(description="Null to an author whose product is no longer shown.")
    def product(
        self, root: strawberry.Parent[models.Review], info: Info
    ) -> Annotated["Product", strawberry.lazy("schema.catalog.types")] | None:
        rows = models.Product.objects.visible_to(viewer(info))
        return batch.one(root, "product", rows)  # type: ignore[no-any-return]

    @strawberry_django.field(description='First name and initial; "Customer" for the nameless.')
    def author(self, root: strawberry.Parent[models.Review]) -> str:
        return author_of(root).public_name or "Customer"


def author_of(review: models.Review) -> User:
    if models.Review.author.is_cached(review):
        return review.author
    return batch.one(review, "author", User.objects.all())  # type: ignore[no-any-return]


ReviewConnection = Page[Review]


def page_of(product: models.Product, args: PageArgs) -> Page[Review]:
    """The published reviews of a product; one statement for all products read together."""
    page = pages.slice_for(
        product, of_all, NEWEST, args, by="product_id", key="reviews", alone=of_one
    )
    # The column counts the very same rows.
    return Page(page=replace(page, count=lambda: product.rating_count))


def shown() -> ReviewQuerySet:
    return models.Review.objects.filter(status="PUBLISHED")


def of_all(products: list[models.Product]) -> list[ReviewQuerySet]:
    return [shown().filter(product__in=products).select_related("author")]


def of_one(product: models.Product) -> Prepared:
    columns = columns_of(product).of("reviews")
    return Prepared(
        "reviews of a product",
        lambda: shown().filter(product=Slot("product", PK)),
        WITH_AUTHOR if columns == WHOLE else columns,
        {"product": product.pk},
    )


def page_among(rows: ReviewQuerySet, filter: ReviewFilter | None, args: PageArgs) -> Page[Review]:
    """A page of the rows that fit the filter."""
    rows = narrowed(rows, filter)
    return Page(page=pages.slice_of(rows.select_related("author"), NEWEST, args))


def page_by(
    author: User, rows: ReviewQuerySet, filter: ReviewFilter | None, args: PageArgs
) -> Page[Review]:
    """A page of the author's among the rows; one statement for all authors read together."""
    rows = narrowed(rows, filter).select_related("author")
    key = repr(filter)
    return Page(page=pages.slice_for(author, rows, NEWEST, args, by="author_id", key=key))


def narrowed(rows: ReviewQuerySet, filter: ReviewFilter | None) -> ReviewQuerySet:
    """The rows that fit the filter."""
    wanted = filter or ReviewFilter()
    check_argument(wanted, "filter")
    if wanted.status:
        rows = rows.filter(status__in=[status.value for status in wanted.status])
    if wanted.product_id is not None:
        key = ids.key_of("Product", wanted.product_id)
        rows = rows.filter(product=int(key)) if key else rows.none()
    return rows
