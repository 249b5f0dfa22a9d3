"""The kiosk's own theme: warm, calm paper colours with dark brown ink. Every pair used is at least 4.5:1.

WCAG 2.2, success criterion 1.4.3, is the source of that figure; a test measures every pair on the real screens.
"""

from __future__ import annotations

from textual.theme import Theme

PAPERS = ("#FFDDB0", "#CFECC9", "#CFE5FA", "#FAD3DA", "#E4D8F5", "#FFEFA6")
"""The papers of the tiles, in turn."""

CONFETTI = ("#E2574C", "#2B7FBF", "#3C8D40", "#8A4FB5", "#FFFFFF", "#F08A1D")
"""Decoration only; nothing is to be read from it."""

PAGE = "#FFF7E8"
INK = "#3A2817"
SOFT_INK = "#6B4A2C"
TEAL = "#175A66"
SUN = "#FFD35A"
LILAC = "#DCCBF2"
FOOT = "#3A2817"
FOOT_INK = "#FFF1D6"
FOOT_SOFT = "#E5C79B"
HOME = "#94420F"
DJ = "#6C3391"
DONE = "#1B6636"
LIGHT = "#FFFFFF"
CHOSEN = "#FFC93C"
QUIET = "#EADBC3"

KIOSK_THEME = Theme(
    name="unmissable-kiosk",
    primary=TEAL,
    secondary=DJ,
    accent=SUN,
    foreground=INK,
    background=PAGE,
    surface=PAGE,
    panel=QUIET,
    success=DONE,
    warning=SUN,
    error=HOME,
    dark=False,
    variables={
        "ink": INK,
        "soft-ink": SOFT_INK,
        "page": PAGE,
        "teal": TEAL,
        "sun": SUN,
        "lilac": LILAC,
        "foot": FOOT,
        "foot-ink": FOOT_INK,
        "home": HOME,
        "dj": DJ,
        "done": DONE,
        "light": LIGHT,
        "chosen": CHOSEN,
        "quiet": QUIET,
    },
)


def paper_of(place: int) -> str:
    """The paper of the tile at a place, counted from 0."""
    return PAPERS[place % len(PAPERS)]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two `#RRGGBB` colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
