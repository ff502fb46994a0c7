"""The operations of `schema/examples/`, and the chain they are played in.

An example is a file such as `02-sign-in.graphql`:

    # Sign in as a customer
    # Gives a token for the header of the next examples.
    # auth: none
    # keep: customerToken = tokenCreate.token
    mutation SignIn($input: TokenCreateInput!) { ... }

The first comment line is the title, the next ones say what it does. `auth` names who asks
(none, customer or staff; none when left out) and `keep` what is kept out of the answer, by a
dotted path into `data`. `send` is the path to an upload form in the answer: whoever plays the
example sends a PNG picture by it then. A sibling `02-sign-in.variables.json` holds the variables;
`"{{name}}"` in it stands for a kept value, `{{fresh}}` for a short text made anew each time,
`{{origin}}` for where the shop answers, such as http://localhost:8000, and `{{pictureSize}}` for
the bytes of the picture: the page knows these two by itself, and whoever plays the examples
without it puts them among the kept values.

The page does the same in `static/explorer/chain.js`; a test holds the two together.
"""

import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import GraphQLError, OperationDefinitionNode, parse

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
TOKENS = {"none": None, "customer": "customerToken", "staff": "staffToken"}
FRESH = "fresh"
OF_THE_PAGE = (FRESH, "origin", "pictureSize")  # no example has to keep these

DECLARATION = re.compile(r"(auth|keep|send):\s*(.*)")
KEEP = re.compile(r"(\w+)\s*=\s*(\w+(?:\.\w+)*)")
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


class BadExample(ValueError):
    """An example file that cannot be shown; the text says which one and why."""


@dataclass(frozen=True)
class Example:
    """One operation to try. `keeps` maps the kept name to its path in the answer's data."""

    name: str
    title: str
    summary: str
    document: str
    operation: str
    variables: dict[str, Any]
    auth: str
    keeps: dict[str, str]
    sends: str = ""

    @property
    def token(self) -> str | None:
        """The kept value that signs the request, or None when nobody has to be signed in."""
        return TOKENS[self.auth]

    @property
    def needs(self) -> list[str]:
        """The kept values it asks for, each once: the variables', then the header's."""
        names = [*PLACEHOLDER.findall(json.dumps(self.variables)), self.token]
        return list(dict.fromkeys(name for name in names if name and name not in OF_THE_PAGE))


def load(folder: Path = EXAMPLES) -> list[Example]:
    """The examples in the order of their file names.

    Raises:
        BadExample: for a file that does not read as above, an operation name used twice, or
            a placeholder that no earlier example keeps, since they are played in order.
    """
    found = [_read(path) for path in sorted(folder.glob("*.graphql"))]
    given: set[str] = set()
    operations: set[str] = set()
    for example in found:
        if unknown := [name for name in example.needs if name not in given]:
            raise BadExample(f"{example.name}: no earlier example keeps {', '.join(unknown)}")
        if example.operation in operations:
            raise BadExample(f"{example.name}: {example.operation} is named twice")
        given.update(example.keeps)
        operations.add(example.operation)
    return found


def missing(example: Example, kept: Mapping[str, Any]) -> list[str]:
    """What must be kept before the example can be played."""
    return [name for name in example.needs if name not in kept]


def filled(example: Example, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The variables with the kept values in place; a placeholder without one stays."""
    values = {FRESH: secrets.token_hex(4), **kept}
    return {name: _fill(value, values) for name, value in example.variables.items()}


def headers(example: Example, kept: Mapping[str, Any]) -> dict[str, str]:
    """The header that signs the request, its placeholder left where no token is kept yet."""
    if example.token is None:
        return {}
    return {"Authorization": f"Bearer {kept.get(example.token, f'{{{{{example.token}}}}}')}"}


def keep(example: Example, answer: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept after the answer (the whole body: `data` and `errors`).

    A refused answer keeps nothing new; a path that leads nowhere keeps nothing for its name.
    """
    if refused(answer):
        return dict(kept)
    found = {name: _at(answer["data"], path) for name, path in example.keeps.items()}
    return {**kept, **{name: value for name, value in found.items() if value is not None}}


def form(example: Example, answer: Mapping[str, Any]) -> Any:
    """The form to send a picture by: `url`, and `fields` with `name` and `value`; or None."""
    return _at(answer.get("data"), example.sends) if example.sends else None


def refused(answer: Mapping[str, Any]) -> bool:
    """Whether the answer has errors, at the top or in the payload of a mutation."""
    payloads = (answer.get("data") or {}).values()
    return bool(answer.get("errors")) or any(
        isinstance(payload, dict) and payload.get("errors") for payload in payloads
    )


def _read(path: Path) -> Example:
    comments, document = _split(path.read_text(encoding="utf-8"))
    title, *rest = comments or [""]
    if not title:
        raise BadExample(f"{path.stem}: the first line must be a comment, its title")
    declared = [match for line in rest if (match := DECLARATION.fullmatch(line))]
    auth = [match[2] for match in declared if match[1] == "auth"] or ["none"]
    if len(auth) > 1 or auth[0] not in TOKENS:
        raise BadExample(f"{path.stem}: auth is one of {', '.join(TOKENS)}")
    return Example(
        name=path.stem,
        title=title,
        summary=" ".join(line for line in rest if not DECLARATION.fullmatch(line)).strip(),
        document=document,
        operation=_operation(path.stem, document),
        variables=_variables(path.with_suffix(".variables.json")),
        auth=auth[0],
        keeps=dict(_keeps(path.stem, [m[2] for m in declared if m[1] == "keep"])),
        sends=next((m[2].strip() for m in declared if m[1] == "send"), ""),
    )


def _split(text: str) -> tuple[list[str], str]:
    lines = text.strip().splitlines()
    body = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return [line.lstrip("#").strip() for line in lines[:body]], "\n".join(lines[body:]).strip()


def _keeps(name: str, declared: list[str]) -> Iterator[tuple[str, str]]:
    for text in declared:
        match = KEEP.fullmatch(text.strip())
        if match is None:
            raise BadExample(f"{name}: not a name and a path: keep: {text}")
        yield match[1], match[2]


def _operation(name: str, document: str) -> str:
    try:
        definitions = parse(document).definitions
    except GraphQLError as error:
        raise BadExample(f"{name}: {error.message}") from error
    operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
    if len(operations) != 1 or operations[0].name is None:
        raise BadExample(f"{name}: must have one operation, with a name")
    return operations[0].name.value


def _variables(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        variables = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadExample(f"{path.name}: {error}") from error
    if not isinstance(variables, dict):
        raise BadExample(f"{path.name}: must be a JSON object")
    return variables


def _fill(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: _fill(inner, values) for name, inner in value.items()}
    if isinstance(value, list):
        return [_fill(inner, values) for inner in value]
    if not isinstance(value, str):
        return value
    whole = PLACEHOLDER.fullmatch(value)
    if whole and whole[1] in values:
        return values[whole[1]]
    return PLACEHOLDER.sub(lambda found: _text(found, values), value)


def _text(found: re.Match[str], values: Mapping[str, Any]) -> str:
    value = values.get(found[1], found[0])
    return value if isinstance(value, str) else json.dumps(value)


def _at(data: Any, path: str) -> Any:
    """What the dotted path leads to, or None; a number in it counts into a list from 0."""
    for step in path.split("."):
        if isinstance(data, list) and step.isdecimal() and int(step) < len(data):
            data = data[int(step)]
        elif isinstance(data, dict):
            data = data.get(step)
        else:
            return None
    return data
