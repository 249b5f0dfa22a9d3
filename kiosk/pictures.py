"""Large pictures made of half blocks, so that they show on any terminal, whatever its fonts.

Some are drawn by hand; any other picture stands in the middle of a large round medal.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from rich.text import Text

from kiosk.half_sprites import HALVES
from kiosk.safe_text import picture_of
from kiosk.sprites import COLOURS, SPRITES
from kiosk.theme import INK

Points = Mapping[tuple[int, int], str]


@dataclasses.dataclass(frozen=True)
class BigPicture:
    """Rows of styled text, all `width` cells wide."""

    width: int
    rows: tuple[Text, ...]

    def row(self, row: int, height: int, ink: str) -> Text:
        """The row to show at `row` of `height` rows, with the picture in their middle."""
        at = row - (height - len(self.rows)) // 2
        return self.rows[at] if 0 <= at < len(self.rows) else Text(" " * self.width, ink)


def big_picture(picture: str, height: int, paper: str, medal: str) -> BigPicture:
    """The picture on `paper`, as large as `height` rows allow; `medal` is the colour of its medal if it needs one."""
    one = picture_of(picture)
    if one in SPRITES:
        sprite = SPRITES[one]
        scale = max(1, (2 * height - 1) // len(sprite))
        return _drawn(_scaled(sprite, scale), len(sprite[0]) * scale, -(-len(sprite) * scale // 2), paper)
    if one in HALVES:
        lines = tuple(half + half[::-1] for half in HALVES[one])
        card = dict.fromkeys(_card(len(lines[0]) + 4, len(lines)), _INNER)
        card.update({(x + 2, y): colour for (x, y), colour in _scaled(lines, 1).items()})
        return _drawn(card, len(lines[0]) + 4, len(lines) // 2, paper)
    rows = max(3, height - 1)
    rows -= 1 - rows % 2  # an odd number has a middle row
    round_one = _drawn(_medal(2 * rows, medal), 2 * rows, rows, paper)
    middle = rows // 2
    drawn = list(round_one.rows)
    line = drawn[middle]
    drawn[middle] = line[: rows - 1] + Text(one, f"{INK} on {_INNER}") + line[rows + 1 :]
    return BigPicture(round_one.width, tuple(drawn))


_INNER = "#FFFDF5"


def _card(width: int, height: int) -> list[tuple[int, int]]:
    """The points of a card with round corners."""
    inside = []
    for x in range(width):
        for y in range(height):
            from_corner = min(x, width - 1 - x) + min(y, height - 1 - y)
            if from_corner >= 2:
                inside.append((x, y))
    return inside


def _medal(size: int, colour: str) -> dict[tuple[int, int], str]:
    middle = (size - 1) / 2
    points = {}
    for x in range(size):
        for y in range(size):
            far = ((x - middle) ** 2 + (y - middle) ** 2) ** 0.5
            if far <= size / 2:
                points[x, y] = _INNER if far <= size / 2 - 1.3 else colour
    return points


def _scaled(sprite: tuple[str, ...], scale: int) -> dict[tuple[int, int], str]:
    points = {}
    for y, line in enumerate(sprite):
        for x, letter in enumerate(line):
            if letter != ".":
                for dx in range(scale):
                    for dy in range(scale):
                        points[x * scale + dx, y * scale + dy] = COLOURS[letter]
    return points


def _drawn(points: Points, width: int, rows: int, paper: str) -> BigPicture:
    drawn = []
    for row in range(rows):
        line = Text()
        for x in range(width):
            upper, lower = points.get((x, 2 * row), paper), points.get((x, 2 * row + 1), paper)
            line.append(*((" ", f"on {upper}") if upper == lower else ("▀", f"{upper} on {lower}")))
        drawn.append(line)
    return BigPicture(width, tuple(drawn))
