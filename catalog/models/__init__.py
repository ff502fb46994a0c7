"""The tables of the catalogue, one module per idea."""

from catalog.models.categories import Brand, Category, Collection, CollectionProduct
from catalog.models.images import (
    PICTURES,
    CategoryImage,
    CollectionImage,
    ImageUpload,
    ProductImage,
    StoredPicture,
)
from catalog.models.listings import Listing
from catalog.models.products import Attribute, AttributeValue, Product, ProductAttribute
from catalog.models.reviews import Purchase, Review
from catalog.models.searching import SearchEntry, SearchWord
from catalog.models.stamp import Stamp
from catalog.models.variants import StockMovement, Variant, VariantOption
from catalog.models.wishes import Alert, BoughtTogether, ReviewVote, WishlistItem

__all__ = [
    "PICTURES",
    "Alert",
    "Attribute",
    "AttributeValue",
    "BoughtTogether",
    "Brand",
    "Category",
    "CategoryImage",
    "Collection",
    "CollectionImage",
    "CollectionProduct",
    "ImageUpload",
    "Listing",
    "Product",
    "ProductAttribute",
    "ProductImage",
    "Purchase",
    "Review",
    "ReviewVote",
    "SearchEntry",
    "SearchWord",
    "Stamp",
    "StockMovement",
    "StoredPicture",
    "Variant",
    "VariantOption",
    "WishlistItem",
]
