"""Pictures of products: sent with the request or straight to the storage, changed, deleted."""

from datetime import datetime
from typing import cast

import strawberry
from strawberry.file_uploads import Upload

from catalog import images, models, uploads
from schema import batch, ids
from schema.authorization.rules import EDITOR, OBJECT, SENDER, guard, guarded
from schema.catalog.drafts import renamed
from schema.catalog.mutations import product_of, variant_of
from schema.catalog.types import Image
from schema.context import customer
from schema.errors import DeletePayload, Info, Payload, given, mutation
from schema.permissions import IsStaff
from schema.rates.declared import Rate

UNSET = strawberry.UNSET


@strawberry.input(description="Pictures for a product: all are taken, or none.")
class ProductImagesUploadInput:
    product_id: strawberry.ID = strawberry.field(description="Of which product.")
    files: list[Upload] = strawberry.field(
        description="1 to 10 pictures, JPEG, PNG or WebP, of at most 10 MB and 40 megapixels each."
    )
    alt: str | None = strawberry.field(
        default=None, description="What they show, for those who cannot see it; at most 300 signs."
    )


@strawberry.input(description="What to change; a field left out stays, null empties it.")
class ProductImageUpdateInput:
    id: strawberry.ID = strawberry.field(description="Of the picture.")
    alt: str | None = strawberry.field(
        default=UNSET, description="What it shows, for those who cannot see it; at most 300 signs."
    )
    position: int | None = strawberry.field(
        default=UNSET, description="Its place among the product's pictures; 0 is the main one."
    )
    variant_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The one variant, of the same product, that it shows."
    )


@strawberry.input(description="What to delete.")
class ProductImageDeleteInput:
    id: strawberry.ID = strawberry.field(description="Of the picture.")


@strawberry.input(description="A picture that is about to be sent straight to the storage.")
class ProductImageUploadCreateInput:
    product_id: strawberry.ID = strawberry.field(description="Of which product.")
    filename: str = strawberry.field(description="As its owner calls it; at most 255 signs.")
    content_type: str = strawberry.field(description="image/jpeg, image/png or image/webp.")
    size: int = strawberry.field(description="Of the file, in bytes; at most 10 MB.")


@strawberry.input(description="A picture that has been sent.")
class ProductImageUploadCompleteInput:
    upload_id: strawberry.ID = strawberry.field(description="What its creation answered.")
    alt: str | None = strawberry.field(
        default=None, description="What it shows, for those who cannot see it; at most 300 signs."
    )


@strawberry.type(description="What came of sending pictures.")
class ProductImagesPayload(Payload):
    images: list[Image] = strawberry.field(
        default_factory=list, description="The new ones, in the order of the files."
    )


@strawberry.type(description="What came of changing a picture.")
class ProductImagePayload(Payload):
    image: Image | None = strawberry.field(default=None, description="As it is now.")


@guarded(OBJECT)
@strawberry.type(description="A field of the form that the file is sent by.")
class UploadField:
    name: str = strawberry.field(description="Of the field.")
    value: str = strawberry.field(description="To send as it is.")


@strawberry.type(description="Where to send a picture, and how.")
class ProductImageUploadCreatePayload(Payload):
    upload_id: strawberry.ID | None = strawberry.field(
        default=None, description="To complete it by, within a day."
    )
    url: str | None = strawberry.field(
        default=None, description="Where to POST the form, as multipart/form-data."
    )
    fields: list[UploadField] = strawberry.field(
        default_factory=list,
        description="What the form has, in this order; last comes the file, as `file`.",
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="Until when the form is taken."
    )


@strawberry.type
class ImageMutation:
    @mutation(
        description="Add pictures to a product, by a multipart request; for those who may change"
        " the product.",
        permission_classes=[IsStaff],
        metadata=guard(EDITOR),
    )
    def product_images_upload(
        self, info: Info, input: ProductImagesUploadInput
    ) -> ProductImagesPayload | None:
        product = product_of(info, input.product_id, "product_id")
        rows = images.attach(product, input.files, user=customer(info), alt=input.alt or "")
        return ProductImagesPayload(images=cast("list[Image]", batch.together(rows)))

    @mutation(
        description="Change a picture's text, place or variant; for those who may change its"
        " product.",
        permission_classes=[IsStaff],
        metadata=guard(EDITOR),
    )
    def product_image_update(
        self, info: Info, input: ProductImageUpdateInput
    ) -> ProductImagePayload | None:
        image = image_of(input.id)
        changes = renamed(given(input), variant_id="variant")
        if (variant_id := changes.get("variant")) is not None:
            changes["variant"] = variant_of(info, variant_id, "variant_id")
        updated = images.update(image, changes, user=customer(info))
        return ProductImagePayload(image=cast("Image", updated))

    @mutation(
        description="Delete a picture; for those who may change its product.",
        permission_classes=[IsStaff],
        metadata=guard(EDITOR),
    )
    def product_image_delete(
        self, info: Info, input: ProductImageDeleteInput
    ) -> DeletePayload | None:
        image = image_of(input.id)
        images.delete(image, user=customer(info))
        return DeletePayload(deleted_id=strawberry.ID(ids.of(image)))

    @mutation(
        description="Ask where to send a picture straight to the storage; for those who may"
        " change the product. Shown is what `productImageUploadComplete` makes of it.",
        rates=[Rate("uploads")],
        permission_classes=[IsStaff],
        metadata=guard(EDITOR),
    )
    def product_image_upload_create(
        self, info: Info, input: ProductImageUploadCreateInput
    ) -> ProductImageUploadCreatePayload | None:
        offer = uploads.create(
            product_of(info, input.product_id, "product_id"),
            filename=input.filename,
            mime=input.content_type,
            size=input.size,
            user=customer(info),
        )
        return ProductImageUploadCreatePayload(
            upload_id=strawberry.ID(str(offer.upload.pk)),
            url=info.context.request.build_absolute_uri(offer.form.url),
            fields=[UploadField(name=k, value=v) for k, v in offer.form.fields.items()],
            expires_at=offer.expires_at,
        )

    @mutation(
        description="Make a picture of the product from what was sent: checked, and made anew."
        " Asked again, the same picture is answered.",
        permission_classes=[IsStaff],
        metadata=guard(SENDER),
    )
    def product_image_upload_complete(
        self, info: Info, input: ProductImageUploadCompleteInput
    ) -> ProductImagePayload | None:
        image = uploads.complete(input.upload_id, user=customer(info), alt=input.alt or "")
        return ProductImagePayload(image=cast("Image", image))


def image_of(id: strawberry.ID) -> models.ProductImage:
    return ids.get(models.ProductImage.objects.select_related("product"), id, "id")
