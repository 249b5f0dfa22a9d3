"""Large letters and figures made of half blocks: five columns of eight points each, four rows of cells high.

A letter with an accent is drawn too (Zoë, José, Éloise): every child's name should be as large as any other's.
"""

from __future__ import annotations

import unicodedata

ROWS = 4

# Each glyph is five columns; a column's bit 0 is its top point, bit 7 hangs below the line.
_COLUMNS = {
    " ": "0000000000", "!": "00005F0000", "'": "0005030000", "-": "0808080808", ".": "0060600000",
    "0": "3E5149453E", "1": "00427F4000", "2": "4261514946", "3": "2141454B31", "4": "1814127F10",
    "5": "2745454539", "6": "3C4A494930", "7": "0171090503", "8": "3649494936", "9": "064949291E",
    "A": "7E1111117E", "B": "7F49494936", "C": "3E41414122", "D": "7F4141221C", "E": "7F49494941",
    "F": "7F09090901", "G": "3E4149497A", "H": "7F0808087F", "I": "00417F4100", "J": "2040413F01",
    "K": "7F08142241", "L": "7F40404040", "Ł": "7F48444040", "M": "7F020C027F", "N": "7F0408107F", "O": "3E4141413E",
    "P": "7F09090906", "Q": "3E4151215E", "R": "7F09192946", "S": "4649494931", "T": "01017F0101",
    "U": "3F4040403F", "V": "1F2040201F", "W": "3F4038403F", "X": "6314081463", "Y": "0708700807",
    "Z": "6151494543",
    "a": "2054545478", "b": "7F48444438", "c": "3844444420", "d": "384444487F", "e": "3854545418",
    "f": "087E090102", "g": "18A4A4A47C", "h": "7F08040478", "i": "00447D4000", "j": "4080847D00",
    "k": "7F10284400", "l": "00417F4000", "ł": "00497F4400", "m": "7C04180478", "n": "7C08040478", "o": "3844444438",
    "p": "FC24242418", "q": "18242424FC", "r": "7C08040408", "s": "4854545420", "t": "043F444020",
    "u": "3C4040207C", "v": "1C2040201C", "w": "3C4030403C", "x": "4428102844", "y": "1CA0A0A07C",
    "z": "4464544C44",
}  # fmt: skip
_SPACE = (0, 0, 0)
_ACCENTS = {
    "\u0300": (0, 1, 2, 0, 0), "\u0301": (0, 0, 2, 1, 0), "\u0302": (0, 2, 1, 2, 0), "\u0303": (0, 2, 1, 2, 1),
    "\u0304": (0, 1, 1, 1, 0), "\u0306": (1, 2, 2, 2, 1), "\u0307": (0, 0, 1, 0, 0), "\u0308": (0, 1, 0, 1, 0),
    "\u030a": (0, 1, 2, 1, 0), "\u030b": (0, 2, 1, 2, 1), "\u030c": (0, 1, 2, 1, 0),
    "\u0327": (0, 0, 128, 64, 0), "\u0328": (0, 0, 0, 128, 0),
}  # fmt: skip
"""Points of five columns that an accent adds to a letter: the two above it, or the one below."""
_TALL = frozenset("bdfhklt")
_WITHOUT_DOT = {"i": "00447C4000", "j": "4080847C00"}


def big_text(text: str) -> list[str] | None:
    """The text in large letters, as four rows of equal width; None when a letter has no large form, as ß has not."""
    columns: list[int] = []
    for character in text:
        glyph = _glyph(character)
        if glyph is None:
            return None
        while glyph and glyph[0] == 0:
            glyph = glyph[1:]
        while glyph and glyph[-1] == 0:
            glyph = glyph[:-1]
        columns += [*(glyph or _SPACE), 0]
    columns = columns[:-1]
    return ["".join(_half(column >> 2 * row & 3) for column in columns) for row in range(ROWS)]


def _glyph(character: str) -> tuple[int, ...] | None:
    parts = unicodedata.normalize("NFD", character)
    letter, accents = parts[0], parts[1:]
    if letter not in _COLUMNS or any(accent not in _ACCENTS for accent in accents):
        return None
    if accents and letter in _TALL:
        return None  # there is no room above
    drawn = _WITHOUT_DOT.get(letter, _COLUMNS[letter]) if accents else _COLUMNS[letter]
    glyph = tuple(bytes.fromhex(drawn))
    if accents and letter.isupper():
        glyph = tuple(_as_small(column) for column in glyph)
    for accent in accents:
        glyph = tuple(column | points for column, points in zip(glyph, _ACCENTS[accent], strict=True))
    return glyph


def _as_small(column: int) -> int:
    """A capital's column as high as a small letter, without the second and the sixth of its seven points."""
    return sum((column >> point & 1) << place for place, point in enumerate((0, 2, 3, 4, 6), start=2))


def _half(points: int) -> str:
    return (" ", "▀", "▄", "█")[points]
