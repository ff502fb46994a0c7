"""The headers by which browsers keep to the shop's rules, on each kind of answer."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from shop import headers
from tests.admin_pages import make_boss, page, signed_in
from tests.factories import make_variant
from tests.schema.doors import Street

LIST = "{ products { nodes { name } } }\n"
BY_HASH = {"documentId": sha256(LIST.encode()).hexdigest()}
JSON = "application/json"
ALIKE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def client() -> Client:
    return Client(raise_request_exception=False)


def graphql(document: str, **options: Any) -> Any:
    return client().post("/graphql/", {"query": document}, content_type=JSON, **options)


KINDS: dict[str, tuple[int, Callable[[], Any]]] = {
    "an answer": (200, lambda: graphql(LIST)),
    "a refusal": (
        400,
        lambda: graphql("{ x }", headers={"accept": "application/graphql-response+json"}),
    ),
    "no JSON": (400, lambda: client().post("/graphql/", "{", content_type=JSON)),
    "an unknown document": (404, lambda: client().get("/graphql/", {"documentId": "x"})),
    "a wrong method": (405, lambda: client().put("/graphql/")),
    "a wrong type": (415, lambda: client().post("/graphql/", "x", content_type="text/plain")),
    "what may be asked": (204, lambda: client().options("/graphql/")),
    "the SDL": (200, lambda: client().get("/graphql/schema.graphql")),
    "the way to GraphQL": (302, lambda: client().get("/")),
    "the health check": (200, lambda: client().get("/healthz")),
    "the webhook": (400, lambda: client().post("/webhooks/stripe/", "{}", content_type=JSON)),
    "the webhook, asked to show": (405, lambda: client().get("/webhooks/stripe/")),
    "an upload": (403, lambda: client().post("/uploads/x")),
    "nothing there": (404, lambda: client().get("/nothing/there")),
    "another host": (400, lambda: client().get("/healthz", headers={"host": "evil.example"})),
    "another host's GraphQL": (400, lambda: graphql(LIST, headers={"host": "evil.example"})),
    "a form without its token": (
        403,
        lambda: Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a"}),
    ),
}


def check(said: Any) -> None:
    for name, value in ALIKE.items():
        assert said.get(name) == value, name
    assert "frame-ancestors 'none'" in said[headers.NAME]
    assert "'unsafe" not in said[headers.NAME]


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_that_is_no_page_lets_nothing_run(kind: str) -> None:
    status, ask = KINDS[kind]
    answer = ask()

    assert answer.status_code == status
    check(answer.headers)
    if not kind.startswith("a form"):
        assert answer.headers[headers.NAME] == headers.NOTHING


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", page("catalog.product")])
def test_a_page_of_the_admin_runs_its_own_files_alone(path: str) -> None:
    answer = signed_in(make_boss()).get(path, follow=True)

    assert answer.status_code == 200
    check(answer.headers)
    policy = policy_of(answer)
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == ["'self'"]
    assert answer.headers["X-Frame-Options"] == "DENY"


def policy_of(answer: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in answer.headers[headers.NAME].split(";")]
    return {name: values for name, *values in parts}


def test_pages_show_the_pictures_and_run_the_files_of_the_bucket(
    bucket: Any, settings: Settings
) -> None:
    settings.STORAGES = settings.STORAGES | {"staticfiles": settings.STORAGES["default"]}

    policy = policy_of(client().get("/admin/login/"))

    place = settings.STORAGES["default"]["OPTIONS"]["endpoint_url"]
    for name in ("script-src", "style-src", "img-src"):
        assert place in policy[name]


@pytest.mark.parametrize("past", [False, True])
def test_what_is_kept_says_so_too_each_time(past: bool, tmp_path: Path) -> None:
    make_variant()
    (tmp_path / "list.graphql").write_text(LIST)
    call_command("persist", tmp_path)
    street = Street()
    shown = [street.post(LIST, past=past), street.post(LIST, past=past)]
    shown += [street.get(BY_HASH, past=past), street.get(BY_HASH, past=past)]
    known = street.get(BY_HASH, past=past, If_None_Match=shown[-1].headers["ETag"])

    assert {each.status for each in shown} == {200}
    assert known.status == 304
    for each in [*shown, known]:
        check(each.headers)
        assert each.headers[headers.NAME] == headers.NOTHING


def test_what_broke_says_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("checkout.webhooks.verify.event_from", broken)

    answer = client().post("/webhooks/stripe/", "{}", content_type=JSON)

    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL")
    assert "secret" not in answer.content.decode()
    check(answer.headers)


OF_OURS = [name for name in KINDS if not name.startswith(("another host", "a form"))]


@pytest.mark.parametrize("kind", OF_OURS)
def test_with_debug_on_answers_are_the_same(kind: str, settings: Settings) -> None:
    """The framework's own pages, with code and settings on them, are for its own errors alone."""
    settings.DEBUG = True

    status, ask = KINDS[kind]
    answer = ask()

    assert answer.status_code == status
    assert not answer.content or "html" not in answer.headers["Content-Type"]
    check(answer.headers)


def test_over_tls_browsers_are_told_to_stay_there(settings: Settings) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True

    answer = Client().get("/healthz", secure=True)

    said = "max-age=31536000; includeSubDomains; preload"
    assert answer.headers["Strict-Transport-Security"] == said


def test_the_admin_s_cookies_are_for_tls_and_out_of_scripts_reach() -> None:
    answer = Client().get("/admin/login/")
    make_boss()
    form = {"username": "boss@example.com", "password": "correct horse battery"}
    signed = Client().post("/admin/login/", form)

    assert settings.SESSION_COOKIE_SECURE
    assert answer.cookies["csrftoken"]["secure"]
    assert signed.cookies[settings.SESSION_COOKIE_NAME]["httponly"]
    assert signed.cookies[settings.SESSION_COOKIE_NAME]["samesite"] == "Lax"
