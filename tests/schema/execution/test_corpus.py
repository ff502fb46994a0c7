"""Plans answer as graphql-core does: the examples, each field, and documents made by chance.

CORPUS and CORPUS_SEED say how many and from which seed; `make soak` runs 5,000.
"""

import json
import os
from random import Random

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, OperationType, parse

from schema.explorer import examples
from schema.root import schema
from tests.schema.execution import generated, shop
from tests.schema.execution.both import Asked, compared, tell
from tests.schema.execution.covering import Ways, reachable, selected

CORPUS = int(os.environ.get("CORPUS", "150"))
SEED = int(os.environ.get("CORPUS_SEED", "7"))
CORE: GraphQLSchema = schema._schema

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("disk")]


def test_documents_made_by_chance_are_answered_alike() -> None:
    place, random, planned = shop.filled(), Random(SEED), 0
    for _ in range(CORPUS):
        writer = generated.Writer(CORE, random, place.words)
        document, variables = writer.document()
        for values in (variables, writer.others())[: random.randint(1, 2)]:
            token = random.choice(list(place.tokens.values()))
            planned += compared(Asked(document, values, token))

    assert planned > CORPUS / 3  # the others hold an error somewhere


def test_each_field_of_the_schema_is_answered_alike() -> None:
    place = shop.filled()
    documents = Ways(CORE, place.roots).documents()
    assert reachable(CORE) <= set().union(*(selected(CORE, one) for one in documents))

    for document in documents:
        asked = [Asked(document, None, place.tokens[who]) for who in ("anonymous", "buyer", "boss")]
        assert sum(map(compared, asked)), document  # each may be seen by one of them


def test_the_examples_that_are_queries_run_by_plans() -> None:
    place = shop.filled()
    queries = [one for one in examples.load() if is_query(one.document)]
    assert len(queries) >= 10
    kept: dict[str, object] = {"productId": place.words["id"][0], "guestAccessToken": "wrong"}
    kept["guestOrderNumber"] = place.words["order"][0]

    for example in queries:
        values = examples.filled(example, kept)
        asked = [Asked(example.document, values, token) for token in place.tokens.values()]
        assert sum(map(compared, asked)), example.name
        kept = examples.keep(example, json.loads(tell(asked[0], planned=True).body), kept)


def is_query(document: str) -> bool:
    return all(
        one.operation is OperationType.QUERY
        for one in parse(document).definitions
        if isinstance(one, OperationDefinitionNode)
    )
