"""HTML as text that reads alike: paragraphs, lines and lists stay, the rest goes."""

import re
from html import unescape
from html.parser import HTMLParser

PARAGRAPHS = frozenset(
    {"address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "figure", "footer"}
    | {"form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p"}
    | {"pre", "section", "table", "ul"}
)
LINES = frozenset({"br", "li", "tr"})
CELLS = frozenset({"td", "th"})
SILENT = frozenset({"script", "style", "template", "title"})

TAG = re.compile(r"<[a-zA-Z/!]")
BREAK, LINE = "\x1e", "\x1f"  # until the spaces are settled; control signs of the text go first


class Reader(HTMLParser):
    """Collects what a browser would show; whatever is malformed is taken as well as it can be."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in SILENT:
            self.silent.append(tag)
        elif tag in PARAGRAPHS:
            self.found.append(BREAK)
        elif tag in LINES:
            self.found.append(LINE + ("- " if tag == "li" else ""))
        elif tag in CELLS:
            self.found.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag == self.silent[-1]:
            self.silent.pop()
        elif tag in PARAGRAPHS:
            self.found.append(BREAK)

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(re.sub(r"[\s\x00-\x1f\x7f]+", " ", data))


def text(html: str) -> str:
    """What the HTML says, paragraphs apart by a blank line; text without tags keeps its lines."""
    if not TAG.search(html):
        return unescape(html).strip()
    reader = Reader()
    reader.feed(html)
    reader.close()
    paragraphs = [
        "\n".join(filter(None, (" ".join(line.split()) for line in part.split(LINE))))
        for part in "".join(reader.found).split(BREAK)
    ]
    return "\n\n".join(part for part in paragraphs if part.strip("- \n"))
