"""Sends the outbox's taps, oldest first, each under its own id until the office has answered it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from kiosk.outbox import Outbox, Tap
from kiosk.school import MusicNews, News, TapNews
from wire.asking import Asker
from wire.clock import SchoolClock, steady_s
from wire.errors import NoAnswer, PayloadError, Refused
from wire.requests import TAP, TapAsk
from wire.values import instant_of

_log = logging.getLogger(__name__)

RETRY_S = 2.0
CLOCK_S = 0.2
"""How often to look whether the school's time is known by now."""
REFUSED_RETRY_S = 60.0
WAIT_S = 10.0
FOR_GOOD = frozenset({"malformed", "expired", "id-reused"})
"""Refusals that no later try would change. After any other one (a roll that is not read yet, say) the tap waits."""


class TapSender:
    """Runs beside the screens, which never wait for it."""

    def __init__(self, outbox: Outbox, asker: Asker, clock: SchoolClock, tell: Callable[[News], None]) -> None:
        self._outbox = outbox
        self._asker = asker
        self._clock = clock
        self._tell = tell
        self._wake = asyncio.Event()
        self._refused_at_s: dict[str, float] = {}
        self.waiting = len(outbox.waiting())

    def wake(self) -> None:
        """There is a new tap, or a new connection."""
        self.waiting = len(self._outbox.waiting())
        self._wake.set()

    async def run(self) -> None:
        """Send for ever, until cancelled."""
        while True:
            self._wake.clear()
            for tap in self._outbox.waiting():
                if steady_s() - self._refused_at_s.get(tap.request_id, float("-inf")) < REFUSED_RETRY_S:
                    continue
                if not await self._send(tap):
                    break
                self.waiting = len(self._outbox.waiting())
                self._tell(MusicNews())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RETRY_S if self._clock.known else CLOCK_S):
                    await self._wake.wait()

    async def _send(self, tap: Tap) -> bool:
        """Whether the office said anything; False: it is gone, or the time is not known, so others need not try."""
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
            if no.reason in FOR_GOOD:
                self._outbox.answered(tap.request_id)
            else:
                self._refused_at_s[tap.request_id] = steady_s()
            return True
        except (NoAnswer, PayloadError) as wrong:
            _log.info("a tap waits: %s", wrong)
            return False
        self._outbox.answered(tap.request_id)
        self._tell(TapNews(tap.pupil, answer.dj_slot))
        return True
