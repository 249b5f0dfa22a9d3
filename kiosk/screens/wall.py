"""The wall: a tile for each pupil of the class, the banner above, the foot below."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from kiosk.screens.calm import CalmScreen
from kiosk.settings import Pace
from kiosk.theme import paper_of
from kiosk.wall_plan import WallPlan, plan_wall
from kiosk.widgets.banner import Banner, Saying
from kiosk.widgets.button import BigButton
from kiosk.widgets.foot import Foot
from kiosk.widgets.tile import PupilTile, Tile
from wire.clock import steady_s
from wire.requests import RosterPupil

FOOT_HEIGHT = 2
PAGE_BACK_S = 20.0
"""After this long the first page of a large class is back."""


class WallScreen(CalmScreen):
    """Where every child begins. A tile's place depends on the class and the screen's size alone."""

    class Pupil(Message):
        """A child touched a tile."""

        def __init__(self, pupil: RosterPupil) -> None:
            super().__init__()
            self.pupil = pupil

    def __init__(self, pace: Pace, invitation: Saying) -> None:
        super().__init__(pace)
        self.foot = Foot()
        self.banner = Banner(invitation)
        self._wall = Container(id="wall")
        self._pupils: tuple[RosterPupil, ...] = ()
        self._page = 0
        self._laid: tuple[object, ...] = ()
        self._back: Timer | None = None
        self._page_went_at_s = float("-inf")

    def page_went(self) -> None:
        """A page in front closed: a touch that was meant for it shall be no other child's check-in."""
        self._page_went_at_s = steady_s()

    @property
    def calm(self) -> bool:
        """On the wall every touch counts: a quick second child is welcome."""
        return self.is_current

    def compose(self) -> ComposeResult:
        """Banner, wall, foot."""
        yield self.banner
        yield self._wall
        yield self.foot

    async def show_pupils(self, pupils: tuple[RosterPupil, ...]) -> None:
        """Show a class; nothing moves when it is the same class."""
        self._pupils = pupils
        await self._lay()

    async def on_resize(self, _event: events.Resize) -> None:
        """Lay the wall out for another size."""
        await self._lay()

    def on_screen_resume(self) -> None:
        """Begin at the first page again."""
        super().on_screen_resume()
        self._page = 0
        self.call_later(self._lay)

    def on_tile_touched(self, event: Tile.Touched) -> None:
        """Tell the app which child it is."""
        meant_for_the_page = steady_s() - self._page_went_at_s < self.pace.calm_s
        if isinstance(event.tile, PupilTile) and not meant_for_the_page:
            self.post_message(self.Pupil(event.tile.pupil))

    async def on_big_button_touched(self, event: BigButton.Touched) -> None:
        """Turn the page."""
        self._page += 1 if event.button.id == "later" else -1
        await self._lay()
        if self._back is not None:
            self._back.stop()
        self._back = self.set_timer(PAGE_BACK_S, self._first_page)

    async def _first_page(self) -> None:
        self._page = 0
        await self._lay()

    async def _lay(self) -> None:
        width, height = self.app.size
        banner_height = max(5, min(12, height // 4 + 1))
        room = max(3, height - banner_height - FOOT_HEIGHT)
        plan = plan_wall(len(self._pupils), width, room)
        self._page %= plan.pages
        laid = (self._pupils, plan, self._page, width, height)
        if laid == self._laid or not self.is_mounted:
            return
        self._laid = laid
        self.banner.styles.height = banner_height
        async with self.batch():
            await self._wall.remove_children()
            await self._wall.mount_all(self._things(plan, width, room))

    def _things(self, plan: WallPlan, width: int, room: int) -> list[Tile | BigButton | Static]:
        if not self._pupils:
            waiting = Static("The class is on its way here…", id="nobody", markup=False)
            return [waiting]
        things: list[Tile | BigButton | Static] = []
        left = (width - plan.columns * plan.tile_width + 1) // 2
        above = (room - plan.rows * plan.tile_height) // 2
        first = self._page * plan.per_page
        for place, pupil in enumerate(self._pupils[first : first + plan.per_page]):
            tile = PupilTile(pupil, paper_of(first + place))
            tile.styles.width, tile.styles.height = plan.tile_width, plan.tile_height
            column, row = place % plan.columns, place // plan.columns
            tile.styles.offset = (left + column * plan.tile_width, above + row * plan.tile_height)
            things.append(tile)
        if plan.arrows:
            for name, label, x in (("earlier", "◀", 0), ("later", "▶", width - 7)):
                arrow = BigButton(label, id=name, classes="arrow")
                arrow.styles.offset = (x, 0)
                arrow.styles.height = room
                things.append(arrow)
        return things
