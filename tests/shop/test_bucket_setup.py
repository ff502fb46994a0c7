"""`manage.py bucket_setup` against a server that speaks S3's protocol and keeps to policies."""

import json
from io import StringIO
from typing import Any

import pytest
import requests
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from pytest_django import Settings

from shop import storages

OTHERS = {
    "Sid": "Backup",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": "s3:ListBucket",
}


@pytest.fixture(autouse=True)
def storefront(settings: Settings) -> None:
    settings.STOREFRONT_URL = "https://shop.example.com/en"
    settings.RETURN_ORIGINS = ["https://app.example.com", "https://shop.example.com"]


def setup(*arguments: str) -> str:
    out = StringIO()
    call_command("bucket_setup", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def status(bucket: Any, s3: str, key: str) -> int:
    """What somebody without any right is answered."""
    return requests.get(f"{s3}/{bucket.name}/{key}", timeout=10).status_code


def policy_of(bucket: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(bucket.Policy().policy)
    return read


def test_everybody_may_fetch_what_is_public_and_nothing_else(bucket: Any, s3: str) -> None:
    storages.public().save("products/a.png", ContentFile(b"a"))
    storages.private().save("uploads/b", ContentFile(b"b"))
    bucket.put_object(Key="static/c.css", Body=b"c")
    bucket.put_object(Key="elsewhere", Body=b"d")
    files = ["media/products/a.png", "static/c.css", "private/uploads/b", "elsewhere"]
    assert [status(bucket, s3, key) for key in files] == [403] * 4

    setup("--apply")

    assert [status(bucket, s3, key) for key in files] == [200, 200, 403, 403]
    (statement,) = policy_of(bucket)["Statement"]
    assert statement["Action"] == "s3:GetObject"  # and no listing


def test_pages_of_the_storefront_may_send(bucket: Any) -> None:
    setup("--apply", "--origin", "https://staff.example.com")

    (rule,) = bucket.Cors().cors_rules
    assert rule["AllowedMethods"] == ["POST"]
    assert rule["AllowedOrigins"] == [
        *("https://shop.example.com", "https://app.example.com", "https://staff.example.com"),
    ]


def test_all_pages_may_send_when_told(bucket: Any) -> None:
    setup("--apply", "--origin", "*")

    (rule,) = bucket.Cors().cors_rules
    assert rule["AllowedOrigins"] == ["*"]


def test_what_nobody_completes_goes_after_a_day(bucket: Any) -> None:
    setup("--apply")

    (rule,) = bucket.LifecycleConfiguration().rules
    assert rule["Filter"] == {"Prefix": "private/uploads/"}
    assert (rule["Expiration"], rule["Status"]) == ({"Days": 1}, "Enabled")


def test_rules_of_others_stay_and_ours_stands_once(bucket: Any) -> None:
    statement = OTHERS | {"Resource": f"arn:aws:s3:::{bucket.name}"}
    before = {"Version": "2012-10-17", "Statement": [statement]}
    bucket.Policy().put(Policy=json.dumps(before))
    fonts = {"ID": "fonts", "AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    bucket.Cors().put(CORSConfiguration={"CORSRules": [fonts]})
    logs = {
        "ID": "logs", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": 9},
    }  # fmt: skip
    bucket.LifecycleConfiguration().put(LifecycleConfiguration={"Rules": [logs]})

    setup("--apply", "--origin", "*")
    setup("--apply")

    assert [one["Sid"] for one in policy_of(bucket)["Statement"]] == ["Backup", "ShopPublicFiles"]
    assert [one["ID"] for one in bucket.Cors().cors_rules] == ["fonts", "shop-direct-uploads"]
    assert bucket.Cors().cors_rules[1]["AllowedOrigins"][0] == "https://shop.example.com"
    rules = bucket.LifecycleConfiguration().rules
    assert [one["ID"] for one in rules] == ["logs", "shop-lapsed-uploads"]


def test_a_bucket_that_blocks_public_policies_is_opened_and_still_refuses_acls(bucket: Any) -> None:
    client = bucket.meta.client
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    all_shut = dict.fromkeys(names, True)
    client.put_public_access_block(Bucket=bucket.name, PublicAccessBlockConfiguration=all_shut)

    setup("--apply")

    found = client.get_public_access_block(Bucket=bucket.name)["PublicAccessBlockConfiguration"]
    assert [found[name] for name in names] == [True, True, False, False]


def test_with_a_cdn_of_its_own_right_the_bucket_stays_shut(bucket: Any, s3: str) -> None:
    storages.public().save("products/a.png", ContentFile(b"a"))

    told = setup("--apply", "--without-policy")

    assert status(bucket, s3, "media/products/a.png") == 403
    assert "Policy" not in told
    assert bucket.Cors().cors_rules


def test_it_is_printed_and_nothing_changed_unless_told(bucket: Any, s3: str) -> None:
    storages.public().save("products/a.png", ContentFile(b"a"))

    told = setup()

    assert f"arn:aws:s3:::{bucket.name}/media/*" in told
    assert '"AllowedOrigins"' in told
    assert '"private/uploads/"' in told
    assert status(bucket, s3, "media/products/a.png") == 403
    with pytest.raises(bucket.meta.client.exceptions.ClientError, match="NoSuchCORS"):
        bucket.Cors().load()


def test_what_the_store_does_not_take_is_told(bucket: Any, capsys: Any) -> None:
    bucket.delete()

    with pytest.raises(SystemExit) as end:
        call_command("bucket_setup", "--apply")

    assert end.value.code == 1
    assert capsys.readouterr().err.count("was not set") == 3


def test_without_an_origin_it_asks_for_one(bucket: Any, settings: Settings) -> None:
    settings.STOREFRONT_URL, settings.RETURN_ORIGINS = "", []

    with pytest.raises(CommandError, match="Which pages may send"):
        setup()


def test_the_disk_needs_none_of_it(disk: Any) -> None:
    with pytest.raises(CommandError, match="on the disk"):
        setup()
