"""Ways around the rules that other shops have fallen for."""

from collections.abc import Callable
from typing import Any

import pytest

from catalog.models import Review
from schema import ids
from tests.checkout import states
from tests.client import call as ask
from tests.factories import PASSWORD, make_staff
from tests.schema.authorization.cast import somebody
from tests.schema.authorization.test_mutations import rule_for, without_ids
from tests.schema.authorization.world import SECRET, World, make_world
from tests.schema.trying import document_of, post, token_of
from users import one_time, tokens


@pytest.fixture
def world() -> World:
    return make_world()


def added(variant: str) -> dict[str, Any]:
    return {"lines": [{"variantId": variant, "quantity": 1}]}


def ordered(variant: str) -> dict[str, Any]:
    cart = added(variant) | {"email": "ada@example.com"}
    return {"cart": cart, "paymentMethod": "BANK_TRANSFER"}


# What names a row of its own beside what the mutation is about, and of which type it is.
NAMING: dict[str, tuple[str, Callable[[str], dict[str, Any]]]] = {
    "cartCreate": ("Variant", added),
    "orderPlace": ("Variant", ordered),
    "wishlistAdd": ("Product", lambda id: {"productId": id}),
    "wishlistRemove": ("Product", lambda id: {"productId": id}),
    "reviewUpsert": ("Product", lambda id: {"productId": id, "rating": 1}),
    "reviewDelete": ("Product", lambda id: {"productId": id}),
    "reviewVote": ("Review", lambda id: {"reviewId": id, "helpful": True}),
    "stockAlertCreate": ("Variant", lambda id: {"variantId": id}),
    "priceAlertCreate": ("Product", lambda id: {"productId": id, "belowPrice": "1.00"}),
    "alertDelete": ("Alert", lambda id: {"id": id}),
    "addressUpdate": ("Address", lambda id: {"id": id, "isDefaultShipping": True}),
}


@pytest.mark.parametrize("name", NAMING)
def test_an_input_does_not_tell_that_something_hidden_exists(name: str, world: World) -> None:
    kind, input = NAMING[name]
    caller, document = token_of(somebody()), document_of(name, 2)

    hidden = post(document, {"input": input(world.id(kind))}, caller)
    nothing = post(document, {"input": input(ids.pack(kind, "999999999"))}, caller)

    assert hidden.data[name]["errors"]
    assert without_ids(hidden) == without_ids(nothing)


@pytest.mark.parametrize("name", ["orderFulfil", "orderRefund", "orderLinesCancel"])
def test_a_line_of_another_order_is_no_line(name: str, world: World) -> None:
    order, clerk = states.WAYS["paid"](None), make_staff(*rule_for(name).permissions)

    answers = [
        post(
            document_of(name, 2),
            {"input": {"orderId": ids.of(order), "lines": [{"lineId": line, "quantity": 1}]}},
            token_of(clerk),
        )
        for line in (world.id("OrderLine"), ids.pack("OrderLine", "999999999"))
    ]

    assert answers[0].data[name]["errors"][0]["code"] == "NOT_FOUND"
    assert without_ids(answers[0]) == without_ids(answers[1])


def test_a_line_of_another_cart_is_no_line(world: World) -> None:
    line, document = world.rows["Cart"].lines.get(), document_of("cartLinesUpdate", 2)
    caller = token_of(somebody())

    answers = [
        post(document, {"input": {"lines": [{"id": id, "quantity": 2}]}}, caller)
        for id in (ids.of(line), ids.pack("CartLine", "999999999"))
    ]

    assert answers[0].data["cartLinesUpdate"]["errors"][0]["code"] == "NOT_FOUND"
    assert without_ids(answers[0]) == without_ids(answers[1])


def test_a_filter_does_not_reach_beyond_ones_own(world: World) -> None:
    document = """query($search: String!, $product: ID!) { me {
        orders(filter: { search: $search }) { totalCount nodes { id } }
        reviews(filter: { productId: $product }) { totalCount nodes { id } }
    } }"""
    asked = {"product": ids.of(world.rows["Review"].product)}

    for search in (world.rows["Order"].number, world.owner.email, world.rows["OrderLine"].sku):
        me = ask(document, user=somebody(), search=search, **asked).data["me"]
        own = ask(document, user=world.owner, search=search, **asked).data["me"]
        assert me == {key: {"totalCount": 0, "nodes": []} for key in ("orders", "reviews")}
        assert own["orders"]["totalCount"] == own["reviews"]["totalCount"] == 1


@pytest.mark.parametrize("flagged", [True, False])
def test_nobody_but_staff_filters_by_what_is_withheld(world: World, *, flagged: bool) -> None:
    document = "query($f: Boolean) { me { orders(filter: { flagged: $f }) { totalCount } } }"

    assert ask(document, user=world.owner, f=flagged).codes == ["FORBIDDEN"]


PERSONAL = """{
    accountExport addresses { id } alerts { id } wishlist { totalCount nodes { id } } cart { id }
    orders { totalCount nodes { id } } reviews { nodes { status } }
}"""
NOTHING: dict[str, Any] = {
    "accountExport": None,
    "addresses": [],
    "alerts": [],
    "wishlist": {"totalCount": 0, "nodes": []},
    "cart": None,
    "orders": {"totalCount": 0, "nodes": []},
    "reviews": {"nodes": []},
}
CODES: dict[str, Callable[[World], dict[str, Any]]] = {
    "emailVerify": lambda world: {
        "token": one_time.issue(world.owner, one_time.Purpose.EMAIL_VERIFICATION)
    },
    "passwordReset": lambda world: {
        "token": one_time.issue(world.owner, one_time.Purpose.PASSWORD_RESET),
        "newPassword": "another horse battery",
    },
    "tokenCreate": lambda world: {"email": world.owner.email, "password": PASSWORD},
    "tokenRefresh": lambda world: {"refreshToken": tokens.issue(world.owner).refresh_token},
}


@pytest.mark.parametrize("name", CODES)
def test_who_has_a_code_is_not_signed_in_by_it(name: str, world: World) -> None:
    """The payload has the user, of whom a guest is shown nothing that belongs to them."""
    kind = f"{name[0].upper()}{name[1:]}Input"
    document = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ user {PERSONAL} }} }}"

    assert ask(document, input=CODES[name](world)).data[name]["user"] == NOTHING


def test_a_review_does_not_tell_its_authors_address(world: World) -> None:
    Review.objects.update(status="PUBLISHED")

    answer = ask("{ reviews { nodes { author title product { reviews { nodes { author } } } } } }")

    assert answer.data["reviews"]["nodes"]
    assert world.owner.email not in str(answer.body)
    assert SECRET not in str(answer.body)


def test_an_error_tells_no_more_than_the_field_that_was_asked_for(world: World) -> None:
    """One refused field of several: its path alone, and the others as if it were not there."""
    document = "query($id: ID!) { a: order(id: $id) { id } b: orders { totalCount } }"
    guest = ask(document, id=world.id("Order"))
    nothing = ask(document, id=ids.pack("Order", "0000-0000-0000"))

    assert [error["path"] for error in guest.body["errors"]] == [["b"]]
    assert without_ids(guest) == without_ids(nothing)
