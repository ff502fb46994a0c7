"""The door for a WSGI server."""

import os
from wsgiref.types import WSGIApplication

from django.conf import settings
from django.core.wsgi import get_wsgi_application


def shop() -> WSGIApplication:
    """Django, with the answers that are kept in front of it unless the settings say otherwise."""
    django = get_wsgi_application()
    from schema.answers.door import Door  # not before: only now there are models

    return Door(django) if settings.GRAPHQL_ANSWER_CACHE else django


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = shop()
