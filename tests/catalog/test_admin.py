from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from catalog import attributes, categories, files, images, products, stock, variants
from catalog.attributes import Named
from catalog.drafts import VariantDraft
from catalog.models import Attribute, Brand, Category, Product, StockMovement, Variant
from catalog.products import ProductDraft
from tests.admin_pages import (
    errors,
    filled,
    make_boss,
    messages,
    page,
    shown,
    signed_in,
    statements,
)
from tests.factories import make_category, make_staff, make_user, make_variant
from users.models import User

ADD, LIST = page("catalog.product", "add"), page("catalog.product")
LAMP = {"name": "Halo", "variants__0__sku": "HALO", "variants__0__price": "19.90"}
RED, BLUE = [Named("Colour", "Red")], [Named("Colour", "Blue")]


def product_page(product: Product) -> str:
    return page("catalog.product", "change", product.pk)


def make_lamp(owner: User | None = None, *, several: bool = False, **fields: Any) -> Product:
    drafts = [VariantDraft("HALO-R", Decimal("19.90"), options=RED, stock=5)]
    drafts += [VariantDraft("HALO-B", Decimal("29.90"), options=BLUE)] * several
    return products.create(
        ProductDraft(**{"name": "Halo", "variants": drafts} | fields), owner=owner
    )


def picture(name: str = "lamp.png", colour: str = "red", size: int = 700) -> SimpleUploadedFile:
    data = BytesIO()
    Image.new("RGB", (size, size), colour).save(data, "PNG")
    return SimpleUploadedFile(name, data.getvalue(), "image/png")


@pytest.fixture
def client() -> Client:
    return signed_in(make_boss())


# ── products ────────────────────────────────────────────────────────────────────────────────


def test_a_product_is_made_with_variants_prices_and_pictures(client: Client) -> None:
    lamps = make_category()
    fields = LAMP | {
        "maker": "Nordlys",
        "category": lamps.pk,
        "status": "ACTIVE",
        "attributes": "Material: Oak\nFinish: Oiled",
        "variants__0__options": "Colour: Red\nSize: M",
        "variants__0__compare_at_price": "24.9",
        "variants__0__units": "7",
        "variants__0__weight_grams": "400",
        "pictures": [picture(), picture(colour="blue")],
    }

    response = client.post(ADD, filled(client, ADD, **fields))

    assert response.status_code == 302
    product, variant = Product.objects.get(), Variant.objects.get()
    assert (product.slug, product.brand_name, product.category) == ("halo", "Nordlys", lamps)
    assert (product.price_min_minor, product.in_stock, product.is_public) == (1990, True, True)
    assert product.owner == User.objects.get()
    described = [(row.value.attribute.name, row.value.value) for row in product.described_by.all()]
    assert described == [("Material", "Oak"), ("Finish", "Oiled")]
    assert (variant.price_minor, variant.compare_at_minor, variant.weight_g) == (1990, 2490, 400)
    assert (variant.name, variant.stock) == ("Red / M", 7)
    assert StockMovement.objects.get().kind == "RECEIVE"
    first, second = product.images.all()
    assert product.image_id == first.pk
    for image in (first, second):
        found = files.keys(image.file, image.width)
        assert len(found) == 6  # three widths, each as WebP and as it was sent
        assert all(default_storage.exists(key) for key in found)


@pytest.mark.parametrize("price", ["19.905", "-1", "NaN", "", "1e14", "9" * 19, "abc", "\x00"])
def test_a_price_that_is_none_is_refused_at_its_field(client: Client, price: str) -> None:
    fields = LAMP | {"variants__0__price": price}

    response = client.post(ADD, filled(client, ADD, **fields))

    assert list(errors(response)) == ["variants-0-price"]
    assert not Product.objects.exists()
    assert not Brand.objects.exists()


def test_all_that_is_wrong_is_shown_at_once_and_the_input_stays(client: Client) -> None:
    make_variant(sku="halo")
    fields = LAMP | {"variants__0__compare_at_price": "5", "attributes": ": Oak", "maker": "Kjær"}

    response = client.post(ADD, filled(client, ADD, **fields))

    found = errors(response)
    assert set(found) == {"variants-0-sku", "variants-0-compare_at_price", "attributes"}
    assert found["variants-0-sku"] == ["Another variant has this SKU."]
    assert 'value="Kjær"' in shown(response)
    assert Product.objects.count() == 1


