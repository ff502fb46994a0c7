"""What staff can do to an order, each as a small form on the order's page."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.contrib import messages

from checkout import actions, endings, fulfilments, idempotency, models, orders, payments, refunds
from checkout.actions import Action
from checkout.fulfilments import Parcel
from checkout.models import Order, OrderLine, Payment
from checkout.models.orders import PaymentMethod
from checkout.shares import Units
from shop import money
from shop.admin_site import place, shown
from shop.errors import Refused, ShopError
from shop.money import Money
from users.models import User


class Move(forms.Form):
    """One move of one order, which the signed-in member of staff makes."""

    key: ClassVar[str]
    title: ClassVar[str]
    button: ClassVar[str]
    done: ClassVar[str]
    danger: ClassVar[bool] = False
    names: Mapping[str, str] = {}

    def __init__(self, order: Order, data: Any = None) -> None:
        super().__init__(data, prefix=self.key)
        self.order = order

    def details(self) -> list[forms.BoundField]:
        """The fields below those for the units of lines, if there are such."""
        return [field for field in self.visible_fields() if not field.name.startswith("line-")]

    def carry_out(self, actor: User) -> bool:
        """Make the move; False, with the reasons in the form, when it is refused."""
        try:
            self.move(actor)
        except ShopError as refusal:
            place(self, refusal.each(), self.names)
            return False
        return True

    def move(self, actor: User) -> None:
        raise NotImplementedError

    def outcome(self) -> tuple[int, str]:
        """What to say of it afterwards, with its level."""
        return messages.SUCCESS, self.done


class MoveOfUnits(Move):
    """A move of units of the order's lines, with a field for each line that has some left."""

    starts_full: ClassVar[bool]

    def __init__(self, order: Order, data: Any = None) -> None:
        super().__init__(order, data)
        rests = [(line, self.rest(line)) for line in order.lines.all()]
        self.lines = [line for line, rest in rests if rest]
        for line, rest in rests:
            if rest:
                self.fields[f"line-{line.pk}"] = forms.IntegerField(
                    label=f"{rest} × {line.name}",
                    initial=rest if self.starts_full else 0,
                    required=False,
                    min_value=0,
                    max_value=rest,
                )

    def rest(self, line: OrderLine) -> int:
        """How many units of the line can still be moved."""
        raise NotImplementedError

    def units(self) -> list[forms.BoundField]:
        return [self[f"line-{line.pk}"] for line in self.lines]

    def chosen(self) -> list[tuple[int, int]]:
        """Line and units of each line that was given some; refusals by place find its field."""
        wanted = [(line.pk, self.cleaned_data[f"line-{line.pk}"] or 0) for line in self.lines]
        found = [(pk, quantity) for pk, quantity in wanted if quantity]
        self.names = {str(at): f"line-{pk}" for at, (pk, _) in enumerate(found)}
        return found


@contextmanager
def sent_once(what: str) -> Iterator[None]:
    """Tell staff what it means that a form's key was used for something else."""
    try:
        yield
    except Refused as refusal:
        if refusal.code != "CONFLICT":
            raise
        message = f"This form was sent already. Open the page again for {what}."
        raise Refused("CONFLICT", message) from None


class MarkPaid(Move):
    key, title, button = "mark_paid", "Mark as paid", "Mark as paid"
    done = "The payment was booked."

    reference = forms.CharField(
        label="Reference of the payment",
        max_length=200,
        help_text="How it is found again: the bank's statement, the receipt's number.",
    )

    def move(self, actor: User) -> None:
        reference = self.cleaned_data["reference"]
        orders.mark_paid(self.order.pk, reference=reference, actor=actor)


class Fulfil(MoveOfUnits):
    key, title, button = "fulfil", "Send a parcel", "Mark as sent"
    done = "The parcel was noted."
    starts_full = True

    carrier = forms.CharField(max_length=100, required=False)
    tracking_number = forms.CharField(max_length=100, required=False)
    tracking_url = forms.CharField(label="Tracking page", max_length=500, required=False)
    # A form that is sent twice, by a double click perhaps, makes one parcel.
    sent_as = forms.CharField(required=False, widget=forms.HiddenInput, initial=uuid4)

    def rest(self, line: OrderLine) -> int:
        return line.unsent

    def move(self, actor: User) -> None:
        fields = ("carrier", "tracking_number", "tracking_url")
        parcel = Parcel(**{name: self.cleaned_data[name] for name in fields})
        key = self.cleaned_data["sent_as"] or None
        with sent_once("another parcel"):
            fulfilments.fulfil(self.order.pk, self.chosen(), parcel=parcel, actor=actor, key=key)


class Deliver(Move):
    key, title, button = "deliver", "Mark as delivered", "Mark as delivered"
    done = "The delivery was noted."
    names = {"fulfilment_id": "parcel"}

    parcel = forms.ChoiceField(required=False)

    def __init__(self, order: Order, data: Any = None) -> None:
        super().__init__(order, data)
        under_way = [parcel for parcel in order.fulfilments.all() if parcel.delivered_at is None]
        field: Any = self.fields["parcel"]
        field.choices = [("", "All that is under way")] + [
            (str(one.pk), f"{one.shipped_at:%d %b} {one.carrier} {one.tracking_number}".strip())
            for one in under_way
        ]

    def move(self, actor: User) -> None:
        chosen = self.cleaned_data["parcel"]
        parcel_id = int(chosen) if chosen else None
        fulfilments.deliver(self.order.pk, fulfilment_id=parcel_id, actor=actor)


