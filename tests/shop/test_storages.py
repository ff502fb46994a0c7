"""The two places where files can be: what they do alike, and how the bucket is asked."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core.files.base import ContentFile
from pytest_django import Settings

from shop import storages
from shop.storages import places
from shop.storages.disk import allowed_by
from tests import storing

PUBLIC, PRIVATE = storages.public, storages.private
either = pytest.mark.parametrize("of", [PUBLIC, PRIVATE], ids=["public", "private"])


def text(data: bytes = b"x", mime: str = "") -> "ContentFile[bytes]":
    content: ContentFile[bytes] = ContentFile(data)
    if mime:
        content.content_type = mime  # type: ignore[attr-defined]
    return content


def use(settings: Settings, **said: Any) -> None:
    """A bucket of Amazon's, of which nothing is asked over the network."""
    default = {"name": "pictures", "key": ("an-id", "a-secret"), "region": "eu-central-1"}
    more = {"endpoint": "", "domain": "", "checksums": "when_supported"}
    settings.STORAGES = settings.STORAGES | places.in_bucket(**default | more | said)


@pytest.mark.usefixtures("place")
@either
def test_a_file_is_written_read_found_and_deleted(of: Callable[[], storages.Files]) -> None:
    assert list(of().walk()) == []

    of().save("a/b.txt", text(b"hello"))

    assert of().exists("a/b.txt")
    assert [of().fetch("a/b.txt", most) for most in (9, 5, 4, 1)] == [
        b"hello", b"hello", b"hello", b"he",
    ]  # fmt: skip
    assert [stored.key for stored in of().walk()] == ["a/b.txt"]
    of().delete("a/b.txt")
    of().delete("a/b.txt")  # absent is no error
    assert (of().exists("a/b.txt"), list(of().walk())) == (False, [])
    with pytest.raises(FileNotFoundError):
        of().fetch("a/b.txt", 9)


@pytest.mark.usefixtures("place")
def test_public_and_private_files_lie_apart() -> None:
    PUBLIC().save("same.txt", text(b"shown"))
    PRIVATE().save("same.txt", text(b"hidden"))

    assert (PUBLIC().fetch("same.txt", 9), PRIVATE().fetch("same.txt", 9)) == (b"shown", b"hidden")
    assert [stored.key for stored in PUBLIC().walk()] == ["same.txt"]


@pytest.mark.usefixtures("place")
def test_every_file_of_many_is_walked_through() -> None:
    keys = {f"{at % 3}/{at}.txt" for at in range(20)}
    for key in keys:
        PUBLIC().save(key, text())

    assert {stored.key for stored in PUBLIC().walk()} == keys


@either
def test_a_bucket_that_fails_fails_as_a_disk_does(
    bucket: Any, of: Callable[[], storages.Files]
) -> None:
    bucket.delete()

    acts: list[Callable[[], object]] = [
        lambda: of().save("a.txt", text()),
        lambda: of().open("a.txt"),
        lambda: of().fetch("a.txt", 9),
        lambda: list(of().walk()),
    ]
    for act in acts:
        with pytest.raises(OSError, match=r"bucket|a\.txt"):
            act()


def test_a_bucket_nobody_answers_for_fails_as_a_disk_does(settings: Settings) -> None:
    use(settings, endpoint=f"http://127.0.0.1:{storing.free_port()}")

    for act in (PUBLIC().exists, PUBLIC().delete):
        with pytest.raises(OSError, match="The bucket does not do it"):
            act("a.txt")


def test_private_files_are_given_out_for_five_minutes_to_who_has_the_address(bucket: Any) -> None:
    PRIVATE().save("a.txt", text(b"hidden"))

    address = PRIVATE().url("a.txt")

    said = parse_qs(urlsplit(address).query)
    assert said["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert said["X-Amz-Expires"] == ["300"]
    assert requests.get(address, timeout=9).content == b"hidden"
    assert requests.get(address.partition("?")[0], timeout=9).status_code == 403
    assert bucket.Object("private/a.txt").get()["Body"].read() == b"hidden"


def test_private_files_are_never_fetched_from_the_cdn(settings: Settings) -> None:
    settings.AWS_S3_CUSTOM_DOMAIN = "cdn.example.com"  # which the library reads by itself
    use(settings, domain="cdn.example.com")

    at = urlsplit(PRIVATE().url("a.txt"))
    assert at.netloc == "pictures.s3.eu-central-1.amazonaws.com"
    assert "X-Amz-Signature" in at.query
    assert urlsplit(PRIVATE().post_form("a", mime="x", size=1, seconds=1).url).netloc == at.netloc


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ({}, "https://pictures.s3.eu-central-1.amazonaws.com"),
        ({"region": ""}, "https://pictures.s3.amazonaws.com"),
        ({"domain": "cdn.example.com"}, "https://cdn.example.com"),
        ({"domain": "https://cdn.example.com/"}, "https://cdn.example.com"),
        ({"endpoint": "http://127.0.0.1:9000"}, "http://127.0.0.1:9000/pictures"),
        ({"endpoint": "https://s3.example.com/store"}, "https://s3.example.com/store/pictures"),
        ({"endpoint": "https://s3.example.com", "domain": "cdn.x"}, "https://cdn.x"),
    ],
)
def test_what_is_public_has_an_address_that_stays(
    settings: Settings, said: dict[str, str], address: str
) -> None:
    use(settings, **said)

    assert PUBLIC().url("a/b c.jpg") == f"{address}/media/a/b%20c.jpg"


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ({}, "https://pictures.s3.eu-central-1.amazonaws.com/"),
        ({"endpoint": "https://s3.example.com"}, "https://s3.example.com/pictures"),
    ],
)
def test_another_store_than_amazon_s_is_asked_by_path(
    settings: Settings, said: dict[str, str], address: str
) -> None:
    """Few of them have a name and a certificate for every bucket."""
    use(settings, **said)

    assert PRIVATE().post_form("a", mime="x", size=1, seconds=1).url == address


