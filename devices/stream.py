"""One live stream from the network: fetched over HTTP, decoded by a child process into a ring, and kept going.

The address is asked for here, and only http and https are followed; libvlc gets bytes. Whatever fails, be it the
server, the line, the decoder, or a stream that is no music, ends the connection, and it is tried again after a pause
that grows to LONGEST_BACK_OFF_S. When it sounds, and what in its place, is `radio`'s matter.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Sequence
from http import HTTPStatus

import aiohttp

from devices import decoding
from devices.adts import AdtsStart
from devices.attempt import MISSING
from devices.children import environment
from devices.errors import StreamError
from devices.icy import IcySplitter, clean_title
from devices.pcm import RATE
from devices.stream_ring import Ring
from wire.clock import steady_s

_log = logging.getLogger(__name__)

FIRST_BACK_OFF_S = 1.0
LONGEST_BACK_OFF_S = 15.0
GOOD_S = 10.0
"""A connection that gave so much sound was a good one: the next pause is the shortest again."""
NOTHING_S = 8.0
"""Without a byte, or without sound from what came, for so long the connection is given up for a new one."""
GAP_S = 1.0
"""A stream from which nothing came for longer is not steady."""
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5.0, sock_read=NOTHING_S)
_AAC = "m4a"
_DEMUX = {
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/aac": _AAC,
    "audio/aacp": _AAC,
    "audio/x-aac": _AAC,
    "audio/ogg": "ogg",
    "application/ogg": "ogg",
    "audio/opus": "ogg",
    "audio/flac": "flac",
    "audio/x-flac": "flac",
}
"""libvlc's module for what a server calls its stream."""
_PLAYLISTS = ("mpegurl", "scpls", "xspf")


class Feed:
    """What comes from one address, from `run`'s beginning to its cancelling."""

    def __init__(self, url: str, command: Sequence[str] | None = None) -> None:
        self.ring = Ring()
        self.title = ""
        self.fault: str | None = None
        self._url = url
        self._command = tuple(command or (sys.executable, "-m", "devices.stream_decoding"))
        self._written = 0
        self._connected_at = 0
        self._grew_at_s = float("-inf")
        self._steady_since_s = float("inf")

    def look(self) -> None:
        """Take in how much sound came since the last look."""
        written, now_s = self.ring.written, steady_s()
        if written != self._written:
            if now_s - self._grew_at_s > GAP_S:
                self._steady_since_s = now_s
            self._written, self._grew_at_s = written, now_s
        elif now_s - self._grew_at_s > GAP_S:
            self._steady_since_s = float("inf")

    @property
    def silent_s(self) -> float:
        """How long nothing came, at the last look."""
        return steady_s() - self._grew_at_s

    @property
    def steady_s(self) -> float:
        """How long sound has come without a gap; 0 while it does not."""
        return max(0.0, steady_s() - self._steady_since_s)

    @property
    def held_s(self) -> float:
        """How much sound came from this connection."""
        return (self.ring.written - self._connected_at) / RATE

    async def run(self) -> None:
        """Fetch and decode until cancelled."""
        back_off_s = FIRST_BACK_OFF_S
        try:
            async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
                while True:
                    self._connected_at = self.ring.written
                    await self._try(session)
                    if self.held_s > GOOD_S:
                        back_off_s = FIRST_BACK_OFF_S
                    await asyncio.sleep(back_off_s)
                    back_off_s = min(LONGEST_BACK_OFF_S, back_off_s * 2)
        finally:
            self.ring.close_descriptor()

    async def _try(self, session: aiohttp.ClientSession) -> None:
        try:
            await self._receive(session)
        except TimeoutError:
            self._complain(f"nothing came for {NOTHING_S:g} s")
        except aiohttp.NonHttpUrlRedirectClientError:
            self._complain("it sends to an address that is not http or https, which is not followed")
        except (aiohttp.ClientError, StreamError, OSError, ValueError) as wrong:
            self._complain(str(wrong) or type(wrong).__name__)

    def _complain(self, why: str) -> None:
        fault = f"the stream {self._url[:100]} is away: {clean_title(why)[:120]}"
        if fault != self.fault:
            _log.warning("%s", fault)
        self.fault = fault

    async def _receive(self, session: aiohttp.ClientSession) -> None:
        """One connection, until it ends; raises StreamError, TimeoutError, OSError or an aiohttp.ClientError."""
        async with session.get(self._url, headers={"Icy-MetaData": "1"}) as response:
            if response.status != HTTPStatus.OK:
                raise StreamError(f"the server answered {response.status}")
            demux = _demux_of(response.content_type)
            metaint = response.headers.get("icy-metaint", "0")
            splitter = IcySplitter(int(metaint) if metaint.isdecimal() else 0)
            start = AdtsStart() if demux == _AAC else None
            child = await asyncio.create_subprocess_exec(
                *self._command, str(self.ring.descriptor), demux, pass_fds=(self.ring.descriptor,),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
                env=environment(),
            )  # fmt: skip
            try:
                await self._pump(response.content, splitter, start, child)
            finally:
                await _end(child)
        raise StreamError("it ended")

    async def _pump(
        self,
        content: aiohttp.StreamReader,
        splitter: IcySplitter,
        start: AdtsStart | None,
        child: asyncio.subprocess.Process,
    ) -> None:
        assert child.stdin is not None
        begun_s = steady_s()
        while True:
            async with asyncio.timeout(NOTHING_S):
                if not (data := await content.readany()):
                    return
                sound = splitter.sound(data)
                child.stdin.write(sound if start is None else start.aligned(sound))
                try:
                    await child.stdin.drain()
                except (BrokenPipeError, ConnectionResetError):
                    await child.wait()
            self._take_title(splitter.title)
            self.look()
            if child.returncode is not None:
                why = MISSING if child.returncode == decoding.NO_LIBVLC else "its decoding broke off"
                raise StreamError(why)
            if steady_s() - max(begun_s, self._grew_at_s) > NOTHING_S:
                raise StreamError("what it sends is not music that can be decoded")
            if self.fault is not None and self.steady_s > GAP_S:
                _log.info("the stream %s is back", self._url)
                self.fault = None

    def _take_title(self, title: str) -> None:
        if title != self.title:
            self.title = title
            _log.info("the stream's title: %s", title)


def _demux_of(content_type: str) -> str:
    """libvlc's module for a type of content; raises StreamError for one that is no stream of sound."""
    if any(one in content_type for one in _PLAYLISTS):
        raise StreamError(f"it is a playlist ({content_type}): the timetable must name the stream's own address")
    if content_type not in _DEMUX:
        raise StreamError(f"it is no stream of sound but {content_type}")
    return _DEMUX[content_type]


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.stdin is not None and not child.stdin.is_closing():
        # Closing would wait for what a child that hangs never takes.
        child.stdin.transport.abort()
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
    await child.wait()
