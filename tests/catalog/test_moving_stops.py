"""An import in the middle of which the database or the disk fails."""

from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from catalog.models import Product, Variant
from tests.catalog.moving import Row, Said, bring_in, lamp, recounts, sheet
from tests.catalog.picturing import drawn

# A failure that is no refusal of the row: it would be an OperationalError in production too.
NO_ROOM = {
    "sqlite": [
        """CREATE TRIGGER no_room BEFORE INSERT ON catalog_product WHEN NEW.slug = 'b'
        BEGIN SELECT json('no room'); END"""
    ],
    "postgresql": [
        """CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION USING ERRCODE = 'disk_full', MESSAGE = 'malformed JSON'; END $$""",
        """CREATE TRIGGER no_room BEFORE INSERT ON catalog_product FOR EACH ROW
        WHEN (NEW.slug = 'b') EXECUTE FUNCTION no_room()""",
    ],
}


def rows(**more: Row) -> list[Row]:
    """Four lamps, each in a line of its own."""
    return [lamp(handle=slug, sku=slug) | more.get(slug, {}) for slug in "abcd"]


def slugs() -> list[str]:
    return list(Product.objects.order_by("slug").values_list("slug", flat=True))


def check_stopped(said: Said, at: str, why: str) -> None:
    assert said.failed
    assert "1 new, 0 changed, 0 as they were, 0 refused." in said.out
    assert f"It stopped at {at}: " in said.err
    assert why in said.err
    assert "3 products were not looked at: import the file again." in said.err
    assert slugs() == ["a"]
    assert Variant.objects.count() == 1
    recounts()


def test_where_the_database_fails_what_came_before_stays(tmp_path: Path) -> None:
    path = sheet(tmp_path, *rows())
    with connection.cursor() as cursor:
        for statement in NO_ROOM[connection.vendor]:
            cursor.execute(statement)

    check_stopped(bring_in(path), "line 3", "malformed JSON")

    with connection.cursor() as cursor:
        of_table = " ON catalog_product" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER no_room{of_table}")
    said = bring_in(path)
    assert "3 new, 0 changed, 1 as they were" in said.out
    assert slugs() == ["a", "b", "c", "d"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "pictures"
    path.mkdir()
    (path / "front.jpg").write_bytes(drawn())
    return path


def test_a_product_whose_picture_cannot_be_stored_stays_out_alone(
    tmp_path: Path, folder: Path, settings: Settings
) -> None:
    (tmp_path / "full").write_bytes(b"no folder")
    settings.MEDIA_ROOT = tmp_path / "full"
    path = sheet(tmp_path, *rows(b={"picture": "front.jpg"}))

    said = bring_in(path, "--pictures", str(folder))

    assert said.failed
    assert "3 new, 0 changed, 0 as they were, 1 refused." in said.out
    assert said.err.startswith("line 3: Files cannot be stored at the moment.")
    assert slugs() == ["a", "c", "d"]


@pytest.mark.parametrize("arguments", [[], ["--dry-run"]])
def test_where_a_picture_cannot_be_read_it_says_at_which_line(
    tmp_path: Path, folder: Path, settings: Settings, arguments: list[str]
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    (folder / "bad.jpg").symlink_to("/proc/self/mem")  # opens, and cannot be read
    path = sheet(tmp_path, *rows(b={"picture": "bad.jpg"}))

    said = bring_in(path, "--pictures", str(folder), *arguments)

    assert said.failed
    assert "It stopped at line 3: " in said.err
    assert slugs() == ([] if arguments else ["a"])


def test_refusals_before_the_failure_are_told_as_well(tmp_path: Path) -> None:
    path = sheet(tmp_path, *rows(a={"price": "1,9"}))
    with connection.cursor() as cursor:
        for statement in NO_ROOM[connection.vendor]:
            cursor.execute(statement)

    said = bring_in(path)

    assert "0 new, 0 changed, 0 as they were, 1 refused." in said.out
    assert "line 2, price: '1,9' is not an amount" in said.err
    assert "It stopped at line 3: " in said.err
