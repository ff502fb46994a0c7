"""The tables of the catalogue, one module per idea."""

from catalog.models.categories import Brand, Category, Collection, CollectionProduct
from catalog.models.images import ProductImage
from catalog.models.products import Attribute, AttributeValue, Product, ProductAttribute
from catalog.models.reviews import Purchase, Review
from catalog.models.variants import StockMovement, Variant, VariantOption

__all__ = [
    "Attribute",
    "AttributeValue",
    "Brand",
    "Category",
    "Collection",
    "CollectionProduct",
    "Product",
    "ProductAttribute",
    "ProductImage",
    "Purchase",
    "Review",
    "StockMovement",
    "Variant",
    "VariantOption",
]
