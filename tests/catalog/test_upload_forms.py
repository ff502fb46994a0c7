"""The form that a file is sent by: what a bucket's lets pass, and what the local address does."""

import json
import re
import socket
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from django.core.files.base import ContentFile
from django.utils import timezone

from catalog import uploads
from catalog.models import ImageUpload
from shop import storages
from shop.storages import PostForm
from tests.catalog.picturing import drawn, refused, shop, waiting
from tests.catalog.sending import create, post, serving
from tests.factories import make_product, make_staff

JPEG = drawn()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.mark.usefixtures("place")
def test_the_form_begins_with_the_key_and_says_the_kind(place: str) -> None:
    product, owner = shop()

    offer = create(product, owner, JPEG)

    prefix = "private/" if place == "bucket" else ""
    assert offer.form.fields["key"] == f"{prefix}uploads/{offer.upload.pk}"
    assert offer.form.fields["Content-Type"] == "image/jpeg"


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"mime": "image/gif"}, ("UNSUPPORTED_FILE", ("content_type",))),
        ({"mime": "image/svg+xml"}, ("UNSUPPORTED_FILE", ("content_type",))),
        ({"mime": "IMAGE/JPEG"}, ("UNSUPPORTED_FILE", ("content_type",))),
        ({"size": 0}, ("OUT_OF_RANGE", ("size",))),
        ({"size": -1}, ("OUT_OF_RANGE", ("size",))),
        ({"size": 10_000_001}, ("FILE_TOO_LARGE", ("size",))),
        ({"filename": "x" * 256}, ("TOO_LONG", ("filename",))),
    ],
)
def test_an_unfit_announcement_is_refused_and_leaves_no_row(
    changed: dict[str, object], refusal: tuple[str, tuple[str, ...]]
) -> None:
    product, owner = shop()

    assert refused(lambda: create(product, owner, JPEG, **changed)) == [refusal]
    assert not ImageUpload.objects.exists()


@pytest.mark.usefixtures("disk")
def test_the_largest_announcement_is_taken() -> None:
    product, owner = shop()

    offer = create(product, owner, JPEG, size=10_000_000, filename="x" * 255)

    assert (offer.upload.bytes, offer.upload.mime) == (10_000_000, "image/jpeg")
    assert timedelta(0) < offer.expires_at - timezone.now() <= timedelta(minutes=5)


@pytest.mark.usefixtures("disk")
def test_only_who_may_change_the_product_may_send() -> None:
    product, _ = shop()

    assert refused(lambda: create(product, make_staff(), JPEG)) == [
        ("NOT_ALLOWED", ("product_id",))
    ]


@pytest.mark.usefixtures("disk")
def test_so_many_are_under_way_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_OPEN", 2)
    product, owner = shop()
    first, _ = create(product, owner, JPEG), create(product, owner, JPEG)

    assert refused(lambda: create(product, owner, JPEG)) == [("OUT_OF_RANGE", ("product_id",))]
    assert create(make_product(owner=owner), owner, JPEG)
    ImageUpload.objects.filter(pk=first.upload.pk).update(completed_at=timezone.now())
    assert create(product, owner, JPEG)


def policy_of(form: PostForm) -> tuple[datetime, list[Any]]:
    """Until when a bucket takes the form, and on what conditions."""
    policy = json.loads(b64decode(form.fields["policy"]))
    return datetime.fromisoformat(policy["expiration"]), policy["conditions"]


def test_the_bucket_takes_that_one_file_for_five_minutes(bucket: Any, s3: str) -> None:
    """The server of the tests looks at no policy: what it says is looked at here."""
    product, owner = shop()
    before = timezone.now().replace(microsecond=0)

    offer = create(product, owner, JPEG)

    until, conditions = policy_of(offer.form)
    assert before <= until - timedelta(minutes=5) <= timezone.now()
    assert offer.form.url == f"{s3}/{bucket.name}"
    exact = {k: v for each in conditions if isinstance(each, dict) for k, v in each.items()}
    assert exact["key"] == f"private/uploads/{offer.upload.pk}"
    assert exact["Content-Type"] == "image/jpeg"
    assert exact["bucket"] == bucket.name
    assert [each for each in conditions if isinstance(each, list)] == [
        ["content-length-range", len(JPEG), len(JPEG)]
    ]


def test_the_bucket_s_form_has_just_the_fields_that_its_policy_names(bucket: Any) -> None:
    """S3 refuses a form with a field more, and one without a field that the policy names."""
    product, owner = shop()

    form = create(product, owner, JPEG).form

    named = {k for each in policy_of(form)[1] if isinstance(each, dict) for k in each} - {"bucket"}
    assert set(form.fields) - {"policy", "x-amz-signature"} == named
    assert form.fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    assert not any("test-secret" in value for value in form.fields.values())


def local(key: str = "uploads/x", *, size: int = len(JPEG), seconds: int = 60) -> PostForm:
    return storages.private().post_form(key, mime="image/jpeg", size=size, seconds=seconds)


