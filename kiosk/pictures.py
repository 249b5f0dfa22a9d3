"""Large pictures made of half blocks, so that they show on any terminal, whatever its fonts."""

from __future__ import annotations

import dataclasses

from rich.cells import cell_len
from rich.text import Text

from kiosk.safe_text import picture_of


@dataclasses.dataclass(frozen=True)
class BigPicture:
    """Rows of styled text, all `width` cells wide."""

    width: int
    rows: tuple[Text, ...]

    def row(self, row: int, height: int, ink: str) -> Text:
        """The row to show at `row` of `height` rows, with the picture in their middle."""
        at = row - (height - len(self.rows)) // 2
        return self.rows[at] if 0 <= at < len(self.rows) else Text(" " * self.width, ink)


def big_picture(picture: str, height: int, paper: str) -> BigPicture:
    """The picture as large as `height` rows allow."""
    one = picture_of(picture)
    lines = ["  ★  ★  ", f"★  {one}  ★", "  ★  ★  "][: max(1, height)]
    width = max(cell_len(line) for line in lines)
    return BigPicture(width, tuple(Text(line, f"#3A2817 on {paper}") for line in lines))
