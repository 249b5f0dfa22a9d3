"""No key and no text leaves the kiosk."""

from __future__ import annotations

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Static

from kiosk.app import KioskApp
from kiosk.school import MusicNow, RosterNews, ZoneMusic
from kiosk.screens.dj import DjScreen
from kiosk.screens.own_page import OwnPage
from kiosk.settings import Pace
from kiosk.widgets.button import BigButton
from kiosk.widgets.tile import PupilTile, TrackTile
from tests.kiosk.fake_school import FakeSchool, offer
from tests.kiosk.tops import top
from wire.requests import PointsEntry, RosterPupil, TurnOffer

PATIENT = Pace(greeting_s=30, page_s=30, dj_s=30, told_s=30, calm_s=0, reader_pause_s=10)
KEYS = (
    *(f"ctrl+{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"),
    *(f"f{number}" for number in range(1, 13)),
    *("escape", "tab", "shift+tab", "enter", "space", "backspace", "delete", "insert", "home", "end", "pageup"),
    *("pagedown", "up", "down", "left", "right", "ctrl+left", "ctrl+pageup", "ctrl+home", "shift+up"),
    *("alt+f4", "alt+q", "alt+x", "alt+tab", "super+c", "super+q", "ctrl+backslash", "ctrl+alt+delete"),
    *("q", "x", "slash", "question_mark", "colon", "ctrl+shift+c", "ctrl+underscore", "ctrl+at"),
)
HOSTILE = (
    "[@click=app.quit]x[/]",
    "[/]",
    "[bold red]no[/bold red]",
    "\x1b[2J\x1b]0;owned\x07\x9b31m",
    "line\nline\r\tline",
    "\u202egnorw\u202c عمر שלום",
    "Z" + "\u0335" * 200,
    "👨\u200d👩\u200d👧\u200d👦 🏳️\u200d🌈 1️⃣",
    "W" * 300,
    "🐻" * 200,
    "",
)


async def to_page(app: KioskApp, pilot: Pilot[None]) -> None:
    for _ in range(2):
        await pilot.press(*"1001", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
    top(app, OwnPage)


async def to_music(app: KioskApp, pilot: Pilot[None]) -> None:
    await to_page(app, pilot)
    await pilot.click("#pick-music")
    await app.workers.wait_for_complete()
    await pilot.pause()
    top(app, DjScreen)


@pytest.mark.parametrize("place", ["wall", "page", "music"])
async def test_no_key_leaves_the_kiosk_or_changes_the_screen(place: str) -> None:
    assert len(set(KEYS)) >= 40
    school = FakeSchool()
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        if place != "wall":
            await (to_page if place == "page" else to_music)(app, pilot)
        before, taps = app.screen, list(school.taps)
        for key in KEYS:
            app.post_message(events.Key(key, None))
            await pilot.pause()
            assert app.is_running, key
            assert app.return_code is None, key
            assert app.screen is before, key
            assert app.focused is None, key
        assert (school.taps, school.picked) == (taps, [])


async def test_nothing_can_take_focus_and_nothing_is_bound() -> None:
    app = KioskApp(FakeSchool(), PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        for go in (to_page, to_music):
            await go(app, pilot)
            for screen in app.screen_stack:
                assert not [one for one in screen.query("*") if one.can_focus]
            assert [key for key in app.screen.active_bindings if key] == []
            await app.home()
            await pilot.pause()


async def test_ctrl_c_leaves_where_it_may() -> None:
    app = KioskApp(FakeSchool(), PATIENT, leave_with_ctrl_c=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+c")
        await pilot.pause()
    assert app.return_code == 0


async def test_hostile_names_titles_and_reasons_are_shown_as_text() -> None:
    school = FakeSchool()
    assert school.roster is not None
    named = tuple(
        one.model_copy(update={"first_name": text, "picture": text})
        for one, text in zip(school.roster.pupils, HOSTILE, strict=False)
    )
    school.roster = school.roster.model_copy(update={"name": HOSTILE[0], "pupils": named})
    school.tracks = tuple(
        one.model_copy(update={"title": text, "artist": text, "picture": text})
        for one, text in zip(school.tracks, HOSTILE, strict=False)
    )
    entries = tuple(PointsEntry(points=1, reason=text, picture=text, at=school.now()) for text in HOSTILE)
    school.points = school.points.model_copy(update={"entries": entries})
    school.playing = MusicNow(tuple(ZoneMusic(text, text, text) for text in HOSTILE[:3]), 5.0)
    app = KioskApp(school, PATIENT, hint=HOSTILE[0])
    async with app.run_test(size=(80, 24)) as pilot:
        school.tell(RosterNews())
        await pilot.pause()
        for shown in list(app.screen.query(PupilTile)):
            await pilot.click(shown)
        assert len(school.taps) == len(HOSTILE)
        await to_music(app, pilot)
        for track in list(app.screen.query(TrackTile)):
            await pilot.click(track)
        for line in app.screen._compositor.render_strips(app.size):
            assert line.cell_length == 80
            assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r"} & set(line.text)
        assert app.is_running


async def test_a_fault_in_a_handler_gives_an_exit_status_that_tells() -> None:
    class Faulty(FakeSchool):
        def pupil_of_card(self, code: str) -> RosterPupil | None:
            raise RuntimeError(f"a fault for {code}")

    app = KioskApp(Faulty(), PATIENT)

    async def scan() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press(*"1001", "enter")

    with pytest.raises(RuntimeError, match="a fault for 1001"):
        await scan()
    assert app.return_code == 1


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        (offer("1".zfill(64), state="locked"), "Your music for break is on its way!"),
        (offer(state="locked"), "The music for break is all set!"),
    ],
)
async def test_a_locked_turn_is_told_kindly_and_has_no_button(turn: TurnOffer, told: str) -> None:
    school = FakeSchool()
    school.offers = {"p1": (turn,)}
    app = KioskApp(school, PATIENT)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_page(app, pilot)
        assert not app.screen.query_one("#pick-music", BigButton).display
        locked = app.screen.query_one("#locked", Static)
        assert locked.display
        assert told in str(locked.render())
