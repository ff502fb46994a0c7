"""Documents that nobody means, each class drawn anew by its seed."""

import json
from random import Random

from tests.fuzzing.requesting import Maker, Request, asked
from tests.schema.limits.test_hostile import BODIES, HOSTILE


def of_document(name: str) -> Maker:
    return lambda chance: asked(HOSTILE[name]())


def of_body(name: str) -> Maker:
    return lambda chance: Request(BODIES[name])


def doubling(chance: Random) -> Request:
    """2^N fields by N fragments that each spread the next one twice."""
    last = chance.randint(5, 200)
    parts = [f"fragment F{at} on Query {{ ...F{at + 1} ...F{at + 1} }}" for at in range(last)]
    return asked(" ".join(["{ ...F0 }", *parts, f"fragment F{last} on Query {{ __typename }}"]))


def circle(chance: Random) -> Request:
    size = chance.randint(1, 60)
    parts = [f"fragment F{at} on Query {{ ...F{(at + 1) % size} }}" for at in range(size)]
    return asked(" ".join(["{ ...F0 }", *parts]))


def deep(chance: Random) -> Request:
    depth = chance.choice([8, 13, 30, 90, 300, 2000])
    return asked("{ categories { " + "children { " * depth + "id" + " }" * depth + " } }")


def aliases(chance: Random) -> Request:
    count = chance.choice([31, 100, 400])
    one = chance.choice(["shop { currency }", "products(first: 100) { totalCount }", "__typename"])
    return asked("{ " + " ".join(f"a{at}: {one}" for at in range(count)) + " }")


def directives(chance: Random) -> Request:
    name = chance.choice(["@include(if: true)", "@skip(if: false)", "@no", "@include"])
    return asked("{ __typename " + f"{name} " * chance.choice([1, 2, 6, 200]) + "}")


def operations(chance: Random) -> Request:
    count = chance.choice([2, 10, 2000])
    document = " ".join(f"query Q{at} {{ __typename }}" for at in range(count))
    name = chance.choice([None, "Q0", "Q1", "none", "", "Q" * 10_000])
    return Request(json.dumps({"query": document, "operationName": name}).encode())


def many_variables(chance: Random) -> Request:
    count = chance.choice([100, 1000, 5000])
    names = " ".join(f"$v{at}: [Int!]!" for at in range(count))
    return asked(f"query({names}) {{ __typename }}", {f"v{at}": [at] for at in range(count)})


def wide_introspection(chance: Random) -> Request:
    fields = "name fields { name type { name ofType { name ofType { name } } } }"
    count = chance.choice([1, 5, 29])
    return asked(
        "{ " + " ".join(f"s{at}: __schema {{ types {{ {fields} }} }}" for at in range(count)) + " }"
    )


def filling(chance: Random) -> Request:
    sign = chance.choice(["#\n", ",", " ", "\n", "\t", "\ufeff", "# \u202e\r", '""" """'])
    return asked("{ shop { currency } }" + sign * (250_000 // len(sign.encode()) // 2))


def huge_literal(chance: Random) -> Request:
    value = chance.choice(
        ["9" * 5000, "-" + "9" * 400, "1e999999999", "0." + "1" * 5000, '"' + "x" * 200_000 + '"',
         '"\\u0000"', '"\\uD83D"', '"""' + "\\n" * 20_000 + '"""', "[" * 400, "$nothing"]
    )  # fmt: skip
    place = chance.choice(
        ["products(first: {}) {{ totalCount }}", "product(slug: {}) {{ id }}",
        "node(id: {}) {{ id }}",
         "products(filter: {{ minRating: {} }}) {{ totalCount }}",
         "products(search: {}) {{ totalCount }}"]
    )  # fmt: skip
    return asked("{ " + place.format(value) + " }")


DOCUMENTS: dict[str, Maker] = {
    **{name: of_document(name) for name in HOSTILE},
    **{f"{name}, as a body": of_body(name) for name in BODIES},
    "2^N fields by fragments": doubling,
    "a circle of any size": circle,
    "deeper than allowed": deep,
    "aliases": aliases,
    "directives": directives,
    "operations and a name": operations,
    "variables by the thousand": many_variables,
    "a flood of introspection": wide_introspection,
    "250 kB of nothing": filling,
    "a huge literal": huge_literal,
}  # fmt: skip
