from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        """Declare the jobs and the check of the currency."""
        from catalog import alerts, currency, images, together  # noqa: F401
