"""What a key is good for, and for whom."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from catalog.models import Review
from checkout.models import Cart
from schema import ids
from schema.idempotency import records
from schema.models import KeptAnswer
from tests.client import call
from tests.factories import make_product, make_user
from tests.schema.idempotency.keyed import HEADER, Request, codes, kept, payload, request, whole
from tests.schema.trying import respond, token_of
from users.models import Address, RefreshToken

CART = "mutation($input: CartInput!) { cartCreate(input: $input) { cart { id token } } }"


def cart(key: str, token: str = "", **input: str) -> Request:
    return Request(CART, input, token, key)


def test_other_input_with_the_same_key_is_refused() -> None:
    key = str(uuid4())
    cart(key, note="one").send()

    refused = cart(key, note="two").send()

    assert codes(refused) == ["CONFLICT"]
    assert Cart.objects.count() == 1


def test_another_document_with_the_same_key_is_refused() -> None:
    key = str(uuid4())
    cart(key).send()

    refused = Request(CART.replace("id token", "token"), {}, key=key).send()

    assert codes(refused) == ["CONFLICT"]
    assert Cart.objects.count() == 1


def test_another_file_with_the_same_key_is_refused(media: object) -> None:
    asked = whole("productImagesUpload")
    payload(asked.send())
    file = asked.input["files"][0]
    file.seek(0, 2)
    file.write(b"more")

    assert codes(asked.send()) == ["CONFLICT"]


def test_the_key_of_one_caller_is_not_that_of_another() -> None:
    key = str(uuid4())
    callers = ["", token_of(make_user()), token_of(make_user())]

    answers = {cart(key, token, note="mine").send().content for token in callers}

    assert len(answers) == Cart.objects.count() == 3
    assert kept() == 3


def test_the_name_in_quotes_is_the_same_key() -> None:
    key = str(uuid4())
    plain = cart(key).send()

    quoted = cart(f'"{key.upper()}"').send()

    assert quoted.content == plain.content
    assert Cart.objects.count() == 1


@pytest.mark.parametrize("key", ["", "1", "x" * 5000, "\N{SNOWMAN}"])
def test_a_key_that_is_no_uuid_is_refused(key: str) -> None:
    refused = respond(CART, {"input": {}}, "", {HEADER: key})

    assert codes(refused) == ["BAD_REQUEST"]
    assert not Cart.objects.exists()


def test_a_query_takes_no_notice_of_a_key() -> None:
    answer = respond("{ me { id } }", {}, "", {HEADER: "anything"})

    assert codes(answer) == []
    assert not KeptAnswer.objects.exists()


def test_a_refusal_leaves_the_key_unused() -> None:
    user, key, product = make_user(), str(uuid4()), make_product()
    review = {"productId": "nothing", "rating": 4, "title": "Good", "body": "Plain and short."}
    asked = request("reviewUpsert", review, user, key)

    assert payload(asked.send())["errors"]
    assert not KeptAnswer.objects.exists()
    asked.input = review | {"productId": ids.of(product)}
    assert payload(asked.send())["errors"] == []
    assert Review.objects.count() == kept() == 1


def test_a_refusal_of_what_commits_by_itself_leaves_the_key_unused() -> None:
    asked = whole("orderRefund/by amount")
    possible, asked.input = asked.input, asked.input | {"amount": "5000.00"}

    assert payload(asked.send())["errors"]
    assert not KeptAnswer.objects.exists()
    asked.input = possible
    assert payload(asked.send())["errors"] == []


def test_who_may_not_call_leaves_the_key_unused() -> None:
    asked = whole("addressCreate")
    signed_in, asked.token = asked.token, ""

    assert codes(asked.send()) == ["UNAUTHENTICATED"]
    assert not KeptAnswer.objects.exists()
    asked.token = signed_in
    assert payload(asked.send())["errors"] == []


TWO = """mutation($input: AddressCreateInput!) {
    one: addressCreate(input: $input) { address { id } }
    two: %s
}"""


def test_an_error_takes_the_whole_request_back() -> None:
    asked = whole("addressCreate")
    failing = 'orderMarkPaid(input: {orderId: "x", reference: "x"}) { errors { code } }'
    asked.document = TWO % failing

    answer = asked.send()

    assert codes(answer) == ["FORBIDDEN"]
    assert b'"data":null' in answer.content
    assert not Address.objects.exists()
    assert not KeptAnswer.objects.exists()


def test_several_mutations_are_one_request() -> None:
    asked = whole("addressCreate")
    asked.document = TWO % "addressCreate(input: $input) { address { id } }"

    first, again = asked.send(), asked.send()

    assert first.content == again.content
    assert Address.objects.count() == 2


def test_what_was_carried_out_beside_a_refusal_is_not_carried_out_again() -> None:
    asked = whole("addressCreate")
    asked.document = TWO % 'addressDelete(input: {id: "x"}) { errors { code } }'

    first, again = asked.send(), asked.send()

    assert first.content == again.content
    assert b"NOT_FOUND" in first.content
    assert Address.objects.count() == 1


def test_what_commits_by_itself_stands_alone_in_a_request_with_a_key() -> None:
    asked = whole("tokenRefresh")
    asked.document = """mutation($input: TokenRefreshInput!) {
        cartCreate(input: {}) { cart { id } } ... on Mutation { ...Again } }
        fragment Again on Mutation { tokenRefresh(input: $input) { token } }"""

    assert codes(asked.send()) == ["BAD_REQUEST"]
    assert not Cart.objects.exists()
    assert not KeptAnswer.objects.exists()


def test_a_copied_token_ends_its_family_although_the_key_stays_unused() -> None:
    asked = whole("tokenRefresh")
    payload(asked.send())
    asked.key = str(uuid4())

    refused = payload(asked.send())

    assert [error["code"] for error in refused["errors"]] == ["INVALID_TOKEN"]
    assert not RefreshToken.objects.filter(revoked_at=None).exists()
    assert kept() == 1


def test_a_key_outlives_a_change_of_the_secret(settings: Settings) -> None:
    key = str(uuid4())
    first = cart(key).send()

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret, as long as it must be, as long as it must be"

    assert cart(key).send().content == first.content
    assert Cart.objects.count() == 1


def test_a_key_is_forgotten_after_a_day() -> None:
    for age in (timedelta(hours=23), timedelta(hours=25)):
        cart(str(uuid4())).send()
        newest = KeptAnswer.objects.order_by("-claimed_at")[:1]
        KeptAnswer.objects.filter(pk__in=[row.pk for row in newest]).update(
            claimed_at=timezone.now() - age
        )

    records.prune()

    assert kept() == 1


def test_without_a_key_nothing_is_kept() -> None:
    assert call(CART, input={}).data["cartCreate"]["cart"]
    assert not KeptAnswer.objects.exists()
