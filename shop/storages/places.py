"""`STORAGES` for the two places where files can be: public ones, private ones, and static ones."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ONE_YEAR = "public, max-age=31536000, immutable"  # a file's name is never used for another


def on_disk(private: Path) -> dict[str, Any]:
    """The public ones under MEDIA_ROOT, the private ones where no web server looks."""
    return {
        "default": {"BACKEND": "shop.storages.disk.Disk"},
        "private": {
            "BACKEND": "shop.storages.disk.PrivateDisk",
            "OPTIONS": {"location": private, "allow_overwrite": True},
        },
    }


def in_bucket(
    *, name: str, key: tuple[str, str], region: str, endpoint: str, domain: str, checksums: str
) -> dict[str, Any]:
    """All in one bucket, under media/, static/ and private/; a bucket policy opens the first two.

    Args:
        key: id and secret; blank ones let boto3 look for them (an instance's role, say).
        endpoint: of another store than Amazon's, or "".
        domain: a CDN's host in front of the bucket, or "".
    """
    common = connection(name, key=key, region=region, endpoint=endpoint, checksums=checksums)
    protocol, host = public_host(name, region=region, endpoint=endpoint, domain=domain)
    public = common | {
        "custom_domain": host,  # so that an address is made of texts alone and never expires
        "url_protocol": protocol,
    }
    # Said, for the library takes what is left out from settings of the same name.
    private = common | {"querystring_expire": 300, "custom_domain": None}
    shown = public | {"object_parameters": {"CacheControl": ONE_YEAR}}
    return {
        "default": stored("shop.storages.bucket.Bucket", "media", shown),
        "private": stored("shop.storages.bucket.PrivateBucket", "private", private),
        "staticfiles": stored("storages.backends.s3.S3ManifestStaticStorage", "static", public),
    }


def stored(backend: str, folder: str, options: dict[str, Any]) -> dict[str, Any]:
    return {"BACKEND": backend, "OPTIONS": options | {"location": folder}}


def connection(
    name: str, *, key: tuple[str, str], region: str, endpoint: str, checksums: str
) -> dict[str, Any]:
    """What all three say of the bucket, and of how it is asked."""
    return {
        "bucket_name": name,
        "access_key": key[0],
        "secret_key": key[1],
        "region_name": region or None,
        "endpoint_url": endpoint or None,
        "client_config": client_config(endpoint=endpoint, checksums=checksums),
        "default_acl": None,  # new buckets refuse ACLs
        "file_overwrite": True,  # names are random: there is no need to ask whether one is taken
        "transfer_config": transfer_config(),
    }


def public_host(name: str, *, region: str, endpoint: str, domain: str) -> tuple[str, str]:
    """Protocol and host that public files are fetched from."""
    if domain:
        return "https:", domain.removeprefix("https://").rstrip("/")
    if endpoint:
        at = urlsplit(endpoint)
        return f"{at.scheme}:", f"{at.netloc}{at.path.rstrip('/')}/{name}"
    return "https:", f"{name}.s3.{region + '.' if region else ''}amazonaws.com"


def transfer_config() -> Any:
    """A file goes as it is read. boto3's own way, in parts and by ten threads, holds copies."""
    from boto3.s3.transfer import TransferConfig  # slow, and only for who has a bucket

    return TransferConfig(use_threads=False, multipart_threshold=100_000_000)


def client_config(*, endpoint: str, checksums: str) -> Any:
    """How boto3 asks. One object with all of it, for it takes the place of single options."""
    from botocore.config import Config  # slow, and only for who has a bucket

    return Config(
        signature_version="s3v4",  # presigned addresses of old regions would be signed by SigV2
        s3={"addressing_style": "path" if endpoint else "virtual"},
        request_checksum_calculation=checksums,
        response_checksum_validation=checksums,
        retries={"mode": "standard", "total_max_attempts": 4},
        connect_timeout=3,
        read_timeout=20,
    )
