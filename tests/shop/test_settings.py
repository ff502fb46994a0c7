"""Settings come from the environment, and a wrong one stops the start with one line."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
GOOD = {
    "SECRET_KEY": "k" * 60,
    "ALLOWED_HOSTS": "shop.example.com",
    "ENV_FILE": os.devnull,
    "EMAIL_HOST": "mail.example.com",
}


def start(code: str = "pass", **environment: str) -> subprocess.CompletedProcess[str]:
    """What importing the settings in a fresh process with nothing but that environment says.

    Args:
        code: what to do with them then, as `settings`.
    """
    kept = {name: os.environ[name] for name in ("PATH",)}
    return subprocess.run(
        [sys.executable, "-c", f"import shop.settings as settings; {code}"],
        cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_good_environment_starts() -> None:
    assert start(**GOOD).returncode == 0


def test_no_environment_is_a_closed_door() -> None:
    assert "SECRET_KEY must be set" in start(ENV_FILE=os.devnull).stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "example-key-replaced-by-make-run-never-use-this-one-anywhere"),
        ("SECRET_KEY_FALLBACKS", "k" * 60 + ",short"),
        ("EMAIL_HOST", ""),  # reset codes must not end up in a log
        ("ALLOWED_HOSTS", " , "),
        ("SHOP_CURRENCY", "XYZ"),
        ("SHOP_CURRENCY", "eur"),
        ("SHOP_LANGUAGE", "tlh"),
        ("STOREFRONT_URL", "shop.example.com"),
        ("PRICES_INCLUDE_TAX", "2"),
        ("CART_DAYS", "0"),
        ("TRANSFER_HOLD_DAYS", "-1"),
        ("DATABASE_PORT", "five"),
        ("EMAIL_PORT", "x"),
        ("JOBS", "queue"),  # there is no queue on SQLite
        ("JOBS", "later"),
        ("CASH_ON_DELIVERY", "maybe"),
        ("REVIEW_MODERATION", "maybe"),
        ("STRIPE_PROCESSING_DAYS", "0"),
        ("STRIPE_API_BASE", "http://127.0.0.1:8001"),  # the sandbox is for development alone
        ("AWS_S3_ENDPOINT_URL", "s3.example.com"),
        ("AWS_S3_CHECKSUMS", "never"),
        ("AWS_S3_CHECKSUMS", "WHEN_REQUIRED"),
        ("CORS_ORIGINS", "*"),
        ("RETURN_ORIGINS", "shop.example.com"),
        ("RETURN_ORIGINS", "https://shop.example.com/paid"),
        ("TRUSTED_PROXIES", "proxy.example.com"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, *"),
    ],
)
def test_a_wrong_value_stops_the_start_with_one_line_that_names_it(name: str, value: str) -> None:
    stopped = start(**GOOD | {name: value})

    assert stopped.returncode == 1
    assert len(stopped.stderr.strip().splitlines()) == 1
    assert stopped.stderr.startswith(name)


def test_a_proxy_that_is_not_declared_stops_the_start_and_one_that_is_does_not() -> None:
    """It would be the one customer that all rate limits meet."""
    stopped = start(**GOOD, BEHIND_TLS_PROXY="on")

    assert stopped.returncode == 1
    assert len(stopped.stderr.strip().splitlines()) == 1
    assert stopped.stderr.startswith("TRUSTED_PROXIES")
    for named in ("127.0.0.1", "10.0.0.0/8, 2001:db8::/32", "unix"):
        assert start(**GOOD, BEHIND_TLS_PROXY="on", TRUSTED_PROXIES=named).returncode == 0


def test_two_ways_to_encrypt_mail_exclude_each_other() -> None:
    stopped = start(**GOOD, EMAIL_USE_TLS="on", EMAIL_USE_SSL="on")

    assert stopped.stderr.startswith("EMAIL_USE_SSL")


def test_the_example_names_exactly_what_is_read() -> None:
    settings = (ROOT / "shop/settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', settings)) | {"ENV_FILE"}
    example = (ROOT / ".env.example").read_text()
    told = set(re.findall(r"^#?([A-Z0-9_]+)=", example, flags=re.MULTILINE))

    assert read == told


def test_the_example_starts_for_development() -> None:
    assert start(ENV_FILE=".env.example").returncode == 0


def test_with_debug_off_the_deployment_check_is_clean() -> None:
    kept = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "shop.settings"}
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, env=kept | GOOD | {"SECRET_KEY": "q9-X" * 15 + "abcdefghijklmnop"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("debug", ["on", "off"])
def test_a_stripe_key_without_a_webhook_secret_stops_the_start(debug: str) -> None:
    ended = start(**GOOD, DEBUG=debug, STRIPE_SECRET_KEY="sk_test_1")

    assert "STRIPE_WEBHOOK_SECRET" in ended.stderr
    assert start(**GOOD, DEBUG=debug, STRIPE_SECRET_KEY="sk_test_1",
                 STRIPE_WEBHOOK_SECRET="whsec_1").returncode == 0  # fmt: skip


def test_the_sandboxs_key_is_for_development_alone() -> None:
    sandbox = {"STRIPE_SECRET_KEY": "sk_test_sandbox", "STRIPE_WEBHOOK_SECRET": "whsec_1"}

    assert "STRIPE_SECRET_KEY" in start(**GOOD, **sandbox).stderr
    assert start(**GOOD, **sandbox, DEBUG="on").returncode == 0


@pytest.mark.parametrize("key", ["", "sk_test_1", "sk_live_1"])
def test_no_key_but_the_sandbox_s_leaves_for_the_sandbox(key: str) -> None:
    """Else a real key would be sent to whatever answers at that address."""
    sandbox = {
        "DEBUG": "on",
        "STRIPE_WEBHOOK_SECRET": "whsec_1",
        "STRIPE_API_BASE": "http://127.0.0.1:8001",
    }

    stopped = start(**GOOD, **sandbox, STRIPE_SECRET_KEY=key)

    assert stopped.returncode == 1
    assert stopped.stderr.startswith("STRIPE_API_BASE")
    assert start(**GOOD, **sandbox, STRIPE_SECRET_KEY="sk_test_sandbox").returncode == 0


BUCKET = {
    "AWS_STORAGE_BUCKET_NAME": "pictures",
    "AWS_ACCESS_KEY_ID": "an-id",
    "AWS_SECRET_ACCESS_KEY": "a-secret",
    "AWS_S3_REGION_NAME": "eu-central-1",
    "AWS_S3_ENDPOINT_URL": "https://s3.example.com/",
    "AWS_S3_CUSTOM_DOMAIN": "cdn.example.com",
    "AWS_S3_CHECKSUMS": "when_required",
}
# Each backend with its options; those that are objects are read out of the client's own.
TOLD = """
import json
config = [each["OPTIONS"].pop("client_config") for each in settings.STORAGES.values()
          if "client_config" in each.get("OPTIONS", {})]
