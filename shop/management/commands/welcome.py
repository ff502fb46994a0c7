"""Tell whoever started the shop where it is and who can sign in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from shop.management.demo.accounts import ACCOUNTS, PASSWORD
from users.models import User


class Command(BaseCommand):
    help = "Print the addresses of the shop and the demo's accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("host")
        parser.add_argument("port")

    def handle(self, *args: Any, **options: Any) -> None:
        host = "127.0.0.1" if options["host"] == "0.0.0.0" else options["host"]  # noqa: S104
        address = f"http://{host}:{options['port']}"
        self.stdout.write(f"\n  GraphiQL  {address}/graphql/")
        self.stdout.write(f"  Admin     {address}/admin/")
        if settings.STRIPE_API_BASE:
            where = f"{settings.STRIPE_API_BASE}/"
            self.stdout.write(f"  Payments  {where} stands in for Stripe; no money moves")
        self.stdout.write("")
        emails = [account.email for account in ACCOUNTS]
        present = set(User.objects.filter(email__in=emails).values_list("email", flat=True))
        for account in ACCOUNTS:
            if account.email in present:
                self.stdout.write(f"  {account.email:24} {PASSWORD:12} {account.what}")
        self.stdout.write("\n  Ctrl-C stops it. Mails are shown here.\n")
