"""Greeting the children who arrive: the tap goes to the disk, the greeting to the banner, and after a while the
invitation is back."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable

from textual.timer import Timer

from kiosk import sayings
from kiosk.errors import OutboxError
from kiosk.school import By, School, TapNews
from kiosk.settings import Pace
from kiosk.widgets.banner import Banner, Saying
from wire.requests import RosterPupil

_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Greeted:
    """Who is being greeted."""

    pupil: RosterPupil
    again: bool
    by_card: bool


class Arrivals:
    """Says things in the banner, one at a time; `later` starts a timer."""

    def __init__(self, school: School, banner: Banner, pace: Pace, later: Callable[..., Timer]) -> None:
        self._school = school
        self._banner = banner
        self._pace = pace
        self._later = later
        self._greeted: Greeted | None = None
        self._quiet: Timer | None = None

    def arrive(self, pupil: RosterPupil, by: By) -> None:
        """Check a child in and greet it; this waits for the disk, never for the network."""
        try:
            arrival = self._school.check_in(pupil.id, by)
        except OutboxError:
            _log.exception("a tap could not be written")
            self.say(sayings.not_written())
            return
        self._greeted = Greeted(pupil, arrival.again, by == "card")
        self._greet(None)

    def note(self, pupil: RosterPupil) -> bool:
        """A card that opens a page in a session without a tap is one, without a greeting; whether it is safe."""
        if self._school.was_in_this_session(pupil.id):
            return True
        try:
            self._school.check_in(pupil.id, "card")
        except OutboxError:
            _log.exception("a tap could not be written")
            self.say(sayings.not_written())
            return False
        return True

    def answered(self, news: TapNews) -> None:
        """Add to the greeting what the office tells, if it is the child's who stands there."""
        if self._greeted is not None and self._greeted.pupil.id == news.pupil and news.dj_slot is not None:
            self._greet(news.dj_slot)

    def say(self, saying: Saying) -> None:
        """Say something else for a while."""
        self._greeted = None
        self._show(saying, self._pace.told_s)

    def invite(self) -> None:
        """Invite the next child, unless something is being said."""
        if self._quiet is None:
            now, roster = self._school.now(), self._school.roster
            self._banner.say(sayings.invitation(now, roster.name) if roster else sayings.waiting(now))

    def _greet(self, dj_slot: str | None) -> None:
        one = self._greeted
        if one is not None:
            said = sayings.greeting(one.pupil, self._school.now(), one.again, one.by_card, dj_slot)
            self._show(said, self._pace.greeting_s)

    def _show(self, saying: Saying, seconds: float) -> None:
        self._banner.say(saying)
        if self._quiet is not None:
            self._quiet.stop()
        self._quiet = self._later(seconds, self._said)

    def _said(self) -> None:
        self._greeted = self._quiet = None
        self.invite()