print(json.dumps([settings.STORAGES, "whitenoise" in str(settings.MIDDLEWARE),
                  sorted({each.request_checksum_calculation for each in config})], default=str))
""".strip()


def files_of(**environment: str) -> tuple[dict[str, Any], bool, list[str]]:
    """`STORAGES`, whether WhiteNoise hands out static files, and how checksums are sent."""
    ran = start(f"exec({TOLD!r})", **GOOD, **environment)
    assert ran.returncode == 0, ran.stderr
    storages, whitenoise, checksums = json.loads(ran.stdout)
    return storages, whitenoise, checksums


def test_without_a_bucket_files_lie_on_the_disk() -> None:
    storages, whitenoise, _ = files_of()

    assert {name: each["BACKEND"] for name, each in storages.items()} == {
        "default": "shop.storages.disk.Disk",
        "private": "shop.storages.disk.PrivateDisk",
        "staticfiles": "whitenoise.storage.CompressedManifestStaticFilesStorage",
    }
    assert storages["private"]["OPTIONS"]["location"] == str(ROOT / "private")
    assert whitenoise


def test_with_a_bucket_all_files_lie_there_as_the_variables_say() -> None:
    storages, whitenoise, checksums = files_of(**BUCKET)

    assert {name: each["OPTIONS"]["location"] for name, each in storages.items()} == {
        "default": "media", "private": "private", "staticfiles": "static",
    }  # fmt: skip
    for each in storages.values():
        said = each["OPTIONS"]
        assert (said["bucket_name"], said["region_name"]) == ("pictures", "eu-central-1")
        assert (said["access_key"], said["secret_key"]) == ("an-id", "a-secret")
        assert said["endpoint_url"] == "https://s3.example.com"
    assert storages["default"]["OPTIONS"]["custom_domain"] == "cdn.example.com"
    assert checksums == ["when_required"]
    assert not whitenoise


def test_with_debug_on_static_files_come_from_the_apps_even_beside_a_bucket() -> None:
    storages, whitenoise, checksums = files_of(
        DEBUG="on", AWS_STORAGE_BUCKET_NAME="pictures", AWS_S3_REGION_NAME="eu-central-1"
    )

    assert storages["staticfiles"] == {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    assert storages["default"]["BACKEND"] == "shop.storages.bucket.Bucket"
    assert checksums == ["when_supported"]
    assert not whitenoise