def test_all_is_signed_the_new_way_in_the_bucket_s_region(settings: Settings) -> None:
    use(settings, region="us-east-1")  # where the client's own default is the old way

    signed = parse_qs(urlsplit(PRIVATE().url("a.txt")).query)
    assert signed["X-Amz-Credential"][0].split("/")[2:] == ["us-east-1", "s3", "aws4_request"]


def test_without_a_key_the_client_looks_for_one_itself(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-the-role")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    use(settings, key=("", ""))

    assert "of-the-role" in PRIVATE().url("a.txt")


def test_pictures_may_be_kept_for_ever_and_say_what_they_are(bucket: Any) -> None:
    PUBLIC().save("a.webp", text(mime="image/webp"))
    PRIVATE().save("a.webp", text(mime="image/webp"))

    shown = bucket.Object("media/a.webp").get()
    assert shown["CacheControl"] == "public, max-age=31536000, immutable"
    assert shown["ContentType"] == "image/webp"
    assert "CacheControl" not in bucket.Object("private/a.webp").get()


def test_a_signed_address_of_the_disk_says_key_kind_and_size(disk: Path) -> None:
    form = PRIVATE().post_form("uploads/7", mime="image/png", size=9, seconds=5)

    assert allowed_by(form.url.rpartition("/")[2]) == ("uploads/7", "image/png", 9)
    assert form.fields == {"key": "uploads/7", "Content-Type": "image/png"}
    assert not (disk / "private").exists()


Heard = list[tuple[str, str, dict[str, str]]]


class Recorder(BaseHTTPRequestHandler):
    """Takes everything, and has nothing yet."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def do_GET(self, status: int = 200) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        heard: Heard = self.server.heard  # type: ignore[attr-defined]
        heard.append((self.command, self.path, headers))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_HEAD(self) -> None:
        self.do_GET(404)

    def do_DELETE(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def recorder() -> Iterator[tuple[str, Heard]]:
    """Its address, and what it is asked: method, path and headers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        server.daemon_threads, server.heard = True, []  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", server.heard  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


def everything_asked() -> None:
    PUBLIC().save("a.jpg", text())
    PUBLIC().exists("a.jpg")
    PUBLIC().fetch("a.jpg", 9)
    PUBLIC().delete("a.jpg")


def test_a_store_that_knows_no_checksums_is_sent_none(
    settings: Settings, recorder: tuple[str, Heard]
) -> None:
    address, heard = recorder
    use(settings, endpoint=address, checksums="when_required")

    everything_asked()

    assert [method for method, _, _ in heard] == ["PUT", "HEAD", "GET", "DELETE"]
    names = {name for _, _, headers in heard for name in headers}
    assert not [name for name in names if "checksum" in name or "trailer" in name]


def test_amazon_is_sent_checksums(settings: Settings, recorder: tuple[str, Heard]) -> None:
    address, heard = recorder
    use(settings, endpoint=address)

    PUBLIC().save("a.jpg", text())

    assert any("checksum" in name for name in heard[0][2])


def test_no_file_is_asked_about_before_it_is_written_and_none_has_an_acl(
    settings: Settings, recorder: tuple[str, Heard]
) -> None:
    address, heard = recorder
    use(settings, endpoint=address)

    PUBLIC().save("a.jpg", text())
    PRIVATE().save("a.jpg", text())

    assert [(method, urlsplit(path).path) for method, path, _ in heard] == [
        ("PUT", "/pictures/media/a.jpg"),
        ("PUT", "/pictures/private/a.jpg"),
    ]
    assert not any("x-amz-acl" in headers for _, _, headers in heard)


def test_a_large_file_goes_in_one_piece(settings: Settings, recorder: tuple[str, Heard]) -> None:
    address, heard = recorder
    use(settings, endpoint=address)

    PUBLIC().save("a.jpg", text(bytes(9_000_000)))  # more than boto3 sends at once by itself

    assert [method for method, _, _ in heard] == ["PUT"]


def test_an_address_is_made_without_a_word_to_the_bucket(
    settings: Settings, recorder: tuple[str, Heard]
) -> None:
    address, heard = recorder
    use(settings, endpoint=address)

    PUBLIC().url("a.jpg")
    PRIVATE().post_form("a", mime="x", size=1, seconds=1)

    assert heard == []
