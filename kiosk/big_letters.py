"""Large letters and figures made of half blocks: a 5 x 7 grid for each, four rows of cells high."""

from __future__ import annotations

_GLYPHS = {
    "0": ("01110", "10001", "10011", "10101", "11001", "10001", "01110"),
    "1": ("00100", "01100", "00100", "00100", "00100", "00100", "01110"),
    "2": ("01110", "10001", "00001", "00110", "01000", "10000", "11111"),
    "3": ("11111", "00010", "00100", "00010", "00001", "10001", "01110"),
    "4": ("00010", "00110", "01010", "10010", "11111", "00010", "00010"),
    "5": ("11111", "10000", "11110", "00001", "00001", "10001", "01110"),
    "6": ("00110", "01000", "10000", "11110", "10001", "10001", "01110"),
    "7": ("11111", "00001", "00010", "00100", "01000", "01000", "01000"),
    "8": ("01110", "10001", "10001", "01110", "10001", "10001", "01110"),
    "9": ("01110", "10001", "10001", "01111", "00001", "00010", "01100"),
    "-": ("00000", "00000", "00000", "11111", "00000", "00000", "00000"),
}
ROWS = 4


def big_text(text: str) -> list[str]:
    """The text in large letters, as four rows of equal width; a character without a large form is left out."""
    glyphs = [_GLYPHS[character] for character in text if character in _GLYPHS]
    rows = []
    for top in range(0, 8, 2):
        parts = []
        for glyph in glyphs:
            upper = glyph[top]
            lower = glyph[top + 1] if top + 1 < len(glyph) else "0" * len(upper)
            parts.append("".join(_half(one == "1", two == "1") for one, two in zip(upper, lower, strict=True)))
        rows.append(" ".join(parts))
    return rows


def _half(upper: bool, lower: bool) -> str:
    if upper and lower:
        return "█"
    return "▀" if upper else "▄" if lower else " "
