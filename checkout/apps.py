from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    name = "checkout"

    def ready(self) -> None:
        """Declare the jobs."""
        from checkout import carts, emails, idempotency, orders  # noqa: F401
