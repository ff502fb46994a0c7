"""Words that somebody typed."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from catalog import columns, search, vectors, words
from catalog.models import Brand, Product, SearchEntry, Variant
from catalog.querysets import NOW
from shop.prepared import Columns, Prepared
from tests.factories import make_product

POSTGRESQL = connection.vendor == "postgresql"


def shelf() -> dict[str, Product]:
    """Products whose words meet each other in name, brand and description."""
    brand = Brand.objects.create(name="Lampert", slug="lampert")
    made = {
        "lamp": make_product(name="Oak Lamp", description="Warm light for reading."),
        "brand": make_product(name="Chair", brand=brand, description="A seat."),
        "text": make_product(name="Table", description="Goes well with any lamp."),
        "phones": make_product(name="Wireless Headphones", description="No cable."),
        "umlaut": make_product(name="Bücher über Äpfel", description="Über alles."),
    }
    Variant.objects.create(product=made["lamp"], sku="OAK-77-XL", price_minor=100)
    columns.refresh([one.pk for one in made.values()], *columns.EVERYTHING)
    return made


def public() -> Prepared:
    return Prepared("public", lambda: Product.objects.public(NOW), values={"now": timezone.now()})


def best_first(ask: Prepared) -> list[Any]:
    ranked = replace(ask, columns=Columns(more=("rank",)))
    return ranked.narrowed("sorted", lambda rows: rows.order_by("-rank", "-pk")).read()


def hits(text: str) -> list[Any]:
    """What is found, best first."""
    ask = public()
    return best_first(search.found(ask, text).among(ask))


def found(text: str) -> list[str]:
    return [one.name for one in hits(text)]


def test_a_name_counts_more_than_a_description() -> None:
    shelf()

    names = found("lamp")

    assert names[0] == "Oak Lamp"
    assert "Table" in names


def test_a_brand_is_found_and_stands_between() -> None:
    shelf()
    both = make_product(name="Lampert stool", description="")
    columns.refresh([both.pk], columns.texts)

    assert found("lampert")[:2] == ["Lampert stool", "Chair"]


@pytest.mark.parametrize("text", ["OAK lamp", "lamp oak", "  oak,  lamp ", "oak lam", "wArM lamp"])
def test_all_words_must_be_there_in_any_order_and_the_last_may_go_on(text: str) -> None:
    shelf()

    assert found(text) == ["Oak Lamp"]


def test_a_phrase_stands_together() -> None:
    shelf()

    assert found('"oak lamp"') == ["Oak Lamp"]
    assert found('"reading light"') == []
    assert found("reading light") == ["Oak Lamp"]


def test_excluded_words_are_not_there() -> None:
    shelf()

    assert "Oak Lamp" not in found("lamp -oak")
    assert "Table" in found("lamp -oak")
    assert found("-oak") == found("oak")


@pytest.mark.parametrize("text", ["bücher", "ÄPFEL", "über"])
def test_letters_of_other_languages(text: str) -> None:
    shelf()

    assert found(text) == ["Bücher über Äpfel"]


@pytest.mark.parametrize("text", ["hedphones", "wireles headphnes", "Headhpones"])
def test_misspelling_is_forgiven_where_nothing_fits(text: str) -> None:
    shelf()

    assert "Wireless Headphones" in found(text)


def test_misspelling_is_not_thought_of_where_enough_fits() -> None:
    shelf()
    more = [make_product(name=f"Lamp {number}", description="") for number in range(search.FEW)]
    near = make_product(name="Clamp lampe", description="")
    columns.refresh([one.pk for one in (*more, near)], columns.texts)

    assert "Wireless Headphones" not in found("lamp")


def test_a_sku_is_found_whole_and_as_far_as_it_is_typed() -> None:
    made = shelf()
    longer = Variant.objects.create(product=made["text"], sku="oak-77-xl-red", price_minor=100)

    assert found("oak-77-XL") == ["Oak Lamp", "Table"]
    assert found("OAK-77-xl-R") == ["Table"]
    assert found("oa") == ["Oak Lamp"]  # by its name: a SKU is longer

    Variant.objects.filter(pk=longer.pk).update(archived_at=longer.product.created_at)

    assert found("OAK-77-xl-red") == []


def test_a_sku_leads_to_no_hidden_product() -> None:
    made = shelf()
    Product.objects.filter(pk=made["lamp"].pk).update(status="DRAFT")

    assert found("OAK-77-XL") == []


def test_hidden_products_do_not_stand_in_the_way_of_a_guess() -> None:
    shelf()
    hidden = [
        make_product(name=f"Hedphones {number}", status="DRAFT") for number in range(search.FEW)
    ]
    columns.refresh([one.pk for one in hidden], columns.texts)

    assert found("hedphones") == ["Wireless Headphones"]


@pytest.mark.skipif(not POSTGRESQL, reason="elsewhere all that fits is ranked")
def test_of_many_that_fit_the_best_are_ranked_and_all_are_listed_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vectors, "RANKED", 4)
    monkeypatch.setattr(vectors, "NEWEST", 5)
    named = [make_product(name=f"Lamp {number}") for number in range(2)]
    told = [make_product(name="Shade", description="For a lamp.") for _ in range(7)]
    ask = public()

    lamps = search.found(ask, "lamp")
    first, rest = map(best_first, lamps.in_parts(ask))

    in_order = [*first, *rest]
    assert in_order == best_first(lamps.among(ask))
    assert {one.pk for one in in_order} == {one.pk for one in (*named, *told)}
    assert in_order[:2] == named[::-1]
    assert len(first) == 4


@pytest.mark.skipif(not POSTGRESQL, reason="elsewhere all that fits is ranked")
def test_excluded_words_and_skus_hold_for_those_that_are_not_ranked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vectors, "RANKED", 2)
    lamps = [make_product(name=name) for name in ("Lamp", "Oak lamp") * 4]
    sold = make_product(name="Chair")
    Variant.objects.create(product=sold, sku="lamp-1", price_minor=100)

    plain, excluding = ({one.pk for one in hits(text)} for text in ("lamp", "lamp -oak"))

    assert plain == {one.pk for one in (*lamps, sold)}
    assert excluding == {one.pk for one in lamps if one.name == "Lamp"}


@pytest.mark.skipif(not POSTGRESQL, reason="only PostgreSQL keeps words apart")
def test_what_is_searched_follows_each_way_of_writing() -> None:
    lamp = make_product(name="Lamp")
    assert found("lamp") == ["Lamp"]

    Product.objects.filter(pk=lamp.pk).update(name="Chair")
    assert found("lamp") == []
    assert found("chair") == ["Chair"]

    Product.objects.filter(pk=lamp.pk).delete()
    assert not SearchEntry.objects.exists()


HOSTILE = [
    *("'", '"', '""', "-", "--", "- -", "!", "&", "|", "<->", ":*", "(", "\\", "%", "_", "🙂"),
    *("a & b", "a | | b", "!(a)", "'a':*", "a:b:c", "\\'", "lamp' OR 1=1 --", "²", "the", "½ x"),
    *("x" * 100, "a " * 50, '"' * 100, "-a " * 33, "a-" * 50, "\u0301\u200d", "ﷺ", "١٢٣"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_typed_is_answered(text: str) -> None:
    shelf()

    assert len(hits(text)) <= 5


@pytest.mark.parametrize("text", ["!!!", "🙂", "' \" -", "%"])
def test_text_without_a_word_finds_nothing(text: str) -> None:
    shelf()

    assert found(text) == []


def test_ranks_are_whole_numbers_that_stay() -> None:
    shelf()

    ranks = [[one.rank for one in hits("lamp")] for _ in range(2)]

    assert ranks[0] == ranks[1]
    assert all(type(rank) is int for rank in ranks[0])


def test_only_what_was_given_is_searched() -> None:
    made = shelf()
    Product.objects.filter(pk=made["lamp"].pk).update(status="DRAFT")

    assert "Oak Lamp" not in found("oak lamp")


@pytest.mark.skipif(not POSTGRESQL, reason="stems and trigrams are PostgreSQL's")
def test_other_forms_of_a_word() -> None:
    shelf()

    assert found("lamps")[0] == "Oak Lamp"
    assert {"Oak Lamp", "Table"} <= set(found("lamps"))


@pytest.mark.skipif(not POSTGRESQL, reason="only PostgreSQL has the extension")
def test_without_the_extension_misspelling_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf()
    monkeypatch.setattr(words, "trigrams", lambda: False)

    assert found("hedphones") == []
    assert found("lamp")[0] == "Oak Lamp"