@pytest.mark.usefixtures("disk")
def test_the_local_address_takes_the_form(server: str) -> None:
    answer = post(server, local(), JPEG)

    assert (answer.status_code, answer.content) == (204, b"")
    assert "Set-Cookie" not in answer.headers
    assert storages.private().fetch("uploads/x", 10_000) == JPEG


@pytest.mark.usefixtures("disk")
def test_sent_twice_the_later_one_lies_there(server: str) -> None:
    other = drawn(colour="green")
    form = local(size=len(other))
    storages.private().save("uploads/x", ContentFile(JPEG))

    assert post(server, form, other).status_code == 204
    assert (waiting(), storages.private().fetch("uploads/x", 10_000)) == (["uploads/x"], other)


def forged(form: PostForm) -> Iterator[PostForm]:
    """Forms whose address nobody signed, or signed for something else."""
    allowed, signature = form.url.rsplit(":", 1)
    other = local("uploads/y").url
    yield PostForm(f"{allowed}:{signature[::-1]}", form.fields)
    yield PostForm(f"{other.rsplit(':', 1)[0]}:{signature}", form.fields)
    yield PostForm(f"{allowed}:", form.fields)
    yield PostForm("/uploads/x", form.fields)
    yield PostForm("/uploads/WyJ4Il0:1:x", form.fields)


@pytest.mark.usefixtures("disk")
def test_a_forged_address_takes_nothing(server: str) -> None:
    assert [post(server, form, JPEG).status_code for form in forged(local())] == [403] * 5
    assert waiting() == []


@pytest.mark.usefixtures("disk")
def test_an_address_takes_nothing_once_it_has_expired(server: str) -> None:
    assert post(server, local(seconds=-1), JPEG).status_code == 403
    assert waiting() == []


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("key", ["uploads/y", "../media/x.jpg", "", "/etc/passwd"])
def test_a_form_for_another_key_takes_nothing(server: str, key: str) -> None:
    assert post(server, local(), JPEG, key=key).status_code == 403
    assert waiting() == []


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("data", [JPEG[:-1], JPEG + b"x", b""])
def test_a_file_of_another_size_is_not_kept(server: str, data: bytes) -> None:
    assert post(server, local(), data).status_code == 400
    assert waiting() == []


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("kind", ["image/png", "text/html", ""])
def test_a_form_that_names_another_kind_is_not_kept(server: str, kind: str) -> None:
    assert post(server, local(), JPEG, **{"Content-Type": kind}).status_code == 400
    assert waiting() == []


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"nonsense", "multipart/form-data; boundary=x"),
        (b"nonsense", "multipart/form-data"),
        (b"a=b", "application/x-www-form-urlencoded"),
        (JPEG, "image/jpeg"),
        (b"{}", "application/json"),
    ],
)
def test_what_is_no_form_with_a_file_is_not_kept(server: str, body: bytes, kind: str) -> None:
    address = urljoin(server, local().url)

    answer = requests.post(address, data=body, headers={"Content-Type": kind}, timeout=20)

    assert answer.status_code == 400
    assert waiting() == []


@pytest.mark.usefixtures("disk")
def test_a_form_with_many_files_or_fields_is_not_kept(server: str) -> None:
    address, fields = urljoin(server, local(size=19_000).url), local().fields
    many = [(f"file{at}", ("x", b"x")) for at in range(11)]

    assert requests.post(address, data=fields, files=many, timeout=20).status_code == 400
    assert waiting() == []


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_nothing_but_sending_is_done_there(server: str, method: str) -> None:
    post(server, local(), JPEG)

    answer = requests.request(method, urljoin(server, local().url), timeout=20)

    assert answer.status_code == 405
    assert JPEG not in answer.content
    assert waiting() == ["uploads/x"]


def status_of(server: str, path: str, *headers: str) -> int:
    """The answer to a POST of which nothing but the head is ever sent."""
    at = urlsplit(server)
    with socket.create_connection((at.hostname or "", at.port or 0), timeout=10) as line:
        head = [f"POST {path} HTTP/1.1", f"Host: {at.netloc}", *headers]
        line.sendall("\r\n".join([*head, "", ""]).encode())
        answer = line.makefile("rb").readline().decode()
    found = re.fullmatch(r"HTTP/1\.\d (\d+) .*\r\n", answer)
    assert found, answer
    return int(found[1])


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize(
    "length",
    [str(len(JPEG) + 20_001), "999999999", "9" * 5000],
    ids=["a little", "much", "more than a number may have digits"],
)
def test_a_body_too_long_is_refused_before_it_is_read(server: str, length: str) -> None:
    kind = "Content-Type: multipart/form-data; boundary=x"

    assert status_of(server, local().url, f"Content-Length: {length}", kind) == 413


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("said", ["Transfer-Encoding: chunked", "Content-Length: -1"])
def test_a_body_whose_length_nobody_tells_is_refused_unread(server: str, said: str) -> None:
    kind = "Content-Type: multipart/form-data; boundary=x"

    assert status_of(server, local().url, said, kind) == 413


@pytest.mark.usefixtures("disk")
def test_a_forged_address_is_refused_before_the_body_is_read(server: str) -> None:
    assert status_of(server, "/uploads/x", "Content-Length: 9999") == 403
