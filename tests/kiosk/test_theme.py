"""Every pair of colours on every screen has a contrast of at least 4.5:1."""

from __future__ import annotations

import unicodedata

import pytest
from textual.color import Color

from kiosk.app import KioskApp
from kiosk.errors import Away, Closed
from kiosk.settings import Pace
from kiosk.theme import contrast
from kiosk.widgets.tile import PupilTile, TrackTile
from tests.kiosk.fake_school import FakeSchool, offer

PATIENT = Pace(greeting_s=30, page_s=30, dj_s=30, told_s=30, calm_s=0, reader_pause_s=10)
ENOUGH = 4.5


def is_text(character: str) -> bool:
    """Whether a character is read; spaces, blocks and pictures with colours of their own are not."""
    block = "\u2580" <= character <= "\u259f" and character != "█"
    return not character.isspace() and not block and unicodedata.east_asian_width(character) != "W"


def poor_pairs(app: KioskApp) -> set[tuple[str, str, str]]:
    """Text colour, paper and an example for every pair on the screen that is too weak; at least one pair is there."""
    poor, seen = set(), 0
    for strip in app.screen._compositor.render_strips(app.size):
        for segment in strip:
            text = "".join(character for character in segment.text if is_text(character))
            if not text or segment.style is None or segment.style.color is None or segment.style.bgcolor is None:
                assert not text, f"{segment.text!r} has no colours"
                continue
            pair = [Color.from_rich_color(one).hex6 for one in (segment.style.color, segment.style.bgcolor)]
            seen += 1
            if contrast(*pair) < ENOUGH:
                poor.add((pair[0], pair[1], text))
    assert seen
    return poor


def test_the_measure_is_the_standards_own() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("size", [(100, 30)])
async def test_every_pair_of_colours_is_easy_to_read(size: tuple[int, int]) -> None:
    school = FakeSchool(60)
    school.connected, school.waiting = False, 3
    app = KioskApp(school, PATIENT, hint="a hint", typed_cards=True)
    poor: set[tuple[str, str, str]] = set()

    async with app.run_test(size=size) as pilot:

        async def look() -> None:
            await app.workers.wait_for_complete()
            await pilot.pause()
            poor.update(poor_pairs(app))

        async def scan(code: str) -> None:
            await pilot.press(*code, "enter")
            await look()

        await look()
        await pilot.press("1")
        await look()
        await pilot.click(app.screen.query(PupilTile)[4])
        await look()
        for code in ("999", "1001", "1001"):
            await scan(code)
        await pilot.click("#pick-music")
        await look()
        for tile in list(app.screen.query(TrackTile)):
            await pilot.click(tile)
        await look()
        await pilot.click("#done")
        await look()
        school.pick_fault = Closed("closed")
        school.offers = {"p1": (offer(state="locked"),)}
        await scan("1001")
        school.fault = Away("gone")
        await scan("1001")
    assert not poor
