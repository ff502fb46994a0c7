from django.apps import AppConfig, apps


class ShopConfig(AppConfig):
    name = "shop"
    verbose_name = "Shop"

    def ready(self) -> None:
        """Stands last in INSTALLED_APPS: by now every app has declared its jobs."""
        if apps.is_installed("procrastinate.contrib.django"):
            from shop import queue

            queue.connect()
