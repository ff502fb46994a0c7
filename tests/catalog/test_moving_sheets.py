"""CSV files as rows: lines, signs and everything that is no such file; HTML as text; cells."""

from decimal import Decimal
from pathlib import Path

import pytest

from catalog.moving import cells, plain, sheets
from catalog.moving.sheets import NotASheet

KNOWN = {"handle": "handle", "sku": "sku", "title": "name"}


def written(folder: Path, data: bytes) -> Path:
    path = folder / "x.csv"
    path.write_bytes(data)
    return path


def test_rows_know_the_line_in_which_they_begin(tmp_path: Path) -> None:
    data = 'Handle,TITLE,SKU\r\na,"one\r\ntwo ""x"", y",A\r\n\r\n,,\r\nb,\u2028,B\n'
    path = written(tmp_path, b"\xef\xbb\xbf" + data.encode())

    found = sheets.read(path, KNOWN)

    assert [(row.line, row.cells["sku"]) for row in found.rows] == [(2, "A"), (6, "B")]
    assert found.rows[0].cells["name"] == 'one\r\ntwo "x", y'
    assert found.titles == {"handle": "Handle", "name": "TITLE", "sku": "SKU"}


@pytest.mark.parametrize("sign", [";", "\t"])
def test_what_spreadsheets_write_instead_of_commas_is_read(tmp_path: Path, sign: str) -> None:
    path = written(tmp_path, f'handle{sign}sku\na{sign}"1,5"\n'.encode())

    assert sheets.read(path, KNOWN).rows[0].cells == {"handle": "a", "sku": "1,5"}


def test_columns_that_nobody_knows_are_named(tmp_path: Path) -> None:
    found = sheets.read(written(tmp_path, b"handle,Cost,,sku\na,1,x,A\n"), KNOWN)

    assert found.unknown == ["Cost"]
    assert found.rows[0].cells == {"handle": "a", "sku": "A"}


def test_rows_that_cannot_be_taken_are_told_with_their_lines(tmp_path: Path) -> None:
    path = written(tmp_path, b"handle,sku\na\nb,1,2\nc,\0\n ,D\ne,E\n")

    found = sheets.read(path, KNOWN)

    assert found.wrong == [
        (2, "", "It has 1 cells; the first line has 2."),
        (3, "", "It has 3 cells; the first line has 2."),
        (4, "", "There is a NUL sign in it, which is no text."),
        (5, "handle", "It belongs to no product."),
    ]
    assert found.spoiled == {"a": 2, "b": 3, "c": 4}
    assert [row.line for row in found.rows] == [6]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "It is empty."),
        (b"\n\n", "It is empty."),
        (b"handle,sku\nl\xe4mp,A\n", "not UTF-8"),
        ("handle,sku\na,A\n".encode("utf-16"), "not UTF-8"),
        (b'handle,sku\na,A\nb,"open\nc,C\n', "no CSV from line 3 on"),
        (b'handle,sku\na,"A"x\n', "no CSV from line 2 on"),
        (b"handle,sku,Handle\na,A,b\n", "column handle is there twice"),
    ],
)
def test_what_is_no_sheet_is_refused_as_a_whole(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(NotASheet, match=reason):
        sheets.read(written(tmp_path, data), KNOWN)


def test_a_long_description_is_no_reason_to_stop(tmp_path: Path) -> None:
    path = written(tmp_path, b"handle,sku,title\na,A," + b"x" * 300_000 + b"\n")

    assert len(sheets.read(path, KNOWN).rows[0].cells["name"]) == 300_000


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain\n2 < 3 &amp; 4", "plain\n2 < 3 & 4"),
        ("<p>One</p>\n<p>Two &amp;\n three</p>", "One\n\nTwo & three"),
        ("<p>a<br>b<br/>c</p>", "a\nb\nc"),
        ("<ul>\n<li>one</li>\n<li><b>two</b></li>\n</ul>after", "- one\n- two\n\nafter"),
        ("<h2>Care</h2>30&nbsp;°C<script>alert('<p>')</script>", "Care\n\n30 °C"),
        ("<style>p {}</style><p>x", "x"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<p></p><div><div>deep</div></div>", "deep"),
        ("<p unclosed", "<p unclosed"),
        ("<!-- note --><b>bold</b>ly", "boldly"),
        ("a\x1eb\x1f<p>c</p>", "a b\n\nc"),
    ],
)
def test_html_becomes_text_that_reads_alike(html: str, text: str) -> None:
    assert plain.text(html) == text


@pytest.mark.parametrize(
    "text", ["1,90", "€1", "1e3", "NaN", "1_0", "١", "", "- 1", "1.", "9" * 16]
)
def test_odd_amounts_are_no_amounts(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        cells.decimal(text)


def test_amounts_keep_every_digit() -> None:
    assert cells.decimal("0019.900") == Decimal("19.900")
    assert cells.whole("12.0") == 12
    assert cells.nearest("453.592") == 454


@pytest.mark.parametrize("text", ["0001-01-01T00:00+14:00", "yesterday", "2026-13-01T00:00Z"])
def test_odd_times_are_no_times(text: str) -> None:
    with pytest.raises(ValueError, match="no"):
        cells.instant(text)


@pytest.mark.parametrize("sign", [";", ">", ","])
def test_parts_of_a_cell_come_back_as_they_were(sign: str) -> None:
    several = ["plain", f"a{sign}b", "back\\slash", "\\", f"\\{sign}", "line\nfeed"]

    assert cells.parts(cells.joined(several, sign), sign) == several
    assert cells.parts(f"a {sign}  {sign} b\\", sign) == ["a", "b\\"]
