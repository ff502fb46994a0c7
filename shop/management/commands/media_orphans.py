"""`manage.py media_orphans`: files that no picture speaks of, and pictures without their files."""

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from catalog import orphans
from shop.storages import Files

UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def age(text: str) -> timedelta:
    """2d, 12h or 30m."""
    match = re.fullmatch(r"(\d{1,5})([dhm])", text)
    if match is None:
        raise ArgumentTypeError("takes a number and a unit: 2d, 12h or 30m")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


class Command(BaseCommand):
    help = "List files that no picture speaks of, which a crash may leave, or delete them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--delete", action="store_true", help="delete the files")
        parser.add_argument(
            "--older",
            type=age,
            default=timedelta(days=2),
            help="only those older than that, such as 2d (so by default), 12h or 30m: a younger"
            " file may be one whose row is just being written",
        )

    def handle(self, *args: Any, delete: bool, older: timedelta, **options: Any) -> None:
        """Print both kinds; exit with 1 when something is left to be done."""
        count = deleted = 0
        for storage, stored in orphans.left_over(before=timezone.now() - older):
            count += 1
            self.stdout.write(f"{stored.key} ({stored.written_at:%Y-%m-%d %H:%M})")
            if delete:
                deleted += self.deleted(storage, stored.key)
        missing = list(orphans.without_file())
        for key in missing:
            self.stderr.write(f"{key} is not there, but a picture has it")
        done = "" if not deleted else ", deleted" if deleted == count else f", {deleted} deleted"
        self.stdout.write(f"{count} files left over{done}.")
        if missing or deleted < count:
            sys.exit(1)

    def deleted(self, storage: Files, key: str) -> bool:
        try:
            storage.delete(key)
        except OSError as error:
            self.stderr.write(f"{key} could not be deleted: {error}")
            return False
        return True
