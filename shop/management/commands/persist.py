"""`manage.py persist DIR`: have clients call documents by their hashes."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from schema.answers import persisted
from schema.root import schema


class Command(BaseCommand):
    help = (
        "Register the GraphQL documents of a folder, so that GET /graphql/?documentId=<SHA-256> "
        "runs them: *.graphql, each whole and as it is, and *.json with documents by their "
        "hashes. All or none; safe to repeat. They are public."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Print each hash with where its document came from."""
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        try:
            hashes = persisted.register(persisted.in_folder(folder), schema._schema)  # noqa: SLF001
        except persisted.Refused as reason:
            raise CommandError(f"Nothing was registered. {reason}") from None
        for place, digest in hashes.items():
            self.stdout.write(f"{digest}  {place}")
