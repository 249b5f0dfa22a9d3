"""What the scheduler answers: the school's time, the approved tracks, a day with its reasons, and as-run records."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from scheduler.asrun import AsRunLog
from scheduler.tracks import LibraryTrack
from wire.asking import Answerer, Request
from wire.clock import KeptClock
from wire.errors import Refused
from wire.requests import (
    CLOCK,
    DAY,
    PLAYED,
    TRACKS,
    ApprovedTrack,
    ClockAnswer,
    ClockAsk,
    DayAnswer,
    DayAsk,
    PlayedAnswer,
    PlayedAsk,
    TracksAnswer,
    TracksAsk,
)

_log = logging.getLogger(__name__)

PAGE = 200
_TEXT = 100
"""A page of the longest titles there are still fits into a message."""


class Answers:
    """The handlers; each is given what it needs at the time of asking."""

    def __init__(
        self,
        answerer: Answerer,
        clock: KeptClock,
        *,
        pickable: Callable[[], tuple[LibraryTrack, ...]],
        log: Callable[[], AsRunLog | None],
        day: Callable[[DayAsk], Awaitable[DayAnswer]],
    ) -> None:
        self._clock = clock
        self._pickable = pickable
        self._log = log
        self._day = day
        self._writing = asyncio.Lock()
        answerer.on(CLOCK, self.clock, repeatable=True)
        answerer.on(TRACKS, self.tracks, repeatable=True)
        answerer.on(DAY, self.day, repeatable=True)
        answerer.on(PLAYED, self.played)

    def clock(self, request: Request[ClockAsk]) -> ClockAnswer:
        """School time at arrival and now; nothing else may happen here, or every clock in school is wrong by it."""
        received = self._clock.at_steady(request.arrived_steady_s)
        return ClockAnswer(sent=request.body.sent, received=received, answered=self._clock.unix_s())

    def tracks(self, request: Request[TracksAsk]) -> TracksAnswer:
        """A page of 200 of the approved tracks by title; a page that is not there is empty."""
        approved = self._pickable()
        page = request.body.page
        return TracksAnswer(
            page=page,
            pages=max(1, -(-len(approved) // PAGE)),
            tracks=tuple(
                ApprovedTrack(
                    id=track.id,
                    title=track.title[:_TEXT],
                    artist=track.artist[:_TEXT],
                    duration_s=track.duration_s,
                    picture=track.picture,
                )
                for track in approved[page * PAGE : (page + 1) * PAGE]
            ),
        )

    async def day(self, request: Request[DayAsk]) -> DayAnswer:
        """What sounds on a date, and why."""
        return await self._day(request.body)

    async def played(self, request: Request[PlayedAsk]) -> PlayedAnswer:
        """Puts a speaker's records on disk, each once; a speaker speaks for itself alone."""
        log = self._log()
        if log is None:
            raise Refused("not-ready", "there is no timetable yet, and so no log: keep the records and ask again")
        own = [record for record in request.body.records if record.speaker == request.who]
        if len(own) < len(request.body.records):
            _log.warning("%s sent as-run records of another speaker: ignored", request.who)
        async with self._writing:
            try:
                kept = await asyncio.to_thread(log.keep, own, self._clock.now())
            except OSError as wrong:
                _log.exception("as-run records cannot be written")
                raise Refused("disk", f"the records cannot be written: {wrong.strerror}") from wrong
        return PlayedAnswer(kept=kept)
