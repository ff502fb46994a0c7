"""Documents that are called by their hash: GET, tags, and what proxies may keep."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from schema.answers.headers import is_known
from schema.models import PersistedDocument
from tests.factories import make_user, make_variant
from tests.schema.doors import Street
from tests.schema.test_answers import renamed
from users import tokens

LIST = "{ products { nodes { name } } }\n"
ONE = "query One($slug: String!) { product(slug: $slug) { name } }"
PUBLIC = "public, max-age=0, must-revalidate"


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.fixture(autouse=True)
def documents(tmp_path: Path) -> Path:
    texts = {
        "list": LIST,
        "one": ONE,
        "stock": "{ products { nodes { variants { available } } } }",
        "me": "{ me { email } }",
        "out": 'mutation { tokenRevoke(input: {refreshToken: "x"}) { errors { code } } }',
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.graphql").write_text(text)
    call_command("persist", tmp_path)
    return tmp_path


def id_of(folder: Path, name: str) -> dict[str, str]:
    return {"documentId": hash_of((folder / f"{name}.graphql").read_text())}


LISTED = {"documentId": hash_of(LIST)}


@pytest.mark.parametrize("past", [False, True])
def test_a_document_is_answered_by_its_hash_with_a_tag(past: bool) -> None:
    lamp, street = make_variant().product, Street()

    shown = street.get(LISTED, past=past)

    assert shown.data == {"products": {"nodes": [{"name": lamp.name}]}}
    assert shown.headers["ETag"] == f'"{sha256(shown.body).hexdigest()}"'
    assert shown.headers["Cache-Control"] == PUBLIC
    assert shown.headers["Vary"] == "Authorization, Accept"


def test_with_the_door_and_without_it_the_answers_are_the_same() -> None:
    make_variant()
    street = Street()
    tag = street.get(LISTED, past=True).headers["ETag"]

    cases: list[dict[str, Any]] = [{}, {"If_None_Match": tag}, {"If_None_Match": '"other"'}]
    for sent in cases:
        past = street.get(LISTED, past=True, **sent)
        fresh, kept = Street().get(LISTED, **sent), street.get(LISTED, **sent)
        assert past.lasting == fresh.lasting == kept.lasting
    assert street.django.asked == 1


@pytest.mark.parametrize("past", [False, True])
def test_who_has_the_answer_is_told_so_without_it(past: bool) -> None:
    make_variant()
    street = Street()
    whole = street.get(LISTED)

    again = street.get(LISTED, past=past, If_None_Match=f'"old", W/{whole.headers["ETag"]}')

    assert (again.status, again.body) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert again.headers[name] == whole.headers[name]
    assert "Content-Type" not in again.headers


def test_an_answer_that_the_first_one_knew_is_kept_for_the_next() -> None:
    make_variant()
    tag, street = Street().get(LISTED).headers["ETag"], Street()

    known, whole = street.get(LISTED, If_None_Match=tag), street.get(LISTED)

    assert (known.status, whole.status, whole.headers["ETag"]) == (304, 200, tag)
    assert street.django.asked == 1


@pytest.mark.transactional
def test_a_tag_of_what_has_changed_brings_the_new_answer() -> None:
    lamp, street = make_variant().product, Street()
    tag = street.get(LISTED).headers["ETag"]
    assert street.get(LISTED, If_None_Match=tag).status == 304

    renamed(lamp, "Halo")
    new = street.get(LISTED, If_None_Match=tag)

    assert (new.status, new.data["products"]["nodes"]) == (200, [{"name": "Halo"}])
    assert new.headers["ETag"] != tag


def test_variables_are_part_of_the_question() -> None:
    lamp, shade, street = make_variant().product, make_variant().product, Street()

    def named(slug: str) -> Any:
        asked = {"documentId": f"sha256:{hash_of(ONE)}", "variables": json.dumps({"slug": slug})}
        return street.get(asked).data["product"]["name"]

    for _ in range(2):
        assert (named(lamp.slug), named(shade.slug)) == (lamp.name, shade.name)
    assert street.django.asked == 2


@pytest.mark.parametrize("name", ["me", "stock"])
def test_what_is_personal_or_exact_is_private(documents: Path, name: str) -> None:
    make_variant()
    street = Street()

    for _ in range(2):
        shown = street.get(id_of(documents, name))
        assert shown.headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in shown.headers
    assert street.django.asked == 2


def test_what_a_bearer_gets_is_private() -> None:
    bearer = f"Bearer {tokens.access_token(make_user())}"

    shown = Street().get(LISTED, Authorization=bearer)

    assert (shown.status, shown.headers["Cache-Control"]) == (200, "private, no-store")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"documentId": "0" * 64}, 404, "NOT_FOUND"),
        ({"documentId": "../list"}, 404, "NOT_FOUND"),
        ({"documentId": "é" * 64}, 404, "NOT_FOUND"),
        ({**LISTED, "query": LIST}, 400, "BAD_REQUEST"),
        ({**LISTED, "variables": "["}, 400, "BAD_REQUEST"),
        ({"documentId": hash_of(ONE)}, 200, "VALIDATION_FAILED"),
    ],
)
def test_an_error_is_kept_by_nobody(query: dict[str, str], status: int, code: str) -> None:
    street = Street()

    for _ in range(2):
        shown = street.get(query)
        assert (shown.status, shown.headers["Cache-Control"]) == (status, "no-store")
        assert json.loads(shown.body)["errors"][0]["extensions"]["code"] == code
    assert street.django.asked == 2


def test_a_mutation_does_not_run_by_get_but_by_post(documents: Path) -> None:
    named = id_of(documents, "out")
    sent = json.dumps(named).encode()

    assert Street().get(named).status == 405
    assert Street().send(sent).data == {"tokenRevoke": {"errors": []}}


def test_a_document_can_be_posted_by_its_hash() -> None:
    make_variant()
    street, sent = Street(), json.dumps(LISTED).encode()

    assert street.send(sent).lasting == street.send(sent).lasting
    assert street.send(sent).body == street.get(LISTED).body
    assert street.django.asked == 2


def test_a_query_by_get_that_nobody_registered_is_not_kept() -> None:
    shown = Client().get("/graphql/", {"query": LIST})

    assert shown.headers["Cache-Control"] == "private, no-store"


def test_a_browser_that_follows_a_link_with_a_hash_gets_the_answer() -> None:
    shown = Street().get(LISTED, Accept="text/html")

    assert shown.headers["Content-Type"] == "application/json"


# ── registering ─────────────────────────────────────────────────────────────────────────────
def test_a_list_of_documents_by_their_hashes_is_registered_too(tmp_path: Path) -> None:
    text = "{ shop { currency } }"
    (tmp_path / "list.json").write_text(json.dumps({hash_of(text): text}))

    call_command("persist", tmp_path)
    call_command("persist", tmp_path)

    assert PersistedDocument.objects.get(pk=hash_of(text)).text == text


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.graphql", "{ nope }", "Cannot query field"),
        ("a.graphql", "{", "Syntax Error"),
        ("a.graphql", f"{{ shop {{ name }} }} #{'x' * 100_000}", "longer"),
        ("a.json", json.dumps({"0" * 64: "{ shop { name } }"}), "SHA-256"),
        ("a.json", "[]", "no object"),
        ("a.json", "{", "a.json"),
    ],
)
def test_one_wrong_document_keeps_all_of_them_out(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "good.graphql").write_text("{ shop { apiVersion } }")
    before = PersistedDocument.objects.count()

    with pytest.raises(CommandError, match=said):
        call_command("persist", tmp_path)

    assert PersistedDocument.objects.count() == before


@pytest.mark.parametrize(
    ("sent", "known"),
    [('"a"', True), ('W/"a"', True), ("*", True), ('"b", "a"', True), ('"b"', False), ("", False)],
)
def test_tags_are_compared_weakly(sent: str, known: bool) -> None:
    assert is_known('"a"', sent) is known
