"""Checking in, by touch and by card, on the real app."""

from __future__ import annotations

import asyncio
import time

import pytest
from rich.text import Text
from textual.events import MouseDown
from textual.pilot import Pilot

from kiosk.app import KioskApp
from kiosk.errors import Away, OutboxError
from kiosk.school import RosterNews, TapNews
from kiosk.screens.dj import DjScreen
from kiosk.screens.own_page import OwnPage
from kiosk.screens.wall import WallScreen
from kiosk.settings import Pace
from kiosk.widgets.tile import PupilTile, Tile
from tests.kiosk.fake_school import FakeSchool, pupils
from tests.kiosk.tops import top
from tests.waiting import until

PATIENT = Pace(greeting_s=30, page_s=30, told_s=30, calm_s=0, reader_pause_s=10)


def tile(app: KioskApp, name: str) -> PupilTile:
    return next(one for one in app.screen.query(PupilTile) if one.pupil.first_name == name)


async def scan(app: KioskApp, pilot: Pilot[None], code: str) -> None:
    await pilot.press(*code, "enter")
    await app.workers.wait_for_complete()
    await pilot.pause()


async def test_a_touch_greets_and_the_next_child_replaces_the_greeting() -> None:
    school = FakeSchool()
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.click(tile(app, "Clover"))
        assert app.wall.banner.saying.large == "Clover!"
        await pilot.click(tile(app, "Pip"))
        assert app.wall.banner.saying.large == "Pip!"
        assert school.taps == [("p2", "touch"), ("p3", "touch")]


async def test_the_wall_looks_the_same_before_and_after() -> None:
    app = KioskApp(FakeSchool(), PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        before = tile(app, "Clover").render(), tile(app, "Clover").region
        await pilot.click(tile(app, "Clover"))
        assert (tile(app, "Clover").render(), tile(app, "Clover").region) == before


async def test_a_finger_that_bounces_is_one_touch() -> None:
    school = FakeSchool()
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        clover = tile(app, "Clover")
        for after_s in (0.0, 0.1, 0.3):
            touch = MouseDown(clover, 1, 1, 0, 0, 1, False, False, False)
            touch.time = 1000.0 + after_s
            clover.post_message(touch)
        await pilot.pause()
        assert school.taps == [("p2", "touch")]
        assert app.wall.banner.saying.above.startswith("Good morning!")


async def test_a_second_tap_is_a_friendly_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tile, "BOUNCE_S", 0.0)
    school = FakeSchool()
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.click(tile(app, "Clover"))
        await pilot.click(tile(app, "Clover"))
        assert app.wall.banner.saying.mood == "greet"
        assert app.wall.banner.saying.above.startswith("Hello again!")


async def test_the_greeting_goes_after_its_time() -> None:
    app = KioskApp(FakeSchool(), Pace(greeting_s=0.2))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.click(tile(app, "Clover"))
        assert app.wall.banner.saying.mood == "greet"
        await until(lambda: app.wall.banner.saying.mood == "invite")


async def test_the_office_tells_later_that_the_child_is_school_dj() -> None:
    school = FakeSchool()
    school.answers_taps = False
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.click(tile(app, "Bramble"))
        school.tell(TapNews("p2", "lunch"))
        await pilot.pause()
        assert not app.wall.banner.saying.lines
        school.tell(TapNews("p1", "break"))
        await pilot.pause()
        assert app.wall.banner.saying.lines == ("You are School DJ at break 🎧",)


async def test_a_touch_is_answered_within_150_ms_on_the_screen() -> None:
    school = FakeSchool(36)
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        took = []
        for name in ("Clover", "Pip", "Juniper", "Wren", "Otto"):
            wanted = tile(app, name)
            painted = asyncio.Event()
            begun = time.perf_counter()
            wanted.post_message(PupilTile.Touched(wanted))
            while app.wall.banner.saying.large != f"{name}!":
                await asyncio.sleep(0)
            app.call_after_refresh(painted.set)
            await painted.wait()
            took.append(time.perf_counter() - begun)
        assert sorted(took)[2] < 0.15


