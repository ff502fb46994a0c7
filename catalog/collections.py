"""Choices of products in the merchant's order."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from catalog import checks, columns, covers, slugs, stamp
from catalog.models import Collection, CollectionProduct, Product
from shop.errors import Refused

FOLDER = "collections"


def create(
    *,
    name: str,
    slug: str = "",
    description: str = "",
    products: Sequence[Product] = (),
    image: object | None = None,
    image_alt: str = "",
) -> Collection:
    """A new collection of those products, in that order, perhaps with a picture (a file).

    Raises:
        ShopError: REQUIRED or TOO_LONG for a text; what is wrong with the file, at `image`.
    """
    cover = {"image": image, "image_alt": image_alt}
    with covers.stored(FOLDER, cover) as said, transaction.atomic():
        collection = added(name=name, slug=slug, description=description, products=products)
        covers.put(collection, cover, said)
        stamp.move()
    return collection


def added(*, name: str, slug: str, description: str, products: Sequence[Product]) -> Collection:
    collection = Collection(name=name.strip(), description=description.strip())
    checks.fields(collection, "name", "description")
    slugs.save(collection, slug.strip() or name)
    append(collection, products, "product_ids")
    return collection


def update(collection: Collection, changes: Mapping[str, Any]) -> Collection:
    """Rename, describe or fill a collection anew.

    Args:
        changes: any of name, slug, description, products (instead of those in it, in that
            order), add_products (to the end) and remove_products, applied in this sequence;
            image (an uploaded file, or None) and image_alt.

    Raises:
        ShopError: REQUIRED or TOO_LONG for a text; NOT_FOUND when something is gone; what is
            wrong with the file, at `image`.
    """
    with covers.stored(FOLDER, changes) as said, transaction.atomic():
        row = changed(collection, changes)
        covers.put(row, changes, said)
        stamp.move()
    return row


def changed(collection: Collection, changes: Mapping[str, Any]) -> Collection:
    collection = locked([collection], "id")[0]
    for field in {"name", "description"} & changes.keys():
        setattr(collection, field, (changes[field] or "").strip())
    checks.fields(collection, "name", "description")
    if "slug" in changes:
        if not (changes["slug"] or "").strip():
            raise Refused("REQUIRED", "A slug is needed.", "slug")
        slugs.save(collection, changes["slug"])
    else:
        collection.save()
    fill(collection, changes)
    return collection


@transaction.atomic
def delete(collection: Collection) -> None:
    """Delete a collection; its products stay."""
    row = locked([collection], "id")[0]
    covers.forget(row)
    row.delete()
    stamp.move()


def locked(collections: Iterable[Collection], *path: str) -> list[Collection]:
    """The collections, by id, for this transaction to change or to fill."""
    ids = {collection.pk for collection in collections}
    rows = Collection.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    found = list(rows) if ids else []
    if len(found) < len(ids):
        raise Refused("NOT_FOUND", "There is no such collection.", *path)
    return found


def fill(collection: Collection, changes: Mapping[str, Any]) -> None:
    if "products" in changes:
        collection.places.all().delete()
        append(collection, changes["products"] or [], "product_ids")
    if changes.get("add_products"):
        append(collection, changes["add_products"], "add_product_ids")
    if changes.get("remove_products"):
        collection.places.filter(product__in=changes["remove_products"]).delete()


def append(collection: Collection, products: Sequence[Product], *path: str) -> None:
    """Put the products that are not there yet behind the others, in their order."""
    ids = list(dict.fromkeys(product.pk for product in products))
    if not ids:
        return
    if len(columns.lock(ids)) < len(ids):
        raise Refused("NOT_FOUND", "There is no such product.", *path)
    there = set(collection.places.values_list("product_id", flat=True))
    last = collection.places.aggregate(last=Max("position"))["last"]
    new = [pk for pk in ids if pk not in there]
    CollectionProduct.objects.bulk_create(
        CollectionProduct(collection=collection, product_id=pk, position=position)
        for position, pk in enumerate(new, start=0 if last is None else last + 1)
    )


def place(product: Product, collections: Sequence[Collection]) -> None:
    """Put a product into exactly these collections, last in each that it was not in.

    The collections must be `locked`, so that no two products get the same place.
    """
    product.places.exclude(collection__in=collections).delete()
    there = set(product.places.values_list("collection_id", flat=True))
    new = [collection for collection in collections if collection.pk not in there]
    last = dict(
        CollectionProduct.objects.filter(collection__in=new)
        .order_by()
        .values_list("collection")
        .annotate(last=Max("position"))
    )
    CollectionProduct.objects.bulk_create(
        CollectionProduct(
            collection=collection, product=product, position=last.get(collection.pk, -1) + 1
        )
        for collection in new
    )
