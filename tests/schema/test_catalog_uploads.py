"""Pictures sent straight to the storage, over HTTP: the form, and what is made of the file."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from catalog import pictures, uploads
from catalog.models import ImageUpload, Product, ProductImage
from schema import ids
from shop import storages
from tests.client import call, mutate, refusals
from tests.factories import make_product, make_staff, make_user
from tests.schema.sending import picture
from users import tokens
from users.models import User

FORM = "uploadId url fields { name value } expiresAt"
IMAGE = "image { id alt position width height placeholder url narrow: url(width: 320) }"
COMPLETE = """mutation($input: ProductImageUploadCompleteInput!) {
    productImageUploadComplete(input: $input) { errors { code path } } }"""


@pytest.fixture
def maker() -> User:
    return make_staff("catalog.add_product")


@pytest.fixture
def product(maker: User) -> Product:
    return make_product(owner=maker)


def asked(product: Product, file: SimpleUploadedFile, **more: Any) -> dict[str, Any]:
    said = {"filename": file.name, "contentType": "image/jpeg", "size": file.size}
    return {"productId": ids.of(product)} | said | more


def create(product: Product, file: SimpleUploadedFile, user: User) -> dict[str, Any]:
    return mutate("productImageUploadCreate", asked(product, file), FORM, user=user)


def sent(product: Product, user: User, data: bytes = b"") -> str:
    """A file that lies where it was to be sent; the upload's id."""
    data = data or picture().read()
    offer = uploads.create(product, filename="x.jpg", mime="image/jpeg", size=len(data), user=user)
    storages.private().save(offer.upload.key, ContentFile(data))
    return str(offer.upload.pk)


def larger_than_announced(product: Product, user: User) -> str:
    id = sent(product, user)
    key = ImageUpload.objects.get(pk=id).key
    storages.private().save(key, ContentFile(bytes(pictures.MOST_BYTES + 1)))
    return id


@pytest.mark.usefixtures("disk")
def test_the_page_sends_the_form_and_a_picture_is_made_of_it(product: Product, maker: User) -> None:
    file = picture()

    form = create(product, file, maker)
    to = urlsplit(form["url"])
    fields = {field["name"]: field["value"] for field in form["fields"]}
    posted = Client().post(to.path, fields | {"file": file})
    input = {"uploadId": form["uploadId"], "alt": " Front "}
    payload = mutate("productImageUploadComplete", input, IMAGE, user=maker)

    assert (to.scheme, to.netloc) == ("http", "testserver")
    assert posted.status_code == 204
    row = ProductImage.objects.get()
    assert payload["errors"] == []
    assert payload["image"] == {
        "id": ids.of(row), "alt": "Front", "position": 0, "width": 700, "height": 350,
        "placeholder": row.placeholder, "url": f"/media/{row.file}",
        "narrow": f"/media/{row.file.removesuffix('.jpg')}-320.webp",
    }  # fmt: skip
    assert len(row.placeholder) > 6


def test_the_answer_is_a_form_in_its_order_with_its_end(
    place: str, product: Product, maker: User
) -> None:
    form = create(product, picture(), maker)

    names = [field["name"] for field in form["fields"]]
    values = {field["name"]: field["value"] for field in form["fields"]}
    assert urlsplit(form["url"]).scheme == "http"
    assert values["Content-Type"] == "image/jpeg"
    assert values["key"].endswith(f"uploads/{form['uploadId']}")
    assert UUID(form["uploadId"]) == ImageUpload.objects.get().pk
    assert "file" not in names  # which comes last, behind all of these
    if place == "bucket":
        assert {"policy", "x-amz-signature"} <= set(names)
    left = datetime.fromisoformat(form["expiresAt"]) - timezone.now()
    assert timedelta(minutes=4) < left <= timedelta(minutes=5)


