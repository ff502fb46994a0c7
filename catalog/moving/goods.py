"""What a file says of products, whichever kind of file it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from catalog.attributes import Named


class Complaint(NamedTuple):
    """What is wrong in a line of the file; `where` is a key of the sheet's columns, or blank."""

    line: int
    where: str
    message: str


@dataclass(frozen=True)
class GoodsVariant:
    """A variant as far as the file speaks of it.

    `values` are for `drafts.fill`; options that are None, and a stock that is None, stay.
    """

    line: int
    sku: str
    values: Mapping[str, Any]
    options: Sequence[Named] | None = None
    stock: int | None = None
    picture: str = ""  # the source of the picture that shows it

    def is_shown_by(self, picture: "GoodsPicture") -> bool:
        return bool(self.picture) and file_name(self.picture) == picture.file_name


@dataclass(frozen=True)
class GoodsPicture:
    """A picture; `source` is the name of a file, or an http address."""

    line: int
    source: str
    alt: str = ""

    @property
    def is_address(self) -> bool:
        return is_address(self.source)

    @property
    def file_name(self) -> str:
        return file_name(self.source)


@dataclass
class Goods:
    """A product with all of its rows. What is None the file does not say: it stays as it is."""

    slug: str
    line: int
    values: Mapping[str, str]  # for `products.fill`
    variants: Sequence[GoodsVariant]
    pictures: Sequence[GoodsPicture] = ()
    brand: str | None = None
    category: Sequence[str] | None = None  # names from the top down; empty: none
    collections: Sequence[str] | None = None
    attributes: Sequence[Named] | None = None
    status: str | None = None
    published_at: datetime | None = None
    unpublished: bool = False  # ACTIVE, and yet without a time to be shown from
    wrong: list[Complaint] = field(default_factory=list)
    notes: list[Complaint] = field(default_factory=list)

    def complain(self, line: int, where: str, message: str) -> None:
        """Add what is wrong, unless that cell has a complaint already."""
        if all((line, where) != (each.line, each.where) for each in self.wrong):
            self.wrong.append(Complaint(line, where, message))

    def note(self, line: int, where: str, message: str) -> None:
        """Add what is good to know, once."""
        if Complaint(line, where, message) not in self.notes:
            self.notes.append(Complaint(line, where, message))


def is_address(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def file_name(source: str) -> str:
    """The name without folders, and of an address without what follows a question mark."""
    path = source.partition("?")[0] if is_address(source) else source
    return path.replace("\\", "/").rpartition("/")[2]
