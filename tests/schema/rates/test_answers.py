"""What somebody is told who came too often."""

from typing import Any

import pytest
from pytest_django import Settings

from schema.http import media
from schema.idempotency import records
from tests.schema.rates.asking import ask, codes, mutate, whole
from tests.users.counting import Clock, clock

__all__ = ["clock"]


@pytest.fixture(autouse=True)
def _two_an_hour(settings: Settings, clock: Clock) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"carts by network": (2, 3600, 1)}


def limited(accept: str) -> Any:
    whole("cartCreate", accept=accept)
    return whole("cartCreate", accept=accept)


def test_the_status_is_429_and_the_wait_is_told_twice() -> None:
    answer = limited(media.GRAPHQL)

    assert answer.status_code == 429
    assert answer["Retry-After"] == "1800"
    assert answer["Content-Type"] == media.GRAPHQL
    assert answer["Cache-Control"] == "no-store"
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {
        "code": "RATE_LIMITED", "retryAfter": 1800, "requestId": answer["X-Request-ID"],
    }  # fmt: skip
    assert error["message"] == "That was too often. Try again in 1800 seconds."
    assert "data" not in answer.json()


def test_in_plain_json_the_status_is_200_and_the_rest_the_same() -> None:
    answer = limited(media.JSON)

    assert answer.status_code == 200
    assert answer["Retry-After"] == "1800"
    assert codes(answer) == ["RATE_LIMITED"]


def test_the_wait_is_in_whole_seconds_and_long_enough(clock: Clock) -> None:
    whole("cartCreate")
    clock.turn(1798.5)

    early = whole("cartCreate")
    clock.turn(int(early["Retry-After"]))

    assert early["Retry-After"] == "2"
    assert whole("cartCreate").status_code == 200


def test_a_conflict_tells_its_wait_in_the_header_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: Any) -> None:
        raise records.Busy

    monkeypatch.setattr(records, "answered", busy)
    key = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

    answer = mutate("cartClaim", {"cartToken": "x"}, Idempotency_Key=key)

    assert codes(answer) == ["CONFLICT"]
    assert answer["Retry-After"] == "1"


def test_the_log_tells_which_limit_it_was() -> None:
    told: dict[str, Any] = {}

    for _ in range(2):
        whole("cartCreate", environ={"shop.request_log": told})

    assert told["limited"] == "carts by network"


def test_other_answers_tell_no_wait() -> None:
    for document in ("{ shop { name } }", "{ nothing }", "mutation { nothing }", "{"):
        assert "Retry-After" not in ask(document)
