"""The payment page, over HTTP; and who may look at the sandbox's pages and press their buttons."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from checkout.sandbox import Sandbox, layout
from tests.sandbox.browsing import (
    SHOP,
    STATES,
    brought_to,
    buttons,
    delivering,
    get,
    intent_of,
    line,
    make,
    press,
    stored,
    text,
)

SCRIPT = "<script>alert('1')</script>\" onclick=\"x"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with delivering() as (running, _):
        yield running


def test_the_page_shows_what_is_bought_and_that_no_money_moves(sandbox: Sandbox) -> None:
    id = make(sandbox)

    answer = get(sandbox, f"/pay/{id}")

    assert answer.status_code == 200
    assert stored(sandbox, id)["url"] == answer.url
    for told in ("No money moves here", "2 × Lamp 99.80 EUR", "Shipping 4.90", "Total 104.70 EUR"):
        assert told in text(answer)
    assert buttons(answer) == ["pay", "delayed", "decline"]
    assert f'<a href="{SHOP}/cart">Back to the shop</a>' in answer.text
    assert 'name="viewport" content="width=device-width' in answer.text


@pytest.mark.parametrize(("currency", "total"), [("jpy", "9980 JPY"), ("kwd", "9.980 KWD")])
def test_amounts_have_their_currencys_decimals(sandbox: Sandbox, currency: str, total: str) -> None:
    id = make(sandbox, line_items=[line(currency=currency)], shipping_options=None)

    assert f"Total {total}" in text(get(sandbox, f"/pay/{id}"))


@pytest.mark.parametrize(("do", "status"), [("pay", "paid"), ("delayed", "unpaid")])
def test_who_pays_returns_to_the_shop_with_the_session(
    sandbox: Sandbox, do: str, status: str
) -> None:
    id = make(sandbox)

    answer = press(sandbox, f"/pay/{id}", do)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{SHOP}/thanks?session={id}")
    assert stored(sandbox, id)["payment_status"] == status
    assert stored(sandbox, id)["status"] == "complete"


def test_only_a_button_pays(sandbox: Sandbox) -> None:
    id = make(sandbox)

    answers = [press(sandbox, f"/pay/{id}", do) for do in ("", "rob")]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert stored(sandbox, id)["status"] == "open"


def test_a_declined_card_leaves_the_session_open(sandbox: Sandbox) -> None:
    id = make(sandbox)

    answer = press(sandbox, f"/pay/{id}", "decline")

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/pay/{id}?declined=1")
    again = get(sandbox, answer.headers["Location"])
    assert "The card was declined" in text(again)
    assert buttons(again) == ["pay", "delayed", "decline"]
    assert stored(sandbox, id)["status"] == "open"


@pytest.mark.parametrize("state", [state for state in STATES if state != "open"])
def test_what_is_over_says_so_and_cannot_be_paid(sandbox: Sandbox, state: str) -> None:
    id = brought_to(sandbox, state)
    before = len(sandbox.books.events)

    page = get(sandbox, f"/pay/{id}")
    answers = [press(sandbox, f"/pay/{id}", do) for do in ("pay", "delayed", "decline")]

    assert STATES[state] in text(page)
    assert buttons(page) == []
    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert "it must be open" in text(answers[0])
    assert len(sandbox.books.events) == before


def test_a_session_whose_time_has_come_is_over() -> None:
    hour = [1_800_000_000.0]
    with Sandbox(clock=lambda: hour[0]) as sandbox:
        id = make(sandbox)
        hour[0] += 86_400

        assert STATES["expired"] in text(get(sandbox, f"/pay/{id}"))
        assert press(sandbox, f"/pay/{id}", "pay").status_code == 400


@pytest.mark.parametrize("mode", ["embedded_page", "elements"])
def test_sessions_of_the_shops_own_page_are_paid_here_as_well(sandbox: Sandbox, mode: str) -> None:
    back = SHOP + "/back?id={CHECKOUT_SESSION_ID}"
    id = make(sandbox, ui_mode=mode, return_url=back, success_url=None, cancel_url=None)

    page = get(sandbox, f"/pay/{id}")
    answer = press(sandbox, f"/pay/{id}", "pay")

    assert "Back to the shop" not in text(page)
    assert answer.headers["Location"] == f"{SHOP}/back?id={id}"
    assert f"/pay/{id}" in get(sandbox, "/").text


@pytest.mark.parametrize(
    ("path", "method"),
    [("/pay/cs_test_none", "GET"), ("/pay/cs_test_none", "POST"), ("/pay/", "GET"),
     ("/pay/../x", "GET"), ("/favicon.ico", "GET")],
)  # fmt: skip
def test_what_is_not_there_is_a_page_that_says_so(sandbox: Sandbox, path: str, method: str) -> None:
    answer = requests.request(method, sandbox.address + path, data={"do": "pay"}, timeout=5)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "No such" in text(answer)


def test_markup_is_made_by_tags_alone() -> None:
    inner = layout.tag("b", "<i> & 'x'", title='"><i>')

    assert inner == '<b title="&quot;&gt;&lt;i&gt;">&lt;i&gt; &amp; &#x27;x&#x27;</b>'
    assert layout.tag("p", inner, None, class_=None) == f"<p>{inner}</p>"


def test_nothing_that_was_sent_becomes_markup(sandbox: Sandbox) -> None:
    whose = f"{SCRIPT}@example.org"
    id = make(sandbox, line_items=[line(SCRIPT)], client_reference_id=SCRIPT, customer_email=whose)
    sandbox.pay(id)
    other = make(sandbox, line_items=[line(SCRIPT)], cancel_url=f"{SHOP}/{SCRIPT}")

    for path in (f"/pay/{id}", f"/pay/{other}", "/"):
        page = get(sandbox, path).text
        assert "<script" not in page
        assert 'onclick="x' not in page
    assert SCRIPT in text(get(sandbox, f"/pay/{id}"))
    refused = press(sandbox, "/", "refund", id=intent_of(sandbox, id), amount=SCRIPT)
    assert "<script" not in refused.text
    assert f"{SCRIPT} is no amount" in text(refused)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "http://[::1", "//elsewhere.example"]
)
def test_only_web_addresses_are_linked_and_gone_to(sandbox: Sandbox, address: str) -> None:
    id = make(sandbox, success_url=address, cancel_url=address)

    page = get(sandbox, f"/pay/{id}")
    answer = press(sandbox, f"/pay/{id}", "pay")

    assert "<a " not in page.text
    assert answer.headers["Location"] == f"/pay/{id}"


def test_no_header_can_be_written_by_an_address(sandbox: Sandbox) -> None:
    id = make(sandbox, success_url=f"{SHOP}/ü\r\nSet-Cookie: a=b")

    answer = press(sandbox, f"/pay/{id}", "pay")

    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Location"].startswith(f"{SHOP}/%C3%BC")


@pytest.mark.parametrize("path", ["/", "/pay/{id}"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", ""])
def test_a_strange_name_for_this_machine_gets_nothing(
    sandbox: Sandbox, path: str, host: str
) -> None:
    id, port = make(sandbox), str(urlsplit(sandbox.address).port)
    strange = {"Host": host.format(port=port)}

    page = get(sandbox, path.format(id=id), **strange)
    paid = press(sandbox, f"/pay/{id}", "pay", strange)

    assert (page.status_code, paid.status_code) == (421, 421)
    assert id not in page.text
    assert stored(sandbox, id)["status"] == "open"


def test_localhost_is_its_name_too(sandbox: Sandbox) -> None:
    host = f"localhost:{urlsplit(sandbox.address).port}"

    assert get(sandbox, "/", Host=host).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:8000"])
def test_buttons_pressed_from_another_site_do_nothing(sandbox: Sandbox, origin: str) -> None:
    id = make(sandbox)
    here = {"Origin": sandbox.address}

    strange = [press(sandbox, path, do, {"Origin": origin}, id=id)
               for path, do in ((f"/pay/{id}", "pay"), ("/", "expire"))]  # fmt: skip

    assert [answer.status_code for answer in strange] == [403, 403]
    assert stored(sandbox, id)["status"] == "open"
    assert press(sandbox, f"/pay/{id}", "pay", here).status_code == 303


def test_looking_changes_nothing(sandbox: Sandbox) -> None:
    id = make(sandbox)

    for path in (f"/pay/{id}?do=pay", f"/?do=expire&id={id}"):
        assert get(sandbox, path).status_code == 200
        head = requests.head(sandbox.address + path, timeout=5)
        delete = requests.delete(sandbox.address + path, timeout=5)
        assert (head.status_code, delete.status_code) == (405, 405)

    assert stored(sandbox, id)["status"] == "open"
    assert sandbox.books.events == []


def test_pages_allow_no_script_no_frame_and_no_other_host(sandbox: Sandbox) -> None:
    for path in ("/", f"/pay/{make(sandbox)}"):
        answer = get(sandbox, path)
        assert answer.headers["Content-Security-Policy"] == layout.POLICY
        for rule in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert rule in layout.POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not re.findall(r"(?:src|action)=|<link|@import|url\(", answer.text)