def test_refusals_find_their_row_among_empty_ones(client: Client) -> None:
    make_variant(sku="blue")
    fields = LAMP | {
        "variants__TOTAL_FORMS": "3",
        "variants__0__options": "Colour: Red",
        "variants__1__units": "0",
        "variants__1__track_stock": "on",
        "variants__1__sku": "",
        "variants__2__sku": "BLUE",
        "variants__2__price": "5",
        "variants__2__units": "0",
        "variants__2__track_stock": "on",
        "variants__2__options": "Colour: Blue",
    }

    response = client.post(ADD, filled(client, ADD, **fields))

    assert list(errors(response)) == ["variants-2-sku"]


def test_a_product_is_changed_in_one_go(client: Client) -> None:
    product, lamps = make_lamp(), make_category()
    fields = {
        "name": "Halo 2",
        "maker": "Essence",
        "category": lamps.pk,
        "attributes": "Material: Steel",
        "variants__0__price": "24.9",
        "variants__TOTAL_FORMS": "2",
        "variants__1__sku": "HALO-B",
        "variants__1__price": "9.90",
        "variants__1__options": "Colour: Blue",
        "variants__1__units": "3",
        "variants__1__track_stock": "on",
    }

    response = client.post(product_page(product), filled(client, product_page(product), **fields))

    assert response.status_code == 302
    product.refresh_from_db()
    assert (product.name, product.brand_name, product.category) == ("Halo 2", "Essence", lamps)
    assert (product.price_min_minor, product.price_max_minor) == (990, 2490)
    assert [row.sku for row in product.variants.live()] == ["HALO-R", "HALO-B"]
    assert StockMovement.objects.filter(variant__sku="HALO-B", delta_stock=3).exists()
    assert "Halo 2" in shown(client.get(page("catalog.product", "history", product.pk)))


def test_a_form_that_is_sent_untouched_changes_nothing(client: Client) -> None:
    product = make_lamp(
        several=True,
        brand="Essence",
        status=Product.Status.ACTIVE,
        attributes=[Named("Wood", "Oak")],
    )
    images.attach(product, [picture()], user=User.objects.get())
    before = Product.objects.filter(pk=product.pk).values().get()

    response = client.post(product_page(product), filled(client, product_page(product)))

    assert response.status_code == 302
    assert Product.objects.filter(pk=product.pk).values().get() == before


def test_one_refused_row_takes_the_whole_form_back(client: Client) -> None:
    product = make_lamp(several=True)
    fields = {"name": "Other", "maker": "New", "variants__1__options": "Colour: red"}

    response = client.post(product_page(product), filled(client, product_page(product), **fields))

    assert errors(response) == {"variants-1-options": ["Another variant offers the same."]}
    product.refresh_from_db()
    assert product.name == "Halo"
    assert not Brand.objects.exists()


def test_variants_go_or_are_archived_but_the_last_one_stays(client: Client) -> None:
    product = make_lamp(several=True)
    red, blue = product.variants.all()
    stock.hold({red.pk: 1}, order_number="A")
    url = product_page(product)

    client.post(url, filled(client, url, variants__0__DELETE="on"))
    response = client.post(url, filled(client, url, variants__0__DELETE="on"))

    red.refresh_from_db()
    assert red.archived_at is not None
    assert errors(response) == {"variants": ["A product has at least one variant."]}
    assert list(product.variants.live()) == [blue]


def test_a_file_that_is_no_picture_is_named_and_the_rest_is_saved(client: Client) -> None:
    product = make_lamp()
    url = product_page(product)
    files = [picture(), SimpleUploadedFile("page.html", b"<html>", "image/png")]

    response = client.post(url, filled(client, url, name="Halo 2", pictures=files), follow=True)

    (refused,) = [text for text in messages(response) if text.startswith("Not added")]
    assert refused.startswith("Not added, page.html: Send a JPEG, PNG or WebP picture")
    product.refresh_from_db()
    assert product.name == "Halo 2"
    assert not product.images.exists()


def test_pictures_are_described_moved_and_removed(client: Client) -> None:
    product = make_lamp()
    boss, url = User.objects.get(), product_page(product)
    first, second = images.attach(product, [picture(), picture(colour="blue")], user=boss)

    client.post(
        url,
        filled(client, url, images__1__alt="From above", images__1__position=0,
               images__1__variant=product.variants.get().pk),
    )  # fmt: skip
    product.refresh_from_db()
    assert (product.image_id, product.image_alt) == (second.pk, "From above")
    assert product.images.get(alt="From above").variant is not None
    client.post(url, filled(client, url, images__0__DELETE="on"))

    assert list(product.images.all()) == [first]
    product.refresh_from_db()
    assert product.image_id == first.pk


