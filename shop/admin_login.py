"""Signing in to the admin, where wrong passwords are limited as everywhere (`users.attempts`)."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from shop import clients
from users import attempts
from users.models import User

WAIT = "wait before the next password"
TOO_OFTEN = "That was too often. Try again in %(wait)s seconds."


class LoginForm(AdminAuthenticationForm):
    """An attempt that is refused for coming too soon looks at no password."""

    def clean(self) -> dict[str, Any]:
        email, password = (self.cleaned_data.get(name) for name in ("username", "password"))
        if self.request is None or not email or not password:
            return super().clean()
        network = clients.network_of(self.request.META)
        attempt = attempts.begin(email, network)
        if attempt.wait:
            vars(self.request)[WAIT] = attempt.wait
            raise ValidationError(TOO_OFTEN, params={"wait": attempt.wait})
        cleaned = super().clean()  # raises for what is wrong, and then the attempt has counted
        attempt.forgive()
        user = self.get_user()
        if isinstance(user, User):
            attempts.remember(user.email, network)
        return cleaned


def login(request: HttpRequest) -> HttpResponse:
    """Django's page; with 429 for who has to wait."""
    response: HttpResponse = admin.site.login(request)
    if wait := vars(request).get(WAIT):
        response.status_code = 429
        response.headers["Retry-After"] = str(wait)
    return response
