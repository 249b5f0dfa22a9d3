"""The tracks of the school on a speaker's disk, each named by the SHA-256 of its content.

They keep within the room that they may take: what is least wanted goes first.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from devices.disk import free_bytes, reserve_bytes, track_budget_bytes
from devices.errors import TrackError

_log = logging.getLogger(__name__)

KEPT_S = 30 * 86_400.0
"""How long a track stays that no programme names any more, while there is room."""
_ID = re.compile(r"[0-9a-f]{64}")
_PIECE = 1 << 20


class TrackCache:
    """A folder of tracks that may take `quota_bytes`, or what `disk` finds right; one thread at a time changes it."""

    def __init__(self, folder: Path, quota_bytes: int | None = None) -> None:
        self._folder = folder
        self._quota_bytes = quota_bytes
        self._order: tuple[str, ...] = ()
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, track: str) -> Path:
        """Where a track's file is, or would be."""
        if not _ID.fullmatch(track):
            raise TrackError(f"{track!r} is not the id of a track")
        return self._folder / track

    def part(self, track: str) -> Path:
        """Where a track's file grows while it is fetched."""
        return self.path(track).with_suffix(".part")

    def has(self, track: str) -> bool:
        """Whether the track is here, whole."""
        return self.path(track).exists()

    def order(self, tracks: Sequence[str]) -> None:
        """What is wanted, most wanted first: what is last in it, or not in it, goes first where room is needed."""
        self._order = tuple(tracks)

    def adopt(self, track: str) -> None:
        """Make a fetched file the track's, if its content is; else it is deleted, and TrackError raised."""
        part = self.part(track)
        if _digest(part) != track:
            part.unlink()
            raise TrackError(f"what came as track {track[:12]}… is another file")
        with part.open("rb") as file:
            # Else a power cut leaves a name without its content.
            os.fsync(file.fileno())
        part.replace(self.path(track))

    def intact(self, track: str) -> bool:
        """Whether a track's file still is what its name says; a damaged one is deleted, to be fetched anew."""
        path = self.path(track)
        try:
            if _digest(path) == track:
                return True
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as wrong:
            _log.warning("%s: %s", path, wrong.strerror)
        return False

    def room_for(self, track: str, wanted_bytes: int, *, urgent: bool) -> bool:
        """Make room for so much more of a track; tells whether there is.

        An urgent one may exceed what tracks may take in all, because a day's music goes before a quota.
        """
        missing = wanted_bytes + reserve_bytes(self._folder) - free_bytes(self._folder)
        if not urgent:
            own = self._own_bytes()
            missing = max(missing, own + wanted_bytes - track_budget_bytes(self._folder, own, self._quota_bytes))
        return missing <= 0 or self._free(missing, keep=(*self._before(track), track)) >= missing

    def free(self, wanted_bytes: int, urgent: Collection[str] = ()) -> None:
        """Delete least wanted files, but no urgent ones, until so much is free, or nothing is left to delete."""
        self._free(wanted_bytes, urgent)

    def prune(self, named: Collection[str], now_s: float | None = None) -> int:
        """Delete what no programme named for KEPT_S seconds, and fetches that broke off; tells how many files went."""
        now_s = time.time() if now_s is None else now_s
        gone = 0
        for path in self._files():
            with contextlib.suppress(OSError):
                if path.stem in named:
                    path.touch()
                elif path.suffix or now_s - path.stat().st_mtime > KEPT_S:
                    path.unlink()
                    gone += 1
        return gone

    def _before(self, track: str) -> tuple[str, ...]:
        return self._order[: self._order.index(track)] if track in self._order else self._order

    def _files(self) -> Iterator[Path]:
        yield from list(self._folder.iterdir())

    def _own_bytes(self) -> int:
        return sum(_size(path) for path in self._files())

    def _free(self, wanted_bytes: int, keep: Collection[str]) -> int:
        """Delete least wanted files until `wanted_bytes` are free; tells how many bytes went."""
        place = {track: number for number, track in enumerate(self._order)}
        named_last = sorted(
            (path for path in self._files() if path.stem not in keep),
            key=lambda path: (path.stem in place, -place.get(path.stem, 0), _used_at_s(path)),
        )
        freed = 0
        for path in named_last:
            if freed >= wanted_bytes:
                break
            size = _size(path)
            with contextlib.suppress(OSError):
                path.unlink()
                freed += size
                _log.info("track %s… makes room", path.name[:12])
        return freed


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _used_at_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
