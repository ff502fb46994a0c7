"""`manage.py bump_catalog`: after a change of the catalogue that went past the shop."""

from typing import Any

from django.core.management.base import BaseCommand

from catalog import stamp


class Command(BaseCommand):
    help = "Have every process forget the answers it kept: for changes made by hand, in SQL."

    def handle(self, *args: Any, **options: Any) -> None:
        stamp.move()
        self.stdout.write("Kept answers are not used any more.")
