"""A School DJ's way from the card to the music, on the real app."""

from __future__ import annotations

import asyncio

import pytest
from textual.pilot import Pilot

from kiosk.app import KioskApp
from kiosk.errors import Away, Closed
from kiosk.screens.dj import DjScreen
from kiosk.screens.own_page import OwnPage
from kiosk.settings import Pace
from kiosk.theme import SUN
from kiosk.widgets.filled import FilledBar
from kiosk.widgets.points import Balance
from kiosk.widgets.tile import Tile, TrackTile
from tests.kiosk.fake_school import FakeSchool, offer
from tests.kiosk.tops import top
from tests.waiting import until
from wire.requests import TurnOffer

PATIENT = Pace(greeting_s=30, page_s=30, told_s=30, calm_s=0, reader_pause_s=10)


async def test_a_school_dj_checks_in_sees_the_stars_and_picks_the_music(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tile, "BOUNCE_S", 0.0)
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


async def to_music(app: KioskApp, pilot: Pilot[None]) -> DjScreen:
    for _ in range(2):
        await pilot.press(*"1001", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
    await pilot.click("#pick-music")
    await app.workers.wait_for_complete()
    await pilot.pause()
    return top(app, DjScreen)


@pytest.mark.parametrize(
    ("fault", "above"),
    [
        (Closed("closed"), "Your page is closed now."),
        (Closed("locked"), "The music for break is all set now."),
        (Closed("not-your-turn"), "Your music is having a rest."),
    ],
)
async def test_a_refused_pick_goes_home_at_once_with_kind_words(fault: Closed, above: str) -> None:
    school = FakeSchool()
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        music = await to_music(app, pilot)
        school.pick_fault = fault
        await pilot.click(music.query(TrackTile)[0])
        await until(lambda: len(app.screen_stack) == 1)
        assert app.wall.banner.saying.above == above


class SlowSchool(FakeSchool):
    """The office answers a pick when `gate` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.asked = 0

    async def pick(self, session: str, offer: TurnOffer, picks: tuple[str, ...]) -> TurnOffer:
        self.asked += 1
        await self.gate.wait()
        return await super().pick(session, offer, picks)


async def test_the_next_childs_card_does_not_stop_the_picks_that_are_on_their_way() -> None:
    school = SlowSchool()
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"1002", "enter")
        music = await to_music(app, pilot)
        await pilot.click(music.query(TrackTile)[0])
        await pilot.click("#done")
        await until(lambda: school.asked == 1)
        await pilot.press(*"1002", "enter")
        await until(lambda: isinstance(app.screen, OwnPage))
        school.gate.set()
        await until(lambda: bool(school.picked))
        await pilot.pause()
        assert top(app, OwnPage).pupil.id == "p2"


async def test_a_late_refusal_does_not_send_the_next_child_away() -> None:
    school = SlowSchool()
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"1002", "enter")
        music = await to_music(app, pilot)
        await pilot.click(music.query(TrackTile)[0])
        await until(lambda: school.asked == 1)
        await pilot.press(*"1002", "enter")
        await until(lambda: isinstance(app.screen, OwnPage))
        school.pick_fault = Closed("locked")
        school.gate.set()
        await app.workers.wait_for_complete()
        for _ in range(3):
            await pilot.pause()
        assert top(app, OwnPage).pupil.id == "p2"


async def test_picks_that_cannot_be_sent_are_told_at_done() -> None:
    school = FakeSchool()
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        music = await to_music(app, pilot)
        school.pick_fault = Away("gone")
        await pilot.click(music.query(TrackTile)[0])
        await pilot.pause()
        top(app, DjScreen)
        await pilot.click("#done")
        await until(lambda: len(app.screen_stack) == 1)
        assert app.wall.banner.saying.above == "Your music is having a rest."


async def test_the_tracks_have_pages_and_a_bar_of_minutes() -> None:
    school = FakeSchool()
    school.offers = {"p1": (offer(minutes=5),)}
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        music = await to_music(app, pilot)
        first = [tile.track.id for tile in music.query(TrackTile)]
        await pilot.click("#later")
        await pilot.pause()
        second = [tile.track.id for tile in music.query(TrackTile)]
        assert len({*first, *second}) == len(school.tracks)
        for tile in list(music.query(TrackTile))[:4]:
            await pilot.click(tile)
        assert music.picks.full
        assert "5 of 5 minutes ✔ full" in music.query_one(FilledBar).render().plain


async def test_a_few_tracks_have_large_tiles_and_all_are_on_the_screen() -> None:
    app = KioskApp(FakeSchool(), PATIENT)
    async with app.run_test(size=(120, 40)) as pilot:
        music = await to_music(app, pilot)
        await pilot.pause()
        tiles = [tile.region for tile in music.query(TrackTile)]
        assert len(tiles) == len(FakeSchool().tracks)
        assert min(tile.height for tile in tiles) >= 6
        assert all(music.query_one("#tracks").region.contains_region(tile) for tile in tiles)


async def test_the_stars_stand_on_a_dark_band_where_they_can_be_seen() -> None:
    app = KioskApp(FakeSchool(), PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(2):
            await pilot.press(*"1002", "enter")
            await app.workers.wait_for_complete()
        await pilot.pause()
        drawn = top(app, OwnPage).query_one(Balance).render()
        stars = next(line for line in drawn.split("\n") if "⭐" in line.plain)
        assert SUN not in {str(span.style).rpartition(" on ")[2] for span in stars.spans}
        assert stars.plain.count("⭐") == 3


async def test_a_card_in_the_afternoon_is_a_tap_and_opens_the_page() -> None:
    school = FakeSchool()
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"1002", "enter")
        school.new_session = True
        await pilot.press(*"1002", "enter")
        await app.workers.wait_for_complete()
        assert school.taps == [("p2", "card"), ("p2", "card")]
        assert top(app, OwnPage).pupil.id == "p2"
