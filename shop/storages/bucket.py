"""Files in a bucket of S3, or of a store that speaks its protocol."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from shop.storages import PostForm, Stored


@contextmanager
def as_on_disk() -> Iterator[None]:
    """What fails, fails with OSError."""
    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise OSError(f"The bucket does not do it: {error}") from error


class Bucket(S3Storage):  # type: ignore[misc]
    def _save(self, name: str, content: Any) -> Any:
        with as_on_disk():
            return super()._save(name, content)

    def _open(self, name: str, mode: str = "rb") -> Any:
        with as_on_disk():
            return super()._open(name, mode)

    def delete(self, name: str) -> None:
        with as_on_disk():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with as_on_disk():
            return bool(super().exists(name))

    def fetch(self, key: str, most: int) -> bytes:
        with as_on_disk():
            try:
                answer = self.bucket.Object(f"{self.location}/{key}").get()
            except ClientError as error:
                if error.response["Error"]["Code"] == "NoSuchKey":  # not the bucket's absence
                    raise FileNotFoundError(key) from None
                raise
            data: bytes = answer["Body"].read(most + 1)
            return data

    def walk(self) -> Iterator[Stored]:
        prefix = f"{self.location}/"
        with as_on_disk():
            for each in self.bucket.objects.filter(Prefix=prefix):
                yield Stored(each.key.removeprefix(prefix), each.last_modified)


class PrivateBucket(Bucket):
    def post_form(self, key: str, *, mime: str, size: int, seconds: int) -> PostForm:
        """A presigned POST: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html."""
        conditions = [{"Content-Type": mime}, ["content-length-range", size, size]]
        with as_on_disk():  # without credentials it fails, for one
            form = self.connection.meta.client.generate_presigned_post(
                self.bucket_name,
                f"{self.location}/{key}",
                Fields={"Content-Type": mime},
                Conditions=conditions,
                ExpiresIn=seconds,
            )
        return PostForm(form["url"], form["fields"])
