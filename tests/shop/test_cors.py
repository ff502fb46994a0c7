"""Pages of other origins: who may call what, and that no answer tells of another one's right."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from shop import storages
from shop.cors import SENT
from tests.factories import make_variant
from tests.schema.doors import Shown, Street

SHOP, APP, FOREIGN = "https://shop.example.com", "https://app.example.com", "https://evil.example"
NAMES = "{ products { nodes { name } } }"
ALLOWED = "Access-Control-Allow-Origin"


@pytest.fixture
def street() -> Street:
    make_variant()
    return Street(origins=[SHOP, APP])


def ask(street: Street, origin: str | None) -> Shown:
    return street.post(NAMES, headers={"Origin": origin} if origin else {})


def preflight(street: Street, path: str, origin: str, method: str = "POST") -> Shown:
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    return street.ask(RequestFactory().options(path, headers=headers).environ)


def rights(shown: Shown) -> list[str]:
    return [name for name in shown.headers if name.startswith("Access-Control-")]


def test_a_kept_answer_never_carries_another_origins_right(street: Street) -> None:
    origins = [SHOP, APP, FOREIGN, None, SHOP, None, FOREIGN, APP]

    shown = [ask(street, origin) for origin in origins]

    assert street.django.asked == 1  # one for all, from memory
    told = [one.headers.get(ALLOWED) for one in shown]
    assert told == [SHOP, APP, None, None, SHOP, None, None, APP]
    assert len({one.body for one in shown}) == 1
    assert {one.headers["Vary"] for one in shown} == {"Origin"}


def test_caches_keep_answers_to_get_apart_by_origin_too(street: Street) -> None:
    for origin in (SHOP, FOREIGN):
        shown = street.get({"query": NAMES}, Origin=origin)
        assert shown.headers["Vary"] == "Authorization, Accept, Origin"


@pytest.mark.parametrize(
    "origin",
    [
        FOREIGN, "null", "", "https://shop.example.com.evil.example", "http://shop.example.com",
        "https://shop.example.com:8443", "https://shop.example.com, https://evil.example",
        "https://shop.example.com/", "*",
    ],
)  # fmt: skip
def test_an_origin_that_is_not_listed_has_no_rights(street: Street, origin: str) -> None:
    assert rights(ask(street, origin)) == []
    assert rights(preflight(street, "/graphql/", origin)) == []


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/graphql/", "GET, POST"), ("/graphql", "GET, POST"), ("/uploads/x", "POST")],
)
def test_a_preflight_allows_the_shop_s_headers_and_no_credentials(
    street: Street, path: str, methods: str
) -> None:
    shown = preflight(street, path, SHOP)

    assert (shown.status, shown.body, street.django.asked) == (204, b"", 0)
    assert shown.headers == {
        ALLOWED: SHOP,
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": SENT,
        "Access-Control-Max-Age": "3600",
        "Vary": "Origin",
    }
    for name in ("Authorization", "Content-Type", "GraphQL-Preflight", "Idempotency-Key"):
        assert name in SENT
    assert "X-Requested-With" in SENT


def test_an_answer_shows_its_page_what_it_needs_and_no_credentials(street: Street) -> None:
    assert set(rights(ask(street, SHOP))) == {ALLOWED, "Access-Control-Expose-Headers"}


@pytest.mark.parametrize("path", ["/admin/login/", "/healthz", "/webhooks/stripe/", "/graphqlx"])
def test_no_other_address_is_opened(street: Street, path: str) -> None:
    shown = street.ask(RequestFactory().get(path, headers={"Origin": SHOP}).environ)

    assert rights(shown) == []
    assert rights(preflight(street, path, SHOP)) == []


def test_a_refusal_is_shown_to_its_page_too(street: Street) -> None:
    shown = street.send(b"{", headers={"Origin": SHOP})

    assert (shown.status, shown.headers[ALLOWED]) == (400, SHOP)


@pytest.mark.usefixtures("disk")
def test_a_page_learns_what_became_of_its_upload(street: Street) -> None:
    form = storages.private().post_form("uploads/x", mime="image/jpeg", size=9, seconds=-1)

    sent = RequestFactory().post(form.url, form.fields, headers={"Origin": APP})
    shown = street.ask(sent.environ)

    assert (shown.status, shown.headers[ALLOWED]) == (403, APP)


def test_by_default_nobody_is_let_in(settings: Settings) -> None:
    assert settings.CORS_ORIGINS == []
    shown = ask(Street(), SHOP)
    assert rights(shown) == []
    assert "Vary" not in shown.headers