def test_a_picture_names_no_variant_of_another_product(client: Client) -> None:
    product, other = make_lamp(), make_variant()
    images.attach(product, [picture()], user=User.objects.get())
    url = product_page(product)

    response = client.post(url, filled(client, url, images__0__variant=other.pk))

    assert "images-0-variant" in errors(response)


def test_a_product_is_deleted_or_archived_when_it_was_ordered(client: Client) -> None:
    plain, sold = make_lamp(), make_variant(sku="SOLD").product
    stock.hold({sold.variants.get().pk: 1}, order_number="A")
    yes = {"post": "yes"}

    gone = client.post(page("catalog.product", "delete", plain.pk), yes, follow=True)
    kept = client.post(page("catalog.product", "delete", sold.pk), yes, follow=True)

    assert messages(gone) == ["The product “Halo” was deleted successfully."]
    assert "archived instead of deleted" in messages(kept)[0]
    assert list(Product.objects.all()) == [sold]
    sold.refresh_from_db()
    assert sold.status == "ARCHIVED"


def test_products_are_published_hidden_and_archived(client: Client) -> None:
    draft, empty = make_lamp(), make_variant(archived_at="2026-01-01T00:00Z").product
    Product.objects.filter(pk=empty.pk).update(status="DRAFT")
    chosen = {"_selected_action": [draft.pk, empty.pk]}

    response = client.post(LIST, {"action": "publish", **chosen}, follow=True)
    draft.refresh_from_db()
    empty.refresh_from_db()

    assert draft.is_public
    assert empty.status == "DRAFT"
    assert messages(response) == [
        f"{empty}: All of its variants are archived: give it a new one first.",
        "1 now: active.",
    ]
    for action, status in (("draft", "DRAFT"), ("archive", "ARCHIVED")):
        client.post(LIST, {"action": action, **chosen})
        draft.refresh_from_db()
        assert draft.status == status


def test_products_are_found_and_narrowed(client: Client) -> None:
    lamps = make_category()
    desk = make_category("Desk", lamps)
    halo = make_lamp(category=desk, brand="Kjær & Søn", status=Product.Status.ACTIVE)
    other = make_variant(stock=0).product
    found = {"q": ["HALO-r", "halo", "kjær"], "category": [lamps.slug], "status": ["ACTIVE"]}
    found |= {"brand": [Brand.objects.get().slug], "in_stock": ["true"]}

    for key, values in found.items():
        for value in values:
            listed = client.get(LIST, {key: value}).context["cl"].result_list
            assert halo in listed, (key, value)
            assert (other in listed) == (key == "status"), (key, value)
    assert list(client.get(LIST, {"in_stock": "false"}).context["cl"].result_list) == [other]


# ── who may ─────────────────────────────────────────────────────────────────────────────────


def test_who_made_a_product_edits_it_and_no_other() -> None:
    member = make_staff("catalog.add_product")
    own, other = make_lamp(member), make_variant().product
    client = signed_in(member)

    url = product_page(own)
    client.post(url, filled(client, url, name="Mine", variants__0__price="5"))

    own.refresh_from_db()
    assert (own.name, own.price_min_minor) == ("Mine", 500)
    assert list(client.get(LIST).context["cl"].result_list) == [own]
    assert client.get(product_page(other)).status_code == 302  # as if there were none
    assert (
        client.post(page("catalog.product", "delete", own.pk), {"post": "yes"}).status_code == 302
    )
    assert list(Product.objects.all()) == [other]


def test_who_looks_sees_everything_and_changes_nothing() -> None:
    product = make_lamp(attributes=[Named("Wood", "Oak")], brand="Essence")
    images.attach(product, [picture()], user=make_staff("catalog.change_product"))
    client = signed_in(make_staff("catalog.view_product"))

    html = shown(client.get(product_page(product)))

    for text in (
        "19.90 EUR",
        "Wood: Oak",
        "Essence",
        "Colour: Red",
        "HALO-R",
        'class="thumb large',
    ):
        assert text in html
    assert "Add pictures" not in html
    assert 'name="variants-0-sku"' not in html
    assert client.post(product_page(product), {"name": "x"}).status_code == 403
    client.post(LIST, {"action": "publish", "_selected_action": [product.pk]})
    product.refresh_from_db()
    assert product.status == "DRAFT"


