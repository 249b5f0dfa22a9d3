"""Those who listen to a zone's stream over HTTP: one queue each, so that a slow one holds up nobody.

A new listener gets the last second or two at once, and so begins quickly. One that takes too slowly loses the oldest
pieces that wait for it; one that takes nothing at all for GONE_S is let go.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque

from aiohttp import web

from devices.icy import IcyJoiner
from devices.mp3_encoding import BYTES_PER_S

MOST_LISTENERS = 50
BURST_BYTES = BYTES_PER_S * 3 // 2
"""What a new listener gets at once: 1.5 s."""
MOST_WAITING_BYTES = BYTES_PER_S * 5
GONE_S = 20.0
_SOCKET_BYTES = 64 * 1024
"""What the system may hold for one listener: else minutes of sound would wait for one that is slow."""


class _Listener:
    """One who listens: the pieces that wait, the oldest dropped when they are too many; None ends."""

    def __init__(self, burst: list[bytes]) -> None:
        self._waiting: deque[bytes] = deque(burst)
        self._bytes = sum(len(piece) for piece in burst)
        self._there = asyncio.Event()
        self._closed = False
        if burst:
            self._there.set()

    def give(self, piece: bytes) -> None:
        """Have a piece wait."""
        self._waiting.append(piece)
        self._bytes += len(piece)
        while self._bytes > MOST_WAITING_BYTES:
            self._bytes -= len(self._waiting.popleft())
        self._there.set()

    def close(self) -> None:
        """Let it go."""
        self._closed = True
        self._there.set()

    async def next(self) -> bytes | None:
        """What waits, in one; None when it is to go."""
        await self._there.wait()
        self._there.clear()
        if self._closed:
            return None
        found = b"".join(self._waiting)
        self._waiting.clear()
        self._bytes = 0
        return found


class Listeners:
    """All who listen, and what the next one gets at once; `title` is what is heard now."""

    def __init__(self) -> None:
        self.title = ""
        self._all: set[_Listener] = set()
        self._recent: deque[bytes] = deque()
        self._recent_bytes = 0

    def __len__(self) -> int:
        return len(self._all)

    @property
    def room(self) -> bool:
        """Whether one more may listen."""
        return len(self._all) < MOST_LISTENERS

    def give(self, piece: bytes) -> None:
        """Hand whole MP3 frames to everybody."""
        self._recent.append(piece)
        self._recent_bytes += len(piece)
        while self._recent_bytes - len(self._recent[0]) > BURST_BYTES:
            self._recent_bytes -= len(self._recent.popleft())
        for listener in self._all:
            listener.give(piece)

    def close(self) -> None:
        """Let everybody go."""
        for listener in self._all:
            listener.close()

    async def serve(self, request: web.Request, response: web.StreamResponse, metaint: int) -> None:
        """Answer one listener until it goes; a title is told every `metaint` bytes, with 0 none."""
        listener = _Listener(list(self._recent))
        self._all.add(listener)
        try:
            if request.transport is not None:
                connection: socket.socket = request.transport.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BYTES)
            joiner = IcyJoiner(metaint) if metaint else None
            await response.prepare(request)
            while (piece := await listener.next()) is not None:
                async with asyncio.timeout(GONE_S):
                    await response.write(piece if joiner is None else joiner.joined(piece, self.title))
        except (ConnectionError, TimeoutError):
            if request.transport is not None:
                request.transport.abort()
        finally:
            self._all.discard(listener)
        with contextlib.suppress(ConnectionError):
            await response.write_eof()