async def test_a_disk_that_refuses_asks_for_a_grown_up() -> None:
    school = FakeSchool()
    school.disk_fault = OutboxError("full")
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.click(tile(app, "Clover"))
        assert app.wall.banner.saying.mood == "help"
        assert "grown-up" in app.wall.banner.saying.lines[0]


async def test_a_first_scan_checks_in_and_tells_what_the_card_does_next() -> None:
    school = FakeSchool()
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await scan(app, pilot, "1002")
        assert school.taps == [("p2", "card")]
        assert app.wall.banner.saying.lines == ("💳 Your card again ➜ ⭐ your own page",)


async def test_a_scan_after_a_touch_opens_the_own_page() -> None:
    school = FakeSchool()
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.click(tile(app, "Clover"))
        await scan(app, pilot, "1002")
        assert top(app, OwnPage).pupil.first_name == "Clover"


async def test_an_unknown_card_gets_kind_words_and_no_tap() -> None:
    school = FakeSchool()
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await scan(app, pilot, "424242")
        assert app.wall.banner.saying.mood == "help"
        assert school.taps == []


async def test_a_scan_on_another_childs_page_switches_and_presses_no_button() -> None:
    school = FakeSchool()
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        for code in ("1001", "1002", "1001"):
            await scan(app, pilot, code)
        page = top(app, OwnPage)
        assert page.pupil.first_name == "Bramble"
        assert page.open_offer is not None
        assert app.focused is None

        await scan(app, pilot, "1002")
        assert top(app, OwnPage).pupil.first_name == "Clover"
        assert len(app.screen_stack) == 2
        await scan(app, pilot, "1001")
        await pilot.click("#pick-music")
        await app.workers.wait_for_complete()
        await pilot.pause()
        top(app, DjScreen)
        await scan(app, pilot, "1003")
        assert top(app, WallScreen).banner.saying.large == "Pip!"
        assert school.picked == []


async def test_a_page_hides_itself_and_a_touch_keeps_it_open() -> None:
    app = KioskApp(FakeSchool(), Pace(page_s=0.6, calm_s=0, reader_pause_s=10))
    async with app.run_test(size=(80, 24)) as pilot:
        await scan(app, pilot, "1002")
        await scan(app, pilot, "1002")
        top(app, OwnPage)
        for _ in range(6):
            await pilot.click("Balance")
            await asyncio.sleep(0.15)  # shorter than the page's time; together longer
        top(app, OwnPage)
        await until(lambda: len(app.screen_stack) == 1)


