"""A file into the shop, batch by batch: each product goes in whole or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from django.core.files import File
from django.db import Error, IntegrityError

from catalog import pictures
from catalog.moving import own, plan, sheets, shopify, taking, write
from catalog.moving.folder import Folder
from catalog.moving.goods import Complaint, Goods
from catalog.moving.plan import Planned
from catalog.moving.sheets import NotASheet
from shop.errors import ShopError

AT_ONCE = 200  # products
MOST_VARIANTS = 1000  # at once: SQLite takes only so many values in a statement

FORMATS = {"own": own.KNOWN, "shopify": shopify.KNOWN}
READERS = {"own": own.goods, "shopify": shopify.goods}


@dataclass
class Report:
    """What became of the products, and what is to be said of single lines."""

    made: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    wrong: list[Complaint] = field(default_factory=list)
    notes: list[Complaint] = field(default_factory=list)
    titles: Mapping[str, str] = field(default_factory=dict)
    stopped: Complaint | None = None  # where and why it went no further

    @property
    def looked_at(self) -> int:
        return self.made + self.changed + self.same + self.refused

    def sentence(self, complaint: Complaint) -> str:
        """Line 7, Variant Price: '1,9' is not an amount such as 19.90."""
        title = self.titles.get(complaint.where, complaint.where)
        place = f"line {complaint.line}, {title}" if title else f"line {complaint.line}"
        return f"{place}: {complaint.message}"

    def add(self, planned: Planned) -> None:
        if planned.is_new:
            self.made += 1
        elif planned.changes_anything:
            self.changed += 1
        else:
            self.same += 1


class Stopped(Exception):
    """The database or the disk failed: the next product would hardly fare better."""

    def __init__(self, where: Complaint) -> None:
        super().__init__(where.message)
        self.where = where

    @classmethod
    def at(cls, goods: Goods, error: Error | OSError) -> "Stopped":
        reason = " ".join(str(error).split()) or type(error).__name__
        return cls(Complaint(goods.line, "", reason))


class Read(NamedTuple):
    """A file's products, with what is to be said of it as a whole."""

    goods: list[Goods]
    report: Report


def kind_of(path: Path) -> str:
    """own or shopify, by the titles of the columns.

    Raises:
        NotASheet: when it is neither.
    """
    titles = sheets.titles(path)
    if any(needed <= titles for needed in shopify.NEEDED):
        return "shopify"
    if titles >= own.NEEDED:
        return "own"
    raise NotASheet("Its first line has neither handle and sku nor the titles of Shopify's export.")


def read(path: Path, kind: str = "") -> Read:
    """The products of a file, of that kind or of the one that its titles tell.

    Raises:
        NotASheet: for a file that cannot be read as a whole.
    """
    kind = kind or kind_of(path)
    sheet = sheets.read(path, FORMATS[kind])
    if not sheet.has("handle"):
        raise NotASheet("Its first line has no handle.")
    goods = READERS[kind](sheet)
    plan.refuse_repeated_skus(goods)
    spoiled = {taking.slug_of(handle): line for handle, line in sheet.spoiled.items()}
    for each in goods:
        if each.slug in spoiled:
            each.complain(each.line, "", f"Line {spoiled[each.slug]} of it cannot be read.")
    report = Report(wrong=list(sheet.wrong), titles=sheet.titles)
    if sheet.unknown:
        left_out = ", ".join(sheet.unknown)
        report.notes.append(Complaint(1, "", f"Columns that mean nothing here: {left_out}."))
    return Read(goods, report)


def bring_in(found: Read, *, folder: Folder | None, dry: bool) -> Iterator[int]:
    """Put the products in, and tell after each batch how many were looked at.

    With `dry` nothing is written, and the report says what would be. When the database or the
    disk fails it ends, and the report says where; what was put in before stays.
    """
    goods, report = found
    left_out = sum(len(each.pictures) for each in goods) if folder is None else 0
    if left_out:
        message = f"{left_out} pictures are left out: name their folder to take them along."
        report.notes.append(Complaint(1, "", message))
    done = 0
    for batch in batches(goods):
        try:
            bring(batch, folder, report, dry=dry)
        except Stopped as stop:
            report.stopped = stop.where
        close(batch, report)
        if report.stopped:
            return
        done += len(batch)
        yield done


def bring(batch: Sequence[Goods], folder: Folder | None, report: Report, *, dry: bool) -> None:
    """One batch. Raises Stopped; what was put in before is counted."""
    try:
        plans = plan.of(batch, folder)
    except (Error, OSError) as error:
        if len(batch) == 1:
            raise Stopped.at(batch[0], error) from error
        for goods in batch:  # those before the culprit go in
            bring([goods], folder, report, dry=dry)
        return
    good = [each for each in plans if not each.goods.wrong]
    for each in good:
        if dry:
            check_pictures(each)
        if not each.goods.wrong and (dry or not each.changes_anything):
            report.add(each)
    if not dry:
        for group in groups([each for each in good if each.changes_anything]):
            put_in(group, folder, report)


def batches(goods: Sequence[Goods]) -> Iterator[Sequence[Goods]]:
    """What is looked at together; a product with very many variants goes alone."""
    batch: list[Goods] = []
    variants = 0
    for each in goods:
        variants += len(each.variants)
        if batch and (len(batch) == AT_ONCE or variants > MOST_VARIANTS):
            yield batch
            batch, variants = [], len(each.variants)
        batch.append(each)
    if batch:
        yield batch


def groups(plans: Sequence[Planned]) -> Iterator[Sequence[Planned]]:
    """What is written in one transaction, in the order of the file, which becomes that of the ids.

    Products with new pictures go alone, for those take long.
    """
    for with_pictures, run in groupby(plans, key=lambda each: bool(each.pictures)):
        if with_pictures:
            yield from ([each] for each in run)
        else:
            yield list(run)


def put_in(group: Sequence[Planned], folder: Folder | None, report: Report) -> None:
    """Write the group; one by one when that fails, so that only the culprit stays out.

    Raises:
        Stopped: at the first that the database or the disk fails for.
    """
    try:
        written = write.put_in([each.goods for each in group], folder)
    except (ShopError, Error, OSError) as error:
        if len(group) > 1:
            for each in group:
                put_in([each], folder, report)
        elif isinstance(error, ShopError | IntegrityError):
            blame(group[0], error)
        else:
            raise Stopped.at(group[0].goods, error) from error
    else:
        for each in written:
            report.add(each)


def blame(planned: Planned, error: ShopError | IntegrityError) -> None:
    """Say at the right line why the product could not be written."""
    goods = planned.goods
    if isinstance(error, IntegrityError):
        goods.complain(goods.line, "", "Somebody changed the shop meanwhile: import it again.")
        return
    for refusal in error.each():
        if refusal.path[:1] == ("files",) and len(refusal.path) > 1:
            picture = planned.pictures[int(refusal.path[1])].said
            goods.complain(picture.line, "picture", str(refusal))
        elif not goods.wrong:
            goods.complain(goods.line, "", str(refusal))


def check_pictures(planned: Planned) -> None:
    """What writing would find out about the files."""
    for at, picture in enumerate(planned.pictures):
        try:
            with picture.path.open("rb") as handle:
                pictures.read(File(handle), "files", at)
        except ShopError as error:
            blame(planned, error)


def close(batch: Sequence[Goods], report: Report) -> None:
    """Move what was said of the goods into the report."""
    for goods in batch:
        report.refused += bool(goods.wrong)
        report.wrong += goods.wrong
        report.notes += goods.notes
