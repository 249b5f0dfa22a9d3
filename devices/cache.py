"""The tracks of the school on a speaker's disk, each named by the SHA-256 of its content."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Collection
from pathlib import Path

from devices.errors import TrackError

KEPT_S = 30 * 86_400.0
"""How long a track stays that no programme names any more."""
_ID = re.compile(r"[0-9a-f]{64}")
_PIECE = 1 << 20


class TrackCache:
    """A folder of tracks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
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

    def adopt(self, track: str) -> None:
        """Make a fetched file the track's, if its content is; else it is deleted, and TrackError raised."""
        part = self.part(track)
        with part.open("rb") as file:
            digest = hashlib.sha256()
            while piece := file.read(_PIECE):
                digest.update(piece)
        if digest.hexdigest() != track:
            part.unlink()
            raise TrackError(f"what came as track {track[:12]}… is another file")
        part.replace(self.path(track))

    def prune(self, named: Collection[str], now_s: float | None = None) -> int:
        """Delete what was named by no programme for KEPT_S seconds; tells how many files went."""
        now_s = time.time() if now_s is None else now_s
        gone = 0
        for path in self._folder.iterdir():
            if path.stem in named:
                path.touch()
            elif now_s - path.stat().st_mtime > KEPT_S:
                path.unlink()
                gone += 1
        return gone
