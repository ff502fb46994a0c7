"""The product list in Chromium, at the width of a small laptop."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django.live_server_helper import LiveServer

from catalog import categories, products, reviews
from catalog.attributes import Named
from catalog.drafts import VariantDraft
from catalog.models import Product
from catalog.products import ProductDraft
from tests.admin_pages import make_boss, page, signed_in
from tests.factories import make_user
from tests.schema.browser import chromium
from users.models import User

WIDE = """
const list = document.querySelector("#changelist-form .results");
return [list.scrollWidth, list.clientWidth, window.innerWidth];
"""


def fill() -> User:
    """A product whose every column is as wide as they come, and who may look at it."""
    boss = make_boss()
    top = categories.create(name="Kitchen accessories")
    drafts = [
        VariantDraft(f"POT-{price}", Decimal(price), options=[Named("Size", price)], stock=1)
        for price in ("1299.90", "2899.90")
    ]
    product = products.create(
        ProductDraft(
            name="Nordic enamelled cast iron casserole with lid, 4.7 litres",
            variants=drafts,
            brand="Nordlys Scandinavian Kitchenware",
            category=categories.create(name="Ovenproof casserole dishes", parent=top),
            status=Product.Status.ACTIVE,
        ),
        owner=boss,
    )
    reviews.upsert(make_user(), product, rating=4, texts={})
    return boss


@pytest.mark.transactional
def test_the_product_list_fits_beside_its_filters(tmp_path: Path, live_server: LiveServer) -> None:
    session = signed_in(fill()).cookies[settings.SESSION_COOKIE_NAME].value

    with chromium(tmp_path) as browser:
        browser.get(f"{live_server.url}/admin/login/")
        browser.add_cookie({"name": settings.SESSION_COOKIE_NAME, "value": session})
        browser.get(f"{live_server.url}{page('catalog.product')}")
        needed, given, window = browser.execute_script(WIDE)

    assert window <= 1400
    assert needed <= given
