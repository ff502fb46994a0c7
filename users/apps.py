from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "users"

    def ready(self) -> None:
        """Import what declares jobs, so that a worker knows them."""
        from users import attempts, emails, rates, tokens  # noqa: F401
