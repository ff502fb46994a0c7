"""The words that a misspelt one may have been meant for."""

from catalog import columns, words
from catalog.models import Product, SearchWord
from tests.factories import make_product


def known() -> list[str]:
    return sorted(SearchWord.objects.values_list("word", flat=True))


def test_words_of_a_new_name_are_known_at_once_and_kept_once() -> None:
    lamp = make_product(name="Brass Lamp")
    columns.refresh([lamp.pk], columns.texts)
    other = make_product(name="Brass bowl, big")
    columns.refresh([other.pk], columns.texts)

    assert known() == ["bowl", "brass", "lamp"]


def test_a_recount_leaves_each_word_in_use_once() -> None:
    lamp = make_product(name="Brass Lamp")
    words.learn(["brass lamps"])
    SearchWord.objects.create(word="brass")
    Product.objects.filter(pk=lamp.pk).update(name="Brass Clock")

    words.recount()

    assert known() == ["brass", "clock"]


def test_only_words_that_are_much_alike_are_meant() -> None:
    words.learn(["wireless headphones, brass"])

    assert words.meant_by(["hedphones", "qqqqqq", "wi", "brass"]) == {
        "hedphones": ["headphones"],
        "brass": ["brass"],
    }
