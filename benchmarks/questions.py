"""What is asked: the documents, as whole HTTP requests, and their likes by hand."""

import json
from urllib.parse import urlencode

LIST = """query List { products(first: 24) { nodes { id name slug price { amount currency }
  category { name } image { url } inStock rating { average } } } }"""
PAGE = """query Page($sort: ProductSort, $after: String, $filter: ProductFilter) {
  products(first: 24, sort: $sort, after: $after, filter: $filter) {
  nodes { id name slug price { amount currency } category { name }
  image { url } inStock rating { average } } } }"""
DETAIL = """query Detail($slug: String!) { product(slug: $slug) { id name slug description
  price { amount currency } category { name } rating { average count histogram }
  variants { id sku name price { amount currency } inStock options { name value } }
  images { url alt width height }
  reviews(first: 10) { nodes { id rating title body verifiedPurchase createdAt } } } }"""
SEARCH = """query Search($words: String!, $filter: ProductFilter) {
  products(first: 24, search: $words, filter: $filter) { totalCount
  nodes { id name price { amount currency } }
  facets { name label kind min { amount currency } max { amount currency }
  values { value label count selected } } } }"""
WORDS = """query Words($words: String!) { products(first: 24, search: $words) { totalCount
  nodes { id name slug price { amount currency } image { url } inStock } } }"""
WALK = """query Walk($after: String) { products(first: 96, after: $after) {
  pageInfo { endCursor } } }"""
ORDER = """mutation Order($input: OrderPlaceInput!) { orderPlace(input: $input) {
  order { id number status totals { total { amount currency } } } accessToken
  errors { code message path } } }"""

SORTS = ("NEWEST", "PRICE_ASC", "PRICE_DESC", "NAME", "RATING", "BEST_SELLING")
# What people narrow a list by, a choice or several, which few or many products fit.
METALS = {"name": "material", "values": ["steel", "copper"]}
NARROWED: dict[str, dict[str, object]] = {
    "a category": {"category": ["home"]},
    "two brands": {"brand": ["alder-works", "hollow-oak"]},
    "an option": {"options": [{"name": "size", "values": ["s"]}]},
    "two values": {"attributes": [METALS]},
    "two values, twice": {
        "attributes": [METALS, {"name": "line", "values": ["light", "compact"]}],
    },
    "four filters": {
        "category": ["home"], "attributes": [METALS], "inStock": True, "maxPrice": "80",
    },
}  # fmt: skip
SLUG = "field-wool-jacket"
# What people type: one word and several, frequent and rare, misspelt, a phrase, a SKU's start.
SEARCHES = (
    "mug", "cotton socks", "lamp", "oak", "wool throw", "stoneware", "porcelain mug", "tepot",
    "cutting board", "brass lantern", "linen", "runa", "birch stool", "copper knife", "alpine",
    "weekend bag", "casserole cast iron", "glass carafe", "norrla low linen", "field jacket",
    "beeswax candle", "notebook", "walnut tray", "merino", "porcelin", "blanket wool", "EID-FLD",
    '"cotton socks"', "mug -porcelain", "zzzz", "light", "everyday", "bottle aluminium", "cup",
    "coastal merino socks", "hollow oak", "terracotta planter", "tent", "steel", "sml",
)  # fmt: skip


def post(document: str, **variables: object) -> bytes:
    """An anonymous POST of a document, as a storefront sends it."""
    body = json.dumps({"query": document, "variables": variables}).encode()
    head = f"POST /graphql/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Content-Type: application/json\r\n\r\n" + body


def get(path: str, *headers: str, **arguments: object) -> bytes:
    query = f"?{urlencode(arguments)}" if arguments else ""
    lines = [f"GET {path}{query} HTTP/1.1", "Host: localhost", *headers, "", ""]
    return "\r\n".join(lines).encode()


CONSTANT = get("/by-hand/constant")
# By name: the shop's own request and the one of the view that was written by hand.
PAIRS = {
    "list": (post(LIST), get("/by-hand/list")),
    "detail": (post(DETAIL, slug=SLUG), get("/by-hand/detail", slug=SLUG)),
    "search": (
        post(SEARCH, words="weekend mug", filter={"inStock": True, "minPrice": "10.00"}),
        get("/by-hand/search", words="weekend mug", least=1000),
    ),
}


def disagreement(ours: bytes, by_hand: bytes) -> str:
    """Where two answers tell different values; blank where they agree."""
    first, second = (json.loads(one.partition(b"\r\n\r\n")[2])["data"] for one in (ours, by_hand))
    return "" if first == second else different(first, second, "answer")


def different(first: object, second: object, place: str) -> str:
    if isinstance(first, dict) and isinstance(second, dict) and first.keys() == second.keys():
        parts = [(first[key], second[key], f"{place}.{key}") for key in first]
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        parts = [
            (*pair, f"{place}.{at}") for at, pair in enumerate(zip(first, second, strict=True))
        ]
    else:
        return f"{place}: {str(first)[:300]} and by hand {str(second)[:300]}"
    return next(different(*part) for part in parts if part[0] != part[1])
