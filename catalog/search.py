"""Words that somebody typed to the products that are meant.

PostgreSQL answers by full-text search over a vector column that migration 0003 made (name before
brand before description) and by trigrams; SQLite by the words that `search_text` contains. Both
know "whole phrases" and -excluded words, and both forgive misspelling where they find next to
nothing otherwise.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import reduce
from operator import and_, or_
from typing import Any, NamedTuple

from django.contrib.postgres.search import (
    SearchQuery,
    SearchRank,
    SearchVectorField,
    TrigramWordSimilarity,
)
from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    Expression,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Col
from django.db.models.functions import Cast, Greatest

from catalog.models import Product

Rows = QuerySet[Product]

LONGEST = 100
FEW = 3  # with fewer hits misspelling is thought of
LIKENESS = "0.45"  # of 1: two letters of ten may have changed places
LANGUAGE = "english"  # what migration 0003 made the vector with
NAMES_READ = 5000  # of a small shop's: where there are no trigrams, words are compared here

ENTRY = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
WORD = re.compile(r"[^\W_]+")


class Term(NamedTuple):
    """Words that must stand together, or must not be there."""

    words: list[str]
    excluded: bool
    open: bool  # the last word may go on: it is being typed


def terms(text: str) -> list[Term]:
    """What was typed, without anything that is no letter or digit.

    Excluded words alone say nothing about what is looked for: they are taken as wanted then.
    """
    found = [
        Term(words, excluded=bool(entry["minus"]), open=entry["phrase"] is None)
        for entry in ENTRY.finditer(text.casefold())
        if (words := WORD.findall(entry["phrase"] or entry["word"] or ""))
    ]
    if all(term.excluded for term in found):
        return [Term(term.words, excluded=False, open=term.open) for term in found]
    return found


def matching(rows: Rows, text: str) -> Rows:
    """Those of the rows that fit, with `rank`: a whole number, larger where more fits.

    Text without a letter or digit finds nothing. Costs up to two statements of its own: one to
    see whether there are few hits, and one more where there are.
    """
    wanted = terms(text)
    if not wanted:
        return rows.annotate(rank=Value(0)).none()
    # Who quotes or excludes knows the spelling.
    forgiving = all(term.open and not term.excluded for term in wanted)
    if connection.vendor == "postgresql":
        return by_vector(rows, wanted, forgiving=forgiving)
    return by_words(rows, wanted, forgiving=forgiving)


def enough(rows: Rows) -> bool:
    return len(rows.order_by().values_list("pk")[:FEW]) == FEW


# ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────
class Vector(Expression):
    """The product's search vector: a column of the table that the model does not know of."""

    def resolve_expression(self, query: Any = None, *args: Any, **options: Any) -> Any:
        field = SearchVectorField()
        field.set_attributes_from_name("search_vector")
        return Col(query.get_initial_alias(), field)


class Operator(Func):
    template = "(%(expressions)s)"
    conditional = True
    output_field = BooleanField()


class Matches(Operator):
    arg_joiner = " @@ "


class SoundsLike(Operator):
    """Whether a stretch of words in the right is written much like the left (pg_trgm)."""

    arg_joiner = " <%% "


def by_vector(rows: Rows, wanted: list[Term], *, forgiving: bool) -> Rows:
    positive = [term for term in wanted if not term.excluded]
    negative = [term for term in wanted if term.excluded]
    asked = query_of(positive)
    fits = Q(Matches(Vector(), asked))
    if negative:
        fits &= ~Q(Matches(Vector(), reduce(or_, (query_of([term]) for term in negative))))
    rank = Cast(SearchRank(Vector(), asked) * 1_000_000, IntegerField()) + 1000
    if not forgiving or enough(rows.filter(fits)) or not trigrams():
        return rows.annotate(rank=rank).filter(fits)
    typed = " ".join(word for term in positive for word in term.words)
    alike = [SoundsLike(Value(typed), F(column)) for column in ("name", "brand_name")]
    likeness = Greatest(*(TrigramWordSimilarity(typed, name) for name in ("name", "brand_name")))
    guessed = Cast(likeness * 1000, IntegerField())
    return rows.annotate(rank=Case(When(fits, then=rank), default=guessed)).filter(
        reduce(or_, (Q(one) for one in alike), fits)
    )


def query_of(terms: list[Term]) -> Any:
    """All of the terms, by the stems of the language or as written; the last word may go on."""
    stems = " & ".join(together(term) for term in terms)
    written = " & ".join(together(term, goes_on=term.open and term is terms[-1]) for term in terms)
    return SearchQuery(stems, config=LANGUAGE, search_type="raw") | SearchQuery(
        written, config="simple", search_type="raw"
    )


def together(term: Term, *, goes_on: bool = False) -> str:
    words = " <-> ".join(f"'{word}'" for word in term.words)
    return f"({words}{':*' if goes_on else ''})"


def trigrams() -> bool:
    """Whether the database has pg_trgm (not every host lets a shop create it), made ready.

    The operator that an index answers takes its limit from the session.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pg_trgm.word_similarity_threshold', %s, false)"
            " FROM pg_extension WHERE extname = 'pg_trgm'",
            [LIKENESS],
        )
        return cursor.fetchone() is not None


# ── SQLite ──────────────────────────────────────────────────────────────────────────────────
def by_words(rows: Rows, wanted: list[Term], *, forgiving: bool) -> Rows:
    excluded = [contains(term) for term in wanted if term.excluded]
    positive = [term for term in wanted if not term.excluded]
    rows = rows.exclude(reduce(or_, excluded)) if excluded else rows
    fits = rows.filter(reduce(and_, (contains(term) for term in positive)))
    if forgiving and not enough(fits):
        known = vocabulary(rows)
        guessed = [guesses(term, known) for term in positive]
        fits = rows.filter(reduce(and_, guessed))
    return fits.annotate(rank=sum((worth(term) for term in positive), Value(0)))


def contains(term: Term) -> Q:
    if not term.open:
        return Q(search_text__contains=" ".join(term.words))
    return reduce(and_, (Q(search_text__contains=word) for word in term.words))


def worth(term: Term) -> Any:
    """More for a word of the name than for one of the brand or the description."""
    text = " ".join(term.words)
    return Case(
        When(name__istartswith=text, then=Value(5)),
        When(name__icontains=text, then=Value(4)),
        When(brand_name__icontains=text, then=Value(2)),
        When(contains(term), then=Value(1)),
        default=Value(0),
    )


def guesses(term: Term, known: Iterable[str]) -> Q:
    """The term, or words that are written much like its own."""
    alike = [word for word in term.words if len(word) > 3]
    close = {near for word in alike for near in get_close_matches(word, known, n=3, cutoff=0.75)}
    return reduce(or_, (Q(search_text__contains=word) for word in close), contains(term))


def vocabulary(rows: Rows) -> set[str]:
    """The words of names and brands."""
    names = rows.order_by("-sales_count").values_list("name", "brand_name")[:NAMES_READ]
    return {word for pair in names for text in pair for word in WORD.findall(text.casefold())}
