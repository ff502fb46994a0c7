"""Requests that are wrong as a whole: forms with files, bearers, documents."""

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from catalog.models import ProductImage
from schema import ids
from schema.http import media
from tests.client import Answer, call
from tests.factories import make_product, make_user
from tests.schema.whole_inputs import boss, picture
from users import tokens

pytestmark = pytest.mark.usefixtures("media")
UPLOAD = """mutation($input: ProductImagesUploadInput!) {
  productImagesUpload(input: $input) { images { id } errors { code path } }
}"""
PREFLIGHT = {"GraphQL-Preflight": "1"}


def form(operations: Any, places: Any, *, headers: Any = PREFLIGHT, **files: Any) -> Answer:
    """A multipart request; operations and map as JSON unless they are texts already."""
    fields = {"operations": operations, "map": places}
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in fields.items()}
    token = tokens.access_token(boss())
    response = Client().post(
        "/graphql/",
        texts | files,
        headers={"Authorization": f"Bearer {token}", "Accept": media.GRAPHQL} | headers,
    )
    return Answer(response.status_code, response.json())


def upload(*files: SimpleUploadedFile) -> Answer:
    input = {"productId": ids.of(make_product()), "files": [None] * len(files)}
    places = {f"f{at}": [f"variables.input.files.{at}"] for at in range(len(files))}
    named = {f"f{at}": file for at, file in enumerate(files)}
    return form(
        {"query": UPLOAD, "variables": {"input": input}}, places, headers=PREFLIGHT, **named
    )


def truncated() -> bytes:
    out = BytesIO()
    Image.effect_noise((80, 80), 90).save(out, "JPEG")
    return out.getvalue()[:-400]


WRONG_FILES = {
    "a text called jpg": (b"This is no picture.", "UNSUPPORTED_FILE"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "UNSUPPORTED_FILE"),
    "GIF": (b"GIF89a\1\0\1\0\0\0\0;", "UNSUPPORTED_FILE"),
    "truncated": (truncated(), "UNSUPPORTED_FILE"),
    "only the beginning": (b"\xff\xd8\xff\xe0", "UNSUPPORTED_FILE"),
    "nothing in it": (b"", "UNSUPPORTED_FILE"),
    "11 MB": (b"\xff\xd8" + b"\0" * 11_000_000, "FILE_TOO_LARGE"),
}


@pytest.mark.parametrize("what", WRONG_FILES)
def test_a_file_that_is_no_picture_keeps_all_of_them_out(what: str, media: Path) -> None:
    data, code = WRONG_FILES[what]

    answer = upload(picture(), SimpleUploadedFile("x.jpg", data, "image/jpeg"))

    (error,) = answer.data["productImagesUpload"]["errors"]
    assert (error["code"], error["path"]) == (code, ["files", "1"])
    assert answer.data["productImagesUpload"]["images"] == []
    assert not ProductImage.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["../../x.jpg", "a\0b.jpg", "x" * 5000 + ".jpg", "\u202egpj.exe"])
def test_what_a_file_is_called_does_not_matter(name: str, media: Path) -> None:
    good = picture().read()

    answer = upload(SimpleUploadedFile(name, good))

    assert answer.data["productImagesUpload"]["errors"] == []
    assert [path.parent.parent for path in media.rglob("*.webp")] == [media / "products"]


def test_more_files_than_a_form_takes_are_too_much() -> None:
    answer = upload(*[picture()] * 11)

    assert (answer.status, answer.codes) == (413, ["BAD_REQUEST"])


def test_a_form_has_bounds_like_any_other_body() -> None:
    answer = form({"query": UPLOAD, "variables": {"x": "x" * 300_000}}, {})

    assert (answer.status, answer.codes) == (413, ["BAD_REQUEST"])


