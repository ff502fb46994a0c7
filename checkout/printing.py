"""An invoice as a PDF."""

from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from checkout import invoices
from checkout.models import Invoice

if TYPE_CHECKING:
    from fpdf import FPDF

FONTS = Path(__file__).parent / "fonts"
FAMILY = "DejaVu"
MARGIN = 20  # all lengths are millimetres
WIDTHS = (76, 14, 28, 25, 27)
TAX_WIDTHS = (50, 40, 40, 40)
LINE = 5
ROW = LINE + 2  # of a table, with its padding
UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def pdf(invoice: Invoice) -> bytes:
    """The invoice on as many A4 pages as it takes; the same bytes each time."""
    sheet = invoices.sheet(invoice)
    paper = _paper(sheet)
    _head(paper, sheet)
    _table(paper, WIDTHS, [sheet.heads, *sheet.rows])
    _sums(paper, sheet)
    _taxes(paper, sheet)
    paper.multi_cell(0, LINE, _printable(paper, sheet.payment))
    return bytes(paper.output())


def _paper(sheet: invoices.Sheet) -> "FPDF":
    from fpdf import FPDF  # takes most of a second, which only who prints has to wait

    paper = FPDF(format="A4")
    paper.set_margin(MARGIN)
    paper.set_auto_page_break(auto=True, margin=MARGIN)
    paper.add_font(FAMILY, "", FONTS / "DejaVuSans.ttf")
    paper.add_font(FAMILY, "B", FONTS / "DejaVuSans-Bold.ttf")
    paper.set_title(f"Invoice {sheet.number}")
    paper.set_lang("en")
    paper.set_creation_date(sheet.issued_at)
    paper.add_page()
    paper.set_font(FAMILY, size=9)
    return paper


def _head(paper: "FPDF", sheet: invoices.Sheet) -> None:
    """Seller, buyer, and the facts of the invoice below them."""
    _lines(paper, sheet.seller)
    paper.ln(2 * LINE)
    _lines(paper, sheet.buyer)
    paper.ln(2 * LINE)
    paper.set_font(FAMILY, "B", 16)
    paper.cell(0, 2 * LINE, f"Invoice {sheet.number}", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FAMILY, size=9)
    for name, value in sheet.facts[1:]:
        paper.cell(30, LINE, name)
        paper.cell(0, LINE, _printable(paper, value), new_x="LMARGIN", new_y="NEXT")
    paper.ln(LINE)


def _lines(paper: "FPDF", lines: Iterable[str]) -> None:
    for line in lines:
        paper.multi_cell(0, LINE, _printable(paper, line), new_x="LMARGIN", new_y="NEXT")


def _table(paper: "FPDF", widths: Sequence[int], rows: Iterable[Sequence[str]]) -> None:
    """Rows of cells, names on the left and figures on the right; the first row is the headings.

    These stand again at the top of each page.
    """
    with paper.table(
        col_widths=widths,
        text_align=("LEFT", *["RIGHT"] * (len(widths) - 1)),
        v_align="TOP",
        line_height=LINE,
        borders_layout="HORIZONTAL_LINES",
        padding=1,
    ) as table:
        for cells in rows:
            row = table.row()
            for cell in cells:
                row.cell(_printable(paper, cell))
    paper.ln(LINE)


def _sums(paper: "FPDF", sheet: invoices.Sheet) -> None:
    """What leads to the total, and the total; not torn apart if it fits."""
    sums = [(_printable(paper, name), amount) for name, amount in sheet.sums]
    lines = sum(len(_sum_name(paper, name, dry_run=True)) for name, _ in sums)
    _keep_together(paper, (lines + 3) * LINE)
    for name, amount in sums:
        _sum(paper, name, amount)
    paper.set_font(FAMILY, "B", 9)
    _sum(paper, "Total", sheet.total)
    paper.set_font(FAMILY, size=9)
    paper.ln(LINE)


def _sum(paper: "FPDF", name: str, amount: str) -> None:
    """The amount stands beside the last line of its name."""
    _sum_name(paper, name)
    paper.cell(0, LINE, amount, align="R", new_x="LMARGIN", new_y="NEXT")


def _sum_name(paper: "FPDF", name: str, *, dry_run: bool = False) -> list[str]:
    """The lines of the name, which are drawn unless it is a dry run."""
    width = sum(WIDTHS[:-1]) - 10
    found = paper.multi_cell(
        width, LINE, name, align="R", new_x="RIGHT", new_y="LAST", dry_run=dry_run, output="LINES"
    )
    return cast("list[str]", found)


def _taxes(paper: "FPDF", sheet: invoices.Sheet) -> None:
    """The taxes by rate, if there are any."""
    if sheet.taxes:
        _keep_together(paper, (len(sheet.taxes) + 1) * ROW)
        _table(paper, TAX_WIDTHS, [sheet.tax_heads, *sheet.taxes])


def _keep_together(paper: "FPDF", height: float) -> None:
    """Begin a new page where this one has not so much room left."""
    if paper.will_page_break(height):
        paper.add_page()


def _printable(paper: "FPDF", text: str) -> str:
    """The text without signs that the font has not, and without control signs but line breaks."""
    known = _signs(paper)
    return "\n".join(
        "".join(sign if ord(sign) in known else UNKNOWN for sign in " ".join(line.split()))
        for line in text.split("\n")
    )


def _signs(paper: "FPDF") -> Container[int]:
    """The code points that the chosen font has."""
    from fpdf.fonts import TTFFont

    font = paper.current_font
    return font.cmap if isinstance(font, TTFFont) else range(32, 127)
