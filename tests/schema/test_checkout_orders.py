"""Orders: who sees them, who moves them, what lists cost."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from checkout import access, endings, fulfilments, orders
from checkout.fulfilments import Parcel
from checkout.models import Fulfilment, Order, OrderLine, Payment
from schema import ids
from tests.checkout.buying import CASH, place
from tests.checkout.states import WAYS
from tests.client import call, mutate, refusals
from tests.factories import make_staff, make_user, make_variant
from users.models import User

BY_ID = """query($id: ID, $number: String, $access: String) {
    order(id: $id, number: $number, accessToken: $access) {
        id number availableActions events { type actor message }
    }
}"""
STAFF = ["checkout.view_order", "checkout.process_order", "checkout.delete_order"]
NAMES = {
    "MARK_PAID": "orderMarkPaid", "FULFIL": "orderFulfil", "DELIVER": "orderDeliver",
    "CANCEL": "orderCancel",
}  # fmt: skip


def look(user: User | None = None, **keys: Any) -> Any:
    return call(BY_ID, user=user, **keys).data["order"]


def act(action: str, order: Order, user: User | None = None, **more: Any) -> Any:
    """The refusals of the mutation that an action is named after."""
    input = {"orderId": ids.of(order)} | more
    if action == "MARK_PAID":
        input |= {"reference": "B-1"}
    return refusals(mutate(NAMES[action], input, "order { status }", user=user))


def test_an_order_is_seen_by_its_buyer_and_staff_and_its_token() -> None:
    buyer, staff = make_user(), make_staff("checkout.view_order")
    order, other = place({make_variant(): 1}, user=buyer), place({make_variant(): 1})
    token, id = access.token_for(order), ids.of(order)

    for keys in ({"id": id}, {"number": order.number}):
        assert look(buyer, **keys)["id"] == look(staff, **keys)["id"] == id
        for nobody in (None, make_user(), make_staff(), make_staff("checkout.change_order")):
            assert look(nobody, **keys) is None
            for wrong in ("", "x", access.token_for(other), order.access_nonce, "é"):
                assert look(nobody, **keys, access=wrong) is None
            assert look(nobody, **keys, access=token)["number"] == order.number


@pytest.mark.parametrize(
    "keys", [{}, {"id": "x", "number": "y"}, {"access": "x"}, {"id": None, "number": None}]
)
def test_an_order_is_asked_for_by_one_key(keys: Any) -> None:
    answer = call(BY_ID, **keys)

    assert answer.codes == ["BAD_REQUEST"]
    assert answer.body["data"] == {"order": None}


@pytest.mark.parametrize("odd", ["", "x", "T3JkZXI6", "T3JkZXI6JScgT1IgMT0x", "é", "9" * 5000])
def test_odd_keys_lead_nowhere(odd: str) -> None:
    staff = make_staff("checkout.view_order")

    assert look(staff, id=odd) is look(staff, number=odd) is look(id=odd, access=odd) is None


def test_tokens_hold_after_the_key_is_rotated_and_as_long_as_it_is_named(
    settings: Settings,
) -> None:
    order = place({make_variant(): 1})
    token = access.token_for(order)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another-" * 8

    assert look(number=order.number, access=token) is None
    settings.SECRET_KEY_FALLBACKS = [former]
    assert look(number=order.number, access=token)
    assert look(number=order.number, access=access.token_for(order))


def test_nothing_of_an_order_is_reached_by_its_id_but_by_who_sees_the_order() -> None:
    buyer = make_user()
    order = place({make_variant(): 1}, method=CASH, user=buyer)
    clerk = make_staff(*STAFF)
    orders.mark_paid(order.pk, reference="B", actor=clerk)
    fulfilments.fulfil(order.pk, None, parcel=Parcel(), actor=clerk)
    rows = [order, OrderLine.objects.get(), Payment.objects.get(), Fulfilment.objects.get()]
    all_ids = [ids.of(row) for row in rows]
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"

    for nobody in (None, make_user(), make_staff("catalog.view_product")):
        assert call(document, user=nobody, ids=all_ids).data["nodes"] == [None] * 4
        for id in all_ids:
            one = call("query($id: ID!) { node(id: $id) { id } }", user=nobody, id=id)
            assert one.data["node"] is None
    for somebody in (buyer, clerk, make_staff("checkout.process_order")):
        shown = call(document, user=somebody, ids=all_ids).data["nodes"]
        assert [node["id"] for node in shown] == all_ids
    Order.objects.update(deleted_at=timezone.now())
    assert call(document, user=buyer, ids=all_ids).data["nodes"] == [None] * 4


@pytest.mark.parametrize("action", ["MARK_PAID", "FULFIL", "DELIVER"])
def test_only_staff_with_the_permission_move_an_order(action: str) -> None:
    buyer = make_user()
    order = place({make_variant(): 1}, user=buyer)
    kind = f"{NAMES[action][0].upper()}{NAMES[action][1:]}Input"
    document = (
        f"mutation($input: {kind}!) {{ {NAMES[action]}(input: $input) {{ errors {{ code }} }} }}"
    )
    input = {"orderId": ids.of(order)} | ({"reference": "B"} if action == "MARK_PAID" else {})

    assert call(document, input=input).codes == ["UNAUTHENTICATED"]
    for user in (buyer, make_user(), make_staff(), make_staff("checkout.view_order")):
        answer = call(document, user=user, input=input)
        assert answer.codes == ["FORBIDDEN"]
        assert answer.body["data"] == {NAMES[action]: None}
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("PENDING", "PENDING")


def test_no_input_of_a_buyer_sets_a_state() -> None:
    document = """{ __schema { types { name inputFields { name } } } }"""
    types = {kind["name"]: kind for kind in call(document).data["__schema"]["types"]}
    for name in ("OrderPlaceInput", "OrderCancelInput", "OrderDeleteInput", "CartInput"):
        fields = {field["name"] for field in types[name]["inputFields"]}
        assert not {
            field for field in fields if "status" in field.lower() or "paid" in field.lower()
        }


def test_an_order_of_somebody_else_is_not_found_whatever_is_tried() -> None:
    order = place({make_variant(): 1}, user=make_user())
    missing = [("NOT_FOUND", ["orderId"])]

    for user in (None, make_user(), make_staff("checkout.delete_order")):
        assert act("CANCEL", order, user) == missing
        assert act("CANCEL", order, user, accessToken="x") == missing
        if user:
            payload = mutate("orderDelete", {"orderId": ids.of(order)}, "deletedId", user=user)
            assert refusals(payload) == missing
    order.refresh_from_db()
    assert order.status == "PENDING"


def test_who_only_looks_may_not_touch() -> None:
    onlooker = make_staff("checkout.view_order")
    order = place({make_variant(): 1}, user=make_user())

    assert act("CANCEL", order, onlooker) == [("NOT_ALLOWED", ["orderId"])]
    endings.cancel(order.pk, actor=None, by_staff=True)
    payload = mutate("orderDelete", {"orderId": ids.of(order)}, "deletedId", user=onlooker)
    assert refusals(payload) == [("NOT_ALLOWED", ["orderId"])]


def test_a_guest_cancels_by_the_token() -> None:
    order = place({make_variant(): 1})

    input = {"orderId": ids.of(order), "accessToken": access.token_for(order), "reason": "late"}
    payload = mutate(
        "orderCancel", input, "order { status availableActions events { type actor } }"
    )

    assert payload["order"]["status"] == "CANCELLED"
    assert payload["order"]["availableActions"] == []
    assert act("CANCEL", order, accessToken=access.token_for(order)) == [
        ("INVALID_STATE", ["orderId"])
    ]


@pytest.mark.parametrize("state", list(WAYS))
@pytest.mark.parametrize("who", ["staff", "buyer", "guest", "other"])
def test_available_actions_are_those_that_the_mutations_accept(state: str, who: str) -> None:
    buyer = make_user()
    user = {"staff": make_staff(*STAFF), "buyer": buyer, "guest": None, "other": make_user()}[who]
    for action in NAMES:
        order = WAYS[state](None if who == "guest" else buyer)
        token = access.token_for(order) if who == "guest" else None
        shown = look(user, id=ids.of(order), access=token)
        offered = shown["availableActions"] if shown else []

        if who != "staff" and action != "CANCEL":
            assert action not in offered
            continue
        more = {"accessToken": token} if token else {}
        assert (act(action, order, user, **more) == []) == (action in offered)


def test_the_history_shows_a_buyer_no_names_and_nothing_internal() -> None:
    buyer, clerk = make_user(first_name="Ada"), make_staff(*STAFF, first_name="Grace")
    order = place({make_variant(): 1}, user=buyer)
    orders.mark_paid(order.pk, reference="B", actor=clerk)
    endings.cancel(order.pk, actor=clerk, by_staff=True)

    def seen(user: User | None, **keys: Any) -> list[tuple[str, str]]:
        events = look(user, number=order.number, **keys)["events"]
        return [(event["type"], event["actor"]) for event in events]

    to_buyer = [("PLACED", "Ada"), ("PAID", ""), ("CONFIRMED", ""), ("CANCELLED", "")]
    assert seen(buyer) == to_buyer
    assert seen(None, access=access.token_for(order)) == to_buyer
    assert seen(clerk) == [
        ("PLACED", "Ada"), ("PAID", "Grace"), ("CONFIRMED", ""), ("CANCELLED", "Grace"),
        ("FLAGGED", ""),
    ]  # fmt: skip


def test_a_whole_life_by_the_api() -> None:
    clerk, lamp = make_staff(*STAFF), make_variant(stock=5)
    order = place({lamp: 3})
    line = ids.of(order.lines.get())
    shape = """order { status paymentStatus fulfilmentStatus availableActions
        lines { fulfilledQuantity }
        payments { state reference } fulfilments {
            id trackingNumber deliveredAt lines { quantity line { id } } } }"""

    def step(name: str, **input: Any) -> Any:
        payload = mutate(name, {"orderId": ids.of(order)} | input, shape, user=clerk)
        assert payload["errors"] == []
        return payload["order"]

    paid = step("orderMarkPaid", reference="B-7")
    assert paid["payments"] == [{"state": "PAID", "reference": "B-7"}]
    part = step("orderFulfil", lines=[{"lineId": line, "quantity": 1}], trackingNumber="42")
    assert part["fulfilments"][0]["lines"] == [{"quantity": 1, "line": {"id": line}}]
    assert part["availableActions"] == ["FULFIL", "DELIVER"]
    parcel = part["fulfilments"][0]["id"]
    partly = step("orderDeliver", fulfilmentId=parcel)
    assert (partly["fulfilmentStatus"], partly["availableActions"]) == (
        "PARTIALLY_FULFILLED", ["FULFIL"],
    )  # fmt: skip
    assert step("orderFulfil")["lines"] == [{"fulfilledQuantity": 3}]
    done = step("orderDeliver")
    assert (done["status"], done["fulfilmentStatus"]) == ("COMPLETED", "DELIVERED")


def test_odd_lines_and_parcels_are_not_found_at_their_place() -> None:
    clerk = make_staff(*STAFF)
    order, other = (place({make_variant(): 1}, method=CASH) for _ in range(2))
    for one in (order, other):
        fulfilments.fulfil(one.pk, None, parcel=Parcel(), actor=clerk)
    others = ids.of(other.fulfilments.get())

    for odd in ("", "x", others, ids.pack("Fulfilment", "9" * 18), ids.pack("Order", "1")):
        assert act("DELIVER", order, clerk, fulfilmentId=odd) == [("NOT_FOUND", ["fulfilmentId"])]
    fresh = place({make_variant(): 1}, method=CASH)
    for odd in ("", "x", ids.of(other.lines.get()), ids.pack("OrderLine", "0")):
        lines = [{"lineId": odd, "quantity": 1}]
        assert act("FULFIL", fresh, clerk, lines=lines) == [("NOT_FOUND", ["lines", "0", "lineId"])]
    lines = [{"lineId": ids.of(fresh.lines.get()), "quantity": 2}]
    assert act("FULFIL", fresh, clerk, lines=lines) == [
        ("OUT_OF_RANGE", ["lines", "0", "quantity"])
    ]
    url = {"trackingUrl": "javascript:alert(1)"}
    assert act("FULFIL", fresh, clerk, **url) == [("INVALID", ["trackingUrl"])]


def test_deleting_hides_from_everybody_and_is_done_once() -> None:
    buyer, clerk = make_user(), make_staff(*STAFF)
    order = place({make_variant(): 1}, user=buyer)

    def delete(user: User) -> Any:
        return mutate("orderDelete", {"orderId": ids.of(order)}, "deletedId", user=user)

    assert refusals(delete(buyer)) == [("INVALID_STATE", ["orderId"])]
    endings.cancel(order.pk, actor=buyer, by_staff=False)
    assert delete(buyer)["deletedId"] == ids.of(order)
    assert refusals(delete(buyer)) == refusals(delete(clerk)) == [("NOT_FOUND", ["orderId"])]
    assert look(clerk, id=ids.of(order)) is None
    assert look(id=ids.of(order), access=access.token_for(order)) is None
    assert call("{ orders { totalCount } }", user=clerk).data["orders"]["totalCount"] == 0
    assert Order.objects.count() == 1


def test_what_the_shop_is_can_be_asked() -> None:
    document = """{ shop {
        name currency paymentMethods pricesIncludeTax apiVersion countries { code name } } }"""

    shop = call(document).data["shop"]

    assert (shop["currency"], shop["pricesIncludeTax"], shop["apiVersion"]) == ("EUR", True, "1")
    assert {"code": "DE", "name": "Germany"} in shop["countries"]
