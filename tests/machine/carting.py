"""Rules: carts are made, filled, described, claimed and forgotten."""

from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import MultipleResults, multiple, rule

from checkout.models import Cart
from tests.machine.people import CART, GUESTS_EMAIL, Answer, address
from tests.machine.reckoned import NOTHING, Codes, refused
from tests.machine.stage import Stage, baskets, buyers, customers, skus, some_lines
from tests.machine.wares import Basket
from users import tokens


class Carting(Stage):
    @rule(target=baskets, who=buyers, lines=some_lines, full=st.sampled_from([True, True, False]))
    def begin(self, who: str, lines: dict[str, int], *, full: bool) -> MultipleResults[Basket]:
        """A guest makes a cart; a customer makes the one open cart, or fills it further."""
        is_known = all(self.model.wares[sku].is_for_sale for sku in lines)
        own = self.model.own(who)
        basket = own or Basket(None, who if who in self.model.emails else None)
        expected = self.model.add(basket, lines) if is_known else refused("NOT_FOUND")
        input: dict[str, Any] = {"lines": self._wishes(lines)}
        if full:
            input |= {"shippingAddress": address(), "email": GUESTS_EMAIL}
        payload = self.play(expected, who, "cartCreate", CART, **input)
        if expected:
            return multiple()
        if full:
            basket.has_address, basket.email = True, GUESTS_EMAIL
        self._note(basket, payload)
        if own:
            return multiple()
        basket.token = payload["cart"]["token"]
        self.model.baskets.append(basket)
        return multiple(basket)

    @rule(who=buyers, basket=baskets, lines=some_lines)
    def fill(self, who: str, basket: Basket, lines: dict[str, int]) -> None:
        if (name := self.named(who, basket)) is None:
            return
        expected = self.model.refusal(who, basket) or self.model.add(basket, lines)
        self._change(expected, who, basket, "cartLinesAdd", lines=self._wishes(lines), **name)

    @rule(who=buyers, basket=baskets, sku=skus, count=st.integers(0, 4))
    def change(self, who: str, basket: Basket, sku: str, count: int) -> None:
        name, line = self.named(who, basket), basket.ids.get(sku)
        if name is None or line is None:
            return
        expected = self.model.refusal(who, basket)
        if not expected:
            basket.lines |= {sku: count}
            self._drop_empty(basket)
        lines = [{"id": line, "quantity": count}]
        self._change(expected, who, basket, "cartLinesUpdate", lines=lines, **name)

    @rule(who=buyers, basket=baskets, sku=skus, again=st.booleans())
    def remove(self, who: str, basket: Basket, sku: str, *, again: bool) -> None:
        """Take a line out, perhaps a second time."""
        name, line = self.named(who, basket), basket.ids.get(sku)
        if name is None or line is None:
            return
        expected = self.model.refusal(who, basket)
        if not expected:
            del basket.lines[sku]
        self._change(expected, who, basket, "cartLinesRemove", lineIds=[line], **name)
        if again:
            expected = self.model.refusal(who, basket) or refused("NOT_FOUND")
            self._change(expected, who, basket, "cartLinesRemove", lineIds=[line], **name)

    @rule(
        who=buyers,
        basket=baskets,
        codes=st.sampled_from([[], ["TEN"], ["TEN"], ["ONCE"], ["TEN", "ONCE"]]),
        email=st.sampled_from([None, GUESTS_EMAIL, "ada@example.com"]),
        way=st.sampled_from(["", "Parcel", "Express"]),
    )
    def describe(
        self, who: str, basket: Basket, codes: list[str], email: str | None, way: str
    ) -> None:
        """Say where to, by which way, to whom, and with which codes."""
        if (name := self.named(who, basket)) is None:
            return
        expected = self.model.refusal(who, basket)
        if not expected:
            basket.codes, basket.email, basket.way = list(codes), email or "", way
            basket.has_address = True
        said = {"shippingAddress": address(), "discountCodes": codes, "email": email}
        said["shippingOptionId"] = self.ways.get(way)
        self._change(expected, who, basket, "cartUpdate", **said, **name)

    @rule(target=baskets, who=customers, basket=baskets)
    def claim(self, who: str, basket: Basket) -> MultipleResults[Basket]:
        """Somebody has signed in with a guest's cart in hand."""
        if basket.token is None:
            return multiple()
        expected = self.model.refusal(who, basket)
        became = basket if expected else self.model.merge(who, basket)
        payload = self.play(expected, who, "cartClaim", CART, cartToken=basket.token)
        if not expected:
            self._note(became, payload)
        return multiple()

    @rule(basket=baskets)
    def be_late(self, basket: Basket) -> None:
        """Nobody has touched it for too long."""
        if basket.token is None or basket.state != "open":
            return
        row = Cart.objects.filter(token_digest=tokens.digest(basket.token))
        row.update(expires_at=timezone.now())
        basket.state = "late"
        self.changed("cart forgotten")

    def _wishes(self, lines: dict[str, int]) -> list[dict[str, Any]]:
        wares = self.model.wares
        return [{"variantId": wares[sku].variant_id, "quantity": n} for sku, n in lines.items()]

    def _change(self, expected: Codes, who: str, basket: Basket, name: str, **input: Any) -> None:
        payload = self.play(expected, who, name, CART, **input)
        if expected == NOTHING:
            self._note(basket, payload)

    def _note(self, basket: Basket, payload: Answer) -> None:
        """What is in the cart is what was put there."""
        lines = payload["cart"]["lines"]
        assert {line["sku"]: line["quantity"] for line in lines} == basket.lines
        basket.ids = {line["sku"]: line["id"] for line in lines}

    def _drop_empty(self, basket: Basket) -> None:
        for sku in [sku for sku, count in basket.lines.items() if not count]:
            del basket.lines[sku]
