"""The merchant's mutations over HTTP: who may, what comes back, what is refused where."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from catalog.models import Category, Product, ProductImage, Review, StockMovement, Variant
from schema import ids
from tests.client import call, mutate, refusals
from tests.factories import make_category, make_product, make_staff, make_user, make_variant
from tests.schema.sending import picture, send
from users.models import User

MERCHANT = (
    *("catalog.add_product", "catalog.change_product", "catalog.delete_product"),
    *("catalog.add_category", "catalog.change_category", "catalog.delete_category"),
    *("catalog.add_collection", "catalog.change_collection", "catalog.delete_collection"),
    *("catalog.adjust_stock", "catalog.moderate_review"),
)
LAMP = {"name": "Lamp", "variants": [{"sku": "L-1", "price": "19.90", "stock": 3}]}
SENT = {"filename": "x.jpg", "contentType": "image/jpeg", "size": 1000}
ODD_IDS = [
    "",
    "x",
    "UHJvZHVjdA==",
    "UHJvZHVjdDo5OTk5OTk=",
    "VXNlcjox",
    "9" * 400,
    "UHJvZHVjdDrCsg==",
]


def merchant() -> User:
    return make_staff(*MERCHANT)


def test_a_product_is_made_with_all_that_belongs_to_it() -> None:
    light = make_category("Light")
    sizes = [
        {
            "sku": f"L-{size}",
            "price": "19.90",
            "compareAtPrice": "24.00",
            "stock": 3,
            "weightGrams": 700,
            "options": [{"name": "Size", "value": size}],
        }
        for size in ("S", "M")
    ]
    input = {
        "name": "Lamp",
        "brand": "Glow",
        "status": "ACTIVE",
        "categoryId": ids.of(light),
        "attributes": [{"name": "Material", "value": "Oak"}],
        "variants": sizes,
    }

    payload = mutate(
        "productCreate",
        input,
        """product { id slug brand status publishedAt inStock category { name }
            price { amount currency } compareAtPrice { amount } options { name values }
            attributes { name value } variants { sku name stock weightGrams trackStock } }""",
        user=merchant(),
    )

    product = Product.objects.get()
    assert payload["errors"] == []
    assert payload["product"] | {"publishedAt": None} == {
        "id": ids.of(product),
        "slug": "lamp",
        "brand": "Glow",
        "status": "ACTIVE",
        "publishedAt": None,
        "inStock": True,
        "category": {"name": "Light"},
        "price": {"amount": "19.90", "currency": "EUR"},
        "compareAtPrice": {"amount": "24.00"},
        "options": [{"name": "Size", "values": ["S", "M"]}],
        "attributes": [{"name": "Material", "value": "Oak"}],
        "variants": [
            {"sku": f"L-{s}", "name": s, "stock": 3, "weightGrams": 700, "trackStock": True}
            for s in ("S", "M")
        ],
    }


def test_who_makes_a_product_may_change_and_delete_it() -> None:
    maker = make_staff("catalog.add_product")
    made = mutate("productCreate", LAMP, "product { id variants { id } }", user=maker)["product"]

    changed = mutate(
        "productUpdate", {"id": made["id"], "name": "Lantern"}, "product { name }", user=maker
    )
    assert changed["product"] == {"name": "Lantern"}

    added = mutate(
        "variantUpdate", {"id": made["variants"][0]["id"], "price": "5"},
        "variant { price { amount } product { price { amount } } }", user=maker,
    )  # fmt: skip
    assert added["variant"]["product"]["price"] == {"amount": "5.00"}

    gone = mutate("productDelete", {"id": made["id"]}, "deletedId", user=maker)
    assert (gone["deletedId"], Product.objects.exists()) == (made["id"], False)


def inputs() -> dict[str, tuple[dict[str, Any], str]]:
    """An input that would go through for each mutation of staff, and the permission it needs."""
    variant, image_of = make_variant(), make_product()
    product = ids.of(variant.product)
    make_variant(product=variant.product)
    image = ProductImage.objects.create(
        product=image_of, file="x.jpg", width=1, height=1, bytes=1, mime="image/jpeg", checksum="x"
    )
    review = Review.objects.create(product=image_of, author=make_user(), rating=5)
    category, collection = ids.of(make_category()), ids.pack("Collection", "1")
    new = {"sku": "N", "price": "1", "options": [{"name": "Size", "value": "M"}]}
    return {
        "productCreate": (LAMP, "catalog.add_product"),
        "productUpdate": ({"id": product, "name": "x"}, ""),
        "productDelete": ({"id": product}, ""),
        "variantCreate": ({"productId": product, "variant": new}, ""),
        "variantUpdate": ({"id": ids.of(variant), "name": "x"}, ""),
        "variantDelete": ({"id": ids.of(variant)}, ""),
        "stockAdjust": (
            {"changes": [{"variantId": ids.of(variant), "delta": 1}]},
            "catalog.adjust_stock",
        ),
        "categoryCreate": ({"name": "x"}, "catalog.add_category"),
        "categoryUpdate": ({"id": category, "name": "x"}, "catalog.change_category"),
        "categoryDelete": ({"id": category}, "catalog.delete_category"),
        "collectionCreate": ({"name": "x"}, "catalog.add_collection"),
        "collectionUpdate": ({"id": collection, "name": "x"}, "catalog.change_collection"),
        "collectionDelete": ({"id": collection}, "catalog.delete_collection"),
        "productImagesUpload": ({"productId": product, "files": ["x"]}, ""),
        "productImageUploadCreate": ({"productId": product} | SENT, ""),
        "productImageUpdate": ({"id": ids.of(image), "alt": "x"}, ""),
        "productImageDelete": ({"id": ids.of(image)}, ""),
        "reviewModerate": ({"id": ids.of(review), "status": "REJECTED"}, "catalog.moderate_review"),
    }


STAFF_ONLY = [
    *("productCreate", "productUpdate", "productDelete", "variantCreate", "variantUpdate"),
    *("variantDelete", "stockAdjust", "categoryCreate", "categoryUpdate", "categoryDelete"),
    *("collectionCreate", "collectionUpdate", "collectionDelete", "productImagesUpload"),
    *("productImageUploadCreate", "productImageUpdate", "productImageDelete", "reviewModerate"),
]


def codes(name: str, input: dict[str, Any], user: User | None) -> list[str]:
    """The codes of the top-level errors, else of the refusals."""
    kind = name[0].upper() + name[1:]
    document = (
        f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ errors {{ code path }} }} }}"
    )
    answer = call(document, input=input, user=user)
    payload: dict[str, Any] = (answer.body.get("data") or {}).get(name) or {}
    return answer.codes or [error["code"] for error in payload["errors"]]


@pytest.mark.parametrize("name", STAFF_ONLY)
def test_only_staff_with_the_right_to_it_may(name: str) -> None:
    input, permission = inputs()[name]
    before = list(Product.objects.values()), list(Variant.objects.values())

    assert codes(name, input, None) == ["UNAUTHENTICATED"]
    assert codes(name, input, make_user()) == ["FORBIDDEN"]
    assert codes(name, input, make_staff()) == ["FORBIDDEN" if permission else "NOT_ALLOWED"]
    assert (list(Product.objects.values()), list(Variant.objects.values())) == before
    if permission:
        assert "FORBIDDEN" not in codes(name, input, make_staff(permission))


@pytest.mark.parametrize("id", ODD_IDS)
@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("productUpdate", "id"),
        ("productDelete", "id"),
        ("variantCreate", "productId"),
        ("variantUpdate", "id"),
        ("variantDelete", "id"),
        ("categoryUpdate", "id"),
        ("categoryDelete", "id"),
        ("categoryCreate", "parentId"),
        ("collectionUpdate", "id"),
        ("collectionDelete", "id"),
        ("productImagesUpload", "productId"),
        ("productImageUploadCreate", "productId"),
        ("productImageUploadComplete", "uploadId"),
        ("productImageUpdate", "id"),
        ("productImageDelete", "id"),
        ("reviewUpsert", "productId"),
        ("reviewDelete", "productId"),
        ("reviewModerate", "id"),
        ("productCreate", "categoryId"),
    ],
)
def test_an_odd_id_is_not_found(name: str, field: str, id: str) -> None:
    rest: dict[str, dict[str, Any]] = {
        "variantCreate": {"variant": {"sku": "x", "price": "1"}},
        "categoryCreate": {"name": "x"},
        "productImagesUpload": {"files": ["x"]},
        "productImageUploadCreate": SENT,
        "reviewUpsert": {"rating": 5},
        "reviewModerate": {"status": "PUBLISHED"},
        "productCreate": LAMP,
    }

    payload = mutate(name, {field: id} | rest.get(name, {}), "__typename", user=merchant())

    assert refusals(payload) == [("NOT_FOUND", [field])]


@pytest.mark.parametrize("id", ODD_IDS)
def test_an_odd_id_within_a_list_is_told_by_its_place(id: str) -> None:
    user, fine = merchant(), make_variant()
    product = ids.of(fine.product)

    stocks = [{"variantId": ids.of(fine), "delta": 1}, {"variantId": id, "delta": 1}]
    payload = mutate("stockAdjust", {"changes": stocks}, "variants { id }", user=user)
    assert refusals(payload) == [("NOT_FOUND", ["changes", "1", "variantId"])]
    assert payload["variants"] == []

    payload = mutate(
        "collectionCreate", {"name": "x", "productIds": [product, id]}, "__typename", user=user
    )
    assert refusals(payload) == [("NOT_FOUND", ["productIds", "1"])]

    payload = mutate("productCreate", LAMP | {"collectionIds": [id]}, "__typename", user=user)
    assert refusals(payload) == [("NOT_FOUND", ["collectionIds", "0"])]
    assert StockMovement.objects.count() == 1


def test_refusals_name_the_input_in_its_own_words() -> None:
    broken = {
        "sku": "A\0",
        "price": "1",
    }
    payload = mutate("productCreate", LAMP | {"variants": [broken]}, "__typename", user=merchant())
    assert refusals(payload) == [("INVALID", ["variants", "0", "sku"])]

    odd = {"sku": "A", "price": "2", "compareAtPrice": "1", "weightGrams": -1, "stock": -5}
    payload = mutate("productCreate", LAMP | {"variants": [odd]}, "__typename", user=merchant())
    assert sorted(refusals(payload)) == [
        ("OUT_OF_RANGE", ["variants", "0", "compareAtPrice"]),
        ("OUT_OF_RANGE", ["variants", "0", "stock"]),
        ("OUT_OF_RANGE", ["variants", "0", "weightGrams"]),
    ]
    assert not Product.objects.exists()


def test_more_variants_than_a_list_takes_are_refused_as_a_whole() -> None:
    many = [{"sku": f"x{n}", "price": "1"} for n in range(51)]

    answer = call(
        "mutation($input: ProductCreateInput!) { productCreate(input: $input) { __typename } }",
        input=LAMP | {"variants": many},
        user=merchant(),
    )

    assert answer.codes == ["LIMIT_EXCEEDED"]


def test_left_out_stays_and_null_empties() -> None:
    user, light = merchant(), make_category()
    made = mutate(
        "productCreate",
        LAMP | {"categoryId": ids.of(light), "brand": "Glow", "description": "Old."},
        "product { id }",
        user=user,
    )["product"]["id"]

    changed = mutate(
        "productUpdate", {"id": made, "categoryId": None, "brand": None},
        "product { brand description category { id } }", user=user,
    )  # fmt: skip
    refused = mutate("productUpdate", {"id": made, "name": None}, "product { id }", user=user)

    assert changed["product"] == {"brand": None, "description": "Old.", "category": None}
    assert refusals(refused) == [("REQUIRED", ["name"])]
    assert refused["product"] is None


def test_a_variant_is_added_changed_and_deleted() -> None:
    user = merchant()
    one = {"sku": "S", "price": "1", "options": [{"name": "Size", "value": "S"}]}
    two = {"sku": "M", "price": "2", "options": [{"name": "Size", "value": "M"}]}
    product = mutate("productCreate", LAMP | {"variants": [one]}, "product { id }", user=user)
    input = {"productId": product["product"]["id"], "variant": two}

    made = mutate("variantCreate", input, "variant { id name }", user=user)["variant"]
    taken = mutate("variantCreate", input, "variant { id }", user=user)
    changed = mutate(
        "variantUpdate",
        {"id": made["id"], "options": [{"name": "Size", "value": "XL"}], "position": 0},
        "variant { name product { variants { sku } } }",
        user=user,
    )
    gone = mutate("variantDelete", {"id": made["id"]}, "deletedId", user=user)

    assert made["name"] == "M"
    assert {code for code, _ in refusals(taken)} == {"ALREADY_EXISTS"}
    assert ("ALREADY_EXISTS", ["variant", "sku"]) in refusals(taken)
    assert changed["variant"]["name"] == "XL"
    assert changed["variant"]["product"]["variants"] == [{"sku": "M"}, {"sku": "S"}]
    assert gone["deletedId"] == made["id"]


def test_stock_is_set_by_what_was_read_and_a_repeat_does_nothing() -> None:
    user, lamp = merchant(), make_variant(stock=5)
    input = {
        "changes": [{"variantId": ids.of(lamp), "delta": 3, "expected": 5}],
        "reason": "counted",
    }

    first = mutate("stockAdjust", input, "variants { stock available }", user=user)
    second = mutate("stockAdjust", input, "variants { stock }", user=user)

    assert first["variants"] == [{"stock": 8, "available": 8}]
    assert refusals(second) == [("CONFLICT", ["changes", "0", "expected"])]
    lamp.refresh_from_db()
    assert lamp.stock == 8


def test_categories_move_in_the_tree() -> None:
    user = merchant()

    def make(name: str, parent: str | None = None) -> str:
        made = mutate(
            "categoryCreate", {"name": name, "parentId": parent}, "category { id }", user=user
        )
        return str(made["category"]["id"])

    home = make("Home")
    light = make("Light", home)
    circle = mutate("categoryUpdate", {"id": home, "parentId": light}, "__typename", user=user)
    moved = mutate(
        "categoryUpdate", {"id": light, "parentId": None},
        "category { parent { id } ancestors { id } }", user=user,
    )  # fmt: skip
    full = make_product(category=Category.objects.get(name="Home"))
    kept = mutate("categoryDelete", {"id": home}, "deletedId", user=user)
    full.delete()
    gone = mutate("categoryDelete", {"id": home}, "deletedId", user=user)

    assert refusals(circle) == [("INVALID", ["parentId"])]
    assert moved["category"] == {"parent": None, "ancestors": []}
    assert (refusals(kept), kept["deletedId"]) == ([("INVALID_STATE", ["id"])], None)
    assert gone["deletedId"] == home


def test_a_collection_is_filled_in_order() -> None:
    user, products = merchant(), [make_product(name=name) for name in "abc"]
    a, b, c = (ids.of(product) for product in products)

    made = mutate(
        "collectionCreate", {"name": "Summer", "productIds": [b, a]},
        "collection { id slug products { nodes { name } } }", user=user,
    )["collection"]  # fmt: skip
    changed = mutate(
        "collectionUpdate",
        {"id": made["id"], "addProductIds": [c], "removeProductIds": [b]},
        "collection { products { nodes { name } } }",
        user=user,
    )["collection"]
    gone = mutate("collectionDelete", {"id": made["id"]}, "deletedId", user=user)

    assert (made["slug"], made["products"]["nodes"]) == ("summer", [{"name": "b"}, {"name": "a"}])
    assert changed["products"]["nodes"] == [{"name": "a"}, {"name": "c"}]
    assert gone["deletedId"] == made["id"]


def test_a_review_is_written_rewritten_and_taken_back() -> None:
    author, product = make_user(first_name="Ada", last_name="King"), make_product()
    on = {"productId": ids.of(product)}
    shown = "review { rating title body author status product { rating { average count } } }"

    mutate("reviewUpsert", on | {"rating": 2, "body": "Dim."}, shown, user=author)
    again = mutate("reviewUpsert", on | {"rating": 4, "title": "Well"}, shown, user=author)

    assert again["review"] == {
        "rating": 4,
        "title": "Well",
        "body": "Dim.",
        "author": "Ada K.",
        "status": "PUBLISHED",
        "product": {"rating": {"average": 4.0, "count": 1}},
    }
    review = Review.objects.get()
    stranger = mutate("reviewDelete", on, "deletedId", user=make_user())
    gone = mutate("reviewDelete", on, "deletedId", user=author)
    assert refusals(stranger) == [("NOT_FOUND", ["productId"])]
    assert gone["deletedId"] == ids.of(review)
    assert not Review.objects.exists()


@pytest.mark.parametrize("rating", [0, 6, -1, 2**31 - 1])
def test_a_rating_has_one_to_five_stars(rating: int) -> None:
    input = {"productId": ids.of(make_product()), "rating": rating}

    payload = mutate("reviewUpsert", input, "review { id }", user=make_user())

    assert refusals(payload) == [("OUT_OF_RANGE", ["rating"])]


@pytest.mark.parametrize("name", ["reviewUpsert", "reviewDelete"])
def test_nobody_reviews_unknown(name: str) -> None:
    input: dict[str, Any] = {"productId": ids.of(make_product())}
    input |= {"rating": 5} if name == "reviewUpsert" else {}

    assert codes(name, input, None) == ["UNAUTHENTICATED"]


def test_what_is_not_on_sale_is_not_reviewed() -> None:
    draft = make_product(status="DRAFT")

    payload = mutate(
        "reviewUpsert", {"productId": ids.of(draft), "rating": 5}, "review { id }",
        user=merchant(),
    )  # fmt: skip

    assert refusals(payload) == [("NOT_FOUND", ["productId"])]


def test_a_rejected_review_counts_no_more() -> None:
    product = make_product()
    written = mutate(
        "reviewUpsert", {"productId": ids.of(product), "rating": 1}, "review { id }",
        user=make_user(),
    )["review"]["id"]  # fmt: skip

    payload = mutate(
        "reviewModerate", {"id": written, "status": "REJECTED"},
        "review { status product { rating { average count } } }", user=merchant(),
    )  # fmt: skip

    assert payload["review"] == {
        "status": "REJECTED",
        "product": {"rating": {"average": None, "count": 0}},
    }


def upload(user: User, product: str, *files: SimpleUploadedFile) -> dict[str, Any]:
    input = {"productId": product, "files": [None] * len(files), "alt": "Front"}
    selection = "images { id alt width url narrow: url(width: 320) position }"
    places = {f"files.{at}": file for at, file in enumerate(files)}
    return send("productImagesUpload", input, selection, user=user, files=places)


def test_pictures_are_sent_ordered_and_deleted(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    user, product = merchant(), make_product()

    sent = upload(user, ids.of(product), picture("red"), picture("blue"))
    red, blue = sent["images"]
    stem = red["url"].removesuffix(".jpg")
    assert stem.startswith("/media/products/")
    assert red == {
        "id": red["id"], "alt": "Front", "width": 700, "url": f"{stem}.jpg",
        "narrow": f"{stem}-320.webp", "position": 0,
    }  # fmt: skip

    first = mutate(
        "productImageUpdate", {"id": blue["id"], "position": 0, "alt": None},
        "image { alt position }", user=user,
    )  # fmt: skip
    assert first["image"] == {"alt": "", "position": 0}
    gone = mutate("productImageDelete", {"id": red["id"]}, "deletedId", user=user)
    assert gone["deletedId"] == red["id"]
    product.refresh_from_db()
    assert ids.pack("Image", str(product.image_id)) == blue["id"]


def test_what_is_no_picture_is_told_by_its_place(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    html = SimpleUploadedFile("x.jpg", b"<html>", "image/jpeg")

    payload = upload(merchant(), ids.of(make_product()), picture("red"), html)

    assert payload["errors"] == [{"code": "UNSUPPORTED_FILE", "path": ["files", "1"]}]
    assert payload["images"] == []
    assert not ProductImage.objects.exists()
