"""`manage.py collectstatic`, as a deployment runs it: onto the disk and into the bucket."""

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from tests import storing
from tests.shop.test_settings import GOOD, ROOT

CSS = "admin/css/widgets.css"
HASHED = re.compile(r"(.+)\.[0-9a-f]{12}(\.\w+)")


def collect(settings: str, *options: str, **environment: str) -> None:
    kept = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": settings, "DEBUG": "off"}
    ran = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0", *options],
        cwd=ROOT, env=kept | GOOD | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


def named_in(css: str) -> list[str]:
    """What the style sheet fetches, without what it has in itself."""
    found = re.findall(r"""url\(["']?([^"')]+)["']?\)""", css)
    return [each for each in found if not each.startswith("data:")]


def open_to_all(bucket: Any) -> None:
    """What is static may be fetched by everybody, as a bucket policy says."""
    said = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket.name}/static/*",
    }
    bucket.Policy().put(Policy=json.dumps({"Version": "2012-10-17", "Statement": [said]}))


@pytest.mark.long
def test_static_files_are_collected_into_the_bucket(bucket: Any, s3: str) -> None:
    access, secret = storing.KEY
    open_to_all(bucket)

    collect(
        "shop.settings",
        "--ignore=i18n",  # half of all files, and no style sheet speaks of one
        AWS_STORAGE_BUCKET_NAME=bucket.name,
        AWS_ACCESS_KEY_ID=access,
        AWS_SECRET_ACCESS_KEY=secret,
        AWS_S3_REGION_NAME="us-east-1",
        AWS_S3_ENDPOINT_URL=s3,
    )

    manifest = json.loads(bucket.Object("static/staticfiles.json").get()["Body"].read())
    hashed = manifest["paths"][CSS]
    assert HASHED.fullmatch(hashed)
    answer = requests.get(f"{s3}/{bucket.name}/static/{hashed}", timeout=9)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/css")
    fetched = named_in(answer.text)
    assert fetched
    assert all(HASHED.fullmatch(each) for each in fetched)
    picture = requests.get(f"{s3}/{bucket.name}/static/admin/css/{fetched[0]}", timeout=9)
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/svg+xml")
    assert {each.key.split("/")[0] for each in bucket.objects.all()} == {"static"}


@pytest.mark.long
def test_static_files_are_collected_onto_the_disk(tmp_path: Path) -> None:
    collect("tests.collected", COLLECTED=str(tmp_path))

    manifest = json.loads((tmp_path / "staticfiles.json").read_text())
    hashed = tmp_path / manifest["paths"][CSS]
    assert HASHED.fullmatch(hashed.name)
    fetched = named_in(hashed.read_text())
    assert fetched
    assert all(HASHED.fullmatch(each) for each in fetched)
    assert all((hashed.parent / each).resolve().is_file() for each in fetched)
    assert gzip.decompress(Path(f"{hashed}.gz").read_bytes()) == hashed.read_bytes()
