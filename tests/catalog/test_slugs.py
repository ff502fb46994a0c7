"""Slugs keep every script's letters and are never taken twice."""

import pytest

from catalog import categories, slugs
from catalog.models import Brand, Category
from tests.catalog.races import at_once


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Table Lamp", "table-lamp"),
        ("Grüße aus Köln!", "grüße-aus-köln"),
        ("настольная лампа", "настольная-лампа"),
        ("台灯", "台灯"),
        ("  --Lamp__ ", "lamp"),
        ("1.5 kg", "1-5-kg"),
        ("15 kg.", "15-kg"),
    ],
)
def test_letters_stay(text: str, slug: str) -> None:
    assert slugs.of(text) == slug


def test_a_text_without_letters_becomes_a_short_code_of_its_own() -> None:
    assert slugs.of("★") == slugs.of("★")
    assert slugs.of("★") != slugs.of("☆")
    assert slugs.of("★").isalnum()


def test_a_long_text_is_cut() -> None:
    assert len(slugs.of("ﷺ" * 100)) <= 100


def test_a_taken_slug_gets_a_suffix() -> None:
    made = [categories.create(name="Lamps").slug for _ in range(11)]

    assert made[:3] == ["lamps", "lamps-2", "lamps-3"]
    assert len(set(made)) == 11


def test_saving_again_keeps_the_own_slug() -> None:
    category = categories.create(name="Lamps")

    assert categories.update(category, {"slug": "Lamps"}).slug == "lamps"


@pytest.mark.transactional
def test_of_many_at_once_each_gets_its_own() -> None:
    at_once(*[lambda: categories.create(name="Lamps")] * 6)

    assert Category.objects.count() == len(set(Category.objects.values_list("slug", flat=True)))


@pytest.mark.transactional
def test_one_brand_is_made_by_many_at_once() -> None:
    from catalog import brands

    made = at_once(*[lambda: brands.named("Essence")] * 6)

    assert Brand.objects.count() == 1
    assert len({brand.pk for brand in made if brand}) == 1
