"""The raw material of the demo shop: what is sold, who buys, and the pictures."""

from collections import Counter
from hashlib import sha256
from io import BytesIO
from itertools import combinations, pairwise
from math import gcd

import pytest
from PIL import Image, ImageChops, ImageStat

from shop.management.demo import assortment, generated, pictures
from shop.management.demo.colours import NAMED
from shop.management.demo.motifs import MOTIFS

SHOP = assortment.load()


def test_the_shop_is_large_enough_to_look_real() -> None:
    shown = [each for each in SHOP.products if each.status == "ACTIVE"]
    categories = {category.slug for each in shown for category in SHOP.path(each.category)}

    assert len(shown) >= 64
    assert len(categories) >= 14
    assert len(SHOP.brands) >= 8
    assert len(SHOP.collections) >= 4
    assert len(SHOP.customers) >= 24
    assert len(SHOP.reviews) >= 60


def test_the_category_tree_is_three_levels_deep_and_products_hang_on_its_leaves() -> None:
    leaves = {leaf.slug for leaf in SHOP.leaves()}

    assert {len(SHOP.path(leaf)) for leaf in leaves} == {3}
    assert {each.category for each in SHOP.products} == leaves


def test_parents_stand_before_their_children() -> None:
    seen: set[str | None] = {None}
    for category in SHOP.categories:
        assert category.parent in seen
        seen.add(category.slug)


def test_nothing_that_must_be_unique_is_there_twice() -> None:
    columns = (
        [each.name.lower() for each in SHOP.products],
        [each.slug for each in SHOP.products],
        [each.description for each in SHOP.products],
        [variant.sku.lower() for each in SHOP.products for variant in each.variants],
        [each.slug for each in SHOP.categories],
        [each.email for each in SHOP.customers],
        [each.body for each in SHOP.reviews],
    )

    for column in columns:
        assert [value for value, times in Counter(column).items() if times > 1] == []


def test_what_the_goods_refer_to_exists() -> None:
    brands = {each.name for each in SHOP.brands}
    slugs = {each.slug for each in SHOP.products}
    tops = {each.slug for each in SHOP.categories if each.parent is None}

    assert {each.brand for each in SHOP.products} == brands
    assert {each.motif for each in SHOP.products} <= set(MOTIFS)
    assert {each.colour for each in SHOP.products} <= set(NAMED)
    assert {slug for each in SHOP.collections for slug in each.products} <= slugs
    assert {text.about for text in SHOP.reviews} == {"", *tops}


def test_every_variant_can_be_stored() -> None:
    for product in SHOP.products:
        names = {tuple(name for name, _ in variant.options) for variant in product.variants}
        choices = {variant.options for variant in product.variants}
        assert len(names) == 1
        assert len(choices) == len(product.variants)
        for variant in product.variants:
            assert variant.price_minor > 0
            assert variant.weight_grams > 0
            assert variant.stock >= 0
            assert (variant.compare_at_minor or variant.price_minor + 1) > variant.price_minor


def test_there_is_something_of_every_state() -> None:
    states = Counter(each.status for each in SHOP.products)
    coming = [each for each in SHOP.products if each.published_in_days > 0]
    stocks = [variant.stock for each in SHOP.products for variant in each.variants]

    assert (states["DRAFT"], states["ARCHIVED"], len(coming)) == (2, 1, 1)
    assert stocks.count(0) >= 8
    assert sum(0 < stock <= 3 for stock in stocks) >= 8
    assert {text.rating for text in SHOP.reviews} == {1, 2, 3, 4, 5}


def test_gifts_under_30_cost_less_than_30() -> None:
    gifts = next(each for each in SHOP.collections if each.slug == "gifts-under-30")
    goods = [each for each in SHOP.products if each.slug in gifts.products]

    assert max(variant.price_minor for each in goods for variant in each.variants) < 3000


def test_reduced_holds_exactly_what_is_reduced() -> None:
    reduced = next(each for each in SHOP.collections if each.slug == "reduced")

    assert set(reduced.products) == {
        each.slug for each in SHOP.products if each.variants[0].compare_at_minor
    }


