"""How large one process becomes when very many different documents are sent to it."""

import os

from benchmarks import questions
from benchmarks.catalogue import MANY, Shop, passing
from benchmarks.load import drive
from benchmarks.measured import memory_of

REQUESTS = int(os.environ.get("BENCH_REQUESTS", "100000"))
DOCUMENTS = 5000
FREQUENT = 50  # of them, which four of five requests are for
MOST = 200  # MB


def told(shop: Shop) -> list[str]:
    """Memory of the worker before and after, in words."""
    before = memory_of(shop.keeping)
    load = drive(shop.keeping.port, mixed(), clients=MANY, seconds=3600, most=REQUESTS)
    after = memory_of(shop.keeping)
    verdict = "met" if after < MOST else "MISSED"
    different_ones = min(DOCUMENTS, len(load.times) // 5)  # a short run does not come to all
    sent = f"{len(load.times):,} requests with {different_ones:,} different documents"
    text = (
        f"Memory of one process: {before:.0f} MB before and {after:.0f} MB after {sent}"
        f" (< {MOST} MB: {verdict}), {load.rate:,.0f} a second, {load.failures} failures."
    )
    return ["", "## Memory", "", text]


def mixed() -> list[bytes]:
    """Each document once, so often that none is remembered; and between them the frequent ones."""
    documents = [questions.post(different(n)) for n in range(DOCUMENTS)]
    between = [passing(one) if n % 2 else one for n, one in enumerate(documents[:FREQUENT])]
    return [
        request
        for n, rare in enumerate(documents)
        for request in (rare, *(between[(4 * n + step) % FREQUENT] for step in range(4)))
    ]


def different(n: int) -> str:
    """A document that nobody else sends: names of its own for the same few fields."""
    return (
        f"query Q{n} {{ products(first: {1 + n % 24}) {{ nodes {{ id a{n}: name slug"
        f" price {{ amount currency }} b{n}: inStock }} }} }}"
    )
