"""What counts as a call, and who it is counted for."""

from ipaddress import ip_network
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.models import Review
from schema import ids
from schema.root import schema
from tests.factories import make_product, make_user
from tests.schema.rates.asking import CAFE, HOME, ask, codes, is_limited, mutate, whole
from tests.schema.trying import token_of
from users import tokens
from users.models import Allowance, User

ONCE = (1, 3600, 1)
CART = "cartCreate(input: {}) { errors { code } }"
SKIPPED = CART.replace(") {", ") @skip(if: $no) {")
LEFT_OUT = CART.replace(") {", ") @include(if: $yes) {")
REQUEST = "passwordResetRequest"


def limit(settings: Settings, **limits: tuple[int, int, int]) -> None:
    """Set limits; `__` stands for a blank."""
    named = {name.replace("__", " "): of for name, of in limits.items()}
    assert named.keys() <= settings.RATE_LIMITS.keys()
    settings.RATE_LIMITS = settings.RATE_LIMITS | named


def test_each_mutation_of_a_document_counts(settings: Settings) -> None:
    limit(settings, carts__by__network=(4, 3600, 4))
    three = f"mutation {{ a: {CART} b: {CART} c: {CART} }}"

    assert not is_limited(ask(three))
    assert is_limited(ask(three))
    assert is_limited(ask(f"mutation {{ {CART} }}"))  # the fourth was the refused document's


def test_of_a_refused_document_nothing_is_run(settings: Settings) -> None:
    limit(settings, carts__by__network=ONCE)
    user = make_user()
    document = f"""mutation {{
        a: {CART}
        accountUpdate(input: {{firstName: "Ada"}}) {{ errors {{ code }} }}
        b: {CART}
    }}"""

    assert is_limited(ask(document, token=token_of(user)))
    assert User.objects.get(pk=user.pk).first_name == ""


@pytest.mark.parametrize(
    "document",
    [
        f"mutation($no: Boolean = true) {{ a: {CART} b: {SKIPPED} }}",
        f"mutation($yes: Boolean = false) {{ a: {CART} b: {LEFT_OUT} }}",
        f"mutation {{ {CART} {CART} }}",  # one answer, one call
        f"mutation {{ {CART} ...more }} fragment more on Mutation {{ {CART} __typename }}",
    ],
)
def test_only_what_will_run_counts(document: str, settings: Settings) -> None:
    limit(settings, carts__by__network=ONCE)

    assert codes(ask(document)) == []


def test_it_counts_in_fragments_too(settings: Settings) -> None:
    limit(settings, carts__by__network=ONCE)
    hidden = f"mutation {{ ...one ... {{ b: {CART} }} }} fragment one on Mutation {{ a: {CART} }}"

    assert is_limited(ask(hidden))


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("mutation { cartCreate(input: {nothing: 1}) { errors { code } } }", {}),
        ("mutation($in: CartInput!) { cartCreate(input: $in) { errors { code } } }", {"in": 7}),
        ("mutation($in: CartInput!) { cartCreate(input: $in) { errors { code } } }", {}),
        ("mutation { cartCreate { errors { code } } }", {}),
        (f"mutation {{ cartCreate(input: {{note: {'9' * 5000}}}) {{ errors {{ code }} }} }}", {}),
    ],
)
def test_what_is_not_understood_does_not_count(
    document: str, variables: dict[str, Any], settings: Settings
) -> None:
    limit(settings, carts__by__network=ONCE)

    assert codes(ask(document, variables)) == ["VALIDATION_FAILED"]
    assert not Allowance.objects.exists()


def test_a_field_that_fails_by_itself_hides_no_other_one(settings: Settings) -> None:
    limit(settings, carts__by__network=ONCE)
    document = f"mutation($in: CartInput = {{}}) {{ a: {CART} b: {CART.replace('{}', '$in')} }}"

    first, second = (ask(document, {"in": None}) for _ in range(2))

    assert first.json()["data"] == {"a": {"errors": []}, "b": None}
    assert is_limited(second)


def test_a_call_that_is_refused_has_counted(settings: Settings) -> None:
    limit(settings, reviews__by__network=ONCE)
    input = {"productId": "nothing", "rating": 4}

    assert codes(mutate("reviewUpsert", input)) == ["UNAUTHENTICATED"]
    assert is_limited(mutate("reviewUpsert", input))


