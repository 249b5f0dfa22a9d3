"""Sends the outbox's taps, oldest first, each under its own id until the office has answered it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from kiosk.outbox import Outbox, Tap
from kiosk.school import MusicNews, News, TapNews
from wire.asking import Asker
from wire.clock import SchoolClock
from wire.errors import NoAnswer, PayloadError, Refused
from wire.requests import TAP, TapAsk
from wire.values import instant_of

_log = logging.getLogger(__name__)

RETRY_S = 2.0
WAIT_S = 10.0
FOR_GOOD = frozenset({"malformed", "expired", "pupil", "unknown-pupil", "not-found"})
"""Refusals that no later try would change; the office has said no, and the tap is put away."""


class TapSender:
    """Runs beside the screens, which never wait for it."""

    def __init__(self, outbox: Outbox, asker: Asker, clock: SchoolClock, tell: Callable[[News], None]) -> None:
        self._outbox = outbox
        self._asker = asker
        self._clock = clock
        self._tell = tell
        self._wake = asyncio.Event()
        self.waiting = len(outbox.waiting())

    def wake(self) -> None:
        """There is a new tap, or a new connection."""
        self.waiting = len(self._outbox.waiting())
        self._wake.set()

    async def run(self) -> None:
        """Send for ever, until cancelled."""
        while True:
            self._wake.clear()
            done = True
            for tap in self._outbox.waiting():
                done = await self._send(tap) and done
                self.waiting = len(self._outbox.waiting())
                self._tell(MusicNews())
                if not done:
                    break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), RETRY_S)

    async def _send(self, tap: Tap) -> bool:
        if tap.school_unix_s is None:
            if not self._clock.known:
                return False
            at_unix_s = tap.at_unix_s(self._clock.at_steady)
            self._outbox.date(tap.request_id, at_unix_s)
        else:
            at_unix_s = tap.school_unix_s
        ask = TapAsk(pupil=tap.pupil, at=instant_of(at_unix_s), by=tap.by)
        try:
            answer = await self._asker.ask(TAP, ask, request_id=tap.request_id, wait_s=WAIT_S)
        except Refused as no:
            _log.warning("a tap was refused: %s", no.reason)
            if no.reason not in FOR_GOOD:
                return False
            self._outbox.answered(tap.request_id)
            return True
        except (NoAnswer, PayloadError) as wrong:
            _log.info("a tap waits: %s", wrong)
            return False
        self._outbox.answered(tap.request_id)
        self._tell(TapNews(tap.pupil, answer.dj_slot))
        return True
