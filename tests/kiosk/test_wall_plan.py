"""Where the tiles of a class stand."""

from __future__ import annotations

import pytest

from kiosk.wall_plan import MIN_HEIGHT, MIN_WIDTH, plan_wall


@pytest.mark.parametrize(("tiles", "width", "height"), [(25, 80, 15), (36, 100, 20), (30, 120, 27), (1, 80, 15)])
def test_a_class_fits_on_one_page_of_large_tiles(tiles: int, width: int, height: int) -> None:
    plan = plan_wall(tiles, width, height)
    assert plan.pages == 1
    assert plan.per_page >= tiles
    assert plan.tile_width >= MIN_WIDTH
    assert plan.tile_height >= MIN_HEIGHT
    assert plan.columns * plan.tile_width <= width
    assert plan.rows * plan.tile_height <= height


@pytest.mark.parametrize(("tiles", "width", "height"), [(8, 120, 27), (30, 200, 46)])
def test_a_small_class_or_a_large_screen_has_tiles_with_room_for_a_drawing(tiles: int, width: int, height: int) -> None:
    plan = plan_wall(tiles, width, height)
    assert plan.tile_height >= 11
    assert plan.tile_width >= 20


def test_a_class_that_does_not_fit_has_pages_with_room_for_arrows() -> None:
    plan = plan_wall(60, 80, 15)
    assert plan.arrows
    assert plan.per_page * plan.pages >= 60
    assert plan.columns * plan.tile_width <= 80 - 16
    assert plan.tile_width >= MIN_WIDTH


def test_a_very_small_screen_still_has_a_plan() -> None:
    assert plan_wall(30, 20, 3).per_page >= 1