# ── stock ───────────────────────────────────────────────────────────────────────────────────


def stock_page(product: Product) -> str:
    return page("catalog.product", "stock", product.pk)


def test_stock_is_adjusted_with_a_reason() -> None:
    member = make_staff("catalog.adjust_stock", "catalog.view_product")
    product = make_lamp(several=True)
    red, blue = product.variants.all()
    client, url = signed_in(member), stock_page(product)

    fields = {f"change__{red.pk}": "-2", f"change__{blue.pk}": "4", "reason": "Counted"}
    client.post(url, filled(client, url, **fields))

    red.refresh_from_db()
    blue.refresh_from_db()
    assert (red.stock, blue.stock) == (3, 4)
    rows = StockMovement.objects.filter(kind="ADJUST")
    assert {(row.delta_stock, row.reason, row.actor) for row in rows} == {
        (-2, "Counted", member),
        (4, "Counted", member),
    }
    assert "Counted" in shown(client.get(url))
    assert url in shown(client.get(product_page(product)))


def test_an_adjustment_that_cannot_be_is_refused_at_its_field(client: Client) -> None:
    product = make_lamp()
    (variant,) = product.variants.all()
    stock.hold({variant.pk: 2}, order_number="A")
    url, field = stock_page(product), f"change-{variant.pk}"
    refused = [
        ({field: "-4", "reason": "x"}, field),
        ({field: "9" * 30, "reason": "x"}, field),
        ({field: "many", "reason": "x"}, field),
        ({field: "1", "reason": " "}, "reason"),
        ({field: "1", "reason": "x" * 201}, "reason"),
        ({field: "", "reason": "x"}, "__all__"),
        ({field: "0", "reason": "x"}, "__all__"),
        ({field: "1", "reason": "x", f"expected-{variant.pk}": "4"}, field),
    ]

    for fields, at in refused:
        response = client.post(url, filled(client, url) | fields)

        shown(response)
        found = dict(response.context["form"].errors)
        assert list(found) == [at], fields
    assert not StockMovement.objects.filter(kind="ADJUST").exists()


def test_stock_needs_its_own_permission() -> None:
    product = make_lamp()
    client = signed_in(make_staff("catalog.change_product", "catalog.change_variant"))

    assert client.get(stock_page(product)).status_code == 403
    assert client.post(stock_page(product), {"reason": "x"}).status_code == 403
    assert stock_page(product) not in shown(client.get(product_page(product)))
    assert stock_page(product) not in shown(client.get(page("catalog.variant")))
    assert client.get(page("catalog.product", "stock", 10**12)).status_code == 403


def test_movements_are_never_written_by_hand(client: Client) -> None:
    make_lamp()
    row = StockMovement.objects.get()

    for name, args in (("add", []), ("change", [row.pk]), ("delete", [row.pk])):
        url = page("catalog.stockmovement", name, *args)
        assert client.post(url, {"post": "yes", "delta_stock": 9}).status_code == 403
    assert 'name="delta_stock"' not in shown(
        client.get(page("catalog.stockmovement", "change", row.pk))
    )


def test_a_variant_is_changed_on_its_own_page(client: Client) -> None:
    product = make_lamp(several=True)
    red, blue = product.variants.all()
    url = page("catalog.variant", "change", blue.pk)

    taken = client.post(url, filled(client, url, sku="halo-r"))
    client.post(
        url, filled(client, url, price="31.5", barcode="590", position=0, requires_shipping=None)
    )

    assert errors(taken) == {"sku": ["Another variant has this SKU."]}
    blue.refresh_from_db()
    assert (blue.price_minor, blue.barcode, blue.requires_shipping) == (3150, "590", False)
    assert [row.sku for row in product.variants.all()] == ["HALO-B", "HALO-R"]
    client.post(page("catalog.variant", "delete", blue.pk), {"post": "yes"})
    last = client.post(page("catalog.variant", "delete", red.pk), {"post": "yes"}, follow=True)
    assert messages(last)[-1] == "A product has at least one variant."
    assert list(Variant.objects.all()) == [red]


# ── groups ──────────────────────────────────────────────────────────────────────────────────


