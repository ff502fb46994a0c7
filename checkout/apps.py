from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    name = "checkout"

    def ready(self) -> None:
        """Declare the jobs."""
        from checkout import carts, emails, orders  # noqa: F401  # imported to declare what they enqueue and sweep
