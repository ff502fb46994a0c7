"""Moving in and out with pictures from a folder."""

from pathlib import Path

import pytest
from pytest_django import Settings

from catalog.models import Product, ProductImage
from tests.catalog.moving import SHOPIFY, bring_in, export, lamp, recounts, sheet, whole_shop
from tests.catalog.picturing import drawn, files_in


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "pictures"
    path.mkdir()
    for name, colour in {"front.jpg": "blue", "back.jpg": "green", "side.jpg": "white"}.items():
        (path / name).write_bytes(drawn(colour=colour))
    return path


def rows(**cells: str) -> list[dict[str, str]]:
    sizes = {"option1_name": "Size", "option1_value": "S"}
    return [
        lamp(picture="front.jpg", picture_alt="The front", variant_picture="back.jpg", **sizes)
        | cells,
        lamp(sku="L-2", option1_value="M", picture="back.jpg"),
        {"handle": "lamp", "picture": "side.jpg"},
    ]


def test_pictures_are_taken_from_the_folder_in_the_order_of_the_rows(
    tmp_path: Path, folder: Path
) -> None:
    said = bring_in(sheet(tmp_path, *rows()), "--pictures", str(folder))

    assert said.err == ""
    images = list(ProductImage.objects.order_by("position"))
    assert [(row.position, row.alt) for row in images] == [(0, "The front"), (1, ""), (2, "")]
    assert [row.variant and row.variant.sku for row in images] == [None, "L-1", None]
    product = Product.objects.get()
    assert (product.image_id, product.image_alt) == (images[0].pk, "The front")
    recounts()


def test_a_second_run_adds_no_picture(tmp_path: Path, folder: Path, media: Path) -> None:
    path = sheet(tmp_path, *rows())
    bring_in(path, "--pictures", str(folder))
    before = whole_shop(), files_in(media)

    said = bring_in(path, "--pictures", str(folder))

    assert "1 as they were" in said.out
    assert (whole_shop(), files_in(media)) == before


def test_pictures_go_out_and_come_in_under_the_same_names(tmp_path: Path, folder: Path) -> None:
    others = [lamp(handle=name, sku=name) for name in "ab"]
    path = sheet(tmp_path, others[0], *rows(), others[1])
    bring_in(path, "--pictures", str(folder))
    assert list(Product.objects.order_by("pk").values_list("slug", flat=True)) == ["a", "lamp", "b"]
    kept = tmp_path / "kept"
    first = export(tmp_path / "first.csv", "--pictures", str(kept))
    assert [path.name for path in sorted(kept.iterdir())] == [f"lamp-{n}.jpg" for n in (1, 2, 3)]
    before = whole_shop()

    bring_in(tmp_path / "first.csv", "--pictures", str(kept))
    assert whole_shop() == before

    Product.objects.all().delete()
    assert bring_in(tmp_path / "first.csv", "--pictures", str(kept)).err == ""
    assert export(tmp_path / "second.csv", "--pictures", str(tmp_path / "again")) == first


def test_a_product_with_a_bad_picture_stays_out_whole(
    tmp_path: Path, folder: Path, media: Path
) -> None:
    (folder / "side.jpg").write_bytes(b"no picture")
    path = sheet(tmp_path, *rows(), lamp(handle="b", sku="B"))

    dry = bring_in(path, "--pictures", str(folder), "--dry-run")
    assert not Product.objects.exists()
    real = bring_in(path, "--pictures", str(folder))

    assert dry.err == real.err
    assert real.err.startswith("line 4, picture: Send a JPEG, PNG or WebP picture")
    assert Product.objects.get().slug == "b"
    assert files_in(media) == []


def test_a_picture_that_is_not_in_the_folder_is_told(tmp_path: Path, folder: Path) -> None:
    (folder / "side.jpg").unlink()

    said = bring_in(sheet(tmp_path, *rows()), "--pictures", str(folder))

    assert said.err.splitlines() == ["line 4, picture: There is no 'side.jpg' in the folder."]
    assert not Product.objects.exists()


def test_names_lead_nowhere_but_into_the_folder(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(drawn())

    said = bring_in(sheet(tmp_path, lamp(picture="../secret.jpg")), "--pictures", str(folder))

    assert said.err.splitlines() == ["line 2, picture: There is no 'secret.jpg' in the folder."]


def test_too_long_an_alternative_text_is_refused(tmp_path: Path, folder: Path) -> None:
    said = bring_in(
        sheet(tmp_path, lamp(picture="front.jpg", picture_alt="x" * 301)),
        "--pictures",
        str(folder),
    )

    assert said.err.startswith("line 2, picture_alt: Ensure this value has at most 300")
    assert not Product.objects.exists()


def test_shopifys_addresses_are_not_fetched_but_found_in_the_folder(
    tmp_path: Path, folder: Path
) -> None:
    (folder / "linen-shirt-night.jpg").write_bytes(drawn(colour="black"))
    (folder / "linen-shirt-sand.jpg").write_bytes(drawn(colour="yellow"))

    said = bring_in(SHOPIFY, "--pictures", str(folder))

    assert said.err == ""
    found = ProductImage.objects.order_by("position").values_list("alt", "variant__sku")
    assert list(found) == [("Sand linen shirt, folded", "LS-SAND-S"), ("", "LS-NIGHT-M")]
    told = [line for line in said.out.splitlines() if "Not fetched" in line]
    assert [line.split(",")[0] for line in told] == ["note: line 9", "note: line 10"]


def test_without_a_folder_a_file_speaks_of_no_pictures(tmp_path: Path, folder: Path) -> None:
    bring_in(sheet(tmp_path, *rows()), "--pictures", str(folder))

    assert b"lamp-1" not in export(tmp_path / "out.csv")
    assert "1 as they were" in bring_in(tmp_path / "out.csv").out
