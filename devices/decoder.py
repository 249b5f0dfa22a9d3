"""Tracks turned into PCM files before they are due: which are wanted, one child process at a time, and its verdict.

A track is judged by the frames that its child delivered, because libvlc calls a text file named .mp3 a success. A bad
track gets a second try, by ffmpeg, behind the others; then it is named, and its span stays silent. `attempt` watches
the child.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from devices.attempt import MARGIN_S, Attempt
from devices.disk import FULL, UNWRITABLE, disk_fault, free_bytes, reserve_bytes
from devices.errors import DecodeError, DecoderUnable, DiskError
from devices.pcm import FRAME_BYTES, RATE, Pcm, open_pcm
from wire.clock import steady_s

_log = logging.getLogger(__name__)

ATTEMPTS = 2
ENOUGH = 0.9
"""The part of its duration that a track must deliver; real files are a few frames short of what their tags say."""
UNABLE_RETRY_S = 30.0
SCRAP_S = 0.05
"""Less than this is no sound at all, whatever the file is."""
DISK_RETRY_S = 5.0
ROOM_SETTLES_S = 1.0
"""So soon the sound that was dropped is let go of by the plan that is in force, and its room is free."""
LEAST_S = 5.0
"""With room for less of it than this, even a track that is due now is not begun."""
TITLE_CHARACTERS = 60


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A track that should be ready: its id, its file, what staff call it, how long it is."""

    track: str
    source: Path
    title: str
    duration_s: float

    @property
    def most_bytes(self) -> int:
        """What its frames may take on the disk."""
        return round((self.duration_s + MARGIN_S) * RATE) * FRAME_BYTES


