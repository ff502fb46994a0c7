"""The explorer's page, its examples and its files, without a browser."""

import dataclasses
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from schema.explorer import examples, files
from schema.explorer.examples import BadExample, Example
from tests.schema.explorer_samples import cases
from tests.schema.explorer_samples.shop import SAMPLES

PLAIN = Example(
    name="1", title="", summary="", document="", operation="A", variables={}, auth="none", keeps={}
)


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def page(client: Client) -> str:
    response = client.get("/graphql/", headers={"Accept": "text/html"})
    assert response.status_code == 200
    return response.content.decode()


# ── the files of the examples ────────────────────────────────────────────────────────────────


def test_examples_read_as_they_are_written() -> None:
    found = examples.load(SAMPLES)

    assert [example.title for example in found] == [
        "Look around",
        "Sign in",
        "Fill a cart",
        "Order it",
        "Your orders",
    ]
    sign_in, cart = found[1], found[2]
    assert sign_in.name == "02-sign-in"
    assert sign_in.summary == (
        "Gives a token for the header of the next examples, and one to renew it with."
    )
    assert sign_in.operation == "SignIn"
    assert sign_in.document.startswith("mutation SignIn(")
    assert sign_in.keeps == {
        "customerToken": "tokenCreate.token",
        "refreshToken": "tokenCreate.refreshToken",
    }
    assert sign_in.variables["input"]["email"] == "ada@example.com"
    assert sign_in.token is None
    assert cart.token == "customerToken"
    assert cart.needs == ["variantId", "productId", "customerToken"]


def test_the_shops_own_examples_can_be_shown() -> None:
    names = [example.name for example in examples.load()]

    assert names == sorted(path.stem for path in examples.EXAMPLES.glob("*.graphql"))


@pytest.mark.parametrize(
    ("text", "variables", "says"),
    [
        ("query A { a }", "", "its title"),
        ("#\nquery A { a }", "", "its title"),
        ("", "", "its title"),
        ("# T\nquery { a }", "", "one operation, with a name"),
        ("# T\nquery A { a } query B { a }", "", "one operation, with a name"),
        ("# T\nquery A { a", "", "Syntax Error"),
        ("# T\n# auth: root\nquery A { a }", "", "auth is one of"),
        ("# T\n# auth: none\n# auth: none\nquery A { a }", "", "auth is one of"),
        ("# T\n# auth: staff\nquery A { a }", "", "no earlier example keeps staffToken"),
        ("# T\n# keep: token\nquery A { a }", "", "not a name and a path"),
        ("# T\n# keep: a = b..c\nquery A { a }", "", "not a name and a path"),
        ("# T\nquery A { a }", "[]", "JSON object"),
        ("# T\nquery A { a }", "{", "variables.json"),
        ("# T\nquery A { a }", '{"a": "{{b}}"}', "no earlier example keeps b"),
    ],
)
def test_an_example_that_cannot_be_shown_says_why(
    tmp_path: Path, text: str, variables: str, says: str
) -> None:
    write(tmp_path, "01-first.graphql", text)
    if variables:
        write(tmp_path, "01-first.variables.json", variables)

    with pytest.raises(BadExample, match=f"01-first.*{says}"):
        examples.load(tmp_path)


def test_an_operation_is_named_once(tmp_path: Path) -> None:
    write(tmp_path, "01-first.graphql", "# One\nquery A { a }")
    write(tmp_path, "02-second.graphql", "# Two\nquery A { b }")

    with pytest.raises(BadExample, match="02-second: A is named twice"):
        examples.load(tmp_path)


# ── the chain ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("variables", "expected"), cases.FILLED)
def test_kept_values_are_filled_in(variables: dict[str, Any], expected: dict[str, Any]) -> None:
    example = dataclasses.replace(PLAIN, variables=variables)

    assert examples.filled(example, cases.KEPT) == expected


@pytest.mark.parametrize(("keeps", "answer", "added"), cases.KEEPS)
def test_answers_are_kept_unless_refused(
    keeps: dict[str, str], answer: dict[str, Any], added: dict[str, Any]
) -> None:
    example = dataclasses.replace(PLAIN, keeps=keeps)

    assert examples.keep(example, answer, cases.KEPT) == cases.KEPT | added


def test_fresh_is_another_text_each_time() -> None:
    example = dataclasses.replace(PLAIN, variables={"sku": "{{fresh}}"})

    first, second = examples.filled(example, {})["sku"], examples.filled(example, {})["sku"]

    assert re.fullmatch("[0-9a-f]{8}", first)
    assert first != second


