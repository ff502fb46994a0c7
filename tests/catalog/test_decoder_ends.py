"""The program that decodes: what it is given, and what is told of each way in which it can end."""

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import ImageCms

from catalog import decoding, pictures
from tests.catalog.picturing import drawn, file, refused

UNSUPPORTED = [("UNSUPPORTED_FILE", ("image",))]
UNAVAILABLE = [("STORAGE_UNAVAILABLE", ())]
LIMITED = f"""
import runpy
decoding = runpy.run_path({decoding.__file__!r})
decoding["be_small"]()
"""
# A second in place of ten, the first limit as far below the last as the program sets it.
SHORTER = """
import resource
first, last = resource.getrlimit(resource.RLIMIT_CPU)
resource.setrlimit(resource.RLIMIT_CPU, (1, 1 + last - first))
"""
FULL_DISK = f"""
import os, runpy
os.dup2(os.open("/dev/full", os.O_WRONLY), 1)
runpy.run_path({decoding.__file__!r}, run_name="__main__")
"""
TOO_MUCH_MEMORY = (
    LIMITED
    + """
import os, sys
main = decoding["main"]
main.__globals__["decoded"] = lambda data: os._exit(len(bytearray(2_000_000_000)) and 1)
sys.exit(main())
"""
)
WITHOUT_COLOURS = f"""
import runpy, sys
sys.modules["PIL._imagingcms"] = None
runpy.run_path({decoding.__file__!r}, run_name="__main__")
"""


@pytest.fixture(autouse=True)
def _with_logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="catalog.pictures")


def running(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Have that code run in the decoder's place."""
    monkeypatch.setattr(pictures, "PROGRAM", [sys.executable, "-I", "-c", code])


def ended() -> list[tuple[str, tuple[str, ...]]]:
    """What a good picture is refused with."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return refused(lambda: pictures.read(file(drawn(icc_profile=srgb)), "image"))


def test_the_decoder_knows_no_secret_of_the_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_known")
    running(monkeypatch, "import os; print(dict(os.environ))")

    with pictures.output(b"") as told:
        assert b"sk_live_known" not in told.read()


@pytest.mark.parametrize(
    "code",
    [
        f"import sys; sys.exit({decoding.REFUSED})",
        LIMITED + SHORTER + "while True: pass",
        "import os; os.abort()",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    ],
    ids=["refused", "computes too long", "aborts", "crashes"],
)
def test_what_a_file_does_to_the_decoder_is_told_of_the_file(
    code: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    running(monkeypatch, code)

    assert ended() == UNSUPPORTED
    assert caplog.messages == []


def test_a_picture_that_needs_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    running(monkeypatch, TOO_MUCH_MEMORY)

    assert ended() == UNSUPPORTED


@pytest.mark.parametrize(
    ("code", "logged"),
    [
        ("import nowhere", "nowhere"),
        (
            WITHOUT_COLOURS,
            "_imagingcms",
        ),
        (FULL_DISK, "space left"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
    ],
    ids=["a missing module", "a missing decoder", "a full disk", "killed for memory"],
)
def test_a_fault_of_the_shop_is_logged_and_nothing_is_said_against_the_file(
    code: str, logged: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    running(monkeypatch, code)

    assert ended() == UNAVAILABLE
    assert logged in caplog.text


def test_a_busy_machine_is_not_the_file_s_fault(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pictures, "PATIENCE", 0.2)
    running(monkeypatch, "import time; time.sleep(30)")

    assert ended() == UNAVAILABLE
    assert "no picture was made" in caplog.text


def test_a_program_that_cannot_be_started_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pictures, "PROGRAM", ["/nowhere/python"])

    assert ended() == UNAVAILABLE
    assert "/nowhere/python" in caplog.text


def test_the_time_limit_ends_by_a_signal_of_its_own_and_leaves_no_core() -> None:
    code = LIMITED + "import resource as r; print(*map(r.getrlimit, (r.RLIMIT_CPU, r.RLIMIT_CORE)))"

    out = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=True)

    most = decoding.MOST_SECONDS
    assert out.stdout.decode().strip() == f"({most}, {most + 1}) (0, 0)"


def test_whoever_waits_too_long_for_the_turn_may_try_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setattr(pictures, "WAIT", 0.05)
    started = tmp_path / "started"

    with (
        ThreadPoolExecutor(2) as others, pictures.turn(), monkeypatch.context() as instead,
    ):  # fmt: skip
        running(instead, f"open({str(started)!r}, 'w')")
        reading = others.submit(refused, lambda: pictures.read(file(drawn()), "image"))
        making = others.submit(refused, lambda: pictures.made_of(drawn(), "image"))
        assert (reading.result(20), making.result(20)) == (UNAVAILABLE, UNAVAILABLE)

    assert not started.exists()
    assert "takes too long" in caplog.text
    assert pictures.read(file(drawn())).width == 40
