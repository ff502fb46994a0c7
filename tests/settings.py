"""The shop's own settings in an environment of known values, with files in a folder that goes."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

os.environ["ENV_FILE"] = "/dev/null"  # a developer's own .env must not steer the tests
os.environ |= {
    "DEBUG": "off",
    "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-only-for-tests",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "SECURE_SSL_REDIRECT": "off",
    "GRAPHQL_EXPLORER": "on",
    "EMAIL_HOST": "localhost",  # never asked: the test runner keeps mails in memory
    "BANK_ACCOUNT": "IBAN DE02 1203 0000 0000 2020 51, Test Bank",
    "JOBS": "inline",
}
from shop.settings import *

SCRATCH = Path(tempfile.mkdtemp(prefix="shop-tests-"))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)

# The limits work, and no test meets one that it does not set itself.
RATE_LIMITS = dict.fromkeys(RATE_LIMITS, (1_000_000, 60, 1_000_000))

# A file, because races on the in-memory database fail with "table is locked".
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": SCRATCH / "test.sqlite3"}
else:
    # Races need real commits, not commits that outlive a power cut.
    DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"
MEDIA_ROOT = SCRATCH / "media"
STORAGES["private"]["OPTIONS"]["location"] = SCRATCH / "private"
STATIC_ROOT = SCRATCH / "static"
STATIC_ROOT.mkdir()
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # speed; strength is Django's