def test_categories_are_made_moved_and_shown_as_a_tree(client: Client) -> None:
    add = page("catalog.category", "add")
    home = categories.create(name="Home")
    garden = categories.create(name="Garden")
    client.post(add, filled(client, add, name="Lamps", parent=home.pk))
    lamps = home.children.get()
    url = page("catalog.category", "change", lamps.pk)

    client.post(url, filled(client, url, parent=garden.pk))
    under_itself = page("catalog.category", "change", garden.pk)
    refused = client.post(under_itself, filled(client, under_itself, parent=lamps.pk))

    lamps.refresh_from_db()
    assert (lamps.slug, lamps.path) == ("lamps", f"/{garden.pk}/{lamps.pk}/")
    assert errors(refused) == {"parent": ["A category cannot stand under itself."]}
    listed = client.get(page("catalog.category")).context["cl"].result_list
    assert [row.name for row in listed] == ["Home", "Garden", "Lamps"]


def test_a_category_is_put_at_another_place_among_its_siblings(client: Client) -> None:
    add = page("catalog.category", "add")
    assert "position" not in filled(client, add)
    for name in ("Home", "Garden", "Office"):
        client.post(add, filled(client, add, name=name))
    office = Category.objects.get(name="Office")
    url = page("catalog.category", "change", office.pk)
    assert filled(client, url)["position"] == "2"

    refused = client.post(url, filled(client, url, position=-1))
    client.post(url, filled(client, url, position=0))

    assert list(errors(refused)) == ["position"]
    assert [row.name for row in Category.objects.all()] == ["Office", "Home", "Garden"]
    listed = client.get(page("catalog.category")).context["cl"].result_list
    assert [row.name for row in listed] == ["Office", "Home", "Garden"]


def test_a_category_with_products_is_not_deleted(client: Client) -> None:
    lamps = make_category()
    product = make_lamp(category=lamps)
    delete = page("catalog.category", "delete", lamps.pk)

    response = client.post(delete, {"post": "yes"}, follow=True)
    assert messages(response) == ["It still has categories or products in it; move them first."]
    products.update(product, {"category": None}, user=User.objects.get())
    client.post(delete, {"post": "yes"})

    assert not type(lamps).objects.exists()


def test_a_collection_keeps_the_merchants_order(client: Client) -> None:
    add = page("catalog.collection", "add")
    first, second, third = (make_variant().product for _ in range(3))
    rows = {"places__TOTAL_FORMS": "2", "places__0__product": first.pk}

    client.post(add, filled(client, add, name="Gifts", **rows, places__1__product=second.pk))
    collection = first.collections.get()
    url = page("catalog.collection", "change", collection.pk)
    client.post(
        url,
        filled(client, url, name="Presents", places__0__position=5, places__1__position=0,
               places__2__product=third.pk, places__2__position=2),
    )  # fmt: skip

    collection.refresh_from_db()
    assert (collection.name, collection.slug) == ("Presents", "gifts")
    placed = [place.product for place in collection.places.all()]
    assert placed == [second, third, first]
    client.post(url, filled(client, url, places__0__DELETE="on"))
    assert [place.product for place in collection.places.all()] == [third, first]


def test_a_brand_that_is_renamed_is_renamed_on_its_products(client: Client) -> None:
    product = make_lamp(brand="Essence")
    Brand.objects.create(name="Nordlys", slug="nordlys")
    url = page("catalog.brand", "change", product.brand_id)

    taken = client.post(url, filled(client, url, name="NORDLYS"))
    client.post(url, filled(client, url, name="Essence Ltd"))

    assert errors(taken) == {"name": ["There is one with this name already."]}
    product.refresh_from_db()
    assert (product.brand_name, product.brand and product.brand.slug) == (
        "Essence Ltd",
        "essence-ltd",
    )
    assert "essence ltd" in product.search_text


def test_an_attribute_has_its_values(client: Client) -> None:
    add = page("catalog.attribute", "add")
    rows = {"values__TOTAL_FORMS": "1", "values__0__value": "Dark Oak", "values__0__position": 0}

    client.post(add, filled(client, add, name="Wood", **rows))
    found = attributes.values([Named("wood", "dark oak")])
    url = page("catalog.attribute", "change", next(iter(found.values())).attribute_id)
    again = {"values__1__value": "DARK OAK", "values__1__position": 1}
    twice = client.post(url, filled(client, url, **again))

    assert [value.value for value in found.values()] == ["Dark Oak"]
    assert errors(twice) == {"values-1-value": ["There is one with this name already."]}


