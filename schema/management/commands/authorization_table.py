"""`manage.py authorization_table`: write schema/AUTHORIZATION.md anew."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from schema.authorization import table
from schema.root import schema


class Command(BaseCommand):
    help = "Write down who may do what, as the rules beside the fields of the API say it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--path", type=Path, default=Path("schema/AUTHORIZATION.md"))

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        path.write_text(table.markdown(schema._schema))  # noqa: SLF001 # no other way to it
        self.stdout.write(f"Written to {path}.")