def test_customers_have_addresses_that_a_form_accepts() -> None:
    for each in SHOP.customers:
        assert len(each.country) == 2
        assert each.country.isupper()
        assert each.email.isascii()
        assert all((each.line1, each.postcode, each.city, each.phone))
    assert len({each.country for each in SHOP.customers}) >= 12


def test_reviews_suit_the_product() -> None:
    tent = next(each for each in SHOP.products if each.slug == "heron-tent")

    assert {text.about for text in SHOP.reviews_for(tent)} == {"", "outdoor"}


def test_made_up_products_are_unique_also_beside_the_real_ones() -> None:
    made = list(generated.generated(5_000))

    slugs = [each.slug for each in (*made, *SHOP.products)]
    skus = [variant.sku for each in (*made, *SHOP.products) for variant in each.variants]
    assert len(set(slugs)) == len(slugs)
    assert len(set(skus)) == len(skus)


def test_made_up_products_fit_the_shop() -> None:
    leaves = {leaf.slug for leaf in SHOP.leaves()}
    for each in generated.generated(2_000):
        assert each.category in leaves
        assert each.motif in MOTIFS
        assert 1 <= len(each.variants) <= 3
        assert len({variant.options for variant in each.variants}) == len(each.variants)
        for variant in each.variants:
            assert variant.price_minor > 0
            assert (variant.compare_at_minor or variant.price_minor + 1) > variant.price_minor


def test_made_up_products_are_the_same_again_however_many_are_asked_for() -> None:
    assert list(generated.generated(300))[:100] == list(generated.generated(100))


def test_there_are_names_for_a_hundred_thousand_products_and_an_end_to_them() -> None:
    assert generated.MOST >= 100_000
    # What makes the walk through the names visit each of them once.
    assert gcd(generated.STEP, generated.COMBINATIONS) == 1
    with pytest.raises(ValueError, match="names for"):
        generated.generated(generated.MOST + 1)


def coarse(picture: bytes) -> Image.Image:
    return Image.open(BytesIO(picture)).resize((16, 16), Image.Resampling.BOX)


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of the channels, 0..255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def test_no_two_products_look_alike() -> None:
    drawn = {
        each.slug: pictures.draw(each.slug, each.motif, size=160, colour=each.colour)
        for each in SHOP.products
    }

    assert len({sha256(picture).digest() for picture in drawn.values()}) == len(SHOP.products)
    small = {slug: coarse(picture) for slug, picture in drawn.items()}
    alike = [(a, b) for a, b in combinations(small, 2) if difference(small[a], small[b]) < 2]
    assert alike == []


def test_the_pictures_of_one_product_differ() -> None:
    for kind in MOTIFS:
        small = [coarse(pictures.draw("sample", kind, index, size=160)) for index in range(3)]
        assert all(difference(a, b) > 2 for a, b in combinations(small, 2)), kind


def test_a_picture_is_the_same_again() -> None:
    for kind in MOTIFS:
        assert pictures.draw("sample", kind, size=160) == pictures.draw("sample", kind, size=160)


def test_a_variant_is_drawn_in_its_colour() -> None:
    reds = [
        ImageStat.Stat(
            Image.open(BytesIO(pictures.draw("m", "mug", size=160, colour=name))).crop(
                (64, 96, 96, 128)
            )
        ).mean[0]
        for name in ("Charcoal", "Moss", "Oat")
    ]

    assert all(darker + 10 < brighter for darker, brighter in pairwise(reds))


def test_pictures_have_the_size_that_was_asked_for() -> None:
    picture = Image.open(BytesIO(pictures.draw("sample", "dome tent", size=320)))

    assert (picture.format, picture.size) == ("JPEG", (320, 320))


def test_an_unknown_motif_is_refused() -> None:
    with pytest.raises(KeyError):
        pictures.draw("sample", "submarine")


def test_every_colour_has_others_to_stand_beside() -> None:
    for name in NAMED:
        assert pictures.draw("sample", "mug", size=64, colour=name)


def test_every_motif_is_sold() -> None:
    sold = {each.motif for each in (*SHOP.products, *generated.generated(len(generated.KINDS)))}

    assert sold == set(MOTIFS)