def test_no_example_has_to_keep_what_the_page_knows_itself() -> None:
    example = dataclasses.replace(PLAIN, variables={"url": "{{origin}}/{{fresh}}/{{id}}"})

    assert example.needs == ["id"]
    assert examples.missing(example, {"id": "1"}) == []


def test_the_header_carries_the_token_of_who_asks() -> None:
    staff = dataclasses.replace(PLAIN, auth="staff")

    assert examples.headers(PLAIN, {"staffToken": "s"}) == {}
    assert examples.headers(staff, {"staffToken": "s"}) == {"Authorization": "Bearer s"}
    assert examples.headers(staff, {}) == {"Authorization": "Bearer {{staffToken}}"}
    assert examples.missing(staff, {"customerToken": "c"}) == ["staffToken"]
    assert examples.missing(staff, {"staffToken": "s"}) == []


# ── the page ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.urls("tests.schema.explorer_samples.shop")
def test_the_page_lists_the_examples_in_order(client: Client) -> None:
    text = page(client)

    listed = re.findall(r'data-example="([^"]+)"', text)
    assert listed == [path.stem for path in sorted(SAMPLES.glob("*.graphql"))]
    assert 'href="/admin/"' in text
    assert "<code>ada@example.com</code>" in text


@pytest.mark.urls("tests.schema.explorer_samples.shop")
def test_nothing_written_in_the_page_runs(client: Client) -> None:
    response = client.get("/graphql/")
    text = response.content.decode()

    policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    assert "unsafe" not in policy["script-src"]
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"
    inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", text)
    assert inline == [' id="explorer-config" type="application/json"']
    assert not re.search(r"\son\w+=", text)


def test_the_shops_page_sends_to_its_own_address(client: Client) -> None:
    text = page(client)

    config = re.search(r'<script id="explorer-config"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert config
    assert json.loads(config[1])["endpoint"] == "/graphql/"


@pytest.mark.urls("tests.schema.explorer_samples.shop")
def test_without_own_copies_the_pinned_public_ones_are_used(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(files, "HERE", copy_of_pins(tmp_path))

    response = client.get("/graphql/")

    text = html.unescape(response.content.decode())
    for file in files.FILES:
        assert f'{file.public}" integrity="{file.integrity}" crossorigin="anonymous"' in text
    host = files.PUBLIC.rpartition("/")[0]
    assert f"script-src 'self' {host};" in response["Content-Security-Policy"]


@pytest.mark.urls("tests.schema.explorer_samples.shop")
def test_with_own_copies_no_other_host_is_named(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(files, "HERE", copy_of_pins(tmp_path))
    for file in files.FILES:
        file.copy.parent.mkdir(parents=True, exist_ok=True)
        file.copy.touch()

    response = client.get("/graphql/")

    assert "://" not in response.content.decode()
    assert "://" not in response["Content-Security-Policy"]


# ── GraphiQL's files ─────────────────────────────────────────────────────────────────────────


def copy_of_pins(folder: Path) -> Path:
    write(folder, "package.json", (files.HERE / "package.json").read_text())
    return folder


def test_the_lock_file_pins_and_names_no_registry() -> None:
    text = (files.HERE / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]

    for file in files.FILES:
        locked = packages[f"node_modules/{file.package}"]
        assert locked["version"] == files.version(file.package)
    assert all("integrity" in package for name, package in packages.items() if name)
    assert "resolved" not in text
    assert "registry" not in text


def test_installed_files_are_the_pinned_ones() -> None:
    if not all(file.installed.exists() for file in files.FILES):
        pytest.skip("GraphiQL's files are not installed: python manage.py explorer_files")

    for file in files.FILES:
        assert files.integrity(file.installed.read_bytes()) == file.integrity


def test_a_file_that_is_not_the_pinned_one_is_not_served(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(files, "HERE", copy_of_pins(tmp_path))
    for file in files.FILES:
        file.installed.parent.mkdir(parents=True, exist_ok=True)
        file.installed.write_text("alert('mine')")

    with pytest.raises(ValueError, match="not the pinned file"):
        files.copy_installed()

    assert not files.present()
    assert not (tmp_path / "static").exists()


def test_without_npm_the_command_says_so_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(files, "HERE", copy_of_pins(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))

    call_command("explorer_files")

    assert "npm is not installed. GraphiQL's page uses public addresses" in capsys.readouterr().out
    with pytest.raises(CommandError, match="npm is not installed"):
        call_command("explorer_files", require=True)


def test_pictures_may_be_sent_to_the_bucket_and_nowhere_else(bucket: Any, s3: str) -> None:
    policy = Client().get("/graphql/", headers={"Accept": "text/html"})["Content-Security-Policy"]

    assert f"connect-src 'self' {s3};" in policy
