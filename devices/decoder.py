"""Tracks turned into PCM files before they are due: which are wanted, one child process at a time, and its verdict.

A track is judged by the frames that its child delivered, because libvlc calls a text file named .mp3 a success. A bad
track is tried again once, then named; its span stays silent.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from devices import decoding
from devices.errors import DecodeError, DecoderUnable
from devices.pcm import FRAME_BYTES, RATE, Pcm, open_pcm
from wire.clock import steady_s

_log = logging.getLogger(__name__)

ATTEMPTS = 2
TIMEOUT_S = 20.0
FASTER_THAN_LIFE = 4.0
"""A child may take TIMEOUT_S and a second for each of so many seconds of music; it needs a fiftieth of that."""
ENOUGH = 0.9
"""The part of its duration that a track must deliver; real files are a few frames short of what their tags say."""
UNABLE_RETRY_S = 30.0
PROGRESS_S = 0.25
MISSING = "libvlc is missing: apt-get install libvlc5 vlc-plugin-base libvlc-bin"


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A track that should be ready: its id, its file, what staff call it, how long it is."""

    track: str
    source: Path
    title: str
    duration_s: float


class _GivenWay(Exception):
    """A decoding was given up because another track is due before it."""


class PcmStore:
    """The decoded tracks of one folder; `on_change` is called when there is more to hear, or a new fault."""

    def __init__(
        self,
        folder: Path,
        on_change: Callable[[], None],
        command: Sequence[str] | None = None,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._unable: str | None = None
        self._folder = folder
        self._on_change = on_change
        self._command = tuple(command or (sys.executable, "-m", "devices.decoding"))
        self._attempts = attempts
        self._wanted: tuple[Wanted, ...] = ()
        self._failures: dict[str, int] = {}
        self._bad: dict[str, str] = {}
        self._open: dict[str, Pcm] = {}
        self._wake = asyncio.Event()
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.part"):
            left.unlink()

    def want(self, wanted: Sequence[Wanted]) -> None:
        """Have these tracks decoded, in this order, and forget the others."""
        if tuple(wanted) != self._wanted:
            self._wanted = tuple(wanted)
            self._wake.set()

    def poke(self) -> None:
        """Look again: a file arrived."""
        self._wake.set()

    def get(self, track: str) -> Pcm | None:
        """What there is of a track: all of it, or as far as its decoding is."""
        known = self._open.get(track)
        if known is not None and known.path.suffix == ".pcm":
            return known
        for path in (self._whole(track), self._part(track)):
            with contextlib.suppress(OSError):
                self._open[track] = open_pcm(path)
                return self._open[track]
        return None

    def spare_memory(self) -> None:
        """Give the pages of what was played back to the system; what is played next comes back by itself."""
        for pcm in self._open.values():
            pcm.spare_memory()

    def has(self, track: str) -> bool:
        """Whether the whole track is ready."""
        return self._whole(track).exists()

    @property
    def fault(self) -> str | None:
        """Why nothing can be decoded, or which wanted track cannot; None while all is well."""
        named = (
            f"track {one.title!r} cannot be played: {self._bad[one.track]}"
            for one in self._wanted
            if one.track in self._bad
        )
        return self._unable or next(named, None)

    @property
    def bad(self) -> dict[str, str]:
        """The tracks that cannot be decoded, and why."""
        return dict(self._bad)

    async def run(self) -> None:
        """Decode what is wanted until cancelled."""
        while True:
            self._wake.clear()
            self._prune()
            due = self._next_due()
            if due is None:
                await self._wake.wait()
                continue
            try:
                await self._decode(due)
            except _GivenWay:
                continue
            except DecoderUnable as unable:
                self._complain(str(unable))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), UNABLE_RETRY_S)
            except DecodeError as wrong:
                self._fail(due, str(wrong))
            else:
                self._unable = None
                self._failures.pop(due.track, None)
            self._on_change()

    def _next_due(self) -> Wanted | None:
        return next((one for one in self._wanted if self._is_due(one)), None)

    def _is_due(self, one: Wanted) -> bool:
        return one.track not in self._bad and not self.has(one.track) and one.source.exists()

    def _prune(self) -> None:
        wanted = {one.track for one in self._wanted}
        for path in self._folder.glob("*.pcm"):
            if path.stem not in wanted:
                path.unlink(missing_ok=True)
        for track in self._open.keys() - wanted:
            del self._open[track]
        for track in self._bad.keys() - wanted:
            # The next time that it is wanted it is tried again: files are replaced, machines are less busy.
            del self._bad[track], self._failures[track]

    def _complain(self, fault: str) -> None:
        if self._unable != fault:
            _log.error("%s", fault)
        self._unable = fault

    def _fail(self, one: Wanted, why: str) -> None:
        failures = self._failures.get(one.track, 0) + 1
        self._failures[one.track] = failures
        _log.warning("track %s (%s…): %s, try %d of %d", one.title, one.track[:12], why, failures, self._attempts)
        if failures >= self._attempts:
            self._bad[one.track] = why
            _log.error("track %s cannot be played: %s", one.title, why)

    async def _decode(self, one: Wanted) -> None:
        """Decode one track; raises DecodeError or DecoderUnable."""
        part = self._part(one.track)
        begun_s = steady_s()
        child = await asyncio.create_subprocess_exec(
            *self._command, str(one.source), str(part),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            status = await self._watch(child, one)
            if status == decoding.NO_LIBVLC:
                raise DecoderUnable(MISSING)
            if status == decoding.NOT_WRITTEN:
                raise DecoderUnable("the disk of this speaker is full or cannot be written")
            if status != decoding.DONE:
                raise DecodeError("its decoding broke off" if status < 0 else "it is not music that can be decoded")
            delivered_s = part.stat().st_size / FRAME_BYTES / RATE
            if delivered_s < one.duration_s * ENOUGH:
                raise DecodeError(f"only {delivered_s:.1f} s of its {one.duration_s:.1f} s can be decoded")
            part.rename(self._whole(one.track))
            _log.info("track %s is ready after %.1f s", one.title, steady_s() - begun_s)
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
            part.unlink(missing_ok=True)

    async def _watch(self, child: asyncio.subprocess.Process, one: Wanted) -> int:
        deadline = steady_s() + TIMEOUT_S + one.duration_s / FASTER_THAN_LIFE
        while steady_s() < deadline:
            try:
                return await asyncio.wait_for(asyncio.shield(asyncio.ensure_future(child.wait())), PROGRESS_S)
            except TimeoutError:
                first = self._next_due()
                if first is not None and first.track != one.track:
                    raise _GivenWay from None
                self._on_change()
        raise DecodeError("its decoding hung")

    def _whole(self, track: str) -> Path:
        return self._folder / f"{track}.pcm"

    def _part(self, track: str) -> Path:
        return self._folder / f"{track}.part"
