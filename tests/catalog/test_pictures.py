"""Uploaded bytes: what is made a picture of, and what is refused."""

import hashlib
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from catalog import decoding, pictures
from tests.catalog import profiles
from tests.catalog.hostile_files import archive
from tests.catalog.picturing import decoded, drawn, file, refused


def sixteen_bits() -> bytes:
    """A grey PNG of half the light."""
    out = BytesIO()
    Image.frombytes("I;16", (400, 300), b"\x00\x80" * 120_000).save(out, "PNG")
    return out.getvalue()


SENT = {
    "a photo": ("JPEG", drawn(400, 300)),
    "a photo for print": ("JPEG", drawn(400, 300, mode="CMYK")),
    "a grey photo": ("JPEG", drawn(400, 300, mode="L")),
    "a drawing": ("PNG", drawn(400, 300, "PNG")),
    "a drawing with a palette": ("PNG", drawn(400, 300, "PNG", mode="P")),
    "a drawing that is transparent": ("PNG", drawn(400, 300, "PNG", mode="RGBA")),
    "a drawing of sixteen bits": ("PNG", sixteen_bits()),
    "a WebP": ("WEBP", drawn(400, 300, "WEBP")),
}


@pytest.mark.parametrize("what", list(SENT))
def test_a_picture_is_made_anew_in_its_own_format(what: str) -> None:
    kind, data = SENT[what]
    data += bytes(99)  # which is let pass, and tells the file that was sent from the one made

    picture = pictures.read(file(data, "wrong.gif"))

    made = decoded(picture.full)
    assert (made.format, made.size) == (kind, (400, 300))
    assert (picture.format, picture.width, picture.height) == (kind, 400, 300)
    assert picture.mime == f"image/{kind.lower()}"
    assert picture.checksum == hashlib.sha256(data).hexdigest()
    assert not picture.full.endswith(bytes(99))


def test_sixteen_bits_keep_their_light() -> None:
    made = decoded(pictures.read(file(sixteen_bits())).full)

    assert made.convert("L").getpixel((200, 150)) == pytest.approx(128, abs=2)


@pytest.mark.parametrize(
    ("kind", "formats"),
    [("JPEG", ["JPEG", "WEBP"]), ("PNG", ["PNG", "WEBP"]), ("WEBP", ["WEBP"])],
)
def test_narrower_ones_are_made_in_both_formats_below_its_own_width(
    kind: str, formats: list[str]
) -> None:
    picture = pictures.read(file(drawn(700, 350, kind)))

    made = {key: decoded(data) for key, data in picture.files.items()}
    assert set(made) == {(width, each) for width in (700, 640, 320) for each in formats}
    assert all((image.width, image.format) == key for key, image in made.items())
    assert made[640, "WEBP"].size == (640, 320)


def test_a_picture_as_wide_as_a_copy_needs_no_copy_of_that_width() -> None:
    picture = pictures.read(file(drawn(640, 10)))

    assert {width for width, _ in picture.files} == {640, 320}


def test_a_line_of_pixels_stays_a_line() -> None:
    picture = pictures.read(file(drawn(2000, 1, "PNG")))

    assert decoded(picture.files[320, "PNG"]).size == (320, 1)


def test_a_large_picture_is_kept_at_a_size_that_pages_show() -> None:
    picture = pictures.read(file(drawn(6000, 1500)))

    assert (picture.width, picture.height) == (4096, 1024)
    assert decoded(picture.full).size == (4096, 1024)


def test_a_picture_stands_upright_and_tells_nothing_of_its_maker() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010F] = "Secret camera"
    data = drawn(40, 20, exif=exif, comment=b"Secret comment", icc_profile=b"Secret profile")

    picture = pictures.read(file(data))

    made = decoded(picture.full)
    assert made.size == (20, 40)
    top, bottom = made.getpixel((10, 5)), made.getpixel((10, 35))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[0] > 200, bottom[2] > 200) == (True, True)
    assert not any(b"Secret" in each for each in picture.files.values())


def seen(data: bytes) -> tuple[int, ...]:
    """The colour at the left of what is made of a picture."""
    colour = decoded(pictures.read(file(data)).full).getpixel((5, 15))
    assert isinstance(colour, tuple)
    return colour


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_colours_are_those_that_the_profile_means(mode: str) -> None:
    """Where the profile calls red what sRGB calls green, green is what pages show."""
    profile = profiles.swapped()

    assert seen(drawn(kind="PNG", mode=mode))[:3] == (255, 0, 0)
    shown = seen(drawn(kind="PNG", mode=mode, icc_profile=profile))

    assert shown[:3] == pytest.approx((0, 255, 0), abs=3)
    assert shown[3:] == ((255,) if mode == "RGBA" else ())


def test_colours_for_print_are_shown_by_their_profile() -> None:
    """The profile calls every ink white paper but the last: red is white then, not red."""
    assert seen(drawn(mode="CMYK", icc_profile=profiles.of_print()))[:3] != pytest.approx(
        seen(drawn(mode="CMYK"))[:3], abs=40
    )


