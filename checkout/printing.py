"""An invoice as a PDF."""

from collections.abc import Container, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from checkout import invoices
from checkout.models import Invoice

if TYPE_CHECKING:
    from fpdf import FPDF

FONTS = Path(__file__).parent / "fonts"
FAMILY = "DejaVu"
MARGIN = 20  # all lengths are millimetres
WIDTHS = (76, 14, 28, 25, 27)
LINE = 5
UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def pdf(invoice: Invoice) -> bytes:
    """The invoice on as many A4 pages as it takes; the same bytes each time."""
    sheet = invoices.sheet(invoice)
    paper = _paper(sheet)
    _head(paper, sheet)
    _goods(paper, sheet)
    _sums(paper, sheet)
    paper.ln(LINE)
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


def _goods(paper: "FPDF", sheet: invoices.Sheet) -> None:
    """The order's lines; the headings again at the top of each page."""
    aligned = ("LEFT", "RIGHT", "RIGHT", "RIGHT", "RIGHT")
    with paper.table(
        col_widths=WIDTHS,
        text_align=aligned,
        v_align="TOP",
        line_height=LINE,
        borders_layout="HORIZONTAL_LINES",
        padding=1,
    ) as table:
        for cells in (sheet.heads, *sheet.rows):
            row = table.row()
            for cell in cells:
                row.cell(_printable(paper, cell))
    paper.ln(LINE)


def _sums(paper: "FPDF", sheet: invoices.Sheet) -> None:
    """What leads to the total, the total, and what it contains; not torn apart if it fits."""
    rows = [*sheet.sums, ("Total", sheet.total), *sheet.included]
    if paper.will_page_break((len(rows) + 2) * LINE):
        paper.add_page()
    for at, (name, amount) in enumerate(rows):
        paper.set_font(FAMILY, "B" if at == len(sheet.sums) else "", 9)
        _sum(paper, name, amount)
    paper.set_font(FAMILY, size=9)


def _sum(paper: "FPDF", name: str, amount: str) -> None:
    *_, last = WIDTHS
    paper.cell(sum(WIDTHS) - last - 10, LINE, name, align="R")
    paper.cell(last + 10, LINE, amount, align="R", new_x="LMARGIN", new_y="NEXT")


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
