"""The catalogue's pages for staff; every change is made by the functions of the domain."""

from catalog.admin import groups, products, reviews, variants, wishes

__all__ = ["groups", "products", "reviews", "variants", "wishes"]
