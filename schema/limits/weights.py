"""What makes fields cost more than one value: how long lists are, and what is hard to find out.

One unit is about the time that graphql-core takes for one value of an answer.
"""

from graphql import GraphQLNamedType

# Entries of a list that comes without a page: so many in a shop that has many of them.
USUAL_LENGTH = 10
LENGTHS = {
    "Query.categories": 20,
    "Cart.lines": 20,
    "Cart.problems": 3,
    "Cart.shippingOptions": 5,
    "Category.ancestors": 4,
    "Order.lines": 20,
    "Product.collections": 3,
    "Product.images": 5,
    "Product.options": 3,
    "Shop.countries": 250,
    "Facet.values": 20,
    "__Schema.types": 300,
    "__Schema.directives": 6,
    "__Type.fields": 7,
    "__Type.inputFields": 3,
    "__Type.enumValues": 2,
    "__Type.interfaces": 1,
    "__Type.possibleTypes": 1,
    "__Field.args": 1,
    "__Directive.args": 1,
}
ERRORS = 3  # of a payload

OF_AN_ID = 10  # the framework makes a global id about so many times slower than it reads a column

# Introspection reads what is in memory, and its types come to an end sooner than the lengths say.
OF_INTROSPECTION = 10  # times cheaper than rows

# Statements, and the counting and sorting behind them: once for all rows read together.
SURCHARGES = {
    "ProductConnection.facets": 6_000,
    "ProductConnection.totalCount": 500,
    "ReviewConnection.totalCount": 200,
}
OF_A_PAGE = 100
# Below a list each row has a page of its own: sorted by the database for all of them at once.
OF_PAGES = 2_000
OF_PAGES_OF_PRODUCTS = 15_000
OF_A_SEARCH = 3_000

# Worked out in Python, for each entry of these lists and for each object that has one.
SOUGHT = {"Product.related": (50, 10), "Product.boughtTogether": (5, 1)}

OF_A_MUTATION = 500
# A password is hashed, which is slow on purpose.
HASHES = {
    "accountDelete",
    "accountRegister",
    "emailChangeRequest",
    "passwordChange",
    "passwordReset",
    "tokenCreate",
}
OF_A_HASH = 20_000


def length_of(parent: GraphQLNamedType, name: str) -> int:
    """How long a list without a page is assumed to be."""
    if name == "errors":
        return ERRORS
    return LENGTHS.get(f"{parent.name}.{name}", USUAL_LENGTH)


def value(name: str) -> int:
    """What a field costs by itself, for each object that it is asked of."""
    return OF_AN_ID if name == "id" else 1


def statements(parent: GraphQLNamedType, name: str) -> int:
    """What a field costs beside its values, however many rows were read together."""
    if parent.name == "Mutation":
        return OF_A_HASH if name in HASHES else OF_A_MUTATION
    return SURCHARGES.get(f"{parent.name}.{name}", 0)


def of_page(kind: GraphQLNamedType, *, many: bool) -> int:
    """What it costs to read a page, or those of many rows."""
    if not many:
        return OF_A_PAGE
    return OF_PAGES_OF_PRODUCTS if kind.name == "ProductConnection" else OF_PAGES


def sought(parent: GraphQLNamedType, name: str) -> tuple[int, int]:
    """What a list costs for the object that has it and for each entry, beside its values."""
    return SOUGHT.get(f"{parent.name}.{name}", (0, 0))
