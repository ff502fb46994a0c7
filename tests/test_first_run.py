"""A newcomer's first minutes: no account anywhere, and a purchase paid in the browser."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import connection
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from urllib3.util import Retry

from tests.schema.browser import chromium

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="a newcomer's database is SQLite"),
]
ROOT = Path(__file__).parents[1]
LEFT_OUT = (
    ".git",
    ".venv",
    ".env",
    "media",
    "node_modules",
    "*.sqlite3*",
    "sandbox.json",
    ".*_cache",
)
GOODS = """
from tests.factories import make_variant
make_variant(stock=3, price=1990)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the project as `make run` prepares it, with one thing to buy."""
    home = tmp_path / "shop"
    shutil.copytree(ROOT, home, ignore=shutil.ignore_patterns(*LEFT_OUT))
    for command in (
        ["scripts/first_env.py"],
        ["manage.py", "migrate", "-v0"],
        ["manage.py", "shell", "-v0", "-c", GOODS],
    ):
        subprocess.run([sys.executable, *command], cwd=home, env=bare(), check=True)
    return home


def bare() -> dict[str, str]:
    """The environment without what the tests have set in it."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


@pytest.fixture
def shop(home: Path) -> Iterator[str]:
    """The address that `make run` serves at; what it started ends with it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "scripts/run.py", "127.0.0.1", port]
    process = subprocess.Popen(command, cwd=home, env=bare(), start_new_session=True)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def ask(shop: str, document: str, **variables: Any) -> Any:
    http = requests.Session()
    patient = requests.adapters.HTTPAdapter(max_retries=Retry(connect=10, backoff_factor=0.1))
    http.mount("http://", patient)
    body = {"query": document, "variables": variables}
    answer = http.post(f"{shop}/graphql/", json=body, timeout=20).json()
    assert "errors" not in answer
    return answer["data"]


PLACE = """mutation($input: OrderPlaceInput!) { orderPlace(input: $input) {
  order { id } accessToken errors { code path } } }"""
PAY = """mutation($input: CheckoutSessionCreateInput!) { checkoutSessionCreate(input: $input) {
  session { id url } errors { code path } } }"""
SYNC = """mutation($input: CheckoutSessionSyncInput!) { checkoutSessionSync(input: $input) {
  order { status paymentStatus } errors { code path } } }"""


def test_without_an_account_a_purchase_is_paid_in_the_browser(shop: str, tmp_path: Path) -> None:
    found = ask(shop, "{ products(first: 1) { nodes { defaultVariant { id } } } }")
    lines = [{"variantId": found["products"]["nodes"][0]["defaultVariant"]["id"], "quantity": 1}]
    cart = {"email": "new@example.com", "lines": lines}
    placed = ask(shop, PLACE, input={"cart": cart, "paymentMethod": "STRIPE"})["orderPlace"]
    token = placed["accessToken"]
    paying = {
        "orderId": placed["order"]["id"],
        "accessToken": token,
        "successUrl": f"{shop}/graphql/",
    }
    session = ask(shop, PAY, input=paying)["checkoutSessionCreate"]["session"]

    with chromium(tmp_path / "profile") as browser:
        browser.get(session["url"])
        browser.find_element(By.CSS_SELECTOR, "button[value=pay]").click()
        WebDriverWait(browser, 20).until(lambda page: page.current_url.startswith(shop))
        back = browser.current_url
    synced = ask(shop, SYNC, input={"sessionId": session["id"], "accessToken": token})

    assert back == f"{shop}/graphql/?session_id={session['id']}"
    order = synced["checkoutSessionSync"]["order"]
    assert order == {"status": "CONFIRMED", "paymentStatus": "PAID"}
