"""Fetching tracks ahead over HTTP: one at a time in the order wanted, resumed, checked, retried with back-off.

One connection is enough, because a track that is wanted first takes it from one that is not, which is resumed later.
A server that lies, sends too much, stalls or sends elsewhere costs one try.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import re
from collections.abc import Callable, Coroutine, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from devices.cache import TrackCache
from devices.disk import FULL, disk_fault
from devices.errors import DiskError, TrackError
from wire.clock import steady_s

_log = logging.getLogger(__name__)

FIRST_BACK_OFF_S = 1.0
LONGEST_BACK_OFF_S = 60.0
LONGEST_LIE_BACK_OFF_S = 3600.0
"""A server that gives another file costs the whole of it each time."""
SLOWEST_BYTES_S = 4_000
SLOW_S = 30.0
"""A connection that is slower than SLOWEST_BYTES_S for so long is given up: others wait behind it."""
MOST_BYTES = 2_000_000_000
_PIECE = 1 << 16
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5.0, sock_read=15.0)
_HEADERS = {"Accept-Encoding": "identity"}
_FIRST_BYTE = re.compile(r"bytes (\d+)-")


@dataclasses.dataclass(frozen=True)
class Source:
    """A track and the media address that has it.

    `urgent` ones sound within a day; no file of it is larger than `most_bytes`.
    """

    track: str
    media: str
    urgent: bool = False
    most_bytes: int = MOST_BYTES


@dataclasses.dataclass(frozen=True)
class _Failure:
    media: str
    times: int
    again_at_s: float


class _NoRoom(DiskError):
    """Tracks may not take so much: a limit, and no fault of the disk."""


class _NotGiven(TrackError):
    """The server has no such track, or none just now."""


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
        """Fetch these tracks, in this order; what is new in the list does not wait for the failures of before."""
        if tuple(wanted) != self._wanted:
            media = {one.track: one.media for one in wanted}
            self._wanted = tuple(wanted)
            self._cache.order([one.track for one in wanted])
            self._failures = {
                track: failure for track, failure in self._failures.items() if media.get(track) == failure.media
            }
        # Also an unchanged list is looked through again: a damaged file may have been taken away.
        self._wake.set()

    async def run(self) -> None:
        """Fetch what is wanted until cancelled."""
        async with aiohttp.ClientSession(timeout=_TIMEOUT, auto_decompress=False) as session:
            while True:
                self._wake.clear()
                ready = self._first_ready()
                if ready is None:
                    await self._sleep()
                else:
                    await _first_of(self._try(session, ready), self._overtaken(ready))

    def _missing(self) -> list[Source]:
        return [one for one in self._wanted if not self._cache.has(one.track)]

    def _first_ready(self) -> Source | None:
        missing = self._missing()
        if not missing:
            self.fault = None
        now_s = steady_s()
        return next((one for one in missing if self._again_at(one) <= now_s), None)

    async def _sleep(self) -> None:
        """Until something is wanted, or the next back-off of a missing track is over."""
        now_s = steady_s()
        waits = [self._again_at(one) - now_s for one in self._missing()]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min((wait for wait in waits if wait > 0), default=None)):
                await self._wake.wait()

    async def _overtaken(self, one: Source) -> None:
        """Returns when another track should be fetched before this one."""
        while True:
            self._wake.clear()
            first = self._first_ready()
            if first is None or first.track != one.track or first.media != one.media:
                return
            await self._sleep()

    def _again_at(self, one: Source) -> float:
        failure = self._failures.get(one.track)
        return 0.0 if failure is None else failure.again_at_s

    async def _try(self, session: aiohttp.ClientSession, one: Source) -> None:
        try:
            await self._fetch(session, one)
        except _NoRoom as wrong:
            self._failed(one, str(wrong), LONGEST_BACK_OFF_S)
        except DiskError as wrong:
            self._failed(one, str(wrong), FIRST_BACK_OFF_S * 5)
        except (_NotGiven, aiohttp.ClientError, TimeoutError, OSError) as wrong:
            why = str(wrong) or type(wrong).__name__
            self._failed(one, f"track {one.track[:12]}… cannot be fetched: {why}", LONGEST_BACK_OFF_S)
        except TrackError as wrong:
            self._failed(one, f"track {one.track[:12]}… cannot be fetched: {wrong}", LONGEST_LIE_BACK_OFF_S)
        else:
            self._failures.pop(one.track, None)
            self._on_change()

    def _failed(self, one: Source, fault: str, longest_s: float) -> None:
        times = self._failures[one.track].times + 1 if one.track in self._failures else 1
        back_off_s = min(longest_s, FIRST_BACK_OFF_S * 2.0 ** min(times - 1, 20))
        self._failures[one.track] = _Failure(one.media, times, steady_s() + back_off_s)
        if fault != self.fault:
            _log.warning("%s", fault)
        self.fault = fault

    async def _fetch(self, session: aiohttp.ClientSession, one: Source) -> None:
        part = self._cache.part(one.track)
        have = part.stat().st_size if part.exists() else 0
        headers = {**_HEADERS, "Range": f"bytes={have}-"} if have else _HEADERS
        address = f"{one.media.rstrip('/')}/{one.track}"
        async with session.get(address, headers=headers, allow_redirects=False) as response:
            if response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
                # All of it is here already, or what is here is another file: the hash tells.
                await _to_its_end(asyncio.to_thread(self._cache.adopt, one.track))
                return
            if response.status == HTTPStatus.OK:
                have = 0
            elif response.status != HTTPStatus.PARTIAL_CONTENT or not have:
                raise _NotGiven(f"the media server answered {response.status}")
            elif _first_byte(response) != have:
                part.unlink()
                raise TrackError("the media server gave another part of it than was asked for")
            if have + (response.content_length or 0) > one.most_bytes:
                raise TrackError(f"it is larger than {one.most_bytes / 1e6:.0f} MB")
            await self._room(one, response.content_length or 0)
            await self._receive(one, response.content, part, have)
        await _to_its_end(asyncio.to_thread(self._cache.adopt, one.track))

    async def _receive(self, one: Source, content: aiohttp.StreamReader, part: Path, have: int) -> None:
        since_s, since_bytes, roomed = steady_s(), have, have
        with _disk_errors(), part.open("ab" if have else "wb") as file:
            async for piece in content.iter_chunked(_PIECE):
                file.write(piece)
                have += len(piece)
                if have > one.most_bytes:
                    file.truncate(0)
                    raise TrackError(f"the media server sends more than {one.most_bytes / 1e6:.0f} MB")
                if have - roomed > _PIECE * 64:
                    roomed = have
                    await self._room(one, _PIECE * 64)
                if steady_s() - since_s > SLOW_S:
                    if have - since_bytes < SLOWEST_BYTES_S * SLOW_S:
                        raise TimeoutError("the media server is too slow")
                    since_s, since_bytes = steady_s(), have

    async def _room(self, one: Source, wanted_bytes: int) -> None:
        if await asyncio.to_thread(self._cache.room_for, one.track, wanted_bytes, urgent=one.urgent):
            return
        if one.urgent:
            raise DiskError(FULL)
        raise _NoRoom("there is no room for all tracks of the coming days: --disk-mb, or a larger disk, gives more")


def _first_byte(response: aiohttp.ClientResponse) -> int | None:
    found = _FIRST_BYTE.match(response.headers.get("Content-Range", ""))
    return int(found[1]) if found else None


@contextlib.contextmanager
def _disk_errors() -> Any:
    """What writing raises is the disk's; what the network raises stays its own."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, ConnectionError):
        raise
    except OSError as failure:
        raise DiskError(disk_fault(failure)) from None


async def _first_of(*works: Coroutine[Any, Any, None]) -> None:
    """Run all until the first is done, and end the others."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await what must not be left half done, also when this task is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise
