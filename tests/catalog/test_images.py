"""Pictures of products: how many there are, in what order, of whom, and what is refused."""

from typing import Any

import pytest

from catalog import files, images
from catalog.models import Product, ProductImage
from shop.errors import ShopError
from tests.catalog.picturing import drawn, file, kept, refused, shop
from tests.catalog.races import at_once
from tests.factories import make_product, make_staff, make_variant
from users.models import User


@pytest.mark.usefixtures("place")
def test_one_file_that_is_no_picture_keeps_the_others_out() -> None:
    product, owner = shop()
    both = [file(drawn()), file(b"<svg/>", "harmless.jpg")]

    assert refused(lambda: images.attach(product, both, user=owner)) == [
        ("UNSUPPORTED_FILE", ("files", "1"))
    ]
    assert kept() == []
    assert not ProductImage.objects.exists()


@pytest.mark.usefixtures("place")
def test_one_file_that_is_too_large_keeps_the_others_out() -> None:
    product, owner = shop()
    huge = file(drawn() + bytes(10_000_001))

    assert refused(lambda: images.attach(product, [file(drawn()), huge], user=owner)) == [
        ("FILE_TOO_LARGE", ("files", "1"))
    ]
    assert kept() == []


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize(("count", "code"), [(0, "REQUIRED"), (11, "OUT_OF_RANGE")])
def test_one_to_ten_files_are_taken_at_once(count: int, code: str) -> None:
    product, owner = shop()

    assert refused(lambda: images.attach(product, [file(drawn())] * count, user=owner)) == [
        (code, ("files",))
    ]


@pytest.mark.usefixtures("place")
def test_a_product_has_so_many_pictures_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MOST_IMAGES", 1)
    product, owner = shop()
    images.attach(product, [file(drawn())], user=owner)

    assert refused(lambda: images.attach(product, [file(drawn(colour="green"))], user=owner)) == [
        ("OUT_OF_RANGE", ("files",))
    ]
    assert len(kept()) == 2


@pytest.mark.usefixtures("place")
def test_the_same_picture_twice_is_refused() -> None:
    product, owner = shop()
    images.attach(product, [file(drawn())], user=owner)
    new = drawn(colour="green")

    again = [file(drawn()), file(new), file(new)]
    assert refused(lambda: images.attach(product, again, user=owner)) == [
        ("ALREADY_EXISTS", ("files", "0")),
        ("ALREADY_EXISTS", ("files", "2")),
    ]
    assert len(kept()) == 2
    assert images.attach(make_product(owner=owner), [file(drawn())], user=owner)


@pytest.mark.usefixtures("place")
def test_a_long_text_is_refused_before_anything_is_written() -> None:
    product, owner = shop()

    assert refused(lambda: images.attach(product, [file(drawn())], user=owner, alt="x" * 301)) == [
        ("TOO_LONG", ("alt",))
    ]
    assert kept() == []


@pytest.mark.usefixtures("place")
def test_a_product_that_is_gone_keeps_no_files() -> None:
    product, owner = shop()
    Product.objects.all().delete()

    assert refused(lambda: images.attach(product, [file(drawn())], user=owner)) == [
        ("NOT_FOUND", ("product_id",))
    ]
    assert kept() == []


def three(product: Product, owner: User) -> list[ProductImage]:
    colours = ("green", "blue", "white")
    return images.attach(product, [file(drawn(colour=c)) for c in colours], user=owner)


@pytest.mark.usefixtures("disk")
def test_the_main_picture_follows_the_order() -> None:
    product, owner = shop()
    first, second, third = three(product, owner)
    product.refresh_from_db()
    assert (product.image_id, product.image_key) == (first.pk, first.file)

    images.update(third, {"position": 0, "alt": "Side"}, user=owner)
    product.refresh_from_db()
    assert (product.image_id, product.image_alt) == (third.pk, "Side")

    images.delete(third, user=owner)
    product.refresh_from_db()
    assert product.image_id == first.pk
    assert [row.position for row in product.images.all()] == [0, 1]
    assert list(product.images.all()) == [first, second]


@pytest.mark.usefixtures("disk")
def test_a_picture_shows_a_variant_of_its_own_product() -> None:
    product, owner = shop()
    image = three(product, owner)[0]
    own, other = make_variant(product=product), make_variant()

    assert images.update(image, {"variant": own}, user=owner).variant == own
    assert refused(lambda: images.update(image, {"variant": other}, user=owner)) == [
        ("INVALID", ("variant_id",))
    ]
    assert images.update(image, {"variant": None}, user=owner).variant is None


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"alt": "x" * 301}, "TOO_LONG", "alt"),
        ({"alt": "new", "position": -1}, "OUT_OF_RANGE", "position"),
        ({"alt": "new", "position": None}, "REQUIRED", "position"),
    ],
)
def test_an_unfit_change_leaves_no_trace(changes: dict[str, Any], code: str, place: str) -> None:
    product, owner = shop()
    image = three(product, owner)[1]

    assert refused(lambda: images.update(image, changes, user=owner)) == [(code, (place,))]
    image.refresh_from_db()
    assert (image.alt, image.position) == ("", 1)


@pytest.mark.usefixtures("place")
def test_only_those_who_may_change_the_product_may() -> None:
    product, owner = shop()
    image, stranger = three(product, owner)[0], make_staff()
    before = kept()

    assert refused(lambda: images.attach(product, [file(drawn())], user=stranger)) == [
        ("NOT_ALLOWED", ("product_id",))
    ]
    assert refused(lambda: images.update(image, {}, user=stranger)) == [("NOT_ALLOWED", ("id",))]
    assert refused(lambda: images.delete(image, user=stranger)) == [("NOT_ALLOWED", ("id",))]
    assert kept() == before


@pytest.mark.usefixtures("place")
@pytest.mark.transactional
def test_one_picture_sent_many_times_at_once_is_kept_once() -> None:
    product, owner = shop()

    def send() -> list[tuple[str, tuple[str, ...]]]:
        try:
            images.attach(product, [file(drawn())], user=owner)
        except ShopError as refusal:
            return [(each.code, each.path) for each in refusal.each()]
        return []

    answers = at_once(*[send] * 4)

    assert sorted(answers) == [[], *[[("ALREADY_EXISTS", ("files", "0"))]] * 3]
    image = ProductImage.objects.get()
    assert kept() == sorted(files.keys(image.file, image.width))
