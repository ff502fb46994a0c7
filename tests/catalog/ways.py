"""A file's two ways to a product, as a client of the API goes them: by a form, or straight."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.catalog.hostile_files import Sent

# Address, text fields, files, headers in; status and JSON (None where there is none) out.
Post = Callable[[str, dict[str, str], dict[str, Sent], dict[str, str]], tuple[int, Any]]
Way = Callable[[Post, str, str, Sent], list[str]]

FORM = """mutation($input: ProductImagesUploadInput!) { productImagesUpload(input: $input) {
    images { url } errors { code } } }"""
CREATE = """mutation($input: ProductImageUploadCreateInput!) {
    productImageUploadCreate(input: $input) {
        uploadId url fields { name value } errors { code } } }"""
COMPLETE = """mutation($input: ProductImageUploadCompleteInput!) {
    productImageUploadComplete(input: $input) { image { url } errors { code } } }"""


def here(
    url: str, fields: dict[str, str], files: dict[str, Sent], headers: dict[str, str]
) -> tuple[int, Any]:
    """Into the shop in this process; what lies elsewhere, a bucket, over HTTP."""
    if urlsplit(url).netloc not in ("", "testserver"):
        return over_http("")(url, fields, files, headers)
    sent = {
        name: SimpleUploadedFile(file.name, file.data, file.mime) for name, file in files.items()
    }
    response = Client().post(urlsplit(url).path, {**fields, **sent}, headers=headers)
    return response.status_code, json.loads(response.content or b"null")


def over_http(server: str) -> Post:
    """Into the process that listens at that address."""

    def post(
        url: str, fields: dict[str, str], files: dict[str, Sent], headers: dict[str, str]
    ) -> tuple[int, Any]:
        sent = {name: (file.name, file.data, file.mime) for name, file in files.items()}
        address = urljoin(server, url)
        answer = requests.post(address, data=fields, files=sent, headers=headers, timeout=120)
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return answer.status_code, answer.json() if is_json else None

    return post


def by_form(post: Post, token: str, product_id: str, *files: Sent) -> list[str]:
    """A multipart request with the files; the codes of what is refused."""
    input = {"productId": product_id, "files": [None] * len(files)}
    fields = {
        "operations": json.dumps({"query": FORM, "variables": {"input": input}}),
        "map": json.dumps({str(at): [f"variables.input.files.{at}"] for at in range(len(files))}),
    }
    headers = {"Authorization": f"Bearer {token}", "GraphQL-Preflight": "1"}
    sent = {str(at): file for at, file in enumerate(files)}
    status, answer = post("/graphql/", fields, sent, headers)
    assert status == 200, answer
    return codes(answer["data"]["productImagesUpload"])


def directly(post: Post, token: str, product_id: str, file: Sent) -> list[str]:
    """Announced as a JPEG, sent to the storage, completed; the codes of what is refused."""
    size = len(file.data)
    said = {"productId": product_id, "filename": "x.jpg", "contentType": "image/jpeg", "size": size}
    offer = asked(post, token, CREATE, said)["productImageUploadCreate"]
    if refused := codes(offer):
        return refused
    fields = {field["name"]: field["value"] for field in offer["fields"]}
    status, _ = post(offer["url"], fields, {"file": file}, {})
    assert status == 204
    done = asked(post, token, COMPLETE, {"uploadId": offer["uploadId"]})
    return codes(done["productImageUploadComplete"])


def asked(post: Post, token: str, document: str, input: dict[str, Any]) -> dict[str, Any]:
    """The data that a mutation without files answers; it is sent as a form as well."""
    fields = {"operations": json.dumps({"query": document, "variables": {"input": input}})}
    headers = {"Authorization": f"Bearer {token}", "GraphQL-Preflight": "1"}
    spare = {"0": Sent(b"x")}  # without a file it would not be a multipart form
    status, answer = post("/graphql/", fields | {"map": "{}"}, spare, headers)
    assert status == 200, answer
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


def codes(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["errors"]]
