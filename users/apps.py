from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "users"

    def ready(self) -> None:
        """Import what declares jobs, so that a worker knows them."""
        from users import emails, tokens  # noqa: F401
