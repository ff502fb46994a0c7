"""Bring GraphiQL's files to the shop: `manage.py explorer_files`."""

import shutil
import subprocess
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from schema.explorer import files

SECONDS = 180


class Command(BaseCommand):
    help = "Install GraphiQL's files with npm, so that its page works without internet."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--require", action="store_true", help="fail when they cannot be had")

    def handle(self, *, require: bool, **options: Any) -> None:
        if files.present():
            self.stdout.write("GraphiQL's files are here.")
            return
        try:
            self._install()
        except CommandError as error:
            if require:
                raise
            self.stdout.write(f"{error} GraphiQL's page uses public addresses instead.")

    def _install(self) -> None:
        npm = shutil.which("npm")
        if npm is None:
            raise CommandError("npm is not installed.")
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        try:
            subprocess.run(  # noqa: S603 - nothing in the command comes from outside
                command, cwd=files.HERE, check=True, capture_output=True, text=True, timeout=SECONDS
            )
            files.copy_installed()
        except subprocess.CalledProcessError as error:
            raise CommandError(f"npm failed: {error.stderr.strip()[-500:]}") from error
        except (subprocess.TimeoutExpired, OSError, ValueError) as error:
            raise CommandError(f"GraphiQL's files did not come: {error}.") from error
        self.stdout.write("GraphiQL's files have been installed.")
