"""Files on the local disk."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG

from django.core import signing
from django.core.files.storage import FileSystemStorage
from django.urls import reverse

from shop.storages import PostForm, Stored

SALT = "shop.storages.disk"


class Disk(FileSystemStorage):
    def fetch(self, key: str, most: int) -> bytes:
        with self.open(key) as file:
            data: bytes = file.read(most + 1)
            return data

    def walk(self) -> Iterator[Stored]:
        root = Path(self.location)
        for path in root.rglob("*"):
            try:
                said = path.stat()
            except FileNotFoundError:  # it went while others were looked at
                continue
            if S_ISREG(said.st_mode):
                written = datetime.fromtimestamp(said.st_mtime, UTC)
                yield Stored(path.relative_to(root).as_posix(), written)


class PrivateDisk(Disk):
    """Takes files by an address of the shop's own, in the place of a bucket's."""

    def post_form(self, key: str, *, mime: str, size: int, seconds: int) -> PostForm:
        # In the address, so that it is looked at before a byte of the body is.
        allowed = signing.dumps([key, mime, size, seconds], salt=SALT, compress=True)
        return PostForm(reverse("upload", args=[allowed]), {"key": key, "Content-Type": mime})


def allowed_by(signed: str) -> tuple[str, str, int]:
    """Key, kind and size that `post_form` signed. Raises signing.BadSignature."""
    key, mime, size, seconds = signing.loads(signed, salt=SALT)
    signing.loads(signed, salt=SALT, max_age=seconds)
    return key, mime, size
