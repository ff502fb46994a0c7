"""What the delivery that pays an order costs the database."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from checkout.sandbox import Sandbox
from tests.checkout.buying import place
from tests.checkout.paying import STRIPE, deliver, opened, states, told
from tests.factories import make_user, make_variant


@pytest.mark.parametrize(("products", "most"), [(1, 10), (5, 11)])
@pytest.mark.parametrize("signed_in", [False, True])
def test_a_paying_delivery_takes_few_statements(
    stripe: Sandbox, products: int, most: int, *, signed_in: bool
) -> None:
    buyer = make_user() if signed_in else None
    made = place({make_variant(): 1 for _ in range(products)}, method=STRIPE, user=buyer)
    stripe.pay(opened(made).id)

    with CaptureQueriesContext(connection) as caught:
        deliver(stripe, told(stripe, "checkout.session.completed"))

    # Without the job for mail and reviews, which is one row more where there is a queue.
    sent = [one["sql"] for one in caught if "SAVEPOINT" not in one["sql"]]
    assert states(made) == ("CONFIRMED", "PAID", "SOLD")
    assert len(sent) <= most, "\n".join(sent)
