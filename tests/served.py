"""The tests' settings for a server process of its own, on the test's very database and files."""

import os
from pathlib import Path

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["SERVED_DATABASE"]
MEDIA_ROOT = Path(os.environ["SERVED_MEDIA"])
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

# Where the test's own sandbox listens and what it takes: address, key and webhook secret.
if "SERVED_STRIPE" in os.environ:
    STRIPE_API_BASE, STRIPE_SECRET_KEY, secret = os.environ["SERVED_STRIPE"].split()
    STRIPE_WEBHOOK_SECRETS = [secret]
    STRIPE_PUBLISHABLE_KEY = "pk_test_sandbox"
    STOREFRONT_URL = "https://shop.example.com"
