"""The door for a WSGI server."""

import os
from wsgiref.types import WSGIApplication

from django import setup
from django.conf import settings

from shop.buffering import Buffered
from shop.cors import Cors
from shop.requests import Handler


def shop() -> WSGIApplication:
    """Django, with the answers that are kept in front of it unless the settings say otherwise."""
    setup(set_prefix=False)
    from schema.answers.door import Door  # not before: only now there are models
    from shop.request_log import RequestLog

    django = Handler()
    answers = Door(django) if settings.GRAPHQL_ANSWER_CACHE else django
    # Outside of what is kept, which is the same for every origin.
    crossed = Cors(answers, settings.CORS_ORIGINS) if settings.CORS_ORIGINS else answers
    return Buffered(RequestLog(crossed))


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = shop()
