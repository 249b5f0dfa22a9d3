"""One run of the decoding child, watched: it may hang, crash, give nothing, or never end, and the speaker plays on.

Which tracks are decoded, and what becomes of a failure, is decided in `decoder`.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from devices import decoding
from devices.children import environment
from devices.disk import FULL, UNWRITABLE
from devices.errors import DecodeError, DecoderUnable, DiskError
from devices.pcm import FRAME_BYTES, RATE
from wire.clock import steady_s

TIMEOUT_S = 20.0
FASTER_THAN_LIFE = 4.0
"""A child may take TIMEOUT_S and a second for each of so many seconds of music; it needs a fiftieth of that."""
STALL_S = 20.0
"""A child whose file does not grow for so long hangs: a slow card starts libvlc in a few seconds."""
MARGIN_S = 2.0
"""So much more than a track's duration is taken from a decoder; what is longer is not played anyway."""
PROGRESS_S = 0.25
MISSING = "libvlc is missing: apt-get install libvlc5 vlc-plugin-base libvlc-bin"
BROKEN = "libvlc does not find its plugins: apt-get install --reinstall vlc-plugin-base libvlc-bin"
_SAID_BYTES = 4096


@dataclasses.dataclass(frozen=True)
class Decoded:
    """What a child made: how long it is, and how the track's head was found, in words for the log."""

    delivered_s: float
    head: str


@dataclasses.dataclass(frozen=True)
class Attempt:
    """What a child is to do: `most_bytes` is all that it may write."""

    command: Sequence[str]
    source: Path
    target: Path
    duration_s: float
    most_bytes: int
    by_ffmpeg: bool = False

    async def run(self, look: Callable[[], None]) -> Decoded:
        """Decode; `look` is called a few times a second, and what it raises ends the child.

        Raises DecodeError when this track went wrong, DecoderUnable when no track would go better.
        """
        # A new file, never the old one cut short: the sound of that may be mapped, and would be torn from under it.
        self.target.unlink(missing_ok=True)
        child = await self._start()
        try:
            status = await self._watch(child, look)
            said = await self._said(child)
        finally:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        self._judge(status)
        return Decoded(self._size() / FRAME_BYTES / RATE, said)

    async def _start(self) -> asyncio.subprocess.Process:
        preference = ("ffmpeg",) if self.by_ffmpeg else ()
        try:
            return await asyncio.create_subprocess_exec(
                *self.command, str(self.source), str(self.target), str(self.most_bytes), *preference,
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
                env=environment(),
            )  # fmt: skip
        except OSError as failure:
            raise DecoderUnable(f"no program can be started on this speaker: {failure.strerror}") from None

    async def _watch(self, child: asyncio.subprocess.Process, look: Callable[[], None]) -> int:
        begun_s = grown_s = steady_s()
        size = 0
        waiting = asyncio.ensure_future(child.wait())
        try:
            while True:
                done, _ = await asyncio.wait({waiting}, timeout=PROGRESS_S)
                if done:
                    return waiting.result()
                look()
                now_s, before, size = steady_s(), size, self._size()
                if size > self.most_bytes:
                    raise DecodeError("its decoding does not end")
                if size != before:
                    grown_s = now_s
                if now_s - grown_s > STALL_S or now_s - begun_s > TIMEOUT_S + self.duration_s / FASTER_THAN_LIFE:
                    raise DecodeError("its decoding hung" if size == before else "its decoding is far too slow")
        finally:
            waiting.cancel()

    def _size(self) -> int:
        try:
            return self.target.stat().st_size
        except OSError:
            return 0

    @staticmethod
    async def _said(child: asyncio.subprocess.Process) -> str:
        said = b""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PROGRESS_S):
                said = await child.stdout.read(_SAID_BYTES) if child.stdout is not None else b""
        try:
            told = json.loads(said.splitlines()[-1])
            lost, likeness = int(told["lost"]), told["likeness"]
        except (ValueError, IndexError, KeyError, TypeError):
            return "its head as it came"
        if likeness is None:
            return f"its head by its codec: {lost} frames"
        return f"its head measured: {lost} frames, likeness {likeness}"

    @staticmethod
    def _judge(status: int) -> None:
        """Raise what an exit status says, unless it says that all went well."""
        if status < 0:
            raise DecodeError(f"its decoding crashed ({signal.strsignal(-status)})")
        if status == decoding.NO_LIBVLC:
            raise DecoderUnable(MISSING)
        if status == decoding.NO_PLUGINS:
            raise DecoderUnable(BROKEN)
        if status == decoding.NOT_WRITTEN:
            raise DiskError(FULL)
        if status == decoding.NOT_WRITABLE:
            raise DiskError(UNWRITABLE)
        if status != decoding.DONE:
            raise DecodeError("it is not music that can be decoded")