@pytest.mark.parametrize(
    "places",
    [
        None, 7, "", "{", [], ["f"], {"f": None}, {"f": 7}, {"f": "variables.input.files.0"},
        {"g": ["variables.input.files.0"]}, {"f": ["variables.input.files.9"]}, {"f": [None]},
        {"f": ["variables.nothing.here"]}, {"f": [""]}, {"f": ["variables.input.files.x"]},
        {"f": ["query.0"]}, {"f": ["__class__"]}, {"f": ["variables.input.files.-1.x"]},
    ],
)  # fmt: skip
def test_a_map_that_does_not_fit_is_a_bad_request(places: Any) -> None:
    input = {"productId": ids.of(make_product()), "files": [None]}

    answer = form({"query": UPLOAD, "variables": {"input": input}}, places, f=picture())

    assert answer.status == 400
    assert answer.codes[0] in {"BAD_REQUEST", "VALIDATION_FAILED"}
    assert not ProductImage.objects.exists()


@pytest.mark.parametrize("operations", ["", "{", "null", "7", [], {"query": 7}, {"variables": {}}])
def test_operations_that_are_none_are_a_bad_request(operations: Any) -> None:
    assert form(operations, {"f": ["variables.x"]}, f=picture()).status == 400


def test_files_are_taken_only_with_the_header_that_no_foreign_page_can_set() -> None:
    assert form({"query": "{ __typename }"}, {}, headers={}).status == 400


def test_only_staff_send_files_and_not_more_than_ten_pictures_weigh() -> None:
    anybody = {"query": "{ __typename }"}
    buyer = {"Authorization": f"Bearer {tokens.access_token(make_user())}"}

    nobody = form(anybody, {}, headers=PREFLIGHT | {"Authorization": ""}, f=picture())
    forged = form(anybody, {}, headers=PREFLIGHT | {"Authorization": "Bearer x"}, f=picture())
    customer = form(anybody, {}, headers=PREFLIGHT | buyer, f=picture())

    assert (nobody.status, nobody.codes) == (401, ["UNAUTHENTICATED"])
    assert (forged.status, forged.codes) == (401, ["UNAUTHENTICATED"])
    assert (customer.status, customer.codes) == (403, ["FORBIDDEN"])
    for length in ("101000001", "9" * 5_000, "a few", "-1", ""):
        large = form(anybody, {}, headers=PREFLIGHT | {"Content-Length": length}, f=picture())
        assert (large.status, large.codes) == (413, ["LIMIT_EXCEEDED"])


@pytest.mark.parametrize("depth", [40, 480, 900])
def test_a_body_nested_deeper_than_any_input_is_not_walked_into(depth: int) -> None:
    nested: Any = "x"
    for _ in range(depth):
        nested = [nested]

    plain = call("query($a: [String]) { __typename }", a=nested)
    asked = form({"query": "{ __typename }", "variables": {"a": nested}}, {})

    assert (plain.status, plain.codes) == (400, ["BAD_REQUEST"])
    assert (asked.status, asked.codes) == (400, ["BAD_REQUEST"])


def test_a_body_that_only_claims_to_be_a_form_is_a_bad_request() -> None:
    for kind in (
        "multipart/form-data",
        "multipart/form-data; boundary=é",
        "multipart/form-data; boundary=x",
    ):
        headers = PREFLIGHT | {"Authorization": f"Bearer {tokens.access_token(boss())}"}
        response = Client().post("/graphql/", b"nothing", content_type=kind, headers=headers)
        assert response.status_code == 400
        assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("place", ["note", "email", "lines", "shippingAddress", "discountCodes.0"])
def test_a_file_is_no_text(place: str) -> None:
    document = "mutation($input: CartInput!) { cartCreate(input: $input) { cart { id } } }"
    operations = {"query": document, "variables": {"input": {"discountCodes": [None]}}}

    answer = form(operations, {"f": [f"variables.input.{place}"]}, f=picture())

    assert (answer.status, answer.codes[0]) == (400, "VALIDATION_FAILED")


def test_a_file_can_stand_for_no_part_of_the_request() -> None:
    for place in ("query", "variables", "operationName"):
        answer = form({"query": "{ __typename }"}, {"f": [place]}, f=picture())
        assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])


def test_a_token_that_is_over_is_told_apart_from_none(settings: Settings) -> None:
    buyer = make_user()
    settings.ACCESS_TOKEN_LIFETIME = timedelta(seconds=-10)

    answer = call("{ me { email } }", token=tokens.access_token(buyer))

    assert answer.codes == ["UNAUTHENTICATED"]


