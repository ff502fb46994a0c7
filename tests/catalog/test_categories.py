"""The tree keeps its shape and its paths."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import categories
from catalog.models import Category
from shop.errors import Refused, ShopError
from tests.catalog.races import at_once
from tests.factories import make_product


def refused(act: Any) -> list[tuple[str, tuple[str, ...]]]:
    with pytest.raises(ShopError) as caught:
        act()
    return [(each.code, each.path) for each in caught.value.each()]


def paths() -> dict[str, str]:
    """Names from the top down, read from the paths."""
    names = dict(Category.objects.values_list("pk", "name"))
    return {
        names[row.pk]: "/".join(names[int(pk)] for pk in row.path.strip("/").split("/"))
        for row in Category.objects.all()
    }


def tree() -> tuple[Category, Category, Category]:
    home = categories.create(name="Home")
    light = categories.create(name="Light", parent=home)
    return home, light, categories.create(name="Desk", parent=light)


def test_a_path_leads_from_the_top() -> None:
    home, light, desk = tree()

    assert paths() == {"Home": "Home", "Light": "Home/Light", "Desk": "Home/Light/Desk"}
    assert desk.ancestor_ids == [home.pk, light.pk]


def test_a_move_takes_the_whole_subtree_along() -> None:
    home, light, _ = tree()
    office = categories.create(name="Office")

    categories.update(light, {"parent": office})
    assert paths()["Desk"] == "Office/Light/Desk"

    categories.update(light, {"parent": None})
    assert paths()["Desk"] == "Light/Desk"
    home.refresh_from_db()
    assert home.path == f"/{home.pk}/"


def test_a_move_costs_the_same_for_a_large_subtree() -> None:
    def cost(count: int) -> int:
        top, other = categories.create(name="Top"), categories.create(name="Other")
        for number in range(count):
            categories.create(name=f"Under {number}", parent=top)
        with CaptureQueriesContext(connection) as asked:
            categories.update(top, {"parent": other})
        return len(asked)

    assert cost(1) == cost(12)


@pytest.mark.parametrize("under", [0, 1, 2])
def test_nothing_stands_under_itself(under: int) -> None:
    all_three = tree()

    assert refused(lambda: categories.update(all_three[0], {"parent": all_three[under]})) == [
        ("INVALID", ("parent_id",))
    ]
    assert paths()["Desk"] == "Home/Light/Desk"


def test_the_tree_has_an_end() -> None:
    parent = None
    for level in range(categories.DEEPEST):
        parent = categories.create(name=f"Level {level}", parent=parent)
    branch = categories.create(name="Branch")
    categories.create(name="Twig", parent=branch)

    assert refused(lambda: categories.create(name="Too deep", parent=parent)) == [
        ("OUT_OF_RANGE", ("parent_id",))
    ]
    assert parent is not None
    above = parent.parent
    assert refused(lambda: categories.update(branch, {"parent": above})) == [
        ("OUT_OF_RANGE", ("parent_id",))
    ]


def test_a_rename_keeps_slug_and_place() -> None:
    _, light, _ = tree()

    renamed = categories.update(light, {"name": " Lighting ", "description": None})

    assert (renamed.name, renamed.slug, renamed.description) == ("Lighting", "light", "")
    assert paths()["Desk"] == "Home/Lighting/Desk"


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"name": " "}, "REQUIRED", "name"),
        ({"name": None}, "REQUIRED", "name"),
        ({"name": "x" * 101}, "TOO_LONG", "name"),
        ({"description": "x" * 5001}, "TOO_LONG", "description"),
        ({"slug": None}, "REQUIRED", "slug"),
    ],
)
def test_unfit_texts_change_nothing(changes: dict[str, Any], code: str, place: str) -> None:
    _, light, _ = tree()

    assert refused(lambda: categories.update(light, changes)) == [(code, (place,))]
    light.refresh_from_db()
    assert (light.name, light.slug) == ("Light", "light")


def test_a_blank_name_makes_nothing() -> None:
    assert refused(lambda: categories.create(name=" ")) == [("REQUIRED", ("name",))]
    assert not Category.objects.exists()


def test_only_what_is_empty_is_deleted() -> None:
    _, light, desk = tree()
    make_product(category=desk)

    for category in (light, desk):
        assert refused(lambda row=category: categories.delete(row)) == [("INVALID_STATE", ("id",))]
    desk.products.all().delete()
    categories.delete(desk)

    assert not Category.objects.filter(pk=desk.pk).exists()


def test_what_is_gone_is_not_found() -> None:
    home, _, desk = tree()
    Category.objects.filter(pk=desk.pk).delete()

    assert refused(lambda: categories.delete(desk)) == [("NOT_FOUND", ("id",))]
    assert refused(lambda: categories.update(home, {"parent": desk})) == [
        ("NOT_FOUND", ("parent_id",))
    ]
    assert refused(lambda: categories.create(name="Lost", parent=desk)) == [
        ("NOT_FOUND", ("parent_id",))
    ]


def names(parent: Category | None = None) -> list[str]:
    """Those under the parent, in the order that buyers see."""
    return [row.name for row in Category.objects.filter(parent=parent)]


def test_a_new_category_stands_last_among_its_siblings() -> None:
    home, light, desk = tree()
    office = categories.create(name="Office")
    floor = categories.create(name="Floor", parent=light)

    assert [row.position for row in (home, office)] == [0, 1]
    assert [row.position for row in (desk, floor)] == [0, 1]


def test_a_category_is_put_at_a_place_and_the_others_move_up() -> None:
    first, _, last = (categories.create(name=name) for name in ("A", "B", "C"))

    assert categories.update(last, {"position": 0}).position == 0
    assert names() == ["C", "A", "B"]
    categories.update(first, {"position": 10**30, "name": "Z"})

    assert names() == ["C", "B", "Z"]
    assert [row.position for row in Category.objects.all()] == [0, 1, 2]


def test_a_moved_category_stands_last_unless_it_is_given_a_place() -> None:
    home, light, _ = tree()
    other, mirrors = categories.create(name="Other"), categories.create(name="Mirrors", parent=home)
    categories.create(name="Rugs", parent=home)

    categories.update(other, {"parent": home})
    assert names(home) == ["Light", "Mirrors", "Rugs", "Other"]
    categories.update(mirrors, {"parent": home})
    assert names(home) == ["Light", "Mirrors", "Rugs", "Other"]
    categories.update(mirrors, {"parent": light, "position": 0})

    assert names(light) == ["Mirrors", "Desk"]
    assert paths()["Mirrors"] == "Home/Light/Mirrors"


@pytest.mark.parametrize(("position", "code"), [(None, "REQUIRED"), (-1, "OUT_OF_RANGE")])
def test_a_place_that_is_none_changes_nothing(position: int | None, code: str) -> None:
    home, _, _ = tree()
    categories.create(name="Office")

    assert refused(lambda: categories.update(home, {"position": position})) == [
        (code, ("position",))
    ]
    assert names() == ["Home", "Office"]


@pytest.mark.transactional
def test_two_moves_at_once_make_no_circle() -> None:
    for _ in range(5):
        left, right = categories.create(name="Left"), categories.create(name="Right")

        def move(row: Category, parent: Category) -> bool:
            try:
                categories.update(row, {"parent": parent})
            except Refused:
                return False
            return True

        won = at_once(
            lambda a=left, b=right: move(a, b),  # type: ignore[misc]
            lambda a=left, b=right: move(b, a),  # type: ignore[misc]
        )

        assert sorted(won) == [False, True]


@pytest.mark.transactional
def test_a_category_made_while_its_parent_moves_moves_along() -> None:
    for _ in range(5):
        home, office = categories.create(name="Home"), categories.create(name="Office")
        light = categories.create(name="Light", parent=home)

        at_once(
            lambda row=light, to=office: categories.update(row, {"parent": to}),  # type: ignore[misc]
            lambda row=light: categories.create(name="Desk", parent=row),  # type: ignore[misc]
        )

        desk = Category.objects.get(parent=light)
        light.refresh_from_db()
        assert desk.path == f"/{office.pk}/{light.pk}/{desk.pk}/"
