"""Pages of the admin in Chromium, at the width of a small laptop."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from PIL import Image
from pytest_django.live_server_helper import LiveServer
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from catalog import categories, products, reviews
from catalog.attributes import Named
from catalog.drafts import VariantDraft
from catalog.models import CategoryImage, Product
from catalog.products import ProductDraft
from tests.admin_pages import make_boss, page, signed_in
from tests.checkout.buying import place
from tests.factories import make_user
from tests.schema.browser import SECONDS, chromium
from users.models import User

WIDE = """
const list = document.querySelector("#changelist-form .results");
return [list.scrollWidth, list.clientWidth, window.innerWidth];
"""
THUMBNAIL = "document.querySelector('.cover img')"


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


@contextmanager
def at_work(profile: Path, live_server: LiveServer, user: User) -> Iterator[webdriver.Chrome]:
    """A browser in which that person is signed in."""
    session = signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value
    with chromium(profile) as browser:
        browser.get(f"{live_server.url}/admin/login/")
        browser.add_cookie({"name": settings.SESSION_COOKIE_NAME, "value": session})
        yield browser


@pytest.mark.transactional
def test_the_product_list_fits_beside_its_filters(tmp_path: Path, live_server: LiveServer) -> None:
    with at_work(tmp_path, live_server, fill()) as browser:
        browser.get(f"{live_server.url}{page('catalog.product')}")
        needed, given, window = browser.execute_script(WIDE)

    assert window <= 1400
    assert needed <= given


@pytest.mark.transactional
def test_a_category_is_given_a_picture_and_loses_it(
    tmp_path: Path, live_server: LiveServer
) -> None:
    lamps = categories.create(name="Lamps")
    file = tmp_path / "lamps.jpg"
    Image.new("RGB", (700, 500), "orange").save(file)
    url = f"{live_server.url}{page('catalog.category', 'change', lamps.pk)}"

    with at_work(tmp_path / "profile", live_server, make_boss()) as browser:
        browser.get(url)
        browser.find_element(By.NAME, "picture").send_keys(str(file))
        browser.find_element(By.NAME, "picture_alt").send_keys("An orange lamp")
        browser.find_element(By.NAME, "_continue").click()
        shown = WebDriverWait(browser, SECONDS, 0.05).until(lambda _: loaded(browser))
        browser.find_element(By.NAME, "picture-clear").click()
        browser.find_element(By.NAME, "_continue").click()
        WebDriverWait(browser, SECONDS, 0.05).until(lambda _: not thumbnails(browser))

    assert shown == 320
    assert not CategoryImage.objects.exists()


@pytest.mark.transactional
@pytest.mark.long
def test_nothing_on_any_page_is_kept_from_it_by_the_policy(
    tmp_path: Path, live_server: LiveServer
) -> None:
    """Scripts, styles and pictures of every page, lists and forms, of one row of each model."""
    boss = fill()
    place({Product.objects.get().variants.all()[0]: 1})
    with at_work(tmp_path, live_server, boss) as browser:
        for url in addresses():
            browser.get(f"{live_server.url}{url}")
        said = [entry["message"] for entry in console(browser)]

    assert len(addresses()) > 40
    assert [line for line in said if "Security Policy" in line or "Refused" in line] == []


def console(browser: webdriver.Chrome) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = browser.execute("getLog", {"type": "browser"})["value"]
    return found


def addresses() -> list[str]:
    """Of the front page, and of each model's list, form for a new row and form of a row."""
    found = ["/admin/", "/admin/password_change/"]
    for model in admin.site._registry:  # there is no other list of them
        name = model._meta.label_lower
        row = model._default_manager.order_by("pk").first()
        found += [page(name), page(name, "add")]
        found += [page(name, "change", row.pk)] if row else []
        found += [page(name, "history", row.pk)] if row else []
    return [*found, page("catalog.product", "stock", Product.objects.get().pk)]


def thumbnails(browser: webdriver.Chrome) -> Any:
    return browser.find_elements(By.CSS_SELECTOR, ".cover img")


def loaded(browser: webdriver.Chrome) -> int:
    """How wide the thumbnail's file is, once it is there; else 0."""
    return int(browser.execute_script(f"return {THUMBNAIL}?.naturalWidth ?? 0"))
