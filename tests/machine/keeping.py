"""Rules: what happens beside the orders: prices, stock, reviews, names, and strangers."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.machine.bought import Bought
from tests.machine.people import CLERK, CUSTOMERS, GUEST, amount
from tests.machine.reckoned import NOTHING, refused
from tests.machine.returning import Returning
from tests.machine.stage import customers, orders, skus
from tests.machine.wares import DELETED

PRICES = [707, 995, 1000, 1995, 2505]


class Keeping(Returning):
    @rule(sku=skus, price=st.sampled_from(PRICES))
    def reprice(self, sku: str, price: int) -> None:
        """Staff change a price; what was ordered keeps its own."""
        ware = self.model.wares[sku]
        if not ware.is_for_sale:
            return
        ware.price = price
        input = {"id": ware.variant_id, "price": amount(price)}
        self.play(NOTHING, CLERK, "variantUpdate", "variant { id }", **input)

    @rule(sku=skus, delta=st.integers(-4, 4))
    def adjust(self, sku: str, delta: int) -> None:
        """Staff count the shelf anew; nothing that is promised can go."""
        ware = self.model.wares[sku]
        code = ware.adjust(delta)
        changes = [{"variantId": ware.variant_id, "delta": delta}]
        expected = refused(code) if code else NOTHING
        self.play(expected, CLERK, "stockAdjust", "variants { id }", changes=changes)

    @rule(sku=skus, sure=st.sampled_from([False, False, False, True]))
    def drop(self, sku: str, *, sure: bool) -> None:
        """Staff delete a product, in the middle of it all."""
        ware = self.model.wares[sku]
        if not sure:
            return
        code = ware.delete()
        if ware.state == DELETED:
            for key in [key for key in self.model.reviews if key[1] == sku]:
                del self.model.reviews[key]
        expected = refused(code) if code else NOTHING
        self.play(expected, CLERK, "productDelete", "deletedId", id=ware.product_id)

    @rule(who=customers, sku=skus, stars=st.integers(0, 5))
    def review(self, who: str, sku: str, stars: int) -> None:
        """One review by one author, however often it is sent."""
        ware, expected = self.model.wares[sku], NOTHING
        if not ware.is_for_sale:
            expected = refused("NOT_FOUND")
        elif not stars:
            expected = refused("OUT_OF_RANGE")
        else:
            self.model.reviews[who, sku] = stars
        input = {"productId": ware.product_id, "rating": stars}
        self.play(expected, who, "reviewUpsert", "review { id }", **input)

    @rule(who=customers, name=st.sampled_from(["Ada", "Bob", "Eve"]))
    def rename(self, who: str, name: str) -> None:
        """An account changes; its orders do not."""
        self.play(NOTHING, who, "accountUpdate", "user { id }", firstName=name)

    @rule(who=st.sampled_from([*CUSTOMERS, GUEST]), order=orders, what=st.integers(0, 4))
    def trespass(self, who: str, order: Bought, what: int) -> None:
        """8. What is for staff is refused to others, whosever order it is."""
        name, more = STAFFS[what]
        selection = "return { id }" if name.startswith("return") else "order { id }"
        kind = f"{name[0].upper()}{name[1:]}Input"
        document = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ {selection} }} }}"
        before = self.look()
        answer = self.people.ask(who, document, input={"orderId": order.id} | more)
        assert answer.codes == ["UNAUTHENTICATED" if who == GUEST else "FORBIDDEN"], answer
        self.changed("trespass")
        assert not self.look().differences(before)


STAFFS: list[tuple[str, dict[str, object]]] = [
    ("orderMarkPaid", {"reference": "B-1"}),
    ("orderFulfil", {}),
    ("orderDeliver", {}),
    ("orderRefund", {}),
    ("orderLinesCancel", {"lines": []}),
]
