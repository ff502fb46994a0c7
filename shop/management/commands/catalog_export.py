"""`manage.py catalog_export FILE`: the catalogue as the shop's own CSV."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.moving import out
from catalog.moving.progress import Bar


class Command(BaseCommand):
    help = (
        "Write all products, with variants, prices and stock, as a CSV file that catalog_import "
        "takes. Pictures only with a folder to put them in."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="put pictures into it")

    def handle(self, *args: Any, file: Path, pictures: Path | None, **options: Any) -> None:
        count = out.count()
        try:
            if pictures is not None:
                pictures.mkdir(parents=True, exist_ok=True)
            with Bar(count, self.stderr) as bar:
                for done in out.write(file, pictures):
                    bar.show(done)
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror}") from None
        self.stdout.write(f"{count} products in {file.name}.")
