"""Money that came back from the bank is sent once more, before the shop has heard of the first."""

from checkout.models import Refund
from checkout.sandbox import Sandbox
from tests.checkout.paying import bought, check, deliver, intent_of, states


def test_a_second_refund_of_all_after_a_first_that_bounced(stripe: Sandbox) -> None:
    order = bought(stripe)
    first = stripe.refund(intent_of(order))
    deliver(stripe)
    stripe.settle_refund(first["id"], ok=False)
    second = stripe.refund(intent_of(order))

    assert set(deliver(stripe)) == {204}

    assert states(order) == ("CONFIRMED", "REFUNDED", "SOLD")
    found = dict(Refund.objects.values_list("provider_id", "state"))
    assert found == {first["id"]: "FAILED", second["id"]: "DONE"}
    assert order.refunded_minor == order.total_minor
    check(stripe)