BEARERS = [
    "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Bearer ..", "Bearer \xe9", "Bearer \x01",
    "Basic YTpi",
    "JWT x", "bearer null", "Bearer " + "x" * 100_000, "Bearer " + "." * 10_000,
    "Bearer e30.e30.e30",
    "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "x" * 100_000,
    "Bearer " + "W1tb" * 20_000 + ".e30.e30",
]  # fmt: skip


@pytest.mark.parametrize("header", BEARERS)
def test_bearers_that_are_none_sign_nobody_in(header: str) -> None:
    response = Client().post(
        "/graphql/",
        {"query": "{ me { email } }"},
        content_type="application/json",
        headers={"Authorization": header},
    )

    assert response.status_code == 200
    assert response.json()["data"] == {"me": None}
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


DIGITS = "9" * 5_000
BRACKETS = "[" * 2_000 + "]" * 2_000
NO_DOCUMENTS = [
    "{ \ud800 }", '{ __typename(x: "\ud800") }', "# \ud800\n", "\0", "\ufeff", "x" * 200_000,
    "{" * 5_000, "{ a" * 3_000 + " }" * 3_000, "{ me { " + "email " * 20_000 + "} }}",
    f"{{ products(filter: {{ids: {BRACKETS}}}) {{ totalCount }} }}",
    f"{{ products(first: {DIGITS}) {{ totalCount }} }}",
    f"{{ products(filter: {{minPrice: {DIGITS}}}) {{ totalCount }} }}",
    f"query($a: Int = {DIGITS}) {{ products(first: $a) {{ totalCount }} }}",
    "{ ...A } fragment A on Query { ...A }", "fragment A on Query { shop { name } }",
    "query($a: Nope) { __typename }", "query A { __typename } query B { __typename }",
    "query A { __typename } mutation B { __typename }", "subscription { x }",
    "{ product(id: 1.5) { name } }",
    'mutation { cartCreate(input: {note: "\\uD800"}) { cart { id } } }',
]  # fmt: skip


@pytest.mark.parametrize("document", NO_DOCUMENTS, ids=range(len(NO_DOCUMENTS)))
def test_documents_that_are_none_are_told_so(document: str) -> None:
    answer = call(document)

    assert answer.status == 400
    assert set(answer.codes) <= {"BAD_REQUEST", "LIMIT_EXCEEDED", "VALIDATION_FAILED"}


@pytest.mark.parametrize("text", ["\\u0000", "\ud800", "\0"])
def test_half_a_pair_in_a_mutations_text_is_refused_at_its_place(text: str) -> None:
    document = f'mutation {{ cartCreate(input: {{note: "{text}"}}) {{ errors {{ code path }} }} }}'

    answer = call(document)

    if answer.status == 200:
        errors = answer.data["cartCreate"]["errors"]
        assert errors == [{"code": "INVALID", "path": ["note"]}]
    else:
        assert answer.codes == ["BAD_REQUEST"]


@pytest.mark.parametrize("name", ["Nope", "", " ", "\0", "\ud800", "x" * 10_000])
def test_an_operation_that_is_not_there_is_a_bad_request(name: str) -> None:
    body = {"query": "query A { __typename } query B { __typename }", "operationName": name}
    response = Client().post(
        "/graphql/", body, content_type="application/json", headers={"Accept": media.GRAPHQL}
    )

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("variables", ["[]", '"x"', "7", "{", "\0", "[" * 50_000, "%ff"])
def test_variables_in_an_address_must_be_an_object(variables: str) -> None:
    asked = {"query": "query($a: ID) { __typename }", "variables": variables}

    assert Client().get("/graphql/", asked).status_code == 400


def test_nothing_is_changed_by_get() -> None:
    document = 'mutation { passwordResetRequest(input: {email: "a@example.com"}) { accepted } }'
    for name in ("", "A"):
        asked = {"query": document.replace("mutation", f"mutation {name}")}
        response = Client().get("/graphql/", asked)
        assert response.status_code == 405
        assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
