"""Fetching tracks ahead over HTTP: one at a time in the order wanted, resumed, checked, retried with back-off."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from collections.abc import Callable, Sequence
from http import HTTPStatus

import aiohttp

from devices.cache import TrackCache
from devices.errors import TrackError
from wire.clock import steady_s

_log = logging.getLogger(__name__)

FIRST_BACK_OFF_S = 1.0
LONGEST_BACK_OFF_S = 120.0
_PIECE = 1 << 16
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5.0, sock_read=15.0)


@dataclasses.dataclass(frozen=True)
class Source:
    """A track and the media address that has it."""

    track: str
    media: str


@dataclasses.dataclass(frozen=True)
class _Failure:
    times: int
    again_at_s: float


class Fetcher:
    """Keeps a cache filled with what is wanted; `on_change` is called when a track has come."""

    def __init__(self, cache: TrackCache, on_change: Callable[[], None]) -> None:
        self.fault: str | None = None
        self._cache = cache
        self._on_change = on_change
        self._wanted: tuple[Source, ...] = ()
        self._failures: dict[str, _Failure] = {}
        self._wake = asyncio.Event()

    def want(self, wanted: Sequence[Source]) -> None:
        """Fetch these tracks, in this order; a changed list gives up the waits of failed ones."""
        if tuple(wanted) != self._wanted:
            self._wanted = tuple(wanted)
            self._failures.clear()
            self._wake.set()

    async def run(self) -> None:
        """Fetch what is wanted until cancelled."""
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            while True:
                self._wake.clear()
                missing = [one for one in self._wanted if not self._cache.has(one.track)]
                now_s = steady_s()
                ready = next((one for one in missing if self._again_at(one) <= now_s), None)
                if ready is not None:
                    await self._try(session, ready)
                    continue
                if not missing:
                    self.fault = None
                wait_s = min((self._again_at(one) for one in missing), default=None)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), None if wait_s is None else wait_s - now_s)

    def _again_at(self, one: Source) -> float:
        failure = self._failures.get(one.track)
        return 0.0 if failure is None else failure.again_at_s

    async def _try(self, session: aiohttp.ClientSession, one: Source) -> None:
        try:
            await self._fetch(session, one)
        except (TrackError, aiohttp.ClientError, TimeoutError, OSError) as wrong:
            times = self._failures[one.track].times + 1 if one.track in self._failures else 1
            back_off_s = min(LONGEST_BACK_OFF_S, FIRST_BACK_OFF_S * 2 ** (times - 1))
            self._failures[one.track] = _Failure(times, steady_s() + back_off_s)
            fault = f"track {one.track[:12]}… cannot be fetched: {str(wrong) or type(wrong).__name__}"
            if fault != self.fault:
                _log.warning("%s", fault)
            self.fault = fault
        else:
            self._failures.pop(one.track, None)
            self._on_change()

    async def _fetch(self, session: aiohttp.ClientSession, one: Source) -> None:
        part = self._cache.part(one.track)
        have = part.stat().st_size if part.exists() else 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        async with session.get(f"{one.media.rstrip('/')}/{one.track}", headers=headers) as response:
            if response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                # All of it is here already, or what is here is another file: the hash tells.
                await asyncio.to_thread(self._cache.adopt, one.track)
                return
            if response.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
                raise TrackError(f"the media server answered {response.status}")
            mode = "ab" if response.status == HTTPStatus.PARTIAL_CONTENT else "wb"
            with part.open(mode) as file:
                async for piece in response.content.iter_chunked(_PIECE):
                    file.write(piece)
        await asyncio.to_thread(self._cache.adopt, one.track)
