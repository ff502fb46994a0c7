"""Whether what is sent and answered has the form that Stripe's API has (see contract/README.md).

Form only: what Stripe would refuse for its meaning is the business of the books. For tests; the
sandbox itself runs without this, and without the package jsonschema.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

PLACE = Path(__file__).with_name("contract")
ROOT = "urn:stripe"  # the document's name among the schemas that refer to each other

Schema = dict[str, Any]


class Checker:
    """Holds requests, answers and events against the contract; each answer is a list of faults.

    A fault reads `POST /v1/refunds: $.amount: 'ten' is not of type 'integer'`. An empty list
    means that all is well.
    """

    def __init__(self) -> None:
        import jsonschema
        import referencing
        from referencing.jsonschema import DRAFT202012

        self.document: Schema = json.loads((PLACE / "openapi.json").read_text())
        resource = DRAFT202012.create_resource(self.document)
        self._registry = referencing.Registry().with_resource(ROOT, resource)
        self._kind = jsonschema.Draft202012Validator
        self._best = jsonschema.exceptions.best_match
        self._validators: dict[str, Any] = {}
        self._templates = [(_pattern(path), path) for path in self.document["paths"]]

    @property
    def version(self) -> str:
        """The API version that the contract describes."""
        return str(self.document["info"]["version"])

    def request(self, method: str, path: str, params: dict[str, Any]) -> list[str]:
        """Check a form or query that was nested already, its values still being texts."""
        place = self._place(method, path)
        if place is None:
            return [f"{method} {path}: not in the contract"]
        inside = "/requestBody/content/application~1x-www-form-urlencoded/schema"
        pointer = place + ("/x-query-schema" if method == "GET" else inside)
        sent = self._typed(params, [self._at(pointer)])
        return self._faults(f"{method} {path}", pointer, sent)

    def reply(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """Check an answer: the operation's own for a 200, and Stripe's error body for the rest."""
        place = self._place(method, path)
        if status != 200:
            return self._faults(f"{method} {path} {status}", _schema("error"), body)
        if place is None:
            return [f"{method} {path}: not in the contract, and yet answered with 200"]
        pointer = place + "/responses/200/content/application~1json/schema"
        return self._faults(f"{method} {path} {status}", pointer, body)

    def event(self, event: dict[str, Any]) -> list[str]:
        """Check the envelope, and that what is inside is whole and what the type announces."""
        name = str(event.get("type"))
        faults = self._faults(name, _schema("event"), event)
        if event.get("api_version") != self.version:
            faults.append(f"{name}: api_version {event.get('api_version')} is not {self.version}")
        kind, inside = _subject(name), event.get("data", {}).get("object", {})
        if inside.get("object") != kind:
            faults.append(f"{name}: carries a {inside.get('object')}, not a {kind}")
        elif kind in self.document["components"]["schemas"]:  # early fraud warnings are not
            faults += self.object(kind, inside, what=name)
        return faults

    def object(self, kind: str, value: Any, *, what: str = "") -> list[str]:
        """Check one object of a kind, such as `checkout.session`."""
        return self._faults(what or kind, _schema(kind), value)

    def _place(self, method: str, path: str) -> str | None:
        """The pointer to the operation, or None."""
        for pattern, template in self._templates:
            if pattern.fullmatch(path) and method.lower() in self.document["paths"][template]:
                return f"/paths/{template.replace('/', '~1')}/{method.lower()}"
        return None

    def _at(self, pointer: str) -> Schema:
        found: Any = self.document
        for step in pointer.split("/")[1:]:
            found = found[step.replace("~1", "/")]
        schema: Schema = found
        return schema

    def _faults(self, what: str, pointer: str, value: Any) -> list[str]:
        if pointer not in self._validators:
            schema = {"$ref": f"{ROOT}#{_quoted(pointer)}"}
            self._validators[pointer] = self._kind(schema, registry=self._registry)
        errors = self._validators[pointer].iter_errors(value)
        return [f"{what}: {_told(self._best([error]))}" for error in errors]

    def _plain(self, schemas: Iterable[Schema]) -> Iterator[Schema]:
        """The schemas without references and alternatives, each of these for itself."""
        for schema in schemas:
            if "$ref" in schema:
                yield from self._plain([self._at(schema["$ref"].removeprefix("#"))])
            elif "anyOf" in schema:
                yield from self._plain(schema["anyOf"])
            else:
                yield schema

    def _typed(self, value: Any, schemas: Iterable[Schema]) -> Any:
        """A form has nothing but texts: make numbers and booleans where one is asked for."""
        plain = list(self._plain(schemas))
        if isinstance(value, dict):
            return {key: self._typed(part, _parts(plain, key)) for key, part in value.items()}
        if isinstance(value, list):
            items = [schema["items"] for schema in plain if "items" in schema]
            return [self._typed(part, items) for part in value]
        return _typed(value, {kind for schema in plain for kind in _types(schema)})


def _typed(text: Any, types: set[str]) -> Any:
    if not isinstance(text, str):
        return text
    if "integer" in types and re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    return text


def _types(schema: Schema) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def _parts(schemas: list[Schema], key: str) -> list[Schema]:
    """What the schemas say of one field of an object."""
    named = [schema["properties"][key] for schema in schemas if key in schema.get("properties", {})]
    others = [schema.get("additionalProperties") for schema in schemas]
    return named or [other for other in others if isinstance(other, dict)]


def _subject(name: str) -> str:
    """The kind of object that events of this type carry."""
    special = {"charge.dispute.": "dispute", "charge.refund.": "refund"}
    found = [kind for prefix, kind in special.items() if name.startswith(prefix)]
    return found[0] if found else name.rpartition(".")[0]


def _schema(name: str) -> str:
    return f"/components/schemas/{name}"


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)))


def _quoted(pointer: str) -> str:
    """As part of an address: templates have braces."""
    return pointer.replace("{", "%7B").replace("}", "%7D")


def _told(error: Any) -> str:
    return f"{error.json_path}: {error.message[:300]}"
