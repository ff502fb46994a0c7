from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        """Declare the jobs, the check of the currency, and what follows an author's name."""
        from catalog import alerts, currency, images, reviews, together  # noqa: F401
