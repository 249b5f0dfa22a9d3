"""Where each tile of a class stands, for a given room in cells. Pure: the same class and room give the same places."""

from __future__ import annotations

import dataclasses

MIN_WIDTH = 12
MIN_HEIGHT = 3
MAX_HEIGHT = 12
ARROW_WIDTH = 8
BEST_SHAPE = 2.6
"""Cells are about twice as high as wide: this many columns a row make a tile that is a little wider than high."""


@dataclasses.dataclass(frozen=True)
class WallPlan:
    """Columns and rows of one page, the size of a tile in cells, and how many pages there are."""

    columns: int
    rows: int
    tile_width: int
    tile_height: int
    pages: int

    @property
    def per_page(self) -> int:
        """How many tiles one page holds."""
        return self.columns * self.rows

    @property
    def arrows(self) -> bool:
        """Whether big arrows are needed."""
        return self.pages > 1


def plan_wall(
    tiles: int, width: int, height: int, min_width: int = MIN_WIDTH, min_height: int = MIN_HEIGHT
) -> WallPlan:
    """The roomiest plan that shows all tiles at once, or else pages of the smallest tiles allowed."""
    most_columns = max(1, width // min_width)
    most_rows = max(1, height // min_height)
    tiles = max(1, tiles)
    if tiles > most_columns * most_rows:
        columns = max(1, (width - 2 * ARROW_WIDTH) // min_width)
        pages = -(-tiles // (columns * most_rows))
        return WallPlan(columns, most_rows, (width - 2 * ARROW_WIDTH) // columns, height // most_rows, pages)
    plans = []
    for columns in range(1, most_columns + 1):
        rows = -(-tiles // columns)
        if rows <= most_rows:
            plans.append(WallPlan(columns, rows, width // columns, min(MAX_HEIGHT, height // rows), 1))
    return min(plans, key=lambda plan: (abs(plan.tile_width / plan.tile_height - BEST_SHAPE), plan.columns))
