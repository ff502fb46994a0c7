"""Rule: an order goes one step on in its usual life."""

from hypothesis.stateful import rule

from tests.machine.bought import Bought
from tests.machine.keeping import Keeping
from tests.machine.stage import orders


class Living(Keeping):
    # Its name comes first: of all rules it is the one that is drawn most.
    @rule(order=orders)
    def advance(self, order: Bought) -> None:
        """What most often comes next: paid, sent, arrived, and back again."""
        if order.status == "PENDING":
            self._be_paid(order)
        elif order.status == "CONFIRMED" and any(part.unsent for part in order.parts):
            part = next(at for at, part in enumerate(order.parts) if part.unsent)
            self.fulfil(order, part, 1)
        elif order.status == "CONFIRMED" and not all(order.parcels):
            self.arrive(order)
        elif order.status == "CONFIRMED" and not order.is_paid:
            self.mark_paid(order)
        else:
            self._come_back(order)

    def _be_paid(self, order: Bought) -> None:
        if order.method != "STRIPE":
            self.mark_paid(order)
        elif order.live is None:
            self.open_page("buyer", order, "HOSTED")
        elif self._open_at_stripe(order):
            self.pay(order, "now")
        else:
            self.settle(order, ok=True)
            self.deliver([8, 9, 8])

    def _come_back(self, order: Bought) -> None:
        """Units come back, one return after the other."""
        last = len(order.returns) - 1
        state = order.returns[-1].state if order.returns else ""
        if state == "REQUESTED":
            self.answer_return(order, last, ok=True)
        elif state == "APPROVED":
            self.receive(order, last, restock=True, refund=True)
        elif order.parts[0].fulfilled > order.parts[0].returned:
            self.ask_return("buyer", order, 0, 1)
        elif order.left:
            self.refund_amount(order, None, None)
        else:
            self.sweep(sure=True)
