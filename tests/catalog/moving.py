"""Files for the tests of moving in and out, and what came of them."""

import csv
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.management import call_command

from catalog.models import Product, StockMovement, Variant

SHOPIFY = Path(__file__).parents[1] / "data" / "shopify-export.csv"

Row = dict[str, str]


class Said(NamedTuple):
    """What a command printed, and whether it was content."""

    out: str
    err: str
    failed: bool


def bring_in(path: Path, *arguments: str) -> Said:
    out, err = StringIO(), StringIO()
    code: object = 0
    try:
        call_command("catalog_import", str(path), *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        code = end.code
    return Said(out.getvalue(), err.getvalue(), failed=code == 1)


def export(path: Path, *arguments: str) -> bytes:
    call_command("catalog_export", str(path), *arguments, stdout=StringIO(), stderr=StringIO())
    return path.read_bytes()


def lamp(**cells: str) -> Row:
    """A product of one variant, all right unless the cells say otherwise."""
    return {"handle": "lamp", "title": "Lamp", "sku": "L-1", "price": "19.90"} | cells


def sheet(folder: Path, *rows: Row) -> Path:
    """A file of those rows, with all the columns that one of them has."""
    titles = list(dict.fromkeys(title for row in rows for title in row))
    path = folder / "goods.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, titles, restval="")
        out.writeheader()
        out.writerows(rows)
    return path


def whole_shop() -> list[object]:
    """Every product, variant and movement with all of its columns."""
    models = (Product, Variant, StockMovement)
    return [list(model.objects.order_by("pk").values()) for model in models]


def recounts() -> None:
    """Check that all read columns and stocks equal their causes."""
    try:
        call_command("recount", stdout=StringIO(), stderr=StringIO())
    except SystemExit:
        pytest.fail("read columns differ from their causes")
