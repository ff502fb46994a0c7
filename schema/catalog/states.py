"""The enumerations of the catalogue's tables, as the API shows them."""

from catalog import models
from schema import enums

ProductStatus = models.Product.Status
ReviewStatus = models.Review.Status

enums.shown(
    ProductStatus,
    name="ProductStatus",
    description="How far a product is.",
    DRAFT="Being written; for staff alone.",
    ACTIVE="On sale from `publishedAt` on.",
    ARCHIVED="No longer sold; for staff alone.",
)
enums.shown(
    ReviewStatus,
    name="ReviewStatus",
    description="Who sees a review.",
    PENDING="Its author and staff, who may publish.",
    PUBLISHED="Everybody.",
    REJECTED="Its author and staff.",
)
