"""Who works with these pages."""

from django.http import HttpRequest

from users.models import User


def staff(request: HttpRequest) -> User:
    """Who is signed in: the admin lets nobody else through to its pages."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("nobody is signed in")
    return user
