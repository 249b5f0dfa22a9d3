"""The kiosk's app: it puts the screens together, hears cards and keys, and is locked: no key of its own leaves it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time

from textual import events
from textual.app import App
from textual.message import Message

from kiosk import sayings
from kiosk.arrivals import Arrivals
from kiosk.card_reader import CardReader
from kiosk.hint import Hint
from kiosk.school import News, RosterNews, School, TapNews
from kiosk.screens.calm import CalmScreen
from kiosk.screens.dj import DjScreen
from kiosk.screens.own_page import OwnPage
from kiosk.screens.wall import WallScreen
from kiosk.settings import Pace
from kiosk.theme import KIOSK_THEME
from kiosk.visit import Visit
from kiosk.widgets.banner import Saying
from kiosk.widgets.foot import FootFacts


class KioskApp(App[None], inherit_bindings=False):
    """One classroom's kiosk; the school is started and stopped by the caller."""

    CSS_PATH = "kiosk.tcss"
    TITLE = "Unmissable"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    AUTO_FOCUS = None

    class Heard(Message):
        """The school has news."""

        def __init__(self, news: News) -> None:
            super().__init__()
            self.news = news

    def __init__(
        self,
        school: School,
        pace: Pace = Pace(),  # noqa: B008 - frozen
        *,
        hint: str = "",
        leave_with_ctrl_c: bool = False,
        typed_cards: bool = False,
    ) -> None:
        super().__init__()
        self.register_theme(KIOSK_THEME)
        self.theme = KIOSK_THEME.name
        self.pace = pace
        self.school = school
        self.visit = Visit(school, self, pace)
        self._hint = Hint(hint, typed=typed_cards)
        self._leave_with_ctrl_c = leave_with_ctrl_c
        self._typed_cards = typed_cards
        self._reader = CardReader(pace.typed_pause_s if typed_cards else pace.reader_pause_s)
        self.wall = WallScreen(pace, sayings.waiting(school.now()))
        self.arrivals = Arrivals(school, self.wall.banner, pace, self.set_timer)

    def get_default_screen(self) -> WallScreen:
        """The wall is the screen below all others."""
        return self.wall

    async def on_mount(self) -> None:
        """Listen to the school, and keep the foot's countdown."""
        self.school.on_news(lambda news: self.post_message(self.Heard(news)))
        for ending in (signal.SIGTERM, signal.SIGHUP):
            # Without a handler the terminal is left in a state that nobody can use.
            with contextlib.suppress(RuntimeError, ValueError):
                asyncio.get_running_loop().add_signal_handler(ending, self.exit)
        self.set_interval(1.0, self._tick)
        self.call_after_refresh(self.post_message, self.Heard(RosterNews()))

    async def on_kiosk_app_heard(self, event: Heard) -> None:
        """Show what is new."""
        if isinstance(event.news, RosterNews) and self.school.roster:
            await self.wall.show_pupils(self.school.roster.pupils)
        if isinstance(event.news, TapNews):
            self.arrivals.answered(event.news)
        self._tick()

    async def on_key(self, event: events.Key) -> None:
        """Every key is a card reader's, whatever is on the screen; in a demonstration ctrl-C leaves."""
        if self._leave_with_ctrl_c and event.key == "ctrl+c":
            self.exit(return_code=0)
        code = self._reader.feed(event.key, event.time)
        self._tick()
        if code is not None:
            await self._card(code)

    def on_wall_screen_pupil(self, event: WallScreen.Pupil) -> None:
        """A child touched a tile."""
        self.arrivals.arrive(event.pupil, "touch")

    async def on_calm_screen_home(self, _event: CalmScreen.Home) -> None:
        """A screen is done."""
        await self.home()
        self.wall.page_went()

    def on_own_page_pick_music(self, event: OwnPage.PickMusic) -> None:
        """A School DJ begins to choose."""
        self.run_worker(self.visit.choose(event.things, event.offer), group="visit", exclusive=True)

    def on_dj_screen_changed(self, event: DjScreen.Changed) -> None:
        """A School DJ chose, or changed their mind."""
        self.visit.change(event.picks)

    def on_dj_screen_done(self, _event: DjScreen.Done) -> None:
        """A School DJ is content."""
        self.run_worker(self.visit.done(), group="visit", exclusive=True)

    async def show(self, screen: CalmScreen) -> None:
        """Put a screen above the wall, in place of any other."""
        if len(self.screen_stack) > 1:
            await self.switch_screen(screen)
        else:
            await self.push_screen(screen)

    async def home(self, saying: Saying | None = None) -> None:
        """Show the wall, and say something there."""
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        if saying is not None:
            self.arrivals.say(saying)

    async def _card(self, code: str) -> None:
        pupil = self.school.pupil_of_card(code)
        if pupil is None:
            await self.home(sayings.unknown_card() if self.school.roster is not None else sayings.not_awake())
        elif not self.school.was_in_today(pupil.id):
            await self.home()
            self.arrivals.arrive(pupil, "card")
            self._hint.checked_in(code)
        elif self.arrivals.note(pupil):
            self._hint.opened()
            self.run_worker(self.visit.open(pupil, code), group="visit", exclusive=True)

    def _tick(self) -> None:
        self.arrivals.invite()
        digits = self._reader.digits(time.monotonic()) if self._typed_cards else ""
        facts = FootFacts(self.school.music(), self._hint.text, digits, self.school.connected, self.school.waiting)
        self.wall.foot.tell(facts)
