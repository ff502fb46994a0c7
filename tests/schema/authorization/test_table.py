"""Every field has a rule, and the table in the repository is the one that the rules make."""

from pathlib import Path

import pytest
import strawberry
from django.conf import settings
from django.core.management import call_command

from schema.authorization.rules import OBJECT, OF_TYPE, OWNER, PUBLIC, Actor, Cell, guard, guarded
from schema.authorization.table import Line, Undeclared, lines, markdown, refuse_undeclared
from schema.money import Money
from schema.permissions import IsSignedIn, IsStaff, may
from schema.root import build
from tests.schema.trying import GRAPHQL


@strawberry.type
class Bare:
    name: str


@guarded(OBJECT)
@strawberry.type
class Base:
    name: str


@strawberry.type
class Derived(Base):
    more: str = strawberry.field(default="", metadata=guard(PUBLIC))


@strawberry.type
class Query:
    @strawberry.field
    def forgotten(self) -> int:
        return 1

    @strawberry.field(metadata=guard(PUBLIC))
    def bare(self) -> Bare:
        return Bare(name="x")

    @strawberry.field(permission_classes=[IsSignedIn])
    def derived(self) -> Derived:
        return Derived(name="x")

    @strawberry.field(metadata=guard(OWNER), permission_classes=[IsStaff])
    def of_staff(self) -> int:
        return 1

    @strawberry.field(permission_classes=[may("catalog.add_product", "catalog.view_product")])
    def permitted(self) -> int:
        return 1


def found() -> dict[str, Line]:
    return {line.name: line for line in lines(strawberry.Schema(query=Query)._schema)}


def cells(name: str) -> list[Cell]:
    rule = found()[name].rule
    assert rule
    return [rule.cell(actor) for actor in Actor]


def test_every_field_has_a_rule() -> None:
    assert [line.name for line in lines(GRAPHQL) if line.rule is None] == []


def test_fields_without_a_rule_are_named_and_refused() -> None:
    with pytest.raises(Undeclared, match=r": Query.forgotten, Bare.name$"):
        refuse_undeclared(strawberry.Schema(query=Query)._schema)


def test_the_schema_is_not_built_with_a_field_that_has_no_rule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(Money, OF_TYPE)

    with pytest.raises(Undeclared, match=r": Money.amount, Money.currency$"):
        build(explorer=True)


def test_a_type_has_the_rule_of_its_base_and_a_field_its_own() -> None:
    assert found()["Derived.name"].rule is OBJECT
    assert found()["Derived.more"].rule is PUBLIC


def test_who_may_call_is_read_off_the_permission_classes() -> None:
    yes, sign_in, no, hidden = Cell.YES, Cell.SIGN_IN, Cell.FORBIDDEN, Cell.HIDDEN

    assert cells("Query.derived") == [sign_in, yes, yes, yes, yes, yes]
    assert cells("Query.ofStaff") == [sign_in, no, no, no, hidden, hidden]
    assert cells("Query.permitted") == [sign_in, no, no, no, no, yes]
    rule = found()["Query.permitted"].rule
    assert rule
    assert rule.permissions == ("catalog.add_product", "catalog.view_product")


def test_the_committed_table_is_current(tmp_path: Path) -> None:
    call_command("authorization_table", path=tmp_path / "made.md", verbosity=0)

    committed = Path(settings.BASE_DIR, "schema/AUTHORIZATION.md").read_text()
    assert (tmp_path / "made.md").read_text() == committed == markdown(GRAPHQL)
