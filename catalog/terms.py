"""What was typed into a search, taken apart."""

import re
from typing import NamedTuple

ENTRY = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
WORD = re.compile(r"[^\W_]+")


class Term(NamedTuple):
    """Words that must stand together, or must not be there."""

    words: list[str]
    excluded: bool
    open: bool  # the last word may go on: it is being typed


def read(text: str) -> list[Term]:
    """What was typed, without anything that is no letter or digit.

    Excluded words alone say nothing about what is looked for: they are taken as wanted then.
    """
    found = [
        Term(words, excluded=bool(entry["minus"]), open=entry["phrase"] is None)
        for entry in ENTRY.finditer(text.casefold())
        if (words := WORD.findall(entry["phrase"] or entry["word"] or ""))
    ]
    if all(term.excluded for term in found):
        return [Term(term.words, excluded=False, open=term.open) for term in found]
    return found
