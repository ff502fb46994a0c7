"""A Stripe that takes requests and says nothing keeps nobody waiting but those who pay."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from checkout.sandbox import Sandbox
from shop.buffering import THREADS
from tests.checkout import paying
from tests.faults.acts import ACTS, AT_STRIPE
from tests.faults.locks import nothing_is_locked
from tests.faults.serving import Production, ask, mutation, no_stack
from users import tokens

stripe = paying.stripe
QUERY = "{ products(first: 1) { nodes { name } } }"


@pytest.mark.transactional
@pytest.mark.long
@pytest.mark.parametrize("name", ["session", "refund"])
def test_while_stripe_is_frozen_nothing_is_locked_and_others_are_answered(
    name: str, stripe: Sandbox
) -> None:
    acts = [ACTS[name](stripe) for _ in range(THREADS - 1)]
    tokens_of = [tokens.access_token(act.by) for act in acts if act.by]
    document = mutation(acts[0].name, acts[0].selection)
    with Production(stripe) as server, ThreadPoolExecutor(len(acts)) as crowd:
        stripe.faults.fail("POST", AT_STRIPE[name], "freeze", len(acts))
        waiting = [
            crowd.submit(ask, server, document, token=token, **act.input)
            for act, token in zip(acts, tokens_of, strict=True)
        ]
        stripe.faults.reached(len(acts))

        free = nothing_is_locked()
        answers = [ask(server, QUERY), ask(server, *placing())]
        still = sum(not one.done() for one in waiting)
        stripe.faults.lift()
        done = [one.result() for one in waiting]

    assert free
    assert still == len(acts)
    assert [status for status, _ in answers] == [200, 200]
    assert answers[1][1]["data"]["cartCreate"]["errors"] == []
    assert [body["data"][acts[0].name]["errors"] for _, body in done] == [[]] * len(acts)
    assert all(act.left() == act.wanted for act in acts)
    paying.check(stripe)


def placing() -> tuple[str]:
    return ("mutation { cartCreate(input: {}) { cart { id } errors { code } } }",)


@pytest.mark.transactional
@pytest.mark.long
def test_stripe_s_silence_is_an_answer_in_bounded_time_and_the_next_try_pays(
    stripe: Sandbox,
) -> None:
    act = ACTS["session"](stripe)
    token = tokens.access_token(act.by) if act.by else ""
    document = mutation(act.name, act.selection)
    with Production(stripe, variables={"SERVED_PATIENCE": "0.3"}) as server:
        stripe.faults.fail("POST", AT_STRIPE["session"], "freeze", 2)  # the library asks again

        refused = ask(server, document, token=token, **act.input)
        stripe.faults.lift()
        granted = ask(server, document, token=token, **act.input)

    (error,) = refused[1]["data"][act.name]["errors"]
    assert error["code"] == "PAYMENT_PROVIDER_UNAVAILABLE"
    assert no_stack([refused])
    assert granted[1]["data"][act.name]["errors"] == []
    assert act.left() == act.wanted
