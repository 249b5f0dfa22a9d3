"""Live encoding as MP3 by a child process, ffmpeg: frames go in at the pace of the clock, whole MP3 frames come out.

Every MP3 frame stands by itself (no bit reservoir), so that a listener may begin, or lose some, at any of them. An
ffmpeg that dies or hangs is started again after a short pause.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from devices.pcm import CHANNELS, RATE, Frames
from wire.clock import steady_s

_log = logging.getLogger(__name__)

BITRATE = 192_000
BYTES_PER_S = BITRATE // 8
START_AGAIN_S = 1.0
HUNG_S = 4.0
"""Without a piece from ffmpeg for so long, it hangs."""
_MOST_WAITING = RATE * 4
"""Bytes that wait for an ffmpeg that does not take them, a second's; what comes then is dropped."""
_SYNC = 0xFFE0
_FRAME_BYTES = 144 * BITRATE // RATE
_READ = 4096


class Mp3Encoder:
    """Encodes what is fed; `on_piece` gets whole MP3 frames."""

    def __init__(self, on_piece: Callable[[bytes], None]) -> None:
        self.fault: str | None = None
        self._on_piece = on_piece
        self._stdin: asyncio.StreamWriter | None = None

    def feed(self, frames: Frames) -> None:
        """Encode these frames; dropped while there is nobody to take them."""
        stdin = self._stdin
        if stdin is None or stdin.is_closing() or stdin.transport.get_write_buffer_size() > _MOST_WAITING:
            return
        stdin.write(frames.astype("<i2", copy=False).tobytes())

    async def run(self) -> None:
        """Keep an ffmpeg at work until cancelled."""
        while True:
            try:
                await self._encode()
            except FileNotFoundError:
                self._complain("ffmpeg is missing: apt-get install ffmpeg")
            except TimeoutError:
                self._complain("the encoder hung and is started again")
            except OSError as wrong:
                self._complain(f"the encoder cannot be started: {wrong.strerror}")
            else:
                self._complain("the encoder ended and is started again")
            await asyncio.sleep(START_AGAIN_S)

    def _complain(self, fault: str) -> None:
        if fault != self.fault:
            _log.error("%s", fault)
        self.fault = fault

    async def _encode(self) -> None:
        """One life of an ffmpeg; raises OSError, or TimeoutError when it hangs."""
        child = await asyncio.create_subprocess_exec(
            *("ffmpeg", "-nostdin", "-loglevel", "quiet", "-probesize", "32", "-analyzeduration", "0"),
            *("-f", "s16le", "-ar", str(RATE), "-ac", str(CHANNELS), "-i", "pipe:0"),
            *("-c:a", "libmp3lame", "-b:a", str(BITRATE), "-reservoir", "0", "-write_xing", "0", "-id3v2_version", "0"),
            *("-flush_packets", "1", "-f", "mp3", "pipe:1"),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert child.stdin is not None
        assert child.stdout is not None
        self._stdin = child.stdin
        splitter, begun_s = FrameSplitter(), steady_s()
        try:
            while True:
                async with asyncio.timeout(HUNG_S):
                    data = await child.stdout.read(_READ)
                if not data:
                    return
                if self.fault is not None and steady_s() - begun_s > START_AGAIN_S:
                    _log.info("the encoder is at work again")
                    self.fault = None
                if piece := splitter.whole(data):
                    self._on_piece(piece)
        finally:
            self._stdin = None
            # Closing would wait for what an ffmpeg that hangs never takes.
            if not child.stdin.is_closing():
                child.stdin.transport.abort()
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


class FrameSplitter:
    """Cuts a stream of MP3 at 192 kbit/s and 44.1 kHz at the ends of its frames."""

    def __init__(self) -> None:
        self._rest = b""

    def whole(self, data: bytes) -> bytes:
        """The frames that are whole with this piece; what is no frame is left out."""
        rest = self._rest + data
        found = bytearray()
        place = 0
        while place + 4 <= len(rest):
            head = int.from_bytes(rest[place : place + 4], "big")
            if head >> 16 & _SYNC != _SYNC:
                place += 1
                continue
            end = place + _FRAME_BYTES + (head >> 9 & 1)
            if end > len(rest):
                break
            found += rest[place:end]
            place = end
        self._rest = rest[place:]
        return bytes(found)