class Cancel(Move):
    key, title, button, danger = "cancel", "Cancel the order", "Cancel the order", True
    done = "The order was cancelled."

    reason = forms.CharField(max_length=200, required=False, help_text="The buyer can read it.")

    def move(self, actor: User) -> None:
        reason = self.cleaned_data["reason"]
        endings.cancel(self.order.pk, actor=actor, by_staff=True, reason=reason)


class Refund(MoveOfUnits):
    key, title, button, danger = "refund", "Refund", "Refund", True
    starts_full = False

    restock = forms.BooleanField(label="These units go back to the shelf", required=False)
    amount = forms.DecimalField(required=False, max_digits=20)
    reason = forms.CharField(max_length=200, required=False, help_text="The buyer can read it.")
    # A form that is sent twice, by a double click perhaps, gives the money back once.
    sent_as = forms.CharField(required=False, widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, order: Order, data: Any = None) -> None:
        super().__init__(order, data)
        if order.stock_state != Order.StockState.SOLD:
            del self.fields["restock"]  # nothing has left the shelf
        amount = self.fields["amount"]
        amount.label, amount.help_text = f"Amount ({order.currency})", self._meaning()
        amount.widget.attrs |= {"step": str(Money(order.step, order.currency).amount), "min": "0"}

    def rest(self, line: OrderLine) -> int:
        return line.quantity - line.refunded

    def _meaning(self) -> str:
        """What an empty amount stands for, and how much can be given back."""
        paid = self.order.payments.filter(state=Payment.State.PAID).order_by("surplus")
        rests = [(payment, payments.left(payment)) for payment in paid]
        found = [(payment, rest) for payment, rest in rests if rest]
        if not found:
            return "All of it is given back, or on its way."
        source, rest = found[-1]  # what came on top goes first
        what = "what was paid on top" if source.surplus else "all that is left"
        by_hand = source.method != PaymentMethod.STRIPE
        return (
            "Empty: what was paid for the units above; without units "
            f"{what}, {shown(self.order.money(rest))}."
            f"{' It is only booked here: pay it out yourself.' * by_hand}"
        )

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("restock") and not self._any_units():
            self.add_error("restock", "Say above which units.")
        return self.cleaned_data

    def _any_units(self) -> bool:
        return any(self.cleaned_data.get(f"line-{line.pk}") for line in self.lines)

    def move(self, actor: User) -> None:
        key = idempotency.checked(self.cleaned_data["sent_as"] or str(uuid4()))
        with sent_once("another refund"):
            refunds.refund(self.order.pk, self._wish(key), actor=actor)
        self.made = models.Refund.objects.get(order=self.order.pk, idempotency_key=key)

    def _wish(self, key: str) -> refunds.Wish:
        amount, restock = self.cleaned_data["amount"], self.cleaned_data.get("restock", False)
        return refunds.Wish(
            amount=None if amount is None else money.minor(amount, self.order.currency, "amount"),
            lines=[Units(pk, quantity, restock) for pk, quantity in self.chosen()] or None,
            reason=self.cleaned_data["reason"],
            key=key,
        )

    def outcome(self) -> tuple[int, str]:
        """As far as it has come: accepted by the shop is not yet taken on by Stripe."""
        amount, state = shown(self.made.amount), models.Refund.State(self.made.state)
        if self.made.payment.method != PaymentMethod.STRIPE:
            return messages.SUCCESS, f"{amount} is booked as given back. Pay it out yourself."
        if state == models.Refund.State.FAILED:
            why = self.made.failure or "no reason was given"
            return messages.ERROR, f"Stripe refused the refund of {amount}: {why}"
        return {
            models.Refund.State.REQUESTED: (
                messages.WARNING,
                f"The refund of {amount} is accepted; Stripe has not answered yet.",
            ),
            models.Refund.State.PENDING: (
                messages.SUCCESS,
                f"Stripe has taken on the refund of {amount}; it is not through yet.",
            ),
            models.Refund.State.DONE: (messages.SUCCESS, f"{amount} was given back."),
        }[state]


class ClearFlag(Move):
    key, title, button = "clear_flag", "Seen to", "Seen to"
    done = "The flag was taken away."

    shown = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, order: Order, data: Any = None) -> None:
        super().__init__(order, data)
        self.fields["shown"].initial = order.review_flag

    def move(self, actor: User) -> None:
        orders.clear_flag(self.order.pk, seen=self.cleaned_data["shown"], actor=actor)


MOVES: dict[Action, type[Move]] = {
    Action.MARK_PAID: MarkPaid,
    Action.FULFIL: Fulfil,
    Action.DELIVER: Deliver,
    Action.CANCEL: Cancel,
    Action.REFUND: Refund,
}


def open_to(order: Order, user: User, data: Any = None) -> list[Move]:
    """The moves that the user can make with the order now; the one that `data` is for is bound.

    What staff do as the buyers that they may be as well is no part of it, and neither is it that
    who gives money back moves orders along, or the other way round.
    """
    allowed = actions.available(order, user)
    if not actions.processes(user):
        allowed = [action for action in allowed if action is Action.REFUND]
    found = [MOVES[action] for action in allowed if action in MOVES]
    found += [ClearFlag] if order.review_flag and actions.processes(user) else []
    wanted = data.get("move") if data is not None else None
    return [kind(order, data if kind.key == wanted else None) for kind in found]
