"""The shop as in production, on a database of the benchmark, with its views written by hand."""

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

ROOT_URLCONF = "benchmarks.urls"
JOBS = "queue"  # a mail is a row, as in production; no worker runs it
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
LOGGING_CONFIG = None

OPTIONS = DATABASES["default"]["OPTIONS"]
if "options" in OPTIONS:
    # The tests need no commits on the disk; production does.
    OPTIONS["options"] = OPTIONS["options"].replace(" -c synchronous_commit=off", "")
