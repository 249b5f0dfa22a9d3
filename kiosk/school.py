"""The port between the screens and the school: what the app may ask and what it is told. No network lives here.

`kiosk.link_school.LinkSchool` is the school over the wire; tests steer another one.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Literal, Protocol

from wire.requests import ApprovedTrack, PointsAnswer, RosterAnswer, RosterPupil, TurnOffer

By = Literal["touch", "card"]


@dataclasses.dataclass(frozen=True)
class News:
    """Something that the school has to tell the screens."""


@dataclasses.dataclass(frozen=True)
class RosterNews(News):
    """The class is known, or has changed."""


@dataclasses.dataclass(frozen=True)
class MusicNews(News):
    """What plays, what will play, the approved tracks, the connection or the outbox has changed."""


@dataclasses.dataclass(frozen=True)
class TapNews(News):
    """The office has answered a tap: `dj_slot` is today's slot in which the pupil is School DJ."""

    pupil: str
    dj_slot: str | None


@dataclasses.dataclass(frozen=True)
class Arrival:
    """A tap that is safe on the disk; `again` when the pupil had tapped here in the same session before."""

    again: bool


@dataclasses.dataclass(frozen=True)
class ZoneMusic:
    """What a zone plays just now; `dj` is the first name of the School DJ whose set it is."""

    zone: str
    title: str
    dj: str | None


@dataclasses.dataclass(frozen=True)
class MusicNow:
    """What plays where, and in how many seconds the next School DJ set begins."""

    zones: tuple[ZoneMusic, ...] = ()
    next_dj_s: float | None = None


@dataclasses.dataclass(frozen=True)
class OwnThings:
    """What a pupil's own page shows, and the office's session token that it was opened with."""

    session: str
    points: PointsAnswer
    offers: tuple[TurnOffer, ...]


class School(Protocol):
    """The school as one kiosk sees it."""

    @property
    def roster(self) -> RosterAnswer | None:
        """The class, from the office or from the last time that it was heard."""

    @property
    def tracks(self) -> tuple[ApprovedTrack, ...]:
        """The approved tracks, from the scheduler or from the last time that they were heard."""

    @property
    def connected(self) -> bool:
        """Whether the broker is there just now."""

    @property
    def waiting(self) -> int:
        """How many taps wait to be answered."""

    def on_news(self, handler: Callable[[News], object]) -> None:
        """Have a handler called, on the loop, with everything new."""

    async def start(self) -> None:
        """Begin; returns at once, with or without a network."""

    async def stop(self) -> None:
        """End, and leave the broker clean."""

    def now(self) -> dt.datetime:
        """The local time of the school."""

    def music(self) -> MusicNow:
        """What plays where just now."""

    def pupil_of_card(self, code: str) -> RosterPupil | None:
        """The pupil of the class with a card, if any."""

    def was_in_today(self, pupil: str) -> bool:
        """Whether the pupil has tapped at this kiosk today."""

    def was_in_this_session(self, pupil: str) -> bool:
        """Whether the pupil has tapped at this kiosk in this half of the day."""

    def check_in(self, pupil: str, by: By) -> Arrival:
        """Put a tap on the disk, to be sent until it is answered; raises OutboxError when the disk refuses."""

    async def open(self, pupil: str, code: str) -> OwnThings:
        """Open a pupil's own things by a card; raises Away or Closed."""

    async def pick(self, session: str, offer: TurnOffer, picks: tuple[str, ...]) -> TurnOffer:
        """Replace a turn's picks; raises Away or Closed."""
