"""`python -m benchmarks`: the shop beside views written by hand, then the webhook.

BENCH_SIZES=10000 is a short run; BENCH_PART=lists measures only what stands beside views by hand,
and writes no file; BENCH_REQUESTS how many requests the memory is measured after;
BENCH_KEEP=1 keeps the databases. Needs PostgreSQL: a running one, or one installed to start.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext

from scripts import test as postgresql

PART = os.environ.get("BENCH_PART", "")
SMALL = 1000  # what lists of the largest are held beside
SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "10000,100000").split(",")]


def main() -> None:
    with running() as at:
        os.environ |= at | {
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "DATABASE_NAME": "postgres",  # until a shop's is made
            "GRAPHQL_ANSWER_CACHE": "off",  # of this process, which counts statements
        }
        import django

        django.setup()
        measure_all()
    if "BENCH_SIZES" not in os.environ and not PART:
        from benchmarks import webhook

        webhook.main()


def running() -> AbstractContextManager[dict[str, str]]:
    """Where PostgreSQL runs; one that is started for this run ends with it."""
    if postgresql.answers(postgresql.place()):
        return nullcontext(postgresql.place())
    folder = postgresql.binaries()
    if folder is None:
        sys.exit("PostgreSQL neither runs nor is installed: there is nothing to measure.")
    return postgresql.started(folder)


def measure_all() -> None:
    from benchmarks import shops

    with ExitStack() as open_ones:
        names = {
            size: open_ones.enter_context(shops.of_size(size)) for size in sorted({SMALL, *SIZES})
        }
        if PART == "lists":
            list(said(of_lists(names)))
            return
        lines = [*said(of_orders(names[SIZES[0]])), *said(of_catalogue(names))]
        with shops.server() as server:
            version = str(server.info.server_version // 10_000)
        finish(lines, version)


def said(lines: Iterator[list[str]]) -> Iterator[str]:
    for part in lines:
        print("\n".join(part), flush=True)
        yield from part


def of_orders(name: str) -> Iterator[list[str]]:
    from benchmarks import ordering, shops

    with shops.copy_of(name) as copy:
        yield ordering.told(copy)


def of_lists(names: dict[int, str]) -> Iterator[list[str]]:
    """What stands beside views by hand, alone."""
    from benchmarks import catalogue
    from benchmarks.report import table

    for size in SIZES:
        with catalogue.served(size, names[size]) as shop:
            with_hand = catalogue.beside_by_hand(shop)
        yield table(f"Beside views written by hand, {size:,} products", with_hand)


def of_catalogue(names: dict[int, str]) -> Iterator[list[str]]:
    from benchmarks import catalogue, memory, persisting
    from benchmarks.report import table

    with ExitStack() as open_ones:
        shops = {
            size: open_ones.enter_context(catalogue.served(size, name))
            for size, name in names.items()
        }
        for size in SIZES:
            with_hand = catalogue.beside_by_hand(shops[size])
            yield table(f"Beside views written by hand, {size:,} products", with_hand)
        first, last = shops[SIZES[0]], shops[SIZES[-1]]
        hashed = persisting.register(first)
        yield table("Out of the cache", catalogue.out_of_the_cache(first, hashed))
        page = min(2000, last.size // 24 - 50)
        yield table("Far down a list", catalogue.far_page(last, page))
        both = {SMALL: shops[SMALL], last.size: last}
        yield table("Every sort", catalogue.sorts(both))
        yield table("Narrowed lists", catalogue.narrowed(both))
        yield table("Search", catalogue.searches(last))
        yield memory.told(first)


def finish(lines: list[str], version: str) -> None:
    from benchmarks import report

    report.write(lines, version)
    print(f"Written to {report.RESULTS}.")


if __name__ == "__main__":
    main()