@pytest.mark.transactional
@pytest.mark.parametrize("rating", [5, 9])
def test_a_key_takes_no_count_back(rating: int, settings: Settings) -> None:
    limit(settings, reviews__by__account=(3, 3600, 3))
    token, key = token_of(make_user()), str(uuid4())
    input = {"productId": "nothing", "rating": rating}

    answers = [mutate("reviewUpsert", input, token=token, Idempotency_Key=key) for _ in range(4)]

    assert [is_limited(one) for one in answers] == [False, False, False, True]
    assert not Review.objects.exists()


@pytest.mark.transactional
def test_a_repeat_counts_and_is_answered_from_its_record(settings: Settings) -> None:
    limit(settings, reviews__by__account=(2, 3600, 2))
    token, key = token_of(make_user()), str(uuid4())
    input = {"productId": ids.of(make_product()), "rating": 4}

    first, again, last = (
        mutate("reviewUpsert", input, token=token, Idempotency_Key=key) for _ in range(3)
    )

    assert first.content == again.content
    assert is_limited(last)
    assert Review.objects.count() == 1


def test_accounts_are_told_apart_by_their_tokens_without_a_look_up(
    settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    limit(settings, votes__by__account=ONCE)
    ada, bob = make_user(), make_user()
    vote = {"reviewId": "nothing", "helpful": True}
    first = [mutate("reviewVote", vote, token=token_of(one)) for one in (ada, bob)]

    with django_assert_num_queries(3):  # the network's, this one, and the wait
        again = mutate("reviewVote", vote, token=token_of(ada), network=CAFE)

    assert not any(map(is_limited, first))
    assert is_limited(again)


def test_a_forged_token_is_nobody_s(settings: Settings) -> None:
    limit(settings, votes__by__account=ONCE)
    ada = make_user()
    vote = {"reviewId": "nothing", "helpful": True}
    signed = token_of(ada)

    mutate("reviewVote", vote, token=f"{signed[:-6]}AAAAAA")

    assert tokens.owner_of(signed) == ada
    assert not is_limited(mutate("reviewVote", vote, token=signed))


def test_a_64_is_one_network_and_its_neighbour_another(settings: Settings) -> None:
    limit(settings, carts__by__network=ONCE)

    answers = [
        whole("cartCreate", network=network)
        for network in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:db8:1:3::1")
    ]

    assert [is_limited(one) for one in answers] == [False, True, False]


def test_behind_a_declared_proxy_each_client_counts_alone(settings: Settings) -> None:
    limit(settings, carts__by__network=ONCE)
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    said = [HOME, f"{CAFE}, {HOME}", CAFE, "\x7f☃".encode().decode("latin-1")]

    answers = [whole("cartCreate", network="10.0.0.1", X_Forwarded_For=one) for one in said]

    assert [is_limited(one) for one in answers] == [False, True, False, False]


def test_without_a_declared_proxy_the_header_changes_nothing(settings: Settings) -> None:
    limit(settings, carts__by__network=ONCE)

    answers = [whole("cartCreate", X_Forwarded_For=f"203.0.113.{n}") for n in range(3)]

    assert [is_limited(one) for one in answers] == [False, True, True]


def test_a_known_and_an_unknown_address_are_limited_alike(settings: Settings) -> None:
    limit(settings, **{"reset__mails__by__e-mail": (2, 3600, 2)})
    known = make_user().email

    answers = [
        [mutate(REQUEST, {"email": email}) for _ in range(3)]
        for email in (known, "nobody@example.com")
    ]

    for of_known, of_unknown in zip(*answers, strict=True):
        assert of_known.status_code == of_unknown.status_code
        assert of_known.json().get("data") == of_unknown.json().get("data")
        assert of_known.get("Retry-After") == of_unknown.get("Retry-After")
    assert [is_limited(each[2]) for each in answers] == [True, True]


def test_no_spelling_of_an_address_has_an_allowance_of_its_own(settings: Settings) -> None:
    limit(settings, **{"reset__mails__by__e-mail": ONCE})
    spellings = ["ada.kim@example.com", " Ada.Kim@EXAMPLE.com", "ada.\u212aim@example.com"]

    answers = [mutate(REQUEST, {"email": email}) for email in spellings]

    assert [is_limited(one) for one in answers] == [False, True, True]


def test_queries_are_not_counted_and_keep_their_plans(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_product()
    document = "{ products { nodes { name } } shop { name } }"
    ask(document)
    ask(document)

    with django_assert_num_queries(1):
        ask(document)
    assert schema.is_plain
    assert not Allowance.objects.exists()


def test_an_unlimited_mutation_costs_no_statement_more(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        mutate("cartClaim", {"cartToken": "x"})
