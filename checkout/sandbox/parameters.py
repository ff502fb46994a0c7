"""Reading what a request says. Forms carry texts only; each reader names what it could not take.

All of it happens before a request is executed, so nothing of it is saved under an idempotency
key (see `errors.StripeError.kept`).
"""

import re
from typing import Any

from checkout.sandbox.errors import StripeError, missing
from checkout.sandbox.objects import DOCUMENT, Json

INTEGER = re.compile(r"-?[0-9]{1,18}")
BOOLEANS = {"true": True, "false": False}


def check_known(pointer: Json, params: Any, *, name: str = "") -> None:
    """Refuse what the contract's schema does not name.

    Code parameter_unknown (docs, "Error codes"). Guess: the wording, from what the API says.
    """
    schemas = _plain(pointer)
    if isinstance(params, list):
        for index, part in enumerate(params):
            for schema in schemas:
                check_known(schema.get("items", {}), part, name=f"{name}[{index}]")
    if not isinstance(params, dict) or not all("properties" in schema for schema in schemas):
        return
    for key, part in params.items():
        full = f"{name}[{key}]" if name else key
        found = [schema["properties"][key] for schema in schemas if key in schema["properties"]]
        if schemas and not found:
            message = f"Received unknown parameter: {full}"
            raise StripeError(message, code="parameter_unknown", param=full)
        for schema in found:
            check_known(schema, part, name=full)


def _plain(schema: Json) -> list[Json]:
    """The object and list schemas behind references and alternatives."""
    if "$ref" in schema:
        return _plain(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return [plain for part in schema["anyOf"] for plain in _plain(part)]
    return [schema] if schema.get("type") in ("object", "array") else []


def branch(params: Json, name: str) -> Json:
    """A nested object; empty when it is not there."""
    found = params.get(name, {})
    if not isinstance(found, dict):
        raise _odd("Invalid object", name, code=None)
    return found


def branches(params: Json, name: str) -> list[Json]:
    """A list of objects; empty when it is not there."""
    found = params.get(name, [])
    if not isinstance(found, list) or not all(isinstance(part, dict) for part in found):
        raise _odd("Invalid array", name, code=None)
    return found


def text(params: Json, name: str, *, default: str | None = None) -> str | None:
    """A text; an empty one is refused (docs, "Error codes": parameter_invalid_empty)."""
    found = params.get(name, default)
    if found is not None and not isinstance(found, str):
        raise _odd("Invalid string", name, code=None)
    if found == "":
        message = f"You passed an empty string for '{name}'."
        raise StripeError(message, code="parameter_invalid_empty", param=name)
    return found


def texts(params: Json, name: str) -> list[str]:
    """A list of texts; empty when it is not there."""
    found = params.get(name, [])
    if not isinstance(found, list) or not all(isinstance(part, str) for part in found):
        raise _odd("Invalid array", name, code=None)
    return found


def choice(params: Json, name: str, *choices: str, default: str | None = None) -> str | None:
    """One of the texts."""
    found = text(params, name, default=default)
    if found is not None and found not in choices:
        message = f"Invalid {name}: must be one of {', '.join(choices)}"
        raise StripeError(message, param=name)
    return found


def integer(params: Json, name: str, *, least: int = 0, default: int | None = None) -> int | None:
    """A whole number. Code parameter_invalid_integer (docs, "Error codes")."""
    found = params.get(name)
    if found is None:
        return default
    if not isinstance(found, str) or not INTEGER.fullmatch(found):
        raise _odd("Invalid integer", name)
    if int(found) < least:
        raise _odd("Invalid positive integer" if least else "Invalid non-negative integer", name)
    return int(found)


def needed_integer(params: Json, name: str, *, least: int = 0) -> int:
    """A whole number that must be there."""
    found = integer(params, name, least=least)
    if found is None:
        raise missing(name)
    return found


def flag(params: Json, name: str, *, default: bool = False) -> bool:
    """`true` or `false`."""
    found = params.get(name)
    if found is None:
        return default
    if found not in BOOLEANS:
        raise _odd("Invalid boolean", name, code=None)
    return BOOLEANS[found]


def metadata(params: Json, name: str = "metadata") -> dict[str, str]:
    """At most 50 keys of at most 40 signs, and values of at most 500 (API reference, "Metadata").

    An empty value unsets its key, and an empty `metadata` all of them (package types).
    """
    found = params.get(name, {})
    if found == "" or found == []:
        return {}
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise _odd("Invalid object", name, code=None)
    if len(found) > 50:
        raise StripeError("You can have up to 50 keys of metadata.", param=name)
    for key, value in found.items():
        if len(key) > 40:
            raise StripeError("Metadata keys can have up to 40 characters.", param=name)
        if len(value) > 500:
            message = "Metadata values can have up to 500 characters."
            raise StripeError(message, param=f"{name}[{key}]")
    return {key: value for key, value in found.items() if value}


def _odd(what: str, name: str, *, code: str | None = "parameter_invalid_integer") -> StripeError:
    return StripeError(f"{what}: {name}", code=code, param=name)
