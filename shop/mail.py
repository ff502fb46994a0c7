"""Mails: a template in two forms, text and HTML, to one address."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


def send(template: str, *, to: str, **context: Any) -> None:
    """Render and send `<template>.txt` (its first line is the subject) and `<template>.html`.

    For use inside jobs: it talks to the mail server. Raises what the mail backend raises.
    """
    context |= {"shop_name": settings.SHOP_NAME, "storefront": settings.STOREFRONT_URL}
    subject, _, body = render_to_string(f"{template}.txt", context).partition("\n")
    message = EmailMultiAlternatives(subject.strip(), body.lstrip("\n"), to=[to])
    message.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    message.send()
