"""`manage.py catalog_import FILE`: bring products in from a CSV file."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.moving import run
from catalog.moving.folder import Folder
from catalog.moving.progress import Bar
from catalog.moving.sheets import NotASheet


class Command(BaseCommand):
    help = (
        "Bring products in from the shop's own CSV or from Shopify's product export. Products are "
        "matched by handle and variants by SKU, so that it may be repeated; each product goes in "
        "whole or not at all. Exits with 1 when one was refused, and when the database or the "
        "disk failed: what was brought in before stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=sorted(run.FORMATS), default="", dest="kind")
        parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="take pictures from it")
        parser.add_argument("--dry-run", action="store_true", help="write nothing, tell all")

    def handle(self, *args: Any, file: Path, kind: str, **options: Any) -> None:
        folder, dry = folder_of(options["pictures"]), options["dry_run"]
        try:
            found = run.read(file, kind)
        except NotASheet as reason:
            raise CommandError(f"{file.name}: {reason}") from None
        with Bar(len(found.goods), self.stderr) as bar:
            for done in run.bring_in(found, folder=folder, dry=dry):
                bar.show(done)
        self.tell(found, dry=dry)

    def tell(self, found: run.Read, *, dry: bool) -> None:
        """Print notes, what is wrong, and the sums; exit with 1 when something was wrong."""
        report = found.report
        for note in sorted(report.notes):
            self.stdout.write(f"note: {report.sentence(note)}")
        for complaint in sorted(report.wrong):
            self.stderr.write(report.sentence(complaint))
        sums = f"{report.made} new, {report.changed} changed, {report.same} as they were"
        self.stdout.write(f"{sums}, {report.refused} refused.")
        if dry:
            self.stdout.write("Nothing was written.")
        if report.stopped:
            left = len(found.goods) - report.looked_at
            self.stderr.write(f"It stopped at {report.sentence(report.stopped)}")
            self.stderr.write(f"{left} products were not looked at: import the file again.")
        if report.wrong or report.stopped:
            sys.exit(1)


def folder_of(path: Path | None) -> Folder | None:
    if path is None:
        return None
    if not path.is_dir():
        raise CommandError(f"There is no folder {path}.")
    return Folder(path)
