"""Words that somebody typed to the products that are meant.

PostgreSQL answers by full-text search (`catalog.vectors`); SQLite by the words that `search_text`
contains. Both know "whole phrases" and -excluded words, both forgive misspelling where they find
next to nothing otherwise, and both know a SKU, whole or as far as it is typed.
"""

from collections.abc import Iterable
from functools import partial, reduce
from operator import and_, or_
from typing import Any

from django.db import connection
from django.db.models import Case, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Lower

from catalog import hits, terms, vectors, words
from catalog.hits import Hits, Ranks, Rows
from catalog.models import Variant
from catalog.terms import Term
from shop.prepared import Prepared, Slot

LONGEST = 100
FEW = vectors.FEW
SKU_STARTS = 3  # letters: with fewer it is no start of a SKU that somebody means
SKUS = 100  # more that start alike are not what is looked for
EXACT, STARTS = 100_000_000, 50_000_000  # ranks: above what fits by its words


def found(ask: Prepared, text: str) -> Hits:
    """What fits the text; where next to nothing of what is asked for does, what it may mean.

    Text without a letter or digit finds nothing. Costs up to eight statements of its own: one for
    SKUs, two or three for the best ranks, one to see whether they are few, and where they are one
    for the words that may be meant (one more on PostgreSQL) and again those for the ranks.
    """
    wanted = terms.read(text)
    if not wanted:
        return hits.NONE
    # Who quotes or excludes knows the spelling.
    plain = all(term.open and not term.excluded for term in wanted)
    known = by_sku(text.strip()) if plain else {}
    by = vectors.found if connection.vendor == "postgresql" else by_words
    return by(ask, wanted, known, forgiving=plain)


def by_sku(text: str) -> Ranks:
    """The products with a variant on sale whose SKU is the text or, if long enough, starts so."""
    how = "_sku__startswith" if len(text) >= SKU_STARTS else "_sku"
    on_sale = Prepared("variants on sale", Variant.objects.live)
    ranks: Ranks = {}
    for product, sku, whole in on_sale.tuples(how, partial(skus, how=how), text=text):
        ranks[product] = max(ranks.get(product, 0), EXACT if sku == whole else STARTS)
    return ranks


def skus(variants: QuerySet[Variant], how: str) -> QuerySet[Any, Any]:
    text = Lower(Slot("text", TextField()))
    named = variants.annotate(_sku=Lower("sku"), _text=text).filter(**{how: text})
    rows = named.order_by(vectors.Unsorted(F("pk"))).values_list("product_id", "_sku", "_text")
    return rows[:SKUS]


# ── SQLite ──────────────────────────────────────────────────────────────────────────────────
def by_words(ask: Prepared, wanted: list[Term], known: Ranks, *, forgiving: bool) -> Hits:
    positive = [term for term in wanted if not term.excluded]
    fits = reduce(and_, (contains(term) for term in positive))
    meant: dict[str, list[str]] = {}
    if forgiving and not known and is_short(ask, wanted, fits):
        meant = words.meant_by(word for term in positive for word in term.words)
        fits = reduce(and_, (guesses(term, meant) for term in positive))
    unwanted = reduce(or_, (contains(term) for term in wanted if term.excluded), Q(pk__in=[]))
    wide = (fits & ~unwanted) | Q(pk__in=[*known])
    worths = ranking(positive, known)

    def whole(rows: Rows) -> Rows:
        return rows.filter(wide).annotate(rank=worths)

    return Hits(repr((wanted, meant, known)), whole, (whole,))


def is_short(ask: Prepared, wanted: list[Term], fits: Q) -> bool:
    """Whether fewer than FEW of what is asked for fit."""
    return len(ask.tuples(("few", repr(wanted)), lambda rows: first_few(rows.filter(fits)))) < FEW


def first_few(rows: Rows) -> QuerySet[Any, Any]:
    return rows.order_by().values_list("pk")[:FEW]


def ranking(positive: list[Term], known: Ranks) -> Any:
    worths = sum((worth(term) for term in positive), Value(0))
    places = [When(pk=pk, then=Value(rank)) for pk, rank in known.items()]
    return Case(*places, default=worths) if places else worths


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
