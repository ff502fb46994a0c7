"""`manage.py recount`: prove the read columns, or repair them."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from catalog import columns


class Command(BaseCommand):
    help = "Compare every read column, and every variant's units, with the rows they come from."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fix", action="store_true", help="write what they must hold")

    def handle(self, *args: Any, fix: bool, **options: Any) -> None:
        """Print what differs; exit with 1 when it was left so."""
        found = columns.recount(fix=fix)
        for line in found:
            self.stdout.write(line)
        if not found:
            self.stdout.write("All columns are right.")
        elif fix:
            self.stdout.write(f"{len(found)} columns put right.")
        else:
            self.stderr.write(f"{len(found)} columns differ; --fix puts them right.")
            sys.exit(1)