@pytest.mark.usefixtures("disk")
def test_behind_a_proxy_the_address_is_the_one_the_client_knows(
    product: Product, maker: User, settings: Settings
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    document = """mutation($input: ProductImageUploadCreateInput!) {
        productImageUploadCreate(input: $input) { url } }"""
    response = Client().post(
        "/graphql/",
        {"query": document, "variables": {"input": asked(product, picture())}},
        content_type="application/json",
        headers={
            "Authorization": f"Bearer {tokens.access_token(maker)}",
            "Host": "localhost",
            "X-Forwarded-Proto": "https",
        },
    )

    url = response.json()["data"]["productImageUploadCreate"]["url"]
    assert url.startswith("https://localhost/uploads/")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"contentType": "image/svg+xml"}, ("UNSUPPORTED_FILE", ["contentType"])),
        ({"contentType": "IMAGE/JPEG"}, ("UNSUPPORTED_FILE", ["contentType"])),
        ({"size": 0}, ("OUT_OF_RANGE", ["size"])),
        ({"size": -1}, ("OUT_OF_RANGE", ["size"])),
        ({"size": pictures.MOST_BYTES + 1}, ("FILE_TOO_LARGE", ["size"])),
        ({"filename": "x" * 256}, ("TOO_LONG", ["filename"])),
    ],
)
def test_what_may_not_be_sent_is_told_before_it_is_sent(
    product: Product, maker: User, change: dict[str, Any], refusal: tuple[str, list[str]]
) -> None:
    input = asked(product, picture(), **change)

    payload = mutate("productImageUploadCreate", input, FORM, user=maker)

    assert refusals(payload) == [refusal]
    assert [payload[name] for name in ("uploadId", "url", "fields", "expiresAt")] == [
        *(None, None, [], None),
    ]
    assert not ImageUpload.objects.exists()


@pytest.mark.usefixtures("disk")
def test_only_who_may_change_the_product_completes(product: Product, maker: User) -> None:
    input = {"uploadId": sent(product, maker)}

    def codes(user: User | None) -> list[str]:
        answer = call(COMPLETE, input=input, user=user)
        payload = (answer.body.get("data") or {}).get("productImageUploadComplete") or {}
        return answer.codes or [error["code"] for error in payload["errors"]]

    assert codes(None) == ["UNAUTHENTICATED"]
    assert codes(make_user()) == ["FORBIDDEN"]
    assert codes(make_staff("catalog.add_product")) == ["NOT_FOUND"]
    assert not ProductImage.objects.exists()
    assert codes(make_staff("catalog.change_product")) == []
    assert ProductImage.objects.exists()


@pytest.mark.usefixtures("disk")
def test_what_is_wrong_with_what_was_sent_is_told_at_the_upload(
    product: Product, maker: User
) -> None:
    there = sent(product, maker)
    mutate("productImageUploadComplete", {"uploadId": there}, "__typename", user=maker)
    offer = uploads.create(product, filename="x", mime="image/jpeg", size=9, user=maker)
    inputs = {
        "NOT_FOUND": {"uploadId": str(uuid4())},
        "INVALID_STATE": {"uploadId": str(offer.upload.pk)},
        "UNSUPPORTED_FILE": {"uploadId": sent(product, maker, b"<svg/>")},
        "FILE_TOO_LARGE": {"uploadId": larger_than_announced(product, maker)},
        "ALREADY_EXISTS": {"uploadId": sent(product, maker)},
    }

    for code, input in inputs.items():
        payload = mutate("productImageUploadComplete", input, IMAGE, user=maker)

        assert refusals(payload) == [(code, ["uploadId"])]
        assert payload["image"] is None
    assert ProductImage.objects.count() == 1


@pytest.mark.usefixtures("disk")
def test_asked_again_the_same_picture_is_answered(product: Product, maker: User) -> None:
    input = {"uploadId": sent(product, maker)}

    first = mutate("productImageUploadComplete", input, IMAGE, user=maker)
    second = mutate("productImageUploadComplete", input, IMAGE, user=maker)

    assert first == second
    assert ProductImage.objects.count() == 1


@pytest.mark.usefixtures("disk")
def test_too_long_a_text_is_refused_at_its_field(product: Product, maker: User) -> None:
    input = {"uploadId": sent(product, maker), "alt": "x" * 301}

    payload = mutate("productImageUploadComplete", input, IMAGE, user=maker)

    assert refusals(payload) == [("TOO_LONG", ["alt"])]
    assert not ProductImage.objects.exists()