@pytest.mark.parametrize("model", [Brand, Attribute])
def test_what_products_use_is_not_deleted(client: Client, model: type[Any]) -> None:
    make_lamp(brand="Essence", attributes=[Named("Wood", "Oak")])
    row, unused = model.objects.first(), model.objects.create(name="Unused", slug="unused")
    label = f"catalog.{model._meta.model_name}"

    kept = client.post(page(label, "delete", row.pk), {"post": "yes"}, follow=True)
    client.post(page(label, "delete", unused.pk), {"post": "yes"})

    assert messages(kept) == ["It is still in use, so it cannot be deleted."]
    assert model.objects.filter(pk=row.pk).exists()
    assert not model.objects.filter(pk=unused.pk).exists()
    assert LogEntry.objects.filter(action_flag=DELETION).count() == 1


def test_a_value_that_products_use_is_not_deleted(client: Client) -> None:
    make_lamp(attributes=[Named("Wood", "Oak")])
    wood = Attribute.objects.get(name="Wood")
    url = page("catalog.attribute", "change", wood.pk)

    response = client.post(url, filled(client, url, values__0__DELETE="on"))

    shown(response)
    assert wood.values.count() == 1


# ── reviews ─────────────────────────────────────────────────────────────────────────────────


def test_reviews_are_published_and_rejected_and_count_at_once() -> None:
    from catalog import reviews

    product = make_lamp(status=Product.Status.ACTIVE)
    review = reviews.upsert(make_user(), product, rating=4, texts={"title": "Good"})
    client = signed_in(make_staff("catalog.moderate_review"))
    url, chosen = page("catalog.review"), {"_selected_action": [review.pk]}

    client.post(url, {"action": "reject", **chosen})
    product.refresh_from_db()
    assert product.rating_count == 0
    assert "Good" in shown(client.get(url, {"status__exact": "REJECTED"}))
    client.post(url, {"action": "publish", **chosen})

    product.refresh_from_db()
    assert (product.rating_count, product.rating_average) == (1, 4.0)
    delete = page("catalog.review", "delete", review.pk)
    assert client.post(delete, {"post": "yes"}).status_code == 403


def test_who_may_not_moderate_has_no_such_action() -> None:
    from catalog import reviews

    review = reviews.upsert(make_user(), make_lamp(), rating=1, texts={})
    client = signed_in(make_staff("catalog.view_review", "catalog.delete_review"))
    url = page("catalog.review")

    client.post(url, {"action": "reject", "_selected_action": [review.pk]})
    review.refresh_from_db()
    assert review.status == "PUBLISHED"
    client.post(page("catalog.review", "delete", review.pk), {"post": "yes"})

    assert not type(review).objects.exists()
    assert Product.objects.get().rating_count == 0


# ── statements ──────────────────────────────────────────────────────────────────────────────


def grow(number: int) -> None:
    """One more row in each of the lists."""
    from catalog import collections, reviews

    owner = User.objects.get(is_superuser=True)
    name = f"Thing {number}"
    draft = VariantDraft(f"T-{number}", Decimal(5), options=RED, stock=1)
    product = products.create(
        ProductDraft(
            name=name,
            variants=[draft],
            brand=f"Brand {number}",
            category=categories.create(name=name),
            collections=[collections.create(name=name)],
            attributes=[Named(f"Name {number}", "Value")],
        ),
        owner=owner,
    )
    images.attach(product, [picture(size=64)], user=owner)
    reviews.upsert(make_user(), product, rating=5, texts={"title": name})


def test_lists_cost_the_same_for_many_rows(client: Client) -> None:
    models = ("product", "variant", "stockmovement", "category", "collection", "brand")
    urls = [page(f"catalog.{model}") for model in (*models, "attribute", "review")]
    grow(0)
    few = {url: statements(client, url) for url in urls}

    for number in range(1, 50):
        grow(number)

    assert {url: statements(client, url) for url in urls} == few


def test_a_products_page_costs_the_same_for_many_variants(client: Client) -> None:
    product, boss = make_lamp(several=True), User.objects.get()
    images.attach(product, [picture()], user=boss)
    client.get(product_page(product))  # content types are looked up once a process
    few = statements(client, product_page(product))

    for number in range(20):
        options = [Named("Colour", f"Shade {number}")]
        draft = VariantDraft(f"S-{number}", Decimal(5), options=options)
        variants.create(product, draft, user=boss)

    assert statements(client, product_page(product)) == few
