"""Text to document, within limits that hold while it is read."""

from django.conf import settings
from graphql import DocumentNode, GraphQLSyntaxError, parse

from schema.errors import Denied

# How graphql-core ends the sentence when one of its limits stops it.
STOPPED = "Parsing aborted."


def parsed(text: str) -> DocumentNode:
    """The document.

    Raises:
        GraphQLSyntaxError: for what is none.
        Denied: LIMIT_EXCEEDED, as soon as it has too many tokens or comments, or is nested so
            deeply that reading it further could exhaust the stack.
    """
    most = settings.GRAPHQL_LIMITS["tokens"]
    try:
        return parse(text, max_lexical_tokens=most, max_comments=most)
    except GraphQLSyntaxError as error:
        if not error.message.endswith(STOPPED):
            raise
        reason = error.message.removeprefix("Syntax Error: ").removesuffix(STOPPED).strip()
    raise Denied("LIMIT_EXCEEDED", reason)
