"""A selection written as one Python expression, so that a field of a row costs no call.

A function for each field, called by a function for each object, takes several times as long.
"""

from collections.abc import Callable
from sys import float_info
from typing import TYPE_CHECKING, Any

from graphql import GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString
from graphql.type import GraphQLBoolean

if TYPE_CHECKING:
    from schema.execution.reading import Run

Complete = Callable[[Any, "Run"], Any]

# When a value (the braces) is its own serialization: of just this class, and in range.
PLAIN: dict[Any, str] = {
    GraphQLString: "type(v := {}) is str",
    GraphQLID: "type(v := {}) is str",
    GraphQLBoolean: "type(v := {}) is bool",
    GraphQLInt: f"type(v := {{}}) is int and {-(2**31)} <= v <= {2**31 - 1}",
    GraphQLFloat: f"type(v := {{}}) is float and {-float_info.max} <= v <= {float_info.max}",
}


class Names:
    """What an expression may name: the parent as `value`, the `run`, and what it was given.

    No text of a document gets into an expression but as the literal of a key.
    """

    def __init__(self) -> None:
        kinds: tuple[type, ...] = (type, str, bool, int, float)
        self.known: dict[str, Any] = {"__builtins__": {}} | {one.__name__: one for one in kinds}

    def of(self, thing: Any) -> str:
        """A name for it, of this expression alone."""
        name = f"n{len(self.known)}"
        self.known[name] = thing
        return name

    def function(self, expression: str) -> Complete:
        """What gives the expression's value for a parent and a run."""
        made: Complete = eval(f"lambda value, run: {expression}", self.known)  # noqa: S307  # our own text
        return made
