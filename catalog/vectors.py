"""PostgreSQL's part of the search: by two vectors of each product and their indexes.

Reading and ranking every product that has a frequent word would take as long as there are
products. So at most RANKED are: those with the words in their names first, the latest of them.
"""

import json
from collections.abc import Mapping
from functools import partial
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
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from catalog import counts, words
from catalog.hits import Hits, Ranks, Rows
from catalog.models import SearchEntry
from catalog.querysets import NOW
from catalog.terms import Term
from shop.prepared import Among, Prepared, Slot

Entries = QuerySet[SearchEntry]
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

    def __init__(self) -> None:
        super().__init__(Slot("ranks", TextField()), F("pk"))


def query(name: str) -> Any:
    """By the stems of the language or as written, both told at each run."""
    stems = SearchQuery(Slot(f"{name} stems", TextField()), config=LANGUAGE, search_type="raw")
    written = SearchQuery(Slot(f"{name} written", TextField()), config="simple", search_type="raw")
    return stems | written


WANTED, UNWANTED = query("wanted"), query("unwanted")
RANKED_ONES, GIVEN = Among("pk", "ranked"), Among("pk", "given")


def found(ask: Prepared, wanted: list[Term], given: Ranks, *, forgiving: bool) -> Hits:
    """What fits, and the products of `given`; where few of the rows do, also what is like it."""
    asked = Asked(wanted)
    ranks, complete = remembered(asked)
    if forgiving and not given and complete and is_short(ask, ranks):
        meant = words.meant_by(word for term in asked.positive for word in term.words)
        if meant:
            typed = {pk: AS_TYPED + rank for pk, rank in ranks.items()}
            asked = Asked(wanted, meant)
            guessed, complete = remembered(asked)
            ranks = guessed | typed
    ranks = ranks | given
    values = {"ranked": ranks, "ranks": json.dumps(ranks)}
    if complete:
        return Hits("ranked", ranked, (ranked,), values, few=True)
    values |= {"given": given, **asked.values}
    shape = ("fitting", asked.excludes, bool(given))
    whole = partial(asked.fitting, or_given=bool(given))
    entries = partial(counted, asked, values)
    return Hits(shape, whole, (ranked, asked.others), values, entries=entries)


def counted(asked: "Asked", values: Mapping[str, Any], *, public: bool) -> Prepared:
    """The entries of what fits; `public`: of what everybody may see."""
    or_given = bool(values["given"])

    def build() -> Entries:
        found = asked.entries("words", or_given=or_given)
        return found.filter(shown_from__lte=NOW) if public else found

    shape = ("entries", asked.excludes, or_given, public)
    return Prepared(shape, build, values={**values, "now": timezone.now()})


def remembered(asked: "Asked") -> tuple[Ranks, bool]:
    return counts.remembered(("ranks", asked.told), asked.ranked, within=_searches)


def is_short(ask: Prepared, ranks: Ranks) -> bool:
    """Whether fewer than FEW of what is asked for are among those that were found."""
    return len(ask.tuples("few", first_few, ranked=ranks)) < FEW


def first_few(rows: Rows) -> QuerySet[Any, Any]:
    return rows.filter(RANKED_ONES).order_by().values_list("pk")[:FEW]


def ranked(rows: Rows) -> Rows:
    return rows.filter(RANKED_ONES).annotate(rank=Rank())


class Asked:
    """What is looked for, as PostgreSQL takes it; with `meant` also what words may stand for."""

    def __init__(self, wanted: list[Term], meant: Meant | None = None) -> None:
        self.positive = [term for term in wanted if not term.excluded]
        negative = [term for term in wanted if term.excluded]
        self.told = repr((wanted, meant))
        self.excludes = bool(negative)
        self.values = {
            "wanted stems": " & ".join(together(one, meant or {}) for one in self.positive),
            "wanted written": " & ".join(
                together(one, meant or {}, goes_on=one.open and one is self.positive[-1])
                for one in self.positive
            ),
            "unwanted stems": " | ".join(together(one, {}) for one in negative),
            "unwanted written": " | ".join(together(one, {}, goes_on=one.open) for one in negative),
        }

    def entries(self, column: str, *, or_given: bool = False) -> Entries:
        fits = Q(Matches(F(column), WANTED))
        found = SearchEntry.objects.filter(fits | Q(GIVEN) if or_given else fits)
        return found.exclude(Matches(F("words"), UNWANTED)) if self.excludes else found

    def matching(self) -> Q:
        return Q(pk__in=self.entries("words").values("pk"))

    def fitting(self, rows: Rows, *, or_given: bool) -> Rows:
        """All that fit, with the rank of those that have one."""
        # A database reads "either" in a slower way, so it is said only where it is needed.
        wide = self.matching() | Q(GIVEN) if or_given else self.matching()
        return rows.filter(wide).annotate(rank=Rank())

    def others(self, rows: Rows) -> Rows:
        """Those that fit and were not ranked."""
        return rows.filter(self.matching()).exclude(RANKED_ONES).annotate(rank=Value(0))

    def ranked(self) -> tuple[Ranks, bool]:
        """Ranks of at most RANKED of the products that fit, and whether these are all."""
        newest = self.read(self.newest, "words")
        if len(newest) < RANKED:  # not so frequent that all of them cannot be looked at
            found = self.read(self.latest, "words")
            return found, len(found) < RANKED
        named = self.read(self.newest, "names")
        if len(named) < RANKED:
            named = self.read(self.latest, "names")
        others = sorted(newest.keys() - named.keys(), reverse=True)[: RANKED - len(named)]
        return named | {pk: newest[pk] for pk in others}, False

    def read(self, which: Any, column: str) -> Ranks:
        """The ranks of the first of them."""
        entries = Prepared("search entries", SearchEntry.objects.all)
        shape = (which.__name__, column, self.excludes, RANKED, NEWEST)
        return dict(entries.tuples(shape, lambda rows: ranks(rows, which(column)), **self.values))

    def newest(self, column: str) -> Entries:
        """Of the NEWEST products those that fit: all there is to see of a frequent word."""
        ids = SearchEntry.objects.order_by("-pk").values("pk")
        among = self.entries(column).filter(pk__gt=Coalesce(Subquery(ids[NEWEST : NEWEST + 1]), 0))
        return among.order_by("-pk")

    def latest(self, column: str) -> Entries:
        named = Matches(F("names"), WANTED)
        return self.entries(column).order_by(named.desc(), Unsorted(F("pk")).desc())


def ranks(entries: Entries, ordered: Entries) -> QuerySet[Any, Any]:
    """The ids and ranks of the first RANKED of them."""
    rank = Cast(SearchRank(F("words"), WANTED) * 1_000_000, IntegerField())
    rows = entries.filter(pk__in=ordered.values("pk")[:RANKED])
    return rows.annotate(rank=rank + LEAST).values_list("pk", "rank")


def together(term: Term, meant: Meant, *, goes_on: bool = False) -> str:
    """The words one after the other; each as typed or as one that it may be meant for."""
    found = [" | ".join(f"'{one}'" for one in (word, *meant.get(word, ()))) for word in term.words]
    if goes_on:
        found[-1] += f" | '{term.words[-1]}':*"
    return f"({' <-> '.join(f'({one})' for one in found)})"
