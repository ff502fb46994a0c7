"""The goods and the people of the demo shop, as they stand in the TOML files beside this one."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product as combinations
from pathlib import Path
from typing import Any, Literal

Options = tuple[tuple[str, str], ...]
Status = Literal["DRAFT", "ACTIVE", "ARCHIVED"]

COLOUR = "Colour"


@dataclass(frozen=True, slots=True)
class Category:
    """`parent` is a slug, None at the top. Parents stand before their children."""

    name: str
    slug: str
    description: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Brand:
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class Variant:
    """Money in euro cents; `options` in the product's order, empty for a simple product."""

    sku: str
    options: Options
    price_minor: int
    compare_at_minor: int | None
    weight_grams: int
    stock: int

    @property
    def name(self) -> str:
        """The values as one reads them on a label: 'Oat / M'."""
        return " / ".join(value for _, value in self.options)

    @property
    def colour(self) -> str | None:
        """What `pictures.draw` takes as `colour`; None when colour is no choice."""
        return dict(self.options).get(COLOUR)


@dataclass(frozen=True, slots=True)
class Product:
    """`brand` is a name, `category` the slug of a leaf, `motif` a key of motifs.MOTIFS.

    `published_in_days` counts from the day of loading: negative lies in the past. `colour` is
    that of the main picture, `pictures` how many there are of the product as a whole.
    """

    name: str
    slug: str
    description: str
    brand: str
    category: str
    motif: str
    colour: str | None
    status: Status
    published_in_days: int
    pictures: int
    variants: tuple[Variant, ...]
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Collection:
    """`products` are slugs in the merchant's order."""

    name: str
    slug: str
    description: str
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Customer:
    """A person with one address; `country` is ISO 3166-1 alpha-2."""

    email: str
    first_name: str
    last_name: str
    phone: str
    line1: str
    postcode: str
    city: str
    region: str
    country: str


@dataclass(frozen=True, slots=True)
class ReviewText:
    """`about` is the slug of a top category, or empty: it suits every product."""

    about: str
    rating: int
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Assortment:
    name: str
    categories: tuple[Category, ...]
    brands: tuple[Brand, ...]
    products: tuple[Product, ...]
    collections: tuple[Collection, ...]
    customers: tuple[Customer, ...]
    reviews: tuple[ReviewText, ...]

    def path(self, category: str) -> tuple[Category, ...]:
        """The category of that slug and those above it, from the top."""
        by_slug = {each.slug: each for each in self.categories}
        here = by_slug[category]
        return (*self.path(here.parent), here) if here.parent else (here,)

    def leaves(self) -> tuple[Category, ...]:
        """The categories that hold products."""
        parents = {each.parent for each in self.categories}
        return tuple(each for each in self.categories if each.slug not in parents)

    def reviews_for(self, product: Product) -> tuple[ReviewText, ...]:
        """The texts that make sense for the product."""
        top = self.path(product.category)[0].slug
        return tuple(text for text in self.reviews if text.about in ("", top))


@cache
def load() -> Assortment:
    """The whole demo shop; the same at every call."""
    goods, people = _read("assortment.toml"), _read("people.toml")
    return Assortment(
        name=goods["name"],
        categories=tuple(
            Category(row["name"], slug(row["name"]), row["text"], row.get("parent"))
            for row in goods["categories"]
        ),
        brands=tuple(Brand(row["name"], slug(row["name"])) for row in goods["brands"]),
        products=tuple(_product(place, row) for place, row in enumerate(goods["products"])),
        collections=tuple(
            Collection(
                row["name"], slug(row["name"]), row["text"], tuple(map(slug, row["products"]))
            )
            for row in goods["collections"]
        ),
        customers=tuple(_customer(*row) for row in people["customers"]),
        reviews=tuple(ReviewText(*row) for row in people["reviews"]),
    )


def slug(name: str) -> str:
    """'Cook's Knife 20' as 'cooks-knife-20'."""
    kept = "".join(sign if sign.isalnum() else " " for sign in name.lower().replace("'", ""))
    return "-".join(kept.split())


def sku(stem: str, options: Options) -> str:
    """The stem and a piece of each value: 'BRN-MUG-OAT'. Values that count keep every digit."""
    parts = ("".join(sign for sign in value if sign.isalnum()).upper() for _, value in options)
    return "-".join((stem, *(part if part[0].isdigit() else part[:4] for part in parts)))


def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def _product(place: int, row: Mapping[str, Any]) -> Product:
    choices = [[(name, value) for value in values] for name, *values in row.get("options", ())]
    variants = tuple(
        _variant(row, options, row["stock"][n % len(row["stock"])])
        for n, options in enumerate(combinations(*choices))
    )
    return Product(
        name=row["name"],
        slug=slug(row["name"]),
        description=row["text"],
        brand=row["brand"],
        category=row["category"],
        motif=row["motif"],
        colour=variants[0].colour or row["colour"],
        status=row.get("status", "ACTIVE"),
        # Spread over two years, so that "newest" has an order that is not the file's.
        published_in_days=row.get("published_in_days", -1 - place * 97 % 730),
        pictures=2 + place % 2,
        variants=variants,
        attributes=tuple((name, value) for name, value in row["attributes"]),
    )


def _variant(row: Mapping[str, Any], options: Options, stock: int) -> Variant:
    extra = sum(row.get("extra", {}).get(value, 0) for _, value in options)
    heavier = sum(row.get("heavier", {}).get(value, 0) for _, value in options)
    return Variant(
        sku=sku(row["sku"], options),
        options=options,
        price_minor=row["price"] + extra,
        compare_at_minor=row["was"] + extra if "was" in row else None,
        weight_grams=row["weight"] + heavier,
        stock=stock,
    )


def _customer(
    first: str,
    last: str,
    line1: str,
    postcode: str,
    city: str,
    region: str,
    country: str,
    phone: str,
) -> Customer:
    return Customer(
        # example.com belongs to nobody: no mail of the demo can reach a stranger.
        email=f"{_ascii(first)}.{_ascii(last)}@example.com",
        first_name=first,
        last_name=last,
        phone=phone,
        line1=line1,
        postcode=postcode,
        city=city,
        region=region,
        country=country,
    )


def _ascii(name: str) -> str:
    folded = name.lower().translate(str.maketrans("áčéêíóöøåæńřšüž", "aceeiooaaanrsuz"))
    return "".join(sign for sign in folded if sign.isascii() and sign.isalpha())
