"""Which documents have an answer that is the same for everybody, and moves with the stamp alone.

Every field that a kept one can lead to stands in one of these tables; a test walks the schema and
fails for one that does not. What stands in none is never kept.
"""

from functools import lru_cache
from typing import Any

from graphql import (
    FieldNode,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    visit,
)

MOST_KNOWN = 512  # documents whose verdict is remembered

Fields = dict[str, frozenset[str]]


def fields(**by_type: str) -> Fields:
    return {name: frozenset(names.split()) for name, names in by_type.items()}


# The public catalogue, as whoever is not signed in sees it.
KEPT = fields(
    Query="node nodes products product variant categories category collections collection"
    " reviews shop",
    Node="id",
    Shop="name currency countries paymentMethods pricesIncludeTax apiVersion",
    Country="code name",
    ProductConnection="edges nodes pageInfo totalCount facets",
    ProductEdge="cursor node",
    PageInfo="hasNextPage hasPreviousPage startCursor endCursor",
    Facet="name label kind values min max",
    FacetValue="value label count selected",
    Product="id name slug description status publishedAt createdAt updatedAt price compareAtPrice"
    " inStock seoTitle seoDescription brand category collections priceRange options"
    " defaultVariant variants variant attributes image images rating reviews related"
    " boughtTogether",
    Money="amount currency",
    PriceRange="min max",
    ProductOption="name values",
    Attribute="name value",
    Variant="id sku name price compareAtPrice inStock weightGrams barcode requiresShipping product"
    " options image",
    SelectedOption="name value",
    Picture="alt width height placeholder url",
    Image="id alt width height placeholder url position",
    CoverImage="alt width height placeholder url",
    Category="id name slug description image parent children ancestors products",
    Collection="id name slug description image products",
    CollectionConnection="edges nodes pageInfo totalCount",
    CollectionEdge="cursor node",
    Rating="average count histogram",
    ReviewConnection="edges nodes pageInfo totalCount",
    ReviewEdge="cursor node",
    Review="id rating title body verifiedPurchase helpfulCount status createdAt updatedAt product"
    " author",
)

# Personal, or exact stock, which moves with every order while the stamp stands still.
NOT_KEPT = fields(
    Query="me users cart order orders paymentHealth",
    Variant="available trackStock stock reserved",
)

# What `node` leads to for its owner and for staff alone.
PERSONAL = frozenset(
    ["Address", "Alert", "Fulfilment", "Order", "OrderLine", "Payment", "Refund", "Return", "User"]
)


class Selected(Visitor):
    """Looks at every field of a document, fragments included."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.all_kept = True

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        name, parent = node.name.value, self.types.get_parent_type()
        known = KEPT.get(parent.name) if parent else None
        is_kept = known is not None and (name == "__typename" or name in known)
        self.all_kept = self.all_kept and is_kept


@lru_cache(MOST_KNOWN)
def is_public(document: str, schema: GraphQLSchema) -> bool:
    """Whether the answer to a valid document may be kept, when nobody is signed in."""
    types = TypeInfo(schema)
    found = Selected(types)
    visit(parse(document, no_location=True), TypeInfoVisitor(types, found))
    return found.all_kept
