"""The shop's addresses, and beside them the views that were written by hand."""

from django.urls import path

from benchmarks import byhand
from shop.urls import urlpatterns as of_the_shop

urlpatterns = [
    path("by-hand/constant", byhand.constant),
    path("by-hand/list", byhand.product_list),
    path("by-hand/detail", byhand.detail),
    path("by-hand/search", byhand.search),
    *of_the_shop,
]
