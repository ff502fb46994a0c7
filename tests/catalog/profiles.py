"""Colour profiles (ICC.1:2010) for pictures of tests."""

import struct

from PIL import ImageCms


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def tags(profile: bytes) -> dict[bytes, tuple[int, int, int]]:
    """Where the table speaks of each tag, and where the tag lies and how long it is."""
    count = struct.unpack_from(">I", profile, 128)[0]
    places = [132 + 12 * at for at in range(count)]
    return {
        profile[at : at + 4]: (at, *struct.unpack_from(">II", profile, at + 4)) for at in places
    }


def swapped() -> bytes:
    """One in which red and green have changed places; sRGB in all else."""
    profile, known = bytearray(srgb()), tags(srgb())
    for one, other in ((b"rXYZ", b"gXYZ"), (b"gXYZ", b"rXYZ")):
        struct.pack_into(">II", profile, known[one][0] + 4, *known[other][1:])
    return bytes(profile)


def of_print(grid: int = 2) -> bytes:
    """One of four inks whose table calls every mixture white, of `grid` points a side."""
    curves = struct.pack(">HH", 0, 65535)
    white = struct.pack(">HHH", 0xFF00, 0x8000, 0x8000) * grid**4
    head = struct.pack(">4s4xBBBx", b"mft2", 4, 3, grid)
    identity = struct.pack(">9i", *(65536 if at % 4 == 0 else 0 for at in range(9)))
    table = head + identity + struct.pack(">HH", 2, 2) + curves * 4 + white + curves * 3
    return made(b"prtr", b"CMYK", b"Lab ", {b"A2B0": table})


def made(kind: bytes, of: bytes, to: bytes, tags: dict[bytes, bytes]) -> bytes:
    """A profile of version 2 with those tags."""
    at, table, data = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        table += struct.pack(">4sII", name, at + len(data), len(tag))
        data += tag + bytes(-len(tag) % 4)
    head = struct.pack(">I4sI4s4s4s", at + len(data), b"", 0x02400000, kind, of, to)
    head += bytes(12) + b"acsp" + bytes(28)
    light = struct.pack(">iii", 0xF6D6, 0x10000, 0xD32D)
    return (head + light).ljust(128, b"\0") + table + data
