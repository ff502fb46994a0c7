"""Words that somebody typed to the products that are meant.

PostgreSQL answers by full-text search (`catalog.vectors`); SQLite by the words that `search_text`
contains. Both know "whole phrases" and -excluded words, both forgive misspelling where they find
next to nothing otherwise, and both know a SKU, whole or as far as it is typed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db import connection
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from catalog import terms, vectors, words
from catalog.models import Product, Variant
from catalog.terms import Term

Rows = QuerySet[Product]
Ranks = dict[int, int]

LONGEST = 100
FEW = vectors.FEW
SKU_STARTS = 3  # letters: with fewer it is no start of a SKU that somebody means
SKUS = 100  # more that start alike are not what is looked for
EXACT, STARTS = 100_000_000, 50_000_000  # ranks: above what fits by its words


@dataclass(frozen=True)
class Found:
    """What a search found, to be looked for among rows that may be narrowed further."""

    among: Callable[[Rows], Rows]  # those that fit, with `rank`: the larger, the more fits
    # The same in pieces that stand one after the other in the order of RELEVANCE: cheaper to read.
    parts: Callable[[Rows], list[Rows]]


def found(rows: Rows, text: str) -> Found:
    """What fits the text; where next to nothing of the rows does, what it may be meant for.

    Text without a letter or digit finds nothing. Costs up to eight statements of its own: one for
    SKUs, two or three for the best ranks, one to see whether they are few, and where they are one
    for the words that may be meant (one more on PostgreSQL) and again those for the ranks.
    """
    wanted = terms.read(text)
    if not wanted:
        return whole(lambda rows: rows.annotate(rank=Value(0)).none())
    # Who quotes or excludes knows the spelling.
    plain = all(term.open and not term.excluded for term in wanted)
    known = by_sku(text.strip()) if plain else {}
    if connection.vendor == "postgresql":
        indexed = vectors.found(rows, wanted, known, forgiving=plain)
        return Found(indexed.among, indexed.parts)
    return whole(by_words(rows, wanted, known, forgiving=plain))


def whole(among: Callable[[Rows], Rows]) -> Found:
    return Found(among, lambda rows: [among(rows)])


def matching(rows: Rows, text: str) -> Rows:
    """Those of the rows that fit, with `rank`: a whole number, larger where more fits."""
    return found(rows, text).among(rows)


def by_sku(text: str) -> Ranks:
    """The products with a variant on sale whose SKU is the text or, if long enough, starts so."""
    on_sale = Variant.objects.live().annotate(_sku=Lower("sku"), _text=Lower(Value(text)))
    how = "_sku__startswith" if len(text) >= SKU_STARTS else "_sku"
    found = on_sale.filter(**{how: Lower(Value(text))}).order_by(vectors.Unsorted(F("pk")))
    ranks: Ranks = {}
    for product, sku, whole in found.values_list("product_id", "_sku", "_text")[:SKUS]:
        ranks[product] = max(ranks.get(product, 0), EXACT if sku == whole else STARTS)
    return ranks


# ── SQLite ──────────────────────────────────────────────────────────────────────────────────
def by_words(
    rows: Rows, wanted: list[Term], known: Ranks, *, forgiving: bool
) -> Callable[[Rows], Rows]:
    unwanted = reduce(or_, (contains(term) for term in wanted if term.excluded), Q(pk__in=[]))
    positive = [term for term in wanted if not term.excluded]
    fits = reduce(and_, (contains(term) for term in positive))
    if forgiving and not known and not enough(rows.filter(fits)):
        meant = words.meant_by(word for term in positive for word in term.words)
        fits = reduce(and_, (guesses(term, meant) for term in positive))
    worths = sum((worth(term) for term in positive), Value(0))
    places = [When(pk=pk, then=Value(rank)) for pk, rank in known.items()]
    rank = Case(*places, default=worths) if places else worths
    wide = (fits & ~unwanted) | Q(pk__in=[*known])
    return lambda rows: rows.filter(wide).annotate(rank=rank)


def enough(rows: Rows) -> bool:
    return len(rows.order_by().values_list("pk")[:FEW]) == FEW


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


def guesses(term: Term, meant: dict[str, list[str]]) -> Q:
    """The term, or words that are written much like its own."""
    close: Iterable[str] = (near for word in term.words for near in meant.get(word, ()))
    return reduce(or_, (Q(search_text__contains=word) for word in close), contains(term))
