"""Run every periodic job once: for hosts with cron and no worker, and after an outage."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from shop import jobs


class Command(BaseCommand):
    help = "Run every periodic job once; exits with 1 when one of them failed."

    def handle(self, *args: Any, **options: Any) -> None:
        failed = jobs.run_sweeps()
        for name in jobs.sweeps():
            self.stdout.write(f"{'failed' if name in failed else 'done'}  {name}")
        if failed:
            sys.exit(1)
