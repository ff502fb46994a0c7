"""Fill the shop with something to look at: goods, pictures, people, orders in every state."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog import stamp
from catalog.models import Product, Review
from checkout import payments
from shop.management.demo import accounts, bulk, history, prices, shelves
from users.models import User


@contextmanager
def unheard() -> Iterator[None]:
    """Without mails, which would go to nobody, and with jobs that need no worker."""
    before = settings.EMAIL_BACKEND, settings.JOBS
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    settings.JOBS = "inline"
    try:
        yield
    finally:
        settings.EMAIL_BACKEND, settings.JOBS = before


def is_in_use() -> bool:
    """Whether somebody works here: with goods of their own, or with a demo that is complete."""
    begun = User.objects.filter(email=accounts.ACCOUNTS[0].email).exists()
    return Review.objects.exists() if begun else Product.objects.exists()


class Command(BaseCommand):
    help = "Load the demo shop. Safe to repeat: only what is missing is made."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--products", type=int, default=0, help="have so many products in all")
        parser.add_argument("--once", action="store_true", help="only into an empty shop")
        parser.add_argument("--no-pictures", action="store_true", help="draw none; much faster")
        parser.add_argument("--force", action="store_true", help="also with DEBUG off")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEBUG or options["force"]):
            raise CommandError("The demo's passwords are public; with DEBUG off it needs --force.")
        if options["once"] and is_in_use():
            return
        if not {history.TRANSFER, history.CASH} <= {*payments.offered()}:
            raise CommandError("The demo needs BANK_ACCOUNT, and CASH_ON_DELIVERY on.")
        begun = monotonic()
        with unheard():
            self.load(with_pictures=not options["no_pictures"])
        for count in bulk.load(options["products"]):
            self.stdout.write(f"{count} products")
        stamp.move()  # instants were moved past the functions that say what changed
        self.stdout.write(f"The demo shop is loaded ({monotonic() - begun:.0f} s).")

    def load(self, *, with_pictures: bool) -> None:
        self.stdout.write("Loading the demo shop …")
        accounts.load()
        staff = User.objects.get(email="staff@example.com")
        shelves.load(staff, with_pictures=with_pictures)
        history.load(staff)
        prices.load()  # last: the orders above are from before anybody asked where to
