"""Uploads straight to the storage when others ask too, a product goes, or the disk is full."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.test import RequestFactory

from catalog import uploads
from catalog.models import ImageUpload, Product
from catalog.receiving import receive
from shop import storages
from shop.errors import ShopError
from shop.storages import PostForm
from tests.catalog.picturing import drawn, refused, shop
from tests.catalog.races import at_once
from tests.catalog.sending import create, post, serving

JPEG = drawn()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving() as address:
        yield address


def local() -> PostForm:
    return storages.private().post_form("uploads/x", mime="image/jpeg", size=len(JPEG), seconds=60)


@pytest.mark.usefixtures("disk")
@pytest.mark.transactional
def test_asked_for_many_times_at_once_no_more_are_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uploads, "MOST_OPEN", 3)
    product, owner = shop()

    def ask() -> str:
        try:
            create(product, owner, JPEG)
        except ShopError as refusal:
            return refusal.code
        return ""

    assert sorted(at_once(*[ask] * 8)) == [""] * 3 + ["OUT_OF_RANGE"] * 5
    assert product.uploads.count() == 3


@pytest.mark.usefixtures("place")
def test_a_product_that_has_gone_gets_no_form() -> None:
    product, owner = shop()
    Product.objects.filter(pk=product.pk).delete()

    assert refused(lambda: create(product, owner, JPEG)) == [("NOT_FOUND", ("product_id",))]
    assert not ImageUpload.objects.exists()


def test_a_disk_that_takes_nothing_is_told_and_logged(
    disk: Path, server: str, caplog: pytest.LogCaptureFixture
) -> None:
    (disk / "private").touch()  # a file where the folder must be

    answer = post(server, local(), JPEG)

    assert answer.status_code == 503
    assert "the disk did not take uploads/x" in caplog.text


@pytest.mark.usefixtures("disk")
def test_a_sender_that_goes_away_is_no_fault_of_the_disk_s(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Gone(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError

    request = RequestFactory().generic(
        "POST", local().url, b"x" * 9, content_type="multipart/form-data; boundary=x"
    )
    request._stream = Gone()

    assert receive(request, local().url.rpartition("/")[2]).status_code == 400
    assert caplog.messages == []