async def test_home_closes_the_page() -> None:
    app = KioskApp(FakeSchool(), PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await scan(app, pilot, "1002")
        await scan(app, pilot, "1002")
        await pilot.click("#home")
        await pilot.pause()
        top(app, WallScreen)


async def test_a_touch_meant_for_the_screen_before_is_ignored() -> None:
    app = KioskApp(FakeSchool(), Pace(page_s=30, calm_s=30, reader_pause_s=10))
    async with app.run_test(size=(80, 24)) as pilot:
        await scan(app, pilot, "1001")
        await scan(app, pilot, "1001")
        await pilot.click("#pick-music")
        await pilot.click("#home")
        await pilot.pause()
        top(app, OwnPage)


async def test_a_touch_meant_for_a_page_that_just_closed_checks_nobody_in() -> None:
    school = FakeSchool()
    app = KioskApp(school, Pace(page_s=0.3, calm_s=30, reader_pause_s=10))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.click(tile(app, "Bramble"))
        assert len(school.taps) == 1
        await scan(app, pilot, "1002")
        await scan(app, pilot, "1002")
        top(app, OwnPage)
        await until(lambda: len(app.screen_stack) == 1)
        taps = list(school.taps)
        await pilot.click(tile(app, "Pip"))
        assert school.taps == taps


async def test_a_card_before_the_class_is_known_is_asked_to_come_again_in_a_moment() -> None:
    school = FakeSchool()
    school.roster = None
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await scan(app, pilot, "1002")
        assert top(app, WallScreen).banner.saying.lines == ("Try your card again in a moment.",)


async def test_an_office_that_is_away_is_told_kindly() -> None:
    school = FakeSchool()
    school.fault = Away("gone")
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await scan(app, pilot, "1002")
        await scan(app, pilot, "1002")
        assert top(app, WallScreen).banner.saying.above == "Your page is having a rest."


async def test_a_class_that_comes_later_appears_and_a_large_one_has_pages() -> None:
    school = FakeSchool()
    roster = school.roster
    assert roster is not None
    school.roster = None
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert not app.screen.query(PupilTile)
        school.roster = roster.model_copy(update={"pupils": pupils(36) + pupils(4)})
        school.tell(RosterNews())
        await pilot.pause()
        first = [one.pupil.first_name for one in app.screen.query(PupilTile)]
        await pilot.click("#later")
        await pilot.pause()
        second = [one.pupil.first_name for one in app.screen.query(PupilTile)]
        assert len(first) + len(second) == 40
        await pilot.click("#later")
        await pilot.pause()
        assert [one.pupil.first_name for one in app.screen.query(PupilTile)] == first


@pytest.mark.parametrize(("size", "count"), [((80, 24), 25), ((100, 30), 36), ((120, 40), 36)])
async def test_every_tile_is_on_the_screen_and_large(size: tuple[int, int], count: int) -> None:
    app = KioskApp(FakeSchool(count), PATIENT)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        tiles = list(app.screen.query(PupilTile))
        assert len(tiles) == count
        wall = app.screen.query_one("#wall").region
        for one in tiles:
            assert one.region.width >= 12
            assert one.region.height >= 3
            assert wall.contains_region(one.region)
        regions = [one.region for one in tiles]
        assert all(not a.overlaps(b) for at, a in enumerate(regions) for b in regions[at + 1 :])


async def test_a_small_class_on_a_large_screen_has_large_drawings() -> None:
    app = KioskApp(FakeSchool(8), PATIENT)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        drawn = tile(app, "Clover").render()
        assert isinstance(drawn, Text)
        lines = drawn.split("\n")
        assert sum("▀" in line.plain for line in lines) > 4
        assert {line.cell_len for line in lines} == {tile(app, "Clover").sheet_size[0]}
        assert any("Clover" in line.plain for line in lines)


@pytest.mark.parametrize("size", [(100, 30), (120, 40), (160, 44)])
async def test_there_is_as_much_paper_above_a_picture_as_below_the_name(size: tuple[int, int]) -> None:
    app = KioskApp(FakeSchool(30), PATIENT)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        drawn = tile(app, "Clover").render()
        assert isinstance(drawn, Text)
        lines = [line.plain for line in drawn.split("\n")]
        picture, name = (next(at for at, line in enumerate(lines) if what in line) for what in ("🐰", "Clover"))
        assert picture == len(lines) - 1 - name


async def test_another_size_of_the_terminal_lays_the_wall_out_again() -> None:
    app = KioskApp(FakeSchool(25), PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert min(one.region.height for one in app.screen.query(PupilTile)) > 3


async def test_a_person_who_types_cards_is_told_the_next_step() -> None:
    app = KioskApp(FakeSchool(), PATIENT, hint="type 1001 Enter: today's DJ · ctrl-C leaves", typed_cards=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await scan(app, pilot, "999")
        assert app.wall.foot.facts.hint == "type 1001 Enter: today's DJ · ctrl-C leaves"
        await scan(app, pilot, "1001")
        await until(lambda: app.wall.foot.facts.hint == "type 1001 Enter again: stars and music · ctrl-C leaves")
        await scan(app, pilot, "1001")
        await pilot.click("#home")
        await until(lambda: app.wall.foot.facts.hint == "type 1001 Enter: today's DJ · ctrl-C leaves")


async def test_before_the_class_is_known_nobody_is_asked_to_touch_a_picture() -> None:
    school = FakeSchool()
    school.roster, roster = None, school.roster
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert not any("Touch" in line for line in app.wall.banner.saying.lines)
        school.roster = roster
        school.tell(RosterNews())
        await until(lambda: any("Touch" in line for line in app.wall.banner.saying.lines))


async def test_typed_digits_are_shown_in_a_demonstration_only() -> None:
    for typed_cards, shown in ((True, "10"), (False, "")):
        app = KioskApp(FakeSchool(), PATIENT, typed_cards=typed_cards)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("1", "0")
            assert app.wall.foot.facts.digits == shown