@dataclasses.dataclass(frozen=True)
class Shelf:
    """What the store may ask of the folder of fetched tracks: room for so many bytes, and whether a file is intact.

    `intact` tells False, and takes the file away, when its content is not what its name says.
    """

    free: Callable[[int], None] = lambda _: None
    intact: Callable[[str], bool] = lambda _: True


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
        self._shelf = Shelf()
        self._wanted: tuple[Wanted, ...] = ()
        self._failures: dict[str, int] = {}
        self._bad: dict[str, str] = {}
        self._open: dict[str, Pcm] = {}
        self._wake = asyncio.Event()
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.part"):
            with contextlib.suppress(OSError):
                left.unlink()

    def lean_on(self, shelf: Shelf) -> None:
        """Ask this folder of fetched tracks for room, and whether a track's file is intact."""
        self._shelf = shelf

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
        if known is not None and known.whole:
            return known
        if track in self._bad:
            return None
        for path in (self._whole(track), self._part(track)):
            with contextlib.suppress(OSError):
                found = open_pcm(path)
                if known is None or found.length >= known.length:
                    self._open[track] = found
                # Else it is a second try, which is not as far yet as the first one was.
                return self._open[track]
        return known

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
        named = [one for one in self._wanted if one.track in self._bad]
        if self._unable or not named:
            return self._unable
        first = named[0]
        others = f" (and {len(named) - 1} more)" if len(named) > 1 else ""
        title = first.title if len(first.title) <= TITLE_CHARACTERS else first.title[: TITLE_CHARACTERS - 1] + "…"
        return (
            f"track {title!r}{others} cannot be played: {self._bad[first.track]}; "
            "it is silent in its place, the next one plays; copy its file again or take it out"
        )

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
                if self._unable in (FULL, UNWRITABLE):
                    self._unable = None
                await self._wake.wait()
                continue
            try:
                await self._decode(due)
            except OSError as failure:
                self._complain(disk_fault(failure))
                await asyncio.sleep(DISK_RETRY_S)
            except _GivenWay:
                continue
            except DecoderUnable as unable:
                self._complain(str(unable))
                self._on_change()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(DISK_RETRY_S if isinstance(unable, DiskError) else UNABLE_RETRY_S):
                        await self._wake.wait()
            except DecodeError as wrong:
                await self._fail(due, str(wrong))
            else:
                self._failures.pop(due.track, None)
            self._on_change()

    def _next_due(self) -> Wanted | None:
        """The first in order that is not ready; one that failed waits for those that did not."""
        due = [one for one in self._wanted if self._is_due(one)]
        return min(due, key=lambda one: self._failures.get(one.track, 0), default=None)

    def _is_due(self, one: Wanted) -> bool:
        return one.track not in self._bad and not self.has(one.track) and one.source.exists()

    def _prune(self) -> None:
        wanted = {one.track for one in self._wanted}
        for path in (*self._folder.glob("*.pcm"), *self._folder.glob("*.part")):
            if path.stem not in wanted:
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)
        for track in self._open.keys() - wanted:
            del self._open[track]
        for track in self._failures.keys() - wanted:
            # The next time that it is wanted it is tried again: files are replaced, machines are less busy.
            del self._failures[track]
            self._bad.pop(track, None)

    def _complain(self, fault: str) -> None:
        if self._unable != fault:
            _log.error("%s", fault)
        self._unable = fault

    async def _fail(self, one: Wanted, why: str) -> None:
        failures = self._failures.get(one.track, 0) + 1
        self._failures[one.track] = failures
        _log.warning("track %s (%s…): %s, try %d of %d", one.title, one.track[:12], why, failures, self._attempts)
        if failures < self._attempts:
            return
        if await asyncio.to_thread(self._shelf.intact, one.track):
            self._bad[one.track] = why
            self._open.pop(one.track, None)
            _log.error("track %s cannot be played: %s", one.title, why)
        else:
            del self._failures[one.track]
            _log.error("track %s: its file was damaged on the disk and is fetched anew", one.title)

    async def _decode(self, one: Wanted) -> None:
        """Decode one track; raises DecodeError or DecoderUnable."""
        part = self._part(one.track)
        most_bytes = await self._room_for(one)
        by_ffmpeg = self._failures.get(one.track, 0) > 0
        begun_s = steady_s()
        keep = False
        attempt = Attempt(self._command, one.source, part, one.duration_s, most_bytes, by_ffmpeg)
        try:
            try:
                decoded = await attempt.run(lambda: self._look(one))
                libvlc_fault = None
            except DiskError:
                keep = True
                raise
            except DecoderUnable as unable:
                if by_ffmpeg:
                    raise
                libvlc_fault = str(unable)
                decoded = await dataclasses.replace(attempt, by_ffmpeg=True).run(lambda: self._look(one))
            if decoded.delivered_s < one.duration_s * ENOUGH:
                keep = most_bytes < one.most_bytes
                if keep:
                    raise DiskError(FULL)
                if decoded.delivered_s < SCRAP_S:
                    raise DecodeError("it is not music that can be decoded")
                raise DecodeError(f"only {decoded.delivered_s:.1f} s of its {one.duration_s:.1f} s can be decoded")
            part.rename(self._whole(one.track))
            _log.debug("track %s is ready after %.1f s, %s", one.title, steady_s() - begun_s, decoded.head)
        finally:
            # On a full disk it is heard as far as it goes.
            if not keep:
                part.unlink(missing_ok=True)
        if libvlc_fault is not None:
            self._complain(libvlc_fault)
        elif not by_ffmpeg:
            self._unable = None

    def _look(self, one: Wanted) -> None:
        first = self._next_due()
        if first is None or first.track != one.track:
            raise _GivenWay
        self._on_change()

    async def _room_for(self, one: Wanted) -> int:
        """How many bytes of a track may be written; raises DiskError where that is too little to begin."""
        needed = one.most_bytes + reserve_bytes(self._folder)
        order = [other.track for other in self._wanted]
        if one.track not in order:
            raise _GivenWay
        for later in reversed(order[order.index(one.track) + 1 :]):
            if free_bytes(self._folder) >= needed:
                break
            self._drop(later)
        if free_bytes(self._folder) < needed:
            await asyncio.to_thread(self._shelf.free, needed - free_bytes(self._folder))
        if free_bytes(self._folder) < needed:
            self._on_change()
            await asyncio.sleep(ROOM_SETTLES_S)
        room = free_bytes(self._folder) - reserve_bytes(self._folder)
        least = min(LEAST_S * RATE * FRAME_BYTES, one.most_bytes)
        if room < one.most_bytes and (one.track != order[0] or room < least or self._part(one.track).exists()):
            raise DiskError(FULL)
        return min(room, one.most_bytes)

    def _drop(self, track: str) -> None:
        for path in (self._whole(track), self._part(track)):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        self._open.pop(track, None)

    def _whole(self, track: str) -> Path:
        return self._folder / f"{track}.pcm"

    def _part(self, track: str) -> Path:
        return self._folder / f"{track}.part"
