"""Which mutation is limited by what; each of these limits holds."""

from typing import Any

import pytest
from pytest_django import Settings

from schema.rates.calls import declared_of
from schema.rates.declared import PasswordAsked, Rate
from tests.factories import make_user
from tests.schema.rates.asking import CAFE, HOME, is_limited, mutate
from tests.schema.trying import GRAPHQL, MUTATIONS, token_of
from tests.schema.whole_inputs import INPUTS

NETWORK, ACCOUNT, EMAIL = "network", "account", "e-mail"
LIMITS = {
    "accountRegister": {("registrations", NETWORK), ("registrations", EMAIL)},
    "tokenCreate": {("sign-ins", NETWORK)},
    "tokenRefresh": {("refreshes", NETWORK)},
    "passwordReset": {("mailed codes", NETWORK)},
    "emailVerify": {("mailed codes", NETWORK)},
    "passwordResetRequest": {("reset mails", NETWORK), ("reset mails", EMAIL)},
    "emailVerificationRequest": {("verification mails", NETWORK), ("verification mails", EMAIL)},
    "emailChangeRequest": {("address changes", ACCOUNT), ("address changes", EMAIL)},
    "orderLinkRequest": {("order links", NETWORK), ("order links", EMAIL)},
    "cartCreate": {
        ("carts", NETWORK), ("discount codes", NETWORK), ("discount codes", ACCOUNT),
    },
    "cartUpdate": {("discount codes", NETWORK), ("discount codes", ACCOUNT)},
    "reorder": {("carts", NETWORK)},
    "orderPlace": {
        ("orders", NETWORK), ("orders", ACCOUNT),
        ("discount codes", NETWORK), ("discount codes", ACCOUNT),
    },
    "checkoutSessionCreate": {("payments", NETWORK), ("payments", ACCOUNT)},
    "checkoutSessionSync": {("payment checks", NETWORK)},
    "orderInvoice": {("invoices", NETWORK), ("invoices", ACCOUNT)},
    "reviewUpsert": {("reviews", NETWORK), ("reviews", ACCOUNT)},
    "reviewVote": {("votes", NETWORK), ("votes", ACCOUNT)},
    "stockAlertCreate": {("alerts", ACCOUNT)},
    "priceAlertCreate": {("alerts", ACCOUNT)},
    "productImageUploadCreate": {("uploads", ACCOUNT)},
}  # fmt: skip
EACH = [(name, *limit) for name, limits in LIMITS.items() for limit in sorted(limits)]
ASKING_A_PASSWORD = {
    "tokenCreate": "email", "passwordChange": "", "accountDelete": "", "emailChangeRequest": "",
}  # fmt: skip
OF_PASSWORDS = {
    "wrong passwords by account", "wrong passwords by network",
    "wrong passwords by account and network",
}  # fmt: skip


def test_every_mutation_declares_what_is_told_here(settings: Settings) -> None:
    declared = {name: declared_of(GRAPHQL, name) for name in MUTATIONS}
    found = {
        name: {
            (one.name, by)
            for one in each
            for by in (NETWORK, ACCOUNT, EMAIL)
            if isinstance(one, Rate) and f"{one.name} by {by}" in settings.RATE_LIMITS
        }
        for name, each in declared.items()
    }
    asking = {
        name: one.email
        for name, each in declared.items()
        for one in each
        if isinstance(one, PasswordAsked)
    }

    assert {name: limits for name, limits in found.items() if limits} == LIMITS
    assert asking == ASKING_A_PASSWORD


def test_every_limit_is_some_mutation_s(settings: Settings) -> None:
    used = {f"{name} by {by}" for _, name, by in EACH}

    assert used | OF_PASSWORDS == set(settings.RATE_LIMITS)


@pytest.fixture
def _stripe_where_it_is_asked(request: pytest.FixtureRequest, name: str) -> None:
    if name.startswith("checkoutSession"):
        request.getfixturevalue("stripe")


def asked(name: str) -> tuple[dict[str, Any], str]:
    """What to send, discount codes included, and the token of somebody who is signed in."""
    user, input = INPUTS[name]()
    if name in ("cartCreate", "cartUpdate"):
        input |= {"discountCodes": ["SPRING"]}
    if name == "orderPlace":
        input["cart"] |= {"discountCodes": ["SPRING"]}
    return input, token_of(user or make_user())


@pytest.mark.usefixtures("_stripe_where_it_is_asked")
@pytest.mark.parametrize(("name", "limit", "by"), EACH)
def test_it_holds(name: str, limit: str, by: str, settings: Settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {f"{limit} by {by}": (1, 3600, 1)}
    input, token = asked(name)
    other = mutate(name, input, token=token_of(make_user()), network=CAFE) if by != EMAIL else None
    networks = [HOME, HOME] if by == NETWORK else [HOME, CAFE]

    first, second = (mutate(name, input, token=token, network=network) for network in networks)

    assert other is None or not is_limited(other)
    assert not is_limited(first)
    assert is_limited(second)


@pytest.mark.parametrize("codes", [None, []])
def test_a_cart_without_codes_guesses_none(codes: list[str] | None, settings: Settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"discount codes by network": (1, 3600, 1)}

    answers = [mutate("cartCreate", {"discountCodes": codes}) for _ in range(3)]

    assert not any(map(is_limited, answers))
