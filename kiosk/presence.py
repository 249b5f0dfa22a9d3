"""Who has tapped at this kiosk today, and in this session: from the outbox, so that a restart forgets nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from kiosk.outbox import Outbox
from wire.clock import SchoolClock

NOON = 12
"""The hour at which a kiosk takes the afternoon's session to begin; the office alone decides what counts."""


class Presence:
    """Taps by pupil, date and half of the day, in the school's local time."""

    def __init__(self, outbox: Outbox, clock: SchoolClock, now: Callable[[], dt.datetime]) -> None:
        self._outbox = outbox
        self._clock = clock
        self._now = now
        self._seen: set[tuple[str, dt.date, bool]] = set()
        self._seen_by: object = None

    def today(self, pupil: str) -> bool:
        """Whether the pupil has tapped here today."""
        date = self._now().date()
        return any((pupil, date, half) in self._taps() for half in (False, True))

    def this_session(self, pupil: str) -> bool:
        """Whether the pupil has tapped here in this half of the day."""
        now = self._now()
        return (pupil, now.date(), now.hour >= NOON) in self._taps()

    def note(self, pupil: str) -> None:
        """Note a tap of this instant."""
        now = self._now()
        self._taps().add((pupil, now.date(), now.hour >= NOON))

    def _taps(self) -> set[tuple[str, dt.date, bool]]:
        zone = self._now().tzinfo
        if self._seen_by != (self._clock.known, zone):
            # Another clock or zone may give taps another date.
            self._seen_by = (self._clock.known, zone)
            self._seen = set()
            for tap in self._outbox.kept():
                at = dt.datetime.fromtimestamp(tap.at_unix_s(self._clock.at_steady), zone)
                self._seen.add((tap.pupil, at.date(), at.hour >= NOON))
        return self._seen
