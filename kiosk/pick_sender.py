"""Sends a School DJ's picks as they change: in order, one at a time, and only the newest of those that wait.

When the office is away they are sent again for a while, also when the child has gone back to class meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from kiosk.errors import Away, Closed, SchoolError
from kiosk.school import School
from wire.requests import TurnOffer

RETRY_S = 3.0
TRIES = 30


class PickSender:
    """The picks of one turn on their way to the office; `refused` is awaited at once when the office says no."""

    def __init__(
        self,
        school: School,
        session: str,
        offer: TurnOffer,
        refused: Callable[[Closed], Awaitable[None]] | None = None,
    ) -> None:
        self._school = school
        self._session = session
        self.offer = offer
        self._wanted = offer.picks
        self._sent = offer.picks
        self._refused = refused
        self._task: asyncio.Task[None] | None = None
        self._fault: SchoolError | None = None
        self._tries_left = TRIES

    def change(self, picks: tuple[str, ...]) -> None:
        """Want other picks; they are sent when those before are answered."""
        self._wanted = picks
        self._tries_left = TRIES
        self._begin()

    def _begin(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send(), name="picks")

    async def settle(self) -> None:
        """Wait until the office has the newest picks; raises Away or Closed when it has not."""
        self.change(self._wanted)
        if self._task is not None:
            await asyncio.shield(self._task)  # the next child's card ends the waiting, never the sending
        if self._fault is not None:
            raise self._fault

    @property
    def fault(self) -> SchoolError | None:
        """Why the newest sending failed, or None."""
        return self._fault

    async def _send(self) -> None:
        while self._sent != self._wanted:
            picks = self._wanted
            try:
                self.offer = await self._school.pick(self._session, self.offer, picks)
            except SchoolError as wrong:
                self._fault = wrong
                if isinstance(wrong, Away) and self._tries_left > 0:
                    self._tries_left -= 1
                    asyncio.get_running_loop().call_later(RETRY_S, self._begin)
                if isinstance(wrong, Closed) and self._refused is not None:
                    await self._refused(wrong)
                return
            self._sent, self._fault = picks, None
