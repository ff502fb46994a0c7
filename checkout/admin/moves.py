"""What staff can do to an order, each as a small form on the order's page."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from checkout import actions, fulfilments, orders
from checkout.actions import Action
from checkout.fulfilments import Parcel
from checkout.models import Order
from shop.admin_site import place
from shop.errors import ShopError
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
        return [field for field in self if not field.name.startswith("line-")]

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


class Fulfil(Move):
    key, title, button = "fulfil", "Send a parcel", "Mark as sent"
    done = "The parcel was noted."

    carrier = forms.CharField(max_length=100, required=False)
    tracking_number = forms.CharField(max_length=100, required=False)
    tracking_url = forms.CharField(label="Tracking page", max_length=500, required=False)

    def __init__(self, order: Order, data: Any = None) -> None:
        super().__init__(order, data)
        self.unsent = [line for line in order.lines.all() if line.fulfilled < line.quantity]
        for line in self.unsent:
            left = line.quantity - line.fulfilled
            self.fields[f"line-{line.pk}"] = forms.IntegerField(
                label=f"{line.quantity - line.fulfilled} × {line.name}",
                initial=left,
                required=False,
                min_value=0,
                max_value=left,
            )

    def units(self) -> list[forms.BoundField]:
        return [self[f"line-{line.pk}"] for line in self.unsent]

    def move(self, actor: User) -> None:
        wanted = [(line.pk, self.cleaned_data[f"line-{line.pk}"] or 0) for line in self.unsent]
        sent = [(pk, quantity) for pk, quantity in wanted if quantity]
        self.names = {str(at): f"line-{pk}" for at, (pk, _) in enumerate(sent)}
        fields = ("carrier", "tracking_number", "tracking_url")
        parcel = Parcel(**{name: self.cleaned_data[name] for name in fields})
        fulfilments.fulfil(self.order.pk, sent, parcel=parcel, actor=actor)


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
        orders.cancel(self.order.pk, actor=actor, by_staff=True, reason=reason)


class ClearFlag(Move):
    key, title, button = "clear_flag", "Seen to", "Seen to"
    done = "The flag was taken away."

    def move(self, actor: User) -> None:
        orders.clear_flag(self.order.pk, actor=actor)


MOVES: dict[Action, type[Move]] = {
    Action.MARK_PAID: MarkPaid,
    Action.FULFIL: Fulfil,
    Action.DELIVER: Deliver,
    Action.CANCEL: Cancel,
}


def open_to(order: Order, user: User, data: Any = None) -> list[Move]:
    """The moves that the user can make with the order now; the one that `data` is for is bound.

    What staff do as the buyers that they may be as well is no part of it.
    """
    if not actions.processes(user):
        return []
    found = [MOVES[action] for action in actions.available(order, user) if action in MOVES]
    found += [ClearFlag] if order.review_flag else []
    wanted = data.get("move") if data is not None else None
    return [kind(order, data if kind.key == wanted else None) for kind in found]
