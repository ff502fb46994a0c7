"""Values that nobody means, in proper requests: texts, ids, cursors, dates, numbers, filters."""

import json
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from graphql import get_nullable_type

from tests.fuzzing.feeding import Food, plain
from tests.fuzzing.requesting import Maker, Request, asked
from tests.schema.hostile import HUGE, places, with_value, wrong_values
from tests.schema.trying import GRAPHQL, MUTATIONS

Drawn = Callable[..., Request]
TYPES = GRAPHQL.type_map
# Each is cut to the hundred characters that a search may have.
SEARCHES = [
    "%" * 100, "_" * 100, "%_" * 50, "\\" * 100, "'" * 100, '"' * 100, '"' * 99, "a " * 50,
    "-a " * 33,
    "a&b|c!d<->e:*" * 8, "a:*b " * 20, "(" * 100, ")" * 50 + "(" * 50, "<->" * 33, "a" * 100,
    "é" * 100,
    "ß" * 100, "ﬃ" * 100, "ﷺ" * 100, "🛋" * 100, "e\u0301" * 50, "\u200b" * 100, "\u202e" + "a" * 99,
    "a-" * 50, "a.b." * 25, "a/b/" * 25, "http://a.b/c?d=e&" * 6, "a@b.c " * 16, "1 " * 50,
    "-" * 100, "İ" * 100,
    "1e9 " * 25, "0.1.2.3 " * 12, '"a" -"b" ' * 11, "or OR and AND not NOT " * 4, "NEAR(a b) " * 10,
    "a* b* c* " * 11, "^a " * 33, "{a b}: c " * 11, "name:lamp ", "the of and " * 9,
    "\t\n\r\v\f " * 16,
    "<b>x</b> " * 11, "ẞẛſK" * 25, "漢字" * 50, "ก็" * 50, "\u0e33" * 100,
    "a\u0300\u0301\u0302" * 25, "I̊" * 50,
]  # fmt: skip
KEYS = [
    "9" * 400,
    "-1",
    "0",
    "1" * 19,
    "9223372036854775808",
    "1e400",
    "1.0",
    "",
    "\0",
    "١",
    "' OR 1=1",
    "None",
    "x" * 5000,
]
DATES = ["0000-00-00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999+14:00",
"99999-01-01T00:00:00Z",
         "2026-02-29T00:00:00Z", "2026-01-01T00:00:00+99:99", "-1", "1e9", "2026-W01-1", "now",
         "infinity", "x" * 9000]  # fmt: skip
DECIMALS = ["9" * 5000, "0." + "9" * 5000, "1e5000", "1e-5000", "NaN", "sNaN123", "-Infinity",
"1_0", "0x1", "--1",
            "9" * 400 + "." + "9" * 400, "1e999999999", "-0", "٣", " 1", ""]  # fmt: skip


def text(chance: Random) -> str:
    """Of signs from everywhere, in one of the forms of Unicode."""
    signs = [chr(chance.choice([chance.randrange(32, 0x250), chance.randrange(0x300, 0xD800),
                                chance.randrange(0xE000,
                                0x110000)])) for _ in range(chance.choice([1, 20,
                                100]))]  # fmt: skip
    form: Any = chance.choice(["NFC", "NFD", "NFKC", "NFKD"])
    return unicodedata.normalize(form, "".join(signs))


def packed(text: str) -> str:
    return b64encode(text.encode()).decode()


def forged_id(chance: Random, food: Food) -> str:
    name = chance.choice(
        ["Product", "Order", "User", "Cart", "Shop", "", "Query", "__Type", "x" * 900, "Variant"]
    )
    key = chance.choice(KEYS)
    real = chance.choice(food.words["id"])
    return chance.choice(
        [
            packed(f"{name}:{key}"),
            packed(name + key),
            real[:-1],
            real + "=",
            real * 50,
            f"{real}\n",
            key,
            HUGE,
        ]
    )


def search(chance: Random, food: Food) -> Request:
    words = chance.choice([*SEARCHES, text(chance)])[: chance.choice([100, 100, 100, 101])]
    sort = chance.choice([None, *TYPES["ProductSort"].values])  # type: ignore[attr-defined]
    document = """query($s: String, $sort: ProductSort) {
      products(search: $s, sort: $sort, first: 100) {
        totalCount nodes { name variants { sku } } facets { __typename } } }"""
    return asked(document, {"s": words, "sort": sort})


def cursors(chance: Random, food: Food) -> Request:
    forged: list[Any] = [
        [],
        {},
        None,
        ["newest", 10**400, 1],
        ["newest", None, None],
        [["a"] * 900],
        ["price", "NaN", -1],
        [0],
        "x" * 9000,
    ]
    cursor = chance.choice([
        packed(json.dumps(chance.choice(forged))), chance.choice(food.words["after"])[::-1], HUGE,
        "\ud800", "\0",
        chance.choice(food.words["after"])[:-3], packed("\xff" * 9),
        chance.choice(food.words["after"]) + "A",
    ])  # fmt: skip
    name = chance.choice(["products", "reviews", "collections", "orders", "users"])
    page = {
        "first": chance.choice([None, 1, 100, 101, 0, -1, 2**31 - 1]),
        chance.choice(["after", "before"]): cursor,
    }
    heads = "($first: Int, $last: Int, $after: String, $before: String)"
    inside = "(first: $first, last: $last, after: $after, before: $before)"
    return asked(
        f"query{heads} {{ {name}{inside} {{ totalCount pageInfo {{ endCursor }} }} }}", page
    )


