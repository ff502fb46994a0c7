"""A bucket that fails: no row without its files, and no file without its row in the end.

FAULT_SEED says which requests fail.
"""

import os
import random
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from catalog import files, images, orphans, products, uploads
from catalog.models import ImageUpload, Product, ProductImage
from shop import storages
from shop.errors import ShopError
from tests import storing
from tests.catalog.faults import Line, line
from tests.catalog.hostile_files import drawn
from tests.catalog.picturing import file, kept, shop, waiting
from tests.catalog.races import at_once
from users.models import User

SEED = int(os.environ.get("FAULT_SEED", "1"))
UPLOADS = 50
Answer = list[str]


@pytest.fixture
def bad(s3: str, settings: Settings) -> Iterator[Line]:
    """The line to a bucket of its own; nothing fails before its `rate` is set."""
    made = storing.new_bucket(s3)
    with line(s3, seed=SEED) as proxy:
        settings.STORAGES = storing.in_bucket(made, proxy.address) | {
            "staticfiles": settings.STORAGES["staticfiles"]
        }
        yield proxy


def codes_of(act: Callable[[], object]) -> Answer:
    """The codes it is refused with; any other exception goes on."""
    try:
        act()
    except ShopError as refusal:
        return [each.code for each in refusal.each()]
    return []


def attaching(product: Product, owner: User, seed: int) -> Callable[[], Answer]:
    data = drawn(random.Random(seed), "JPEG")
    return lambda: codes_of(lambda: images.attach(product, [file(data)], user=owner))


def completing(product: Product, owner: User, seed: int) -> Callable[[], Answer]:
    """Of a file that lies there already."""
    data = drawn(random.Random(seed), "JPEG")
    upload = uploads.create(
        product, filename="x.jpg", mime="image/jpeg", size=len(data), user=owner
    ).upload
    storages.private().save(upload.key, file(data))
    return lambda: codes_of(lambda: uploads.complete(str(upload.pk), user=owner))


def many(start: int) -> list[Callable[[], Answer]]:
    """Uploads of both ways to a few products, so that they meet at their rows as well."""
    shops = [shop() for _ in range(5)]
    ways = (attaching, completing)
    return [ways[at % 2](*shops[at % 5], start + at) for at in range(UPLOADS)]


def swept() -> None:
    """All that crashes and failures left is found, whatever its age, and removed."""
    call_command("media_orphans", "--delete", "--older", "0m", stdout=StringIO())


def check_nothing_left_over() -> None:
    """Every file has its row, and every row has all of its files, the orphans once removed."""
    swept()
    spoken_of = [
        key for row in ProductImage.objects.all() for key in files.keys(row.file, row.width)
    ]
    assert kept() == sorted(spoken_of)
    open_ones = ImageUpload.objects.filter(completed_at=None)
    assert set(waiting()) <= {upload.key for upload in open_ones}
    call_command("media_orphans", "--older", "0m", stdout=StringIO())  # exits with 1 otherwise


@pytest.mark.transactional
@pytest.mark.long
def test_uploads_over_a_line_that_fails_one_time_in_five_leave_no_half_pictures(bad: Line) -> None:
    acts = many(SEED)
    bad.rate = 1 / 5

    answers = at_once(*acts)

    bad.rate = 0
    assert bad.failed > UPLOADS / 5
    assert {*map(tuple, answers)} <= {(), ("STORAGE_UNAVAILABLE",)}
    assert ProductImage.objects.count() == answers.count([])
    assert answers.count([]) > UPLOADS / 2
    check_nothing_left_over()


@pytest.mark.transactional
@pytest.mark.long
def test_uploads_over_a_line_that_hardly_works_are_refused_by_code(bad: Line) -> None:
    acts = many(SEED)
    bad.rate = 4 / 5  # beyond what the client's own repetitions make good

    answers = at_once(*acts)

    bad.rate = 0
    assert [*orphans.left_over(before=timezone.now())] != []  # deletions failed as well
    refused = answers.count(["STORAGE_UNAVAILABLE"])
    assert refused > UPLOADS / 4
    assert ProductImage.objects.count() == answers.count([]) == UPLOADS - refused
    check_nothing_left_over()


@pytest.mark.transactional
def test_what_could_not_be_deleted_is_found_later(bad: Line) -> None:
    product, owner = shop()
    images.attach(product, [file(drawn(random.Random(SEED), "JPEG"))], user=owner)
    there = kept()

    bad.rate = 1
    products.delete(product, user=owner)

    bad.rate = 0
    assert (ProductImage.objects.count(), kept()) == (0, there)
    check_nothing_left_over()
    assert kept() == []


@pytest.mark.transactional
def test_what_cannot_be_deleted_is_told_and_keeps_no_other(bad: Line) -> None:
    product, owner = shop()
    image = images.attach(product, [file(drawn(random.Random(SEED), "JPEG"))], user=owner)[0]
    first, *others = kept()
    product.images.all().delete()
    stuck = first.rpartition("/")[2]
    bad.before = lambda method, path: "500" if method == "DELETE" and stuck in path else ""
    out, err = StringIO(), StringIO()

    with pytest.raises(SystemExit):
        call_command("media_orphans", "--delete", "--older", "0m", stdout=out, stderr=err)

    assert kept() == [first]
    assert f"{first} could not be deleted" in err.getvalue()
    assert f"{len(others) + 1} files left over, {len(others)} deleted." in out.getvalue()
    assert not ProductImage.objects.filter(pk=image.pk).exists()


@pytest.mark.transactional
def test_what_was_written_before_the_line_broke_is_found_later(bad: Line) -> None:
    """The first file goes through; the second does not, nor does the deletion of the first."""
    product, owner = shop()
    answers = iter(["", *["500"] * 100])
    bad.before = lambda method, path: next(answers)

    refused = codes_of(
        lambda: images.attach(product, [file(drawn(random.Random(SEED), "JPEG"))], user=owner)
    )

    bad.before = lambda method, path: ""
    assert refused == ["STORAGE_UNAVAILABLE"]
    assert (ProductImage.objects.count(), len(kept())) == (0, 1)
    check_nothing_left_over()
