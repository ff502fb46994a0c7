"""Pictures by the names of their files, in one folder and nowhere else."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog import pictures
from catalog.models import ProductImage
from catalog.moving.goods import Goods, GoodsPicture


@dataclass(frozen=True)
class NewPicture:
    """A picture that the product does not have yet."""

    said: GoodsPicture
    path: Path


class Folder:
    """A folder of pictures. Names with folders in them are looked for by their last part."""

    def __init__(self, path: Path) -> None:
        self.files = {one.name: one for one in sorted(path.iterdir()) if one.is_file()}

    def new_pictures(self, goods: Goods, there: Iterable[ProductImage]) -> list[NewPicture]:
        """Those of the goods that are not there, by what is in the files.

        A file that is missing is wrong; an address whose file is missing is only noted, for
        nothing is fetched.
        """
        known = list(there)
        found: dict[str, NewPicture] = {}
        for said in goods.pictures:
            path = self.files.get(said.file_name)
            if path is None and said.is_address:
                goods.note(said.line, "picture", f"Not fetched: {said.source[:200]}")
            elif path is None:
                message = f"There is no {said.file_name[:100]!r} in the folder."
                goods.complain(said.line, "picture", message)
            else:
                digest = checksum(path)
                if not has(known, digest):
                    found.setdefault(digest, NewPicture(said, path))
        return list(found.values())


def checksum(path: Path) -> str:
    """SHA-256 of the file; of one that is too large to be a picture, its name."""
    if path.stat().st_size > pictures.MOST_BYTES:
        return path.name
    return hashlib.sha256(path.read_bytes()).hexdigest()


def has(known: Sequence[ProductImage], digest: str) -> bool:
    """Whether one of them was made of that file, or is that file: then it came from here."""
    made_here = f"/{digest[:24]}"
    return any(image.checksum == digest or made_here in image.file for image in known)
