"""What the API shows of the ways to group products: the category tree and collections."""

from typing import Annotated

import strawberry
import strawberry_django
from strawberry import auto, relay

from catalog import models
from schema import batch
from schema.authorization.rules import PUBLIC, guarded
from schema.catalog import shelves, trees
from schema.catalog.images import CoverImage, cover_of
from schema.catalog.lists import ProductConnection, ProductFilter, ProductSort
from schema.context import viewer
from schema.errors import Info
from schema.pages import After, Before, First, Last, PageArgs
from shop.prepared import columns_of

Filter = Annotated[
    ProductFilter | None, strawberry.argument(description="Narrows the list; all of it holds.")
]
Sort = Annotated[
    ProductSort | None,
    strawberry.argument(
        description="Without one: RELEVANCE when searching, the merchant's order within a"
        " collection, else NEWEST."
    ),
]


@guarded(PUBLIC)
@strawberry_django.type(models.Category, description="A place in the tree of categories.")
class Category(relay.Node):
    name: auto = strawberry_django.field(description="As shown to shoppers.")
    slug: auto = strawberry_django.field(description="For links and filters; no other has it.")
    description: auto = strawberry_django.field(description="Plain text; may be empty.")

    @strawberry_django.field(description="Its picture; null without one.")
    def image(self, root: strawberry.Parent[models.Category]) -> CoverImage | None:
        return cover_of(root, models.CategoryImage, "category")  # type: ignore[no-any-return]

    @strawberry_django.field(description="The category above; null at the top.")
    def parent(
        self, root: strawberry.Parent[models.Category]
    ) -> Annotated["Category", strawberry.lazy("schema.catalog.groups")] | None:
        return batch.one(root, "parent", models.Category.objects.all())  # type: ignore[no-any-return]

    @strawberry_django.field(description="The categories right below, in the merchant's order.")
    def children(
        self, root: strawberry.Parent[models.Category]
    ) -> list[Annotated["Category", strawberry.lazy("schema.catalog.groups")]]:
        return trees.children_of(root)  # type: ignore[return-value]

    @strawberry_django.field(description="The way to it: from the top down, without itself.")
    def ancestors(
        self, root: strawberry.Parent[models.Category]
    ) -> list[Annotated["Category", strawberry.lazy("schema.catalog.groups")]]:
        return trees.ancestors_of(root)  # type: ignore[return-value]

    @strawberry_django.field(description="What is in it or in a category below it.")
    def products(
        self,
        root: strawberry.Parent[models.Category],
        info: Info,
        filter: Filter = None,
        sort: Sort = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ProductConnection:
        args = PageArgs.of(first, after, last, before)
        wanted = columns_of(root).of("products")
        return shelves.in_category(root, viewer(info), filter, sort, args, wanted)


@guarded(PUBLIC)
@strawberry_django.type(models.Collection, description="A choice of products by the merchant.")
class Collection(relay.Node):
    name: auto = strawberry_django.field(description="As shown to shoppers.")
    slug: auto = strawberry_django.field(description="For links and filters; no other has it.")
    description: auto = strawberry_django.field(description="Plain text; may be empty.")

    @strawberry_django.field(description="Its picture; null without one.")
    def image(self, root: strawberry.Parent[models.Collection]) -> CoverImage | None:
        return cover_of(root, models.CollectionImage, "collection")  # type: ignore[no-any-return]

    @strawberry_django.field(description="What the merchant chose, in the merchant's order.")
    def products(
        self,
        root: strawberry.Parent[models.Collection],
        info: Info,
        filter: Filter = None,
        sort: Sort = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ProductConnection:
        args = PageArgs.of(first, after, last, before)
        return shelves.in_collection(root, viewer(info), filter, sort, args)
