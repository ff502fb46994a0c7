"""Where the page's own and GraphiQL's files are: the shop's copies, else public addresses."""

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from django.contrib.staticfiles.storage import staticfiles_storage

HERE = Path(__file__).resolve().parent
VENDOR = "explorer/vendor"
PUBLIC = "https://cdn.jsdelivr.net/npm"


@dataclass(frozen=True)
class File:
    """One file of an npm package. `integrity` is checked here and by the browser alike."""

    package: str
    path: str
    integrity: str

    @property
    def name(self) -> str:
        """Its name among the static files; with the version, so that an old copy never serves."""
        return f"{VENDOR}/{self.package}-{version(self.package)}{Path(self.path).suffix}"

    @property
    def copy(self) -> Path:
        return HERE / "static" / self.name

    @property
    def installed(self) -> Path:
        """Where npm puts it."""
        return HERE / "node_modules" / self.package / self.path

    @property
    def public(self) -> str:
        return f"{PUBLIC}/{self.package}@{version(self.package)}/{self.path}"


# In the order in which the page loads them. After a change of version in package.json, the
# test of the hashes says what to write here.
FILES = (
    File(
        "react",
        "umd/react.production.min.js",
        "sha384-DGyLxAyjq0f9SPpVevD6IgztCFlnMF6oW/XQGmfe+IsZ8TqEiDrcHkMLKI6fiB/Z",
    ),
    File(
        "react-dom",
        "umd/react-dom.production.min.js",
        "sha384-gTGxhz21lVGYNMcdJOyq01Edg0jhn/c22nsx0kyqP0TxaV5WVdsSH1fSDUf5YJj1",
    ),
    File(
        "graphiql",
        "graphiql.min.js",
        "sha384-8NGfVj4CVlqHajlZj+bPJT4thxPMHMJYn7DWK2CvtopLd02E7qsPHazniBYvVjOO",
    ),
    File(
        "graphiql",
        "graphiql.min.css",
        "sha384-QMux00XgRtwRLSYIY3kw2rj1ovk5AuuliAchk+HSQbqdbGFnz9GYuqIlOqxhwCE2",
    ),
)


@dataclass(frozen=True)
class Link:
    """How the page loads a file. `integrity` is empty for the shop's own copy."""

    url: str
    integrity: str = ""

    @property
    def is_style(self) -> bool:
        return self.url.partition("?")[0].endswith(".css")


def links() -> list[Link]:
    """The shop's copies when all of them are here, else the public addresses: never a mixture."""
    try:
        if present():
            return [Link(staticfiles_storage.url(file.name)) for file in FILES]
    except ValueError:
        pass  # copied after collectstatic: the manifest does not know them yet
    return [Link(file.public, file.integrity) for file in FILES]


def present() -> bool:
    return all(file.copy.exists() for file in FILES)


def version(package: str) -> str:
    """The version of a package as package.json pins it."""
    pinned: dict[str, str] = json.loads((HERE / "package.json").read_text())["dependencies"]
    return pinned[package]


def integrity(content: bytes) -> str:
    """The hash as HTML writes it (W3C Subresource Integrity)."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def copy_installed() -> None:
    """Copy what npm installed to the shop's static files.

    Raises:
        ValueError: when a file is not the pinned one; nothing is copied then.
        OSError: when a file is not there or cannot be written.
    """
    contents = [file.installed.read_bytes() for file in FILES]
    for file, content in zip(FILES, contents, strict=True):
        if integrity(content) != file.integrity:
            raise ValueError(f"{file.package}/{file.path} is not the pinned file")
    for file, content in zip(FILES, contents, strict=True):
        file.copy.parent.mkdir(parents=True, exist_ok=True)
        partial = file.copy.with_suffix(".partial")
        partial.write_bytes(_without_source_map(content))
        partial.replace(file.copy)


def _without_source_map(content: bytes) -> bytes:
    """Drop the last line's pointer to a file we do not copy; collectstatic would look for it."""
    body, _, tail = content.rpartition(b"\n//# sourceMappingURL=")
    return body + b"\n" if body and b"\n" not in tail.strip() else content
