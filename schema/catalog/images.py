"""What the API shows of pictures."""

from typing import Annotated

import strawberry
import strawberry_django
from strawberry import auto, relay

from catalog import images, models


@strawberry_django.type(models.ProductImage, name="Image", description="A picture of a product.")
class Image(relay.Node):
    alt: auto = strawberry_django.field(description="What it shows, for those who cannot see it.")
    width: auto = strawberry_django.field(description="Of the full picture, in pixels.")
    height: auto = strawberry_django.field(description="Of the full picture, in pixels.")
    position: auto = strawberry_django.field(description="Its place among the pictures, from 0.")

    @strawberry_django.field(description="Where to fetch it.")
    def url(
        self,
        root: strawberry.Parent[models.ProductImage],
        width: Annotated[
            int | None,
            strawberry.argument(
                description="In pixels: the narrowest copy that fills it; null: the full picture."
            ),
        ] = None,
    ) -> str:
        return images.url(images.rendition(root.file, width, root.width))


def main_image(product: models.Product) -> models.ProductImage | None:
    """The main picture out of the product's read columns, without a statement."""
    if product.image_id is None:
        return None
    return models.ProductImage(
        pk=product.image_id,
        product=product,
        file=product.image_key,
        alt=product.image_alt,
        width=product.image_width,
        height=product.image_height,
        position=0,
    )
