"""Text from outside made safe for a screen: no controls, one line, cut by cells; and one picture for each name.

Nothing here is markup: what comes out is shown as it is.
"""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len, set_cell_size

MAX_MARKS = 2
"""Accents kept on one letter: names need one or two, a pile of them spills over other lines."""

PLAIN_PICTURE = "🙂"


def clean(text: str) -> str:
    """The text on one line, without control, direction and invisible characters."""
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category in {"Zl", "Zp", "Zs"} or character in "\t\r\n":
            kept.append(" ")
        elif category[0] == "C" or 0xFE00 <= ord(character) <= 0xFE0F:
            continue
        elif category in {"Mn", "Me"}:
            marks += 1
            if marks <= MAX_MARKS and kept:
                kept.append(character)
            continue
        else:
            kept.append(character)
        marks = 0
    return " ".join("".join(kept).split())


def cut(text: str, cells: int) -> str:
    """The cleaned text in at most `cells` cells, with an ellipsis where something is missing."""
    whole = clean(text)
    if cell_len(whole) <= cells:
        return whole
    return set_cell_size(whole, max(0, cells - 1)).rstrip() + "…" if cells > 0 else ""


def cut_name(text: str, cells: int) -> str:
    """A name in at most `cells` cells: the letter behind it, which tells namesakes apart, is the last to go."""
    whole = clean(text)
    first, _, last = whole.rpartition(" ")
    if cell_len(whole) <= cells or not first or cells - cell_len(last) < 5:
        return cut(whole, cells)
    return f"{cut(first, cells - cell_len(last) - 1)} {last}"


def centred(text: str, cells: int) -> str:
    """The text cut and set in the middle of `cells` cells."""
    short = cut(text, cells)
    room = cells - cell_len(short)
    return " " * (room // 2) + short + " " * (room - room // 2)


def padded(text: str, cells: int) -> str:
    """The text cut, then filled with spaces to exactly `cells` cells."""
    short = cut(text, cells)
    return short + " " * (cells - cell_len(short))


def picture_of(text: str, otherwise: str = PLAIN_PICTURE) -> str:
    """One picture that takes exactly two cells: the first such character of the text."""
    for character in text[:16]:
        if unicodedata.east_asian_width(character) == "W" and cell_len(character) == 2:
            return character
    return otherwise
