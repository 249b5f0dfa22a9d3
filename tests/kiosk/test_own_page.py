"""A School DJ's way from the card to the music, on the real app."""

from __future__ import annotations

from kiosk.app import KioskApp
from kiosk.screens.dj import DjScreen
from kiosk.screens.own_page import OwnPage
from kiosk.settings import Pace
from kiosk.widgets.tile import TrackTile
from tests.kiosk.fake_school import FakeSchool
from tests.kiosk.tops import top

PATIENT = Pace(greeting_s=30, page_s=30, told_s=30, calm_s=0, reader_pause_s=10)


async def test_a_school_dj_checks_in_sees_the_stars_and_picks_the_music() -> None:
    school = FakeSchool()
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"1001", "enter")
        await pilot.pause()
        assert school.taps == [("p1", "card")]
        assert app.wall.banner.saying.large == "Bramble!"
        assert "You are School DJ at break 🎧" in app.wall.banner.saying.lines

        await pilot.press(*"1001", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert top(app, OwnPage).pupil.first_name == "Bramble"
        assert school.opened == [("p1", "1001")]

        await pilot.click("#pick-music")
        await app.workers.wait_for_complete()
        await pilot.pause()
        dj = top(app, DjScreen)
        first, second, third = list(dj.query(TrackTile))[:3]
        await pilot.click(second)
        await pilot.click(first)
        await pilot.click(third)
        await pilot.click(first)
        assert dj.picks.chosen == (second.track.id, third.track.id)

        await pilot.click("#done")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert app.wall.banner.saying.above == "Your music plays at break! 🎧"
        assert school.picked[-1] == ("session", (second.track.id, third.track.id))
