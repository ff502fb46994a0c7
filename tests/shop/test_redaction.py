"""What must never stand in a log, and what may."""

import logging
import sys

import pytest

from shop.redaction import BLOT, LONGEST, Redacting, redacted


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.def", "abc.def"),
        ("got eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln here", "eyJzdWIiOiIxIn0"),
        ("key sk_live_51Habc failed", "51Habc"),
        ("rk_test_77abc", "77abc"),
        ("signed with whsec_abc/+def=", "abc/+def="),
        ("pi_3Nabc_secret_XYZ", "XYZ"),
        ("{'password': 'correct horse', 'n': 1}", "correct horse"),
        ('{"newPassword":"correct horse"}', "correct horse"),
        ("refresh_token=s3cr3t&x=1", "s3cr3t"),
        ("refreshToken: s3cr3t", "s3cr3t"),
        ("GET /reset-password/?token=s3cr3t HTTP", "s3cr3t"),
        ("GET /media/a.pdf?key=s3cr3t", "s3cr3t"),
        ("POST /uploads/s3cr3t:signed", "s3cr3t"),
        ("to jane.doe+shop@example.co.uk now", "jane.doe"),
    ],
)
def test_what_looks_like_a_secret_is_blotted_out(text: str, secret: str) -> None:
    shown = redacted(text)

    assert secret not in shown
    assert BLOT in shown


@pytest.mark.parametrize(
    "text",
    [
        "order 2026-000123 is paid: 19.90 EUR",
        "request 5f1c failed at ['orderPlace', 'order']",
        "method=POST path=/graphql/ status=200 ms=1.3 statements=1 operation=Tokens cost=12",
        "Payment pi_3Nabc of session cs_test_a1 settled",
    ],
)
def test_the_rest_stays(text: str) -> None:
    assert redacted(text) == text


def test_a_traceback_is_blotted_out_as_well() -> None:
    try:
        raise ValueError("password='correct horse' of jane@example.com")
    except ValueError:
        record = logging.LogRecord("shop", 40, __file__, 1, "It broke", (), sys.exc_info())

    shown = Redacting("{message}", style="{").format(record)

    assert "ValueError" in shown
    assert "correct horse" not in shown
    assert "jane@" not in shown


def test_a_record_is_cut_where_reading_it_would_take_long() -> None:
    record = logging.LogRecord("shop", 40, __file__, 1, "x" * 10 * LONGEST, (), None)

    assert len(Redacting("{message}", style="{").format(record)) == LONGEST
