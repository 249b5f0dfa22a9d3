"""Who has tapped at this kiosk today, and in this session: from the outbox, so that a restart forgets nobody."""

from __future__ import annotations

import datetime as dt
import time
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
        self._seen: set[tuple[str, dt.date, bool]] | None = None

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
        if self._seen is None:
            zone = self._now().tzinfo
            self._seen = set()
            for tap in self._outbox.since(time.time() - 86_400.0):
                at = dt.datetime.fromtimestamp(tap.at_unix_s(self._clock.at_steady), zone)
                self._seen.add((tap.pupil, at.date(), at.hour >= NOON))
        return self._seen
