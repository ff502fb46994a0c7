"""Changes to the catalogue: each finds the rows, calls one function and shapes its answer."""

from collections.abc import Sequence
from typing import cast

import strawberry

from catalog import (
    categories,
    collections,
    models,
    products,
    reviews,
    stock,
    variants,
)
from schema import batch, ids
from schema.authorization.rules import DELETER, EDITOR, OWNER, guard
from schema.catalog import inputs
from schema.catalog.drafts import (
    category_of,
    changes_of,
    collections_of,
    named,
    product_draft,
    renamed,
    variant_draft,
)
from schema.catalog.payloads import (
    CategoryPayload,
    CollectionPayload,
    ProductPayload,
    ReviewPayload,
    StockAdjustPayload,
    VariantPayload,
)
from schema.catalog.types import Category, Collection, Product, Review, Variant
from schema.context import customer
from schema.errors import DeletePayload, Info, given, mutation
from schema.permissions import IsSignedIn, IsStaff, may
from schema.rates.declared import Rate


@strawberry.type
class CatalogMutation:
    @mutation(
        description="Make a product with its variants, prices and stock; the caller owns it.",
        permission_classes=[may("catalog.add_product")],
    )
    def product_create(self, info: Info, input: inputs.ProductCreateInput) -> ProductPayload | None:
        product = products.create(product_draft(input), owner=customer(info))
        return ProductPayload(product=cast("Product", product))

    @mutation(
        description="Change a product; for its owner, and staff who may change products.",
        permission_classes=[IsStaff],
        metadata=guard(EDITOR),
    )
    def product_update(self, info: Info, input: inputs.ProductUpdateInput) -> ProductPayload | None:
        product = product_of(info, input.id, "id")
        changes = renamed(given(input), category_id="category", collection_ids="collections")
        if "category" in changes:
            changes["category"] = category_of(input.category_id, "category_id")
        if "collections" in changes:
            changes["collections"] = collections_of(input.collection_ids)
        if "attributes" in changes:
            changes["attributes"] = named(input.attributes)
        updated = products.update(product, changes, user=customer(info))
        return ProductPayload(product=cast("Product", updated))

    @mutation(
        description="Delete a product; for its owner, and staff who may delete products.",
        permission_classes=[IsStaff],
        metadata=guard(DELETER),
    )
    def product_delete(self, info: Info, input: inputs.ProductDeleteInput) -> DeletePayload | None:
        product = product_of(info, input.id, "id")
        gone = ids.of(product)
        products.delete(product, user=customer(info))
        return DeletePayload(deleted_id=strawberry.ID(gone))

    @mutation(
        description="Add a variant to a product; for those who may change the product.",
        permission_classes=[IsStaff],
        metadata=guard(EDITOR),
    )
    def variant_create(self, info: Info, input: inputs.VariantCreateInput) -> VariantPayload | None:
        product = product_of(info, input.product_id, "product_id")
        variant = variants.create(product, variant_draft(input.variant), user=customer(info))
        return VariantPayload(variant=cast("Variant", variant))

    @mutation(
        description="Change a variant; for those who may change its product.",
        permission_classes=[IsStaff],
        metadata=guard(EDITOR),
    )
    def variant_update(self, info: Info, input: inputs.VariantUpdateInput) -> VariantPayload | None:
        changes = given(input)
        if "options" in changes:
            changes["options"] = named(input.options)
        updated = variants.update(variant_of(info, input.id), changes, user=customer(info))
        return VariantPayload(variant=cast("Variant", updated))

    @mutation(
        description="Delete a variant; for those who may change its product.",
        permission_classes=[IsStaff],
        metadata=guard(EDITOR),
    )
    def variant_delete(self, info: Info, input: inputs.VariantDeleteInput) -> DeletePayload | None:
        variant = variant_of(info, input.id)
        gone = ids.of(variant)
        variants.delete(variant, user=customer(info))
        return DeletePayload(deleted_id=strawberry.ID(gone))

    @mutation(
        description="Change what is on the shelf: all of the changes, or none.",
        permission_classes=[may("catalog.adjust_stock")],
    )
    def stock_adjust(self, info: Info, input: inputs.StockAdjustInput) -> StockAdjustPayload | None:
        rows = stock.adjust(
            changes_of(input.changes), actor=customer(info), reason=input.reason or ""
        )
        return StockAdjustPayload(variants=cast("list[Variant]", batch.together(rows)))

    @mutation(
        description="Make a category.",
        permission_classes=[may("catalog.add_category")],
    )
    def category_create(
        self, info: Info, input: inputs.CategoryCreateInput
    ) -> CategoryPayload | None:
        category = categories.create(
            name=input.name,
            slug=input.slug or "",
            description=input.description or "",
            parent=category_of(input.parent_id, "parent_id"),
            image=input.image,
            image_alt=input.image_alt or "",
        )
        return CategoryPayload(category=cast("Category", category))

    @mutation(
        description="Rename, describe or move a category.",
        permission_classes=[may("catalog.change_category")],
    )
    def category_update(
        self, info: Info, input: inputs.CategoryUpdateInput
    ) -> CategoryPayload | None:
        category = ids.get(models.Category.objects.all(), input.id, "id")
        changes = renamed(given(input), parent_id="parent")
        if "parent" in changes:
            changes["parent"] = category_of(input.parent_id, "parent_id")
        updated = categories.update(category, changes)
        return CategoryPayload(category=cast("Category", updated))

    @mutation(
        description="Delete a category that nothing stands in.",
        permission_classes=[may("catalog.delete_category")],
    )
    def category_delete(
        self, info: Info, input: inputs.CategoryDeleteInput
    ) -> DeletePayload | None:
        category = ids.get(models.Category.objects.all(), input.id, "id")
        categories.delete(category)
        return DeletePayload(deleted_id=strawberry.ID(ids.of(category)))

    @mutation(
        description="Make a collection.",
        permission_classes=[may("catalog.add_collection")],
    )
    def collection_create(
        self, info: Info, input: inputs.CollectionCreateInput
    ) -> CollectionPayload | None:
        collection = collections.create(
            name=input.name,
            slug=input.slug or "",
            description=input.description or "",
            products=products_of(info, input.product_ids, "product_ids"),
            image=input.image,
            image_alt=input.image_alt or "",
        )
        return CollectionPayload(collection=cast("Collection", collection))

    @mutation(
        description="Rename, describe or fill a collection.",
        permission_classes=[may("catalog.change_collection")],
    )
    def collection_update(
        self, info: Info, input: inputs.CollectionUpdateInput
    ) -> CollectionPayload | None:
        collection = ids.get(models.Collection.objects.all(), input.id, "id")
        changes = renamed(
            given(input),
            product_ids="products",
            add_product_ids="add_products",
            remove_product_ids="remove_products",
        )
        for name in ("products", "add_products", "remove_products"):
            if name in changes:
                changes[name] = products_of(info, changes[name], f"{name[:-1]}_ids")
        updated = collections.update(collection, changes)
        return CollectionPayload(collection=cast("Collection", updated))

    @mutation(
        description="Delete a collection; its products stay.",
        permission_classes=[may("catalog.delete_collection")],
    )
    def collection_delete(
        self, info: Info, input: inputs.CollectionDeleteInput
    ) -> DeletePayload | None:
        collection = ids.get(models.Collection.objects.all(), input.id, "id")
        collections.delete(collection)
        return DeletePayload(deleted_id=strawberry.ID(ids.of(collection)))

    @mutation(
        description="Review a product on sale, or change your review of it.",
        rates=[Rate("reviews")],
        permission_classes=[IsSignedIn],
    )
    def review_upsert(self, info: Info, input: inputs.ReviewUpsertInput) -> ReviewPayload | None:
        product = ids.get(models.Product.objects.public(), input.product_id, "product_id")
        review = reviews.upsert(customer(info), product, rating=input.rating, texts=given(input))
        return ReviewPayload(review=cast("Review", review))

    @mutation(
        description="Take back your review of a product.",
        permission_classes=[IsSignedIn],
        metadata=guard(OWNER),
    )
    def review_delete(self, info: Info, input: inputs.ReviewDeleteInput) -> DeletePayload | None:
        author = customer(info)
        reviewed = models.Product.objects.filter(reviews__author=author)
        product = ids.get(reviewed, input.product_id, "product_id")
        gone = reviews.delete(author, product)
        return DeletePayload(deleted_id=strawberry.ID(ids.pack("Review", str(gone))))

    @mutation(
        description="Publish a review or reject it.",
        permission_classes=[may("catalog.moderate_review")],
    )
    def review_moderate(
        self, info: Info, input: inputs.ReviewModerateInput
    ) -> ReviewPayload | None:
        review = ids.get(models.Review.objects.select_related("product"), input.id, "id")
        moderated = reviews.moderate(review, input.status)
        return ReviewPayload(review=cast("Review", moderated))


def product_of(info: Info, id: strawberry.ID, *path: str) -> models.Product:
    return ids.get(models.Product.objects.visible_to(customer(info)), id, *path)


def products_of(
    info: Info, given_ids: Sequence[strawberry.ID] | None, *path: str
) -> list[models.Product]:
    rows = models.Product.objects.visible_to(customer(info))
    return ids.get_all(rows, list(given_ids or []), *path)


def variant_of(info: Info, id: strawberry.ID, path: str = "id") -> models.Variant:
    rows = models.Variant.objects.visible_to(customer(info)).select_related("product")
    return ids.get(rows, id, path)
