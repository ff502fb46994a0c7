"""What holds for the whole of the public contract."""

from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
)

import schema as package
from schema.root import build, schema

COMMITTED = Path(package.__file__).with_name("schema.graphql").read_text()
PUBLIC = build_schema(COMMITTED, assume_valid=True)


def test_the_committed_schema_is_the_present_one() -> None:
    assert COMMITTED.strip() == schema.as_str().strip()


def test_every_public_name_is_described() -> None:
    assert not [name for name, text in descriptions() if not (text or "").strip()]


def descriptions() -> list[tuple[str, str | None]]:
    """Every type, field, argument, input field and enum value, with its description."""
    found: list[tuple[str, str | None]] = []
    for name, kind in PUBLIC.type_map.items():
        if name.startswith("__") or name in ("String", "Int", "Float", "Boolean", "ID"):
            continue
        found.append((name, kind.description))
        if isinstance(kind, GraphQLEnumType):
            found += [(f"{name}.{key}", value.description) for key, value in kind.values.items()]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            found += [(f"{name}.{key}", field.description) for key, field in kind.fields.items()]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            found += [
                (f"{name}.{key}({arg})", value.description)
                for key, field in kind.fields.items()
                for arg, value in field.args.items()
            ]
    return found


def test_every_mutation_takes_one_input_and_may_answer_null() -> None:
    assert PUBLIC.mutation_type is not None
    for name, field in PUBLIC.mutation_type.fields.items():
        assert list(field.args) == ["input"], name
        # A non-null one would take away, with its error, what its neighbours answered.
        assert not isinstance(field.type, GraphQLNonNull), name


def test_every_payload_tells_what_was_refused() -> None:
    assert PUBLIC.mutation_type is not None
    for name, field in PUBLIC.mutation_type.fields.items():
        assert isinstance(field.type, GraphQLObjectType)
        assert str(field.type.fields["errors"].type) == "[UserError!]!", name


def test_without_the_explorer_the_schema_is_not_told() -> None:
    closed = build(explorer=False)

    asked = closed.execute_sync("{ __schema { types { name } } }")
    guessed = closed.execute_sync("{ shopp { name } }")

    assert asked.data is None
    assert asked.errors
    assert guessed.errors
    assert "Did you mean" not in guessed.errors[0].message
