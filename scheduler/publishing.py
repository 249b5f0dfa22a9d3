"""What the scheduler keeps on the broker: programmes, calendar and its own state, published only where they changed."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from wire.errors import PayloadError
from wire.link import Heard, Link
from wire.programme import Calendar, Programme
from wire.states import ProgramState

_log = logging.getLogger(__name__)


class Publisher:
    """Knows what is published, also what the last run left on the broker; `name` is the program's."""

    def __init__(self, link: Link, name: str) -> None:
        self._link = link
        self._name = name
        self._programmes: dict[str, Programme] = {}
        self._kept: set[str] = set()
        self._calendar: Calendar | None = None
        self._state: ProgramState | None = None
        self._settled = False
        link.listen(link.topics.programme(), Programme, self._hear)

    @property
    def programmes(self) -> Mapping[str, Programme]:
        """What is published, by zone."""
        return self._programmes

    def settle(self) -> None:
        """From now on only what this run publishes counts: what the last run left has been heard."""
        self._settled = True

    def put(self, programmes: Mapping[str, Programme], calendar: Calendar | None) -> None:
        """Publish the programmes that changed, clear those of zones that are no more, and the calendar."""
        for zone in sorted(set(self._programmes) - set(programmes)):
            _log.info("programme of %s: cleared, the zone is no more", zone)
            self._link.keep(self._link.topics.programme(zone), None)
            del self._programmes[zone]
            self._kept.discard(zone)
        for zone, programme in programmes.items():
            self._put_programme(zone, programme)
        self._put_calendar(calendar)

    def say(self, state: ProgramState) -> None:
        """Publish the scheduler's own state, if it changed."""
        if state != self._state:
            self._state = state
            self._link.keep(self._link.topics.program(self._name), state)

    def _put_programme(self, zone: str, programme: Programme) -> None:
        before = self._programmes.get(zone)
        same = before is not None and before.revision == programme.revision
        if same and zone in self._kept:
            return
        # What the last run published is kept as it was, so that the broker has it again should it lose it.
        kept = before if same and before is not None else programme
        try:
            self._link.keep(self._link.topics.programme(zone), kept)
        except PayloadError:
            _log.exception("programme of %s: too large, the one before stays", zone)
            return
        self._programmes[zone] = kept
        self._kept.add(zone)
        tracks = sum(len(music.tracks) for music in kept.sets)
        how = "as before" if same else "published"
        _log.info("programme of %s: %s, %d sets, %d tracks (%s)", zone, how, len(kept.sets), tracks, kept.revision)

    def _put_calendar(self, calendar: Calendar | None) -> None:
        if calendar is None or _same_days(calendar, self._calendar):
            return
        try:
            self._link.keep(self._link.topics.calendar, calendar)
        except PayloadError:
            _log.exception("calendar: too large, the one before stays")
            return
        self._calendar = calendar

    def _hear(self, heard: Heard[Programme]) -> None:
        """Take what the last run left: its sets that sound now are not to change, its zones may be no more."""
        programme = heard.message
        if not self._settled and heard.retained and programme is not None and heard.tail[1:] == (programme.zone,):
            self._programmes[programme.zone] = programme


def _same_days(one: Calendar, other: Calendar | None) -> bool:
    return other is not None and one.model_copy(update={"made_at": other.made_at}) == other
