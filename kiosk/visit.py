"""One child at a time: from a card to the own page, to the School DJ's music, and home again."""

from __future__ import annotations

from typing import Protocol

from kiosk import sayings
from kiosk.errors import Away, Closed, SchoolError
from kiosk.pick_sender import PickSender
from kiosk.picking import Picks
from kiosk.school import OwnThings, School
from kiosk.screens.calm import CalmScreen
from kiosk.screens.dj import DjScreen
from kiosk.screens.own_page import OwnPage
from kiosk.settings import Pace
from kiosk.widgets.banner import Saying
from wire.requests import RosterPupil, TurnOffer


class Stage(Protocol):
    """Where a visit shows itself: the app."""

    async def show(self, screen: CalmScreen) -> None:
        """Put a screen above the wall, in place of any other."""

    async def home(self, saying: Saying | None = None) -> None:
        """Show the wall, and say something there."""


class Visit:
    """The visit that is on the screen; a new card takes it over."""

    def __init__(self, school: School, stage: Stage, pace: Pace) -> None:
        self._school = school
        self._stage = stage
        self._pace = pace
        self._sender: PickSender | None = None

    async def open(self, pupil: RosterPupil, code: str) -> None:
        """Show the child's own page at once, and fill it when the office has answered."""
        self._sender = None
        page = OwnPage(self._pace, pupil)
        await self._stage.show(page)
        try:
            things = await self._school.open(pupil.id, code)
        except SchoolError as wrong:
            if page.is_current:
                await self._stage.home(_sorry(wrong, sayings.not_now()))
            return
        if page.is_current:
            page.show(things)

    async def choose(self, things: OwnThings, offer: TurnOffer) -> None:
        """Let the School DJ choose."""

        async def refused(wrong: Closed) -> None:
            if self._sender is sender:  # else another child is here by now
                await self._refused(sender.offer.slot, wrong)

        sender = self._sender = PickSender(self._school, things.session, offer, refused)
        picks = Picks.of_offer(offer, self._school.tracks)
        await self._stage.show(DjScreen(self._pace, offer, picks))

    def change(self, picks: Picks) -> None:
        """Send the picks on, so that nothing is lost when the child walks away."""
        if self._sender is not None:
            self._sender.change(picks.chosen)

    async def done(self) -> None:
        """Say that the music is set as soon as the office has it, or kindly that it is not."""
        sender = self._sender
        if sender is None:
            return
        slot = sender.offer.slot
        try:
            await sender.settle()
        except Away:
            await self._stage.home(sayings.music_not_saved())
        except SchoolError:
            return  # said already, by `_refused`
        else:
            said = sayings.music_set(slot) if sender.offer.picks else sayings.music_open(slot)
            await self._stage.home(said)

    async def _refused(self, slot: str, wrong: Closed) -> None:
        late = wrong.reason == "locked"
        said = sayings.music_locked(slot) if late else _sorry(wrong, sayings.music_not_saved())
        await self._stage.home(said)


def _sorry(wrong: SchoolError, otherwise: Saying) -> Saying:
    closed = isinstance(wrong, Closed) and wrong.reason in {"closed", "expired", "session"}
    return sayings.time_is_up() if closed else otherwise
