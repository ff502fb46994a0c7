"""PostgreSQL's part of the search: by two vectors of each product and their indexes.

Reading and ranking every product that has a frequent word would take as long as there are
products. So at most RANKED are: those with the words in their names first, the latest of them.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import (
    BigIntegerField,
    BooleanField,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from catalog import counts, words
from catalog.models import Product, SearchEntry
from catalog.terms import Term

Rows = QuerySet[Product]
Ranks = dict[int, int]
Meant = Mapping[str, list[str]]

RANKED = 500
NEWEST = 5000  # products, in which a word that a tenth of them have fills all ranks
FEW = 3  # with fewer hits misspelling is thought of
LANGUAGE = "english"  # what migration 0007 makes the vectors with
LEAST = 1000  # added to a rank: what is found is above what is not ranked
AS_TYPED = 1_000_000  # above what was guessed

_searches = counts.Memory(200)  # as many as that at some 50 kB


class Matches(Func):
    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    conditional = True
    output_field = BooleanField()


class Among(Func):
    """Whether a product is one of these, told as a single value: a list of values costs more."""

    template = "%(expressions)s::bigint[])"
    arg_joiner = " = ANY("
    conditional = True
    output_field = BooleanField()

    def __init__(self, ids: Iterable[int]) -> None:
        super().__init__(F("pk"), Value(f"{{{','.join(map(str, ids))}}}"))


class Unsorted(Func):
    """A key by which no index is in order.

    In the order of the keys a database looks for the latest that match from the end on: a long
    way where the matches are old. It is to take the matches from their index and sort them.
    """

    template = "(%(expressions)s + 0)"
    output_field = BigIntegerField()


class Rank(Func):
    """The rank that a product was given, by its id; 0 for one that was not ranked."""

    template = "COALESCE((%(expressions)s::text)::int, 0)"
    arg_joiner = "::jsonb ->> "
    output_field = IntegerField()

    def __init__(self, ranks: Ranks) -> None:
        super().__init__(Value(json.dumps(ranks)), F("pk"))


@dataclass(frozen=True)
class Found:
    """What a search found: the ranks of the best, and a condition for all."""

    ranks: Ranks
    fits: Q | Among
    complete: bool  # whether all that fit are ranked

    def among(self, rows: Rows) -> Rows:
        """Those of the rows that fit, with their `rank`; 0 for those that were not ranked."""
        return rows.filter(self.fits).annotate(rank=Rank(self.ranks))

    def parts(self, rows: Rows) -> list[Rows]:
        """The same, the ranked ones apart from the others.

        One after the other they are in the order of rank and id, without a sort of all.
        """
        if self.complete:
            return [self.among(rows)]
        ranked = Among(self.ranks)
        rest = rows.filter(self.fits).exclude(ranked)
        return [
            rows.filter(ranked).annotate(rank=Rank(self.ranks)),
            rest.annotate(rank=Value(0)),
        ]


def found(rows: Rows, wanted: list[Term], given: Ranks, *, forgiving: bool) -> Found:
    """What fits, and the products of `given`; where few of the rows do, also what is like it."""
    asked = Asked(wanted)
    ranks, complete = remembered(asked)
    if forgiving and not given and complete and is_short(rows.filter(Among(ranks))):
        meant = words.meant_by(word for term in asked.positive for word in term.words)
        if meant:
            typed = {pk: AS_TYPED + rank for pk, rank in ranks.items()}
            asked = Asked(wanted, meant)
            guessed, complete = remembered(asked)
            ranks = guessed | typed
    ranks = ranks | given
    if complete:
        return Found(ranks, Among(ranks), complete=True)
    fits = asked.fitting() | Q(Among(given)) if given else asked.fitting()
    return Found(ranks, fits, complete=False)


def remembered(asked: "Asked") -> tuple[Ranks, bool]:
    return counts.remembered(("ranks", asked.told), asked.ranked, within=_searches)


def is_short(rows: Rows) -> bool:
    return len(rows.order_by().values_list("pk")[:FEW]) < FEW


class Asked:
    """What is looked for, as PostgreSQL takes it; with `meant` also what words may stand for."""

    def __init__(self, wanted: list[Term], meant: Meant | None = None) -> None:
        self.positive = [term for term in wanted if not term.excluded]
        negative = [query_of([term], {}) for term in wanted if term.excluded]
        self.told = repr((wanted, meant))
        self.query = query_of(self.positive, meant or {})
        self.unwanted = reduce(or_, negative) if negative else None

    def entries(self, column: str) -> QuerySet[SearchEntry]:
        found = SearchEntry.objects.filter(Matches(F(column), self.query))
        return found if self.unwanted is None else found.exclude(Matches(F("words"), self.unwanted))

    def fitting(self) -> Q:
        return Q(pk__in=self.entries("words").values("pk"))

    def ranked(self) -> tuple[Ranks, bool]:
        """Ranks of at most RANKED of the products that fit, and whether these are all."""
        newest = self.newest("words")
        if len(newest) < RANKED:  # not so frequent that all of them cannot be looked at
            found = self.latest("words")
            return found, len(found) < RANKED
        named = self.newest("names")
        if len(named) < RANKED:
            named = self.latest("names")
        others = sorted(newest.keys() - named.keys(), reverse=True)[: RANKED - len(named)]
        return named | {pk: newest[pk] for pk in others}, False

    def newest(self, column: str) -> Ranks:
        """Of the NEWEST products those that fit: all there is to see of a frequent word."""
        ids = SearchEntry.objects.order_by("-pk").values("pk")
        among = self.entries(column).filter(pk__gt=Coalesce(Subquery(ids[NEWEST : NEWEST + 1]), 0))
        return self.ranks(among.order_by("-pk"))

    def latest(self, column: str) -> Ranks:
        named = Matches(F("names"), self.query)
        rows = self.entries(column).order_by(named.desc(), Unsorted(F("pk")).desc())
        return self.ranks(rows)

    def ranks(self, ordered: QuerySet[SearchEntry]) -> Ranks:
        rank = Cast(SearchRank(F("words"), self.query) * 1_000_000, IntegerField())
        rows = SearchEntry.objects.filter(pk__in=ordered.values("pk")[:RANKED])
        return dict(rows.annotate(rank=rank + LEAST).values_list("pk", "rank"))


def query_of(terms: list[Term], meant: Meant) -> Any:
    """All of the terms, by the stems of the language or as written; the last word may go on."""
    stems = " & ".join(together(term, meant) for term in terms)
    written = " & ".join(
        together(term, meant, goes_on=term.open and term is terms[-1]) for term in terms
    )
    return SearchQuery(stems, config=LANGUAGE, search_type="raw") | SearchQuery(
        written, config="simple", search_type="raw"
    )


def together(term: Term, meant: Meant, *, goes_on: bool = False) -> str:
    """The words one after the other; each as typed or as one that it may be meant for."""
    found = [" | ".join(f"'{one}'" for one in (word, *meant.get(word, ()))) for word in term.words]
    if goes_on:
        found[-1] += f" | '{term.words[-1]}':*"
    return f"({' <-> '.join(f'({one})' for one in found)})"
