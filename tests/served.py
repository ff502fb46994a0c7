"""The tests' settings for a server process of its own, on the test's very database and files."""

import os
from pathlib import Path

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["SERVED_DATABASE"]
MEDIA_ROOT = Path(os.environ["SERVED_MEDIA"])
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
