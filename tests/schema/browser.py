"""Chromium without a window, and the explorer's page as a person uses it."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from schema.explorer import files

SECONDS = 20
REQUIRED = os.environ.get("REQUIRE_BROWSER") == "1"
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,900",
    # The page has to work where no other host can be reached.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)

EDITOR = """
const editor = (name) => {
  const [variables, headers] = document.querySelectorAll(".graphiql-editor-tool .CodeMirror");
  const operation = document.querySelector(".graphiql-query-editor .CodeMirror");
  const answer = document.querySelector(".result-window .CodeMirror, .result-window.CodeMirror");
  return { operation, variables, headers, answer }[name].CodeMirror;
};
"""


def absent(what: str) -> NoReturn:
    """Skip, or fail where a browser is required, because something is not installed."""
    if REQUIRED:
        pytest.fail(f"REQUIRE_BROWSER=1, but {what}")
    pytest.skip(what)


@contextmanager
def chromium(profile: Path) -> Iterator[webdriver.Chrome]:
    """A Chromium with a profile folder of its own, which logs what it asks of the network."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        absent("chromium and chromedriver are not installed (apt: chromium chromium-driver)")
    if not files.present():
        absent("GraphiQL's files are not here: run `python manage.py explorer_files`")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield browser
    finally:
        browser.quit()


class ExplorerPage:
    """The page in a tab of its own: what is chosen, played and seen there."""

    def __init__(self, browser: webdriver.Chrome, url: str) -> None:
        self.browser = browser
        self.url = url
        self.open()

    def open(self) -> None:
        self.browser.get(f"{self.url}/graphql/")
        self._until(lambda: self.script("return 'ready' in document.documentElement.dataset"))

    def script(self, code: str, *arguments: Any) -> Any:
        return self.browser.execute_script(code, *arguments)

    def names(self) -> list[str]:
        listed = self.browser.find_elements(By.CSS_SELECTOR, "[data-example]")
        return [str(button.get_attribute("data-example")) for button in listed]

    def choose(self, name: str) -> None:
        self._button(name).click()

    def press(self, id: str) -> None:
        self.browser.find_element(By.ID, id).click()

    def play(self, *, noticed: bool = True) -> dict[str, Any]:
        """Press play and wait for the answer, and for the page's word on it when it has one."""
        self.browser.find_element(By.CSS_SELECTOR, ".graphiql-execute-button").click()
        self._until(lambda: self.shown("answer").strip().endswith("}"))
        self._until(lambda: self.status() != "" or not noticed)
        answer: dict[str, Any] = json.loads(self.shown("answer"))
        return answer

    def shown(self, editor: str) -> str:
        """The text of an editor: operation, variables, headers or answer."""
        text: str = self.script(f"{EDITOR}return editor(arguments[0]).getValue()", editor)
        return text

    def write(self, editor: str, text: str) -> None:
        """Replace what stands in an editor, as typing would."""
        self.script(f"{EDITOR}editor(arguments[0]).setValue(arguments[1])", editor, text)

    def status(self) -> str:
        return str(self.browser.find_element(By.ID, "note-status").text)

    def kept(self) -> dict[str, str]:
        rows = self.browser.find_elements(By.CSS_SELECTOR, "#kept > div")
        pairs = [
            (row.find_element(By.TAG_NAME, "dt"), row.find_element(By.TAG_NAME, "dd"))
            for row in rows
        ]
        return {name.text: str(value.get_attribute("title")) for name, value in pairs}

    def chosen(self) -> str:
        current = self.browser.find_element(By.CSS_SELECTOR, "[data-example][aria-current]")
        return str(current.get_attribute("data-example"))

    def ticked(self) -> list[str]:
        return [
            name
            for name in self.names()
            if "played" in str(self._button(name).get_attribute("class"))
        ]

    def hosts_asked(self) -> set[str]:
        """Scheme and host of every request over the network since the browser started."""
        messages = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        asked = [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]
        return {"/".join(url.split("/")[:3]) for url in asked if url.startswith(("http", "ws"))}

    def complaints(self) -> list[str]:
        """What the browser's console holds against the page."""
        return [entry["message"] for entry in self._log("browser") if entry["level"] == "SEVERE"]

    def _log(self, kind: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.browser.execute("getLog", {"type": kind})["value"]
        return entries

    def _button(self, name: str) -> Any:
        return self.browser.find_element(By.CSS_SELECTOR, f'[data-example="{name}"]')

    def _until(self, holds: Callable[[], bool]) -> None:
        WebDriverWait(self.browser, SECONDS, 0.05).until(lambda _: holds())