def ids(chance: Random, food: Food) -> Request:
    made = [forged_id(chance, food) for _ in range(chance.choice([1, 3, 101]))]
    if chance.random() < 0.5:
        return asked("query($v: [ID!]!) { nodes(ids: $v) { __typename id } }", {"v": made})
    name = chance.choice(["product", "variant", "category", "collection", "order", "node"])
    return asked(f"query($v: ID!) {{ {name}(id: $v) {{ id }} }}", {"v": made[0]})


def filters(chance: Random, food: Food) -> Request:
    """Many options of a filter at once, some of them as no shop has them."""
    name, kind = chance.choice(
        [("products", "ProductFilter"), ("reviews", "ReviewFilter"), ("orders", "OrderFilter")]
    )
    fields: Any = TYPES[kind].fields  # type: ignore[attr-defined]
    some = {
        key: option(chance, food, one.type) for key, one in fields.items() if chance.random() < 0.6
    }
    return asked(
        f"query($f: {kind}) {{ {name}(filter: $f) {{ totalCount nodes {{ id }} }} }}", {"f": some}
    )


def option(chance: Random, food: Food, kind: Any) -> Any:
    inner: Any = get_nullable_type(kind)
    if hasattr(inner, "of_type"):
        return [
            option(chance, food, inner.of_type) for _ in range(chance.choice([0, 1, 2, 60, 900]))
        ]
    if hasattr(inner, "fields"):
        return {key: option(chance, food, one.type) for key, one in inner.fields.items()}
    if hasattr(inner, "values"):
        return chance.choice(list(inner.values))
    pools: dict[str, list[Any]] = {
        "ID": [forged_id(chance, food), *food.words["id"]], "DateTime": [*DATES,
        *["2026-01-01T00:00:00Z"] * 40],
        "Decimal": [*DECIMALS, *["1.00", "99"] * 20],
        "Int": [0, 1, -1, 2**31 - 1, 10**30], "Float": [0, 4.5, -1, 1e308, 10**400],
        "Boolean": [True, False],
    }  # fmt: skip
    return chance.choice(pools.get(inner.name) or [text(chance), *food.words["slug"], *SEARCHES])


def inputs(chance: Random, food: Food) -> Request:
    """A proper input of some mutation with a wrong or huge value in one of its places."""
    name = chance.choice(sorted(food.inputs))
    whole, kind = plain(chance.choice(food.inputs[name])), MUTATIONS[name].args["input"].type
    path, of, now = chance.choice([*places(kind, whole)])
    wrong = [value for value, _ in wrong_values(of, now)]
    more: list[Any] = [
        text(chance),
        "x" * 200_000,
        [now] * 900,
        {"a": now},
        chance.choice(DATES),
        chance.choice(DECIMALS),
    ]
    value = chance.choice([chance.choice(wrong or more), chance.choice(more)])
    return mutation(name, with_value(whole, path, value))


def mutation(name: str, input: Any) -> Request:
    head = f"mutation($v: {MUTATIONS[name].args['input'].type})"
    return asked(
        f"{head} {{ {name}(input: $v) {{ errors {{ code message path }} }} }}", {"v": input}
    )


def names(chance: Random, food: Food) -> Request:
    """E-mails, slugs and codes that look like each other."""
    local = text(chance)
    email = chance.choice([f"{local}@example.com", f"a@{local}.com", "ADMIN@EXAMPLE.COM",
    "admin@ｅxample.com", "ａdmin@example.com",
                           "admin@example.com\0", "a" * 300 + "@b.c", "admin@example.com\n",
                           "adm\u0131n@example.com", "@", '"a b"@c.de'])  # fmt: skip
    register = {"email": email, "password": "a long enough phrase", "firstName": local}
    return chance.choice([
        mutation("accountRegister", register), mutation("tokenCreate", {"email": email,
        "password": local}),
        mutation("passwordResetRequest", {"email": email}), mutation("categoryCreate",
        {"name": local, "slug": local}),
        asked("query($s: String) { product(slug: $s) { id } }", {"s": local}),
        mutation("collectionCreate", {"name": local, "slug": chance.choice(["ﬁ", "Ǆ", "İ",
        "a" * 300, local])}),
    ])  # fmt: skip


def unreadable(chance: Random, food: Food) -> Request:
    """NUL and half pairs of signs, which no database keeps."""
    value = chance.choice(["\0", "a\0b", "\ud800", "x\udfff", "\udc00\ud800", "a" * 90 + "\0"])
    field, key, kind = chance.choice([
        ("product", "slug", "String"), ("variant", "sku", "String"), ("node", "id", "ID!"),
        ("cart", "token", "String!"), ("category", "slug", "String"), ("order", "number", "String"),
    ])  # fmt: skip
    return asked(f"query($v: {kind}) {{ {field}({key}: $v) {{ id }} }}", {"v": value})


VALUES: dict[str, Drawn] = {
    "NUL and half pairs": unreadable,
    "searches that are hard": search,
    "forged cursors": cursors,
    "forged ids": ids,
    "filters with everything": filters,
    "inputs with a wrong or huge value": inputs,
    "names in odd forms of Unicode": names,
}


def with_values(food: Food) -> dict[str, Maker]:
    """The classes of values, for a shop that knows these ones."""
    return {name: partial(draw, food=food) for name, draw in VALUES.items()}