def test_transparency_is_no_colour_of_the_profile_s() -> None:
    out = BytesIO()
    image = Image.new("RGBA", (40, 30), (255, 0, 0, 100))
    image.save(out, "PNG", icc_profile=profiles.swapped())

    assert seen(out.getvalue()) == pytest.approx((0, 255, 0, 100), abs=3)


@pytest.mark.parametrize("profile", [b"x", profiles.swapped()[:200], profiles.of_print()])
def test_a_profile_that_cannot_be_read_or_is_of_other_pixels_changes_nothing(
    profile: bytes,
) -> None:
    assert seen(drawn(kind="PNG", icc_profile=profile)) == (255, 0, 0)


def test_transparency_stays() -> None:
    out = BytesIO()
    Image.new("RGBA", (400, 300), (0, 0, 0, 0)).save(out, "PNG")

    picture = pictures.read(file(out.getvalue()))

    assert {decoded(data).mode for data in picture.files.values()} == {"RGBA"}


def test_the_placeholder_shows_what_the_picture_shows() -> None:
    red, blue = (
        pictures.read(file(drawn(kind="PNG", colour=colour))) for colour in ("red", "blue")
    )

    assert len(red.placeholder) == 4 + 2 * 4 * 3  # of four by three components
    assert red.placeholder != blue.placeholder


FILM = b"\0\0\0\x18ftypmp42" + bytes(12) + b"\0\0\0\x10mdat" + b"pictures"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "tail",
    [b"\r\n", b"\n", b"\xff\xff", bytes(9), bytes(4) + FILM, FILM, b"more" + b"SEFT"],
    ids=["a line", "unix", "fill", "zeros", "zeros and a film", "a film", "a phone's block"],
)
def test_what_cameras_leave_behind_a_picture_is_let_pass_and_dropped(
    kind: str, tail: bytes
) -> None:
    picture = pictures.read(file(drawn(kind=kind) + tail))

    assert decoded(picture.full).size == (40, 30)
    assert not any(data.endswith(tail) for data in picture.files.values())


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that says how many pixels it has."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")


UNSUPPORTED = {
    "empty": b"",
    "text": b"hello",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "gif": drawn(kind="GIF"),
    "tiff": drawn(kind="TIFF"),
    "bmp": drawn(kind="BMP"),
    "jpeg cut short": drawn(400, 300)[:-900],
    "jpeg without its end": drawn(400, 300)[:-2],
    "png cut short": drawn(400, 300, "PNG")[:-20],
    "webp cut short": drawn(400, 300, "WEBP")[:-20],
    "jpeg and html": drawn() + b"<html><script>alert(1)</script>",
    "jpeg and zip": drawn() + b"PK\x03\x04" + b"x" * 40,
    "jpeg, film and zip": drawn() + FILM + archive(),
    "jpeg, block of a phone and zip": drawn() + archive() + b"SEFT",
    "jpeg and other bytes": drawn() + b"\r\nx",
    "png and zip": drawn(kind="PNG") + b"PK\x03\x04" + b"x" * 40,
    "webp and pdf": drawn(kind="WEBP") + b"%PDF-1.7",
    "pdf in a comment": drawn(comment=b"%PDF-1.7"),
    "script in a comment": drawn(comment=b"<ScRiPt>alert(1)"),
    "only a head": drawn()[:20],
    "bomb": bomb(30_000),
    "too many pixels": bomb(6401),
}


@pytest.mark.parametrize("kind", list(UNSUPPORTED))
def test_what_is_no_picture_is_refused(kind: str) -> None:
    sent = file(UNSUPPORTED[kind], "harmless.jpg")

    assert refused(lambda: pictures.read(sent, "files", 1)) == [
        ("UNSUPPORTED_FILE", ("files", "1"))
    ]


def test_many_pixels_are_refused_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MOST_PIXELS", 2499)
    intact = drawn(50, 50)  # decodes well, so that only the limit can refuse it

    with pytest.raises(ValueError, match="too many pixels"):
        decoding.decoded(intact)

    monkeypatch.setattr(decoding, "MOST_PIXELS", 2500)
    assert decoding.decoded(intact)[0].size == (50, 50)


@pytest.mark.parametrize("sent", ["x.jpg", None, 7])
def test_a_text_in_place_of_a_file_is_refused(sent: object) -> None:
    assert refused(lambda: pictures.read(sent, "image")) == [("UNSUPPORTED_FILE", ("image",))]


def test_a_file_over_ten_megabytes_is_refused_unread() -> None:
    huge = file(drawn() + bytes(10_000_000))

    assert refused(lambda: pictures.read(huge, "image")) == [("FILE_TOO_LARGE", ("image",))]
    assert huge.tell() == 0


def test_a_file_that_was_read_before_is_read_from_its_start() -> None:
    sent = file(drawn())
    sent.read()

    assert pictures.read(sent).width == 40
