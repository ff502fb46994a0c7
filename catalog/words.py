"""The words of the shop: what a misspelt word may have been meant for.

There are far fewer words than products, so that they can be looked through while a search waits.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection
from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.functions import Greatest

from catalog.models import Product, SearchWord
from catalog.terms import WORD
from shop import jobs

SHORTEST = 4  # a shorter word is like too many others
LONGEST = 50
CANDIDATES = 100  # of which the likest are taken
MEANT = 3
LIKENESS = 0.75  # of 1: about a letter of four may be wrong
BATCH = 1000


def of(texts: Iterable[str]) -> set[str]:
    return {
        word
        for text in texts
        for word in WORD.findall(text.casefold())
        if SHORTEST <= len(word) <= LONGEST
    }


def learn(texts: Iterable[str]) -> None:
    """Know the words of these names from now on.

    No word is unique in the table: two writers of one new word would wait for each other, and of
    two new words for ever. What is there twice goes with the next `recount`.
    """
    wanted = sorted(of(texts))
    for at in range(0, len(wanted), BATCH):
        part = wanted[at : at + BATCH]
        known = set(SearchWord.objects.filter(word__in=part).values_list("word", flat=True))
        SearchWord.objects.bulk_create(SearchWord(word=word) for word in part if word not in known)


@jobs.sweep("50 3 * * *")
def recount() -> None:
    """Know each word of the products once, and no others; safe beside writers of new ones."""
    rows = list(SearchWord.objects.order_by("pk").values_list("pk", "word"))
    names = Product.objects.order_by().values_list("name", "brand_name")
    used = {word for pair in names.iterator() for word in of(pair)}
    kept: set[str] = set()
    needless = []
    for pk, word in rows:
        if word in kept or word not in used:
            needless.append(pk)
        kept.add(word)
    for at in range(0, len(needless), BATCH):
        SearchWord.objects.filter(pk__in=needless[at : at + BATCH]).delete()
    learn(used)


def meant_by(typed: Iterable[str]) -> dict[str, list[str]]:
    """For each of the words those of the shop that are written much like it, the likest first.

    Words that are too short for that, and those that nothing is like, are left out. One statement,
    and on PostgreSQL one more to see whether it has trigrams: without them nothing is found.
    """
    wanted = [word for word in dict.fromkeys(typed) if SHORTEST <= len(word) <= LONGEST]
    known = candidates(wanted) if wanted else []
    found = {word: get_close_matches(word, known, n=MEANT, cutoff=LIKENESS) for word in wanted}
    return {word: near for word, near in found.items() if near}


def candidates(wanted: list[str]) -> list[str]:
    """Words of the shop that are worth a closer look."""
    if connection.vendor == "postgresql":
        return by_trigrams(wanted) if trigrams() else []
    return list(SearchWord.objects.values_list("word", flat=True).distinct())


class Like(Func):
    """Whether two words have many trigrams in common (pg_trgm); an index answers it."""

    template = "(%(expressions)s)"
    arg_joiner = " %% "
    conditional = True
    output_field = BooleanField()


def by_trigrams(wanted: list[str]) -> list[str]:
    alike = Q()
    for word in wanted:
        alike |= Q(Like(F("word"), Value(word)))
    likeness = [TrigramSimilarity("word", word) for word in wanted]
    best = Greatest(*likeness) if len(likeness) > 1 else likeness[0]
    rows = SearchWord.objects.filter(alike).order_by(best.desc(), "pk")
    return list(dict.fromkeys(rows.values_list("word", flat=True)[:CANDIDATES]))


def trigrams() -> bool:
    """Whether the database has pg_trgm; not every host lets a shop create it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        return cursor.fetchone() is not None
