from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    name = "checkout"

    def ready(self) -> None:
        """Declare the jobs."""
        from checkout import (  # noqa: F401
            accounts,
            carts,
            emails,
            endings,
            idempotency,
            links,
            orders,
            reconciling,
        )
