"""The served settings where things fail: a mail server, a queue, short waits."""

import os

from schema.answers import shelf
from tests.served import *  # noqa: F403
from tests.served import DATABASES, JOBS

JOBS = os.environ.get("SERVED_JOBS", JOBS)
if "SERVED_PATIENCE" in os.environ:
    STRIPE_TIMEOUT = (3, float(os.environ["SERVED_PATIENCE"]))  # type: ignore[assignment]

# The port of the mail server that the test has made, and how long it is waited for.
if "SERVED_MAIL" in os.environ:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = "127.0.0.1"
    EMAIL_PORT, EMAIL_TIMEOUT = map(int, os.environ["SERVED_MAIL"].split())

# How long an answer lives whose stamp was not moved, in seconds.
if "SERVED_OLDEST" in os.environ:
    shelf.OLDEST = float(os.environ["SERVED_OLDEST"])

# What a database that is killed must have kept, it must have written.
if "SERVED_LASTING" in os.environ:
    DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=on"
