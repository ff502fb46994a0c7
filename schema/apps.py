from django.apps import AppConfig


class SchemaConfig(AppConfig):
    name = "schema"

    def ready(self) -> None:
        """Declare the sweep, also where nothing else asks for the schema: in the worker."""
        from schema.idempotency import records  # noqa: F401
