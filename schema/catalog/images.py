"""What the API shows of pictures."""

from collections.abc import Hashable
from functools import lru_cache
from typing import Annotated, Any, cast

import strawberry
import strawberry_django
from django.db.models import Model
from strawberry import auto, relay

from catalog import files, models
from schema import batch, enums
from schema.authorization.rules import ON_SALE, PUBLIC, guarded
from shop import storages
from shop.prepared import light

ImageFormat = files.Format
enums.shown(
    ImageFormat,
    name="ImageFormat",
    description="In which format a picture is fetched.",
    WEBP="Small; every browser of today shows it.",
    ORIGINAL="As it was sent: JPEG, PNG or WebP.",
)


@lru_cache(maxsize=4096)
def address(
    storage: Hashable, key: str, own_width: int, width: int | None, format: files.Format | None
) -> str:
    """Where a file is fetched. Storages are made anew when the settings change."""
    shown = files.rendition(key, width, own_width, format)
    return cast("storages.Files", storage).url(shown)


Width = Annotated[
    int | None,
    strawberry.argument(
        description="In pixels: the narrowest copy that fills it; null: the full picture."
    ),
]
Shown = Annotated[
    ImageFormat | None,
    strawberry.argument(
        description="Left out: WebP for the copies, and the full picture as it was sent."
    ),
]


@strawberry.interface(description="A picture with its copies in several widths.")
class Picture:
    alt: str = strawberry.field(description="What it shows, for those who cannot see it.")
    width: int = strawberry.field(description="Of the full picture, in pixels.")
    height: int = strawberry.field(description="Of the full picture, in pixels.")
    placeholder: str = strawberry.field(
        description="Its BlurHash (blurha.sh): to show, blurred, before the picture is there."
    )

    @strawberry.field(description="Where to fetch it.")
    def url(
        self,
        root: strawberry.Parent[models.StoredPicture],
        width: Width = None,
        format: Shown = None,
    ) -> str:
        public = cast("Hashable", storages.public())
        return address(public, root.file, root.width, width, format)


@guarded(ON_SALE)
@strawberry_django.type(models.ProductImage, name="Image", description="A picture of a product.")
class Image(relay.Node, Picture):
    position: auto = strawberry_django.field(description="Its place among the pictures, from 0.")


@guarded(PUBLIC)
@strawberry.type(description="The picture of a category or a collection.")
class CoverImage(Picture):
    @classmethod
    def is_type_of(cls, value: object, info: object) -> bool:
        """Rows of either table stand for it; no class of Strawberry's is made of them."""
        return isinstance(value, models.CategoryImage | models.CollectionImage)


# The product's columns of its main picture, and what they are called of a picture.
MAIN = [("image_id", "id"), ("image_key", "file")] + [
    (f"image_{name}", name) for name in ("alt", "width", "height", "placeholder")
]


def main_image(product: models.Product) -> models.ProductImage | None:
    """The main picture out of the product's read columns, as far as those were read."""
    if product.image_id is None:
        return None
    known = product.__dict__
    columns = {name: known[column] for column, name in MAIN if column in known}
    columns["product_id"], columns["position"] = product.id, 0
    return light(models.ProductImage, columns)  # type: ignore[no-any-return]


def cover_of(shelf: Model, kind: Any, name: str) -> Any:
    """Its picture of that kind, which calls the shelf `name`; read for all its peers at once."""

    def read(peers: list[Model]) -> dict[Any, Any]:
        rows = kind.objects.filter(**{f"{name}__in": [peer.pk for peer in peers]})
        return {getattr(row, f"{name}_id"): row for row in rows}

    return batch.load(shelf, "image", read, None)
