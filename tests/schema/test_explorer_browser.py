"""The explorer's page in Chromium: a newcomer plays the examples, one after the other."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from checkout.models import Order
from checkout.sandbox import Sandbox
from schema.explorer import examples
from schema.explorer.page import as_json
from tests.schema.browser import SECONDS, ExplorerPage, chromium
from tests.schema.explorer_samples import cases
from tests.schema.explorer_samples.shop import TOKEN
from tests.schema.test_explorer import PLAIN

pytestmark = pytest.mark.transactional
on_samples = pytest.mark.urls("tests.schema.explorer_samples.shop")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture
def page(browser: webdriver.Chrome, live_server: LiveServer) -> Iterator[ExplorerPage]:
    first = browser.current_window_handle
    browser.switch_to.new_window("tab")  # what a tab keeps ends with it
    yield ExplorerPage(browser, live_server.url)
    browser.close()
    browser.switch_to.window(first)


def play_all(page: ExplorerPage) -> None:
    """Play from the first to the last by play and next, paying on the way; look at each step."""
    for at, name in enumerate(page.names()):
        if at:
            page.press("next")
        assert page.chosen() == name
        assert "{{" not in page.shown("variables") + page.shown("headers"), name
        answer = page.play()
        assert not examples.refused(answer), (name, answer)
        assert page.status().startswith("Played."), (name, page.status())
        assert "Not in this answer" not in page.status(), (name, page.status())
        pay_if_asked(page, answer["data"])


def pay_if_asked(page: ExplorerPage, data: dict[str, Any]) -> None:
    """Open the payment page, where there is one, in a tab of its own, and pay there."""
    if "checkoutSessionCreate" not in data:
        return
    browser, explorer = page.browser, page.browser.current_window_handle
    session = data["checkoutSessionCreate"]["session"]
    browser.switch_to.new_window("tab")
    browser.get(session["url"])
    browser.find_element(By.CSS_SELECTOR, "button[value=pay]").click()
    back = f"{page.url}/graphql/?session_id={session['id']}"
    WebDriverWait(browser, SECONDS, 0.05).until(lambda _: browser.current_url == back)
    browser.close()
    browser.switch_to.window(explorer)


@pytest.mark.long
def test_a_newcomer_plays_every_example_of_the_shop(
    page: ExplorerPage, live_server: LiveServer, stripe: Sandbox, settings: Settings
) -> None:
    settings.RETURN_ORIGINS = [live_server.url]
    call_command("demo", "--force", "--no-pictures")

    play_all(page)

    names = [example.name for example in examples.load()]
    assert page.names() == page.ticked() == names
    assert set(page.kept()) == {name for example in examples.load() for name in example.keeps}
    assert Order.objects.filter(payment_status=Order.PaymentStatus.PARTIALLY_REFUNDED).exists()
    assert page.hosts_asked() == {live_server.url, stripe.address}
    assert page.complaints() == []


@on_samples
def test_each_answer_is_filled_into_the_next_example(
    page: ExplorerPage, live_server: LiveServer
) -> None:
    play_all(page)

    assert page.ticked() == page.names()
    assert page.kept() == {
        "productId": "UHJvZHVjdDox",
        "variantId": "VmFyaWFudDox",
        "customerToken": TOKEN,
        "refreshToken": "renew-me",
        "cartToken": "cart-of-ada",
        "orderNumber": "N-1",
    }
    assert page.hosts_asked() == {live_server.url}
    assert page.complaints() == []


@on_samples
def test_the_filled_values_are_seen_in_the_editors(page: ExplorerPage) -> None:
    for name in page.names()[:2]:
        page.choose(name)
        page.play()

    page.choose("03-fill-a-cart")

    variables = json.loads(page.shown("variables"))["input"]
    assert variables["lines"] == [{"variantId": "VmFyaWFudDox", "quantity": 2}]
    assert variables["note"].endswith("for UHJvZHVjdDox")
    assert json.loads(page.shown("headers")) == {"Authorization": f"Bearer {TOKEN}"}
    assert page.shown("operation").startswith("mutation FillACart")
    assert page.shown("answer") == ""


@on_samples
def test_a_missing_value_names_the_example_that_gives_it(page: ExplorerPage) -> None:
    page.choose("04-order-it")

    assert "cartToken comes from 3 “Fill a cart”" in page.status()
    assert "customerToken comes from 2 “Sign in”" in page.status()
    assert page.play() == {
        "errors": [{"message": "Not sent: cartToken, customerToken must be filled in first."}]
    }
    assert page.ticked() == []


@on_samples
def test_a_refused_answer_keeps_nothing_and_is_shown(page: ExplorerPage) -> None:
    page.choose("02-sign-in")
    page.write("variables", '{"input": {"email": "ada@example.com", "password": "wrong"}}')

    answer = page.play()

    assert answer["data"]["tokenCreate"]["errors"][0]["code"] == "INVALID_CREDENTIALS"
    assert page.status() == "Nothing kept. INVALID_CREDENTIALS: That is not the password."
    assert page.kept() == {}
    assert page.ticked() == []


@on_samples
def test_a_token_that_ran_out_is_said_to_be_renewed(page: ExplorerPage) -> None:
    page.choose("05-your-orders")
    page.write("headers", '{"Authorization": "Bearer of.yester.day"}')

    page.play()

    assert "UNAUTHENTICATED: Sign in first." in page.status()
    assert "play 2 “Sign in” again" in page.status()


@on_samples
def test_kept_values_outlive_a_reload_but_not_forget_all(page: ExplorerPage) -> None:
    page.play()
    page.choose("03-fill-a-cart")

    page.open()

    assert page.chosen() == "03-fill-a-cart"
    assert set(page.kept()) == {"productId", "variantId"}
    assert "VmFyaWFudDox" in page.shown("variables")

    page.press("forget")

    assert page.kept() == {}
    assert page.ticked() == []
    assert "{{variantId}}" in page.shown("variables")
    page.open()
    assert page.kept() == {}


@on_samples
def test_cookies_stay_at_home(page: ExplorerPage) -> None:
    page.browser.add_cookie({"name": "sessionid", "value": "of-the-admin"})

    answer = page.play()

    page.browser.delete_all_cookies()
    assert not examples.refused(answer), answer


@on_samples
def test_an_operation_of_ones_own_is_sent_and_keeps_nothing(page: ExplorerPage) -> None:
    page.write("operation", "query Mine { products { nodes { name } } }")

    answer = page.play(noticed=False)

    assert answer == {"data": {"products": {"nodes": [{"name": "Lamp"}]}}}
    assert page.kept() == {}
    assert page.ticked() == []


@on_samples
def test_the_browser_and_python_agree_on_the_chain(page: ExplorerPage) -> None:
    for variables, filled in cases.FILLED:
        example = dataclasses.replace(PLAIN, variables=variables)
        code = "return Chain.filled(arguments[0], arguments[1])"
        assert page.script(code, as_json(example), cases.KEPT) == filled
    for keeps, answer, added in cases.KEEPS:
        example = dataclasses.replace(PLAIN, keeps=keeps)
        code = "return Chain.keep(arguments[0], arguments[1], arguments[2])"
        assert page.script(code, as_json(example), answer, cases.KEPT) == cases.KEPT | added
    for auth in examples.TOKENS:
        example = dataclasses.replace(PLAIN, auth=auth, variables={"a": "{{gone}} {{id}}"})
        for name in ("headers", "missing"):
            code = f"return Chain.{name}(arguments[0], arguments[1])"
            expected = getattr(examples, name)(example, cases.KEPT)
            assert page.script(code, as_json(example), cases.KEPT) == expected
