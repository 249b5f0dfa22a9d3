"""What the scheduler knows of each music file, and the library of them: values only, no disk.

The scan (`library_scan`) makes these from files, `approvals` says which may be played.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable

PICTURES = ("🎵", "🌈", "🐬", "🚀", "🌻", "🦋", "🐢", "🎈", "🍓", "🌙", "🦊", "🐙", "🌊", "🍀", "🐝", "🎺")
"""One of these stands for a track on the pupils' screens: single wide code points that every terminal draws alike."""


def picture_of(track_id: str) -> str:
    """The picture of a track, the same for the same content everywhere."""
    return PICTURES[int(track_id[:8], 16) % len(PICTURES)]


@dataclasses.dataclass(frozen=True)
class LibraryTrack:
    """One playable file; `path` is posix, relative to the timetable's folder, or absolute where it lies elsewhere.

    `id` is the SHA-256 of the content in hex, `duration_s` what it decodes to, `gain_db` evens loudness out.
    """

    id: str
    path: str
    title: str
    artist: str
    duration_s: float
    gain_db: float = 0.0
    explicit: bool = False
    approved: bool = False
    picture: str = "🎵"


@dataclasses.dataclass(frozen=True)
class Library:
    """Every playable file, approved or not, in the order of paths."""

    tracks: tuple[LibraryTrack, ...] = ()

    @classmethod
    def of(cls, tracks: Iterable[LibraryTrack]) -> Library:
        """The library of these tracks in any order."""
        return cls(tuple(sorted(tracks, key=lambda track: track.path)))

    @functools.cached_property
    def _by_path(self) -> dict[str, LibraryTrack]:
        return {track.path: track for track in self.tracks}

    @functools.cached_property
    def _by_id(self) -> dict[str, LibraryTrack]:
        return {track.id: track for track in reversed(self.tracks)}

    def by_path(self, path: str) -> LibraryTrack | None:
        """The track of a file as the timetable names it, approved or not."""
        return self._by_path.get(_plain(path))

    def by_id(self, track_id: str) -> LibraryTrack | None:
        """The track of this content, approved or not; the first by path of several files."""
        return self._by_id.get(track_id)

    def in_folder(self, folder: str) -> tuple[LibraryTrack, ...]:
        """The approved tracks in a folder and the folders in it, by path, each content once."""
        plain = _plain(folder)
        inside = "" if plain == "." else plain.rstrip("/") + "/"
        once: dict[str, LibraryTrack] = {}
        for track in self.tracks:
            if track.approved and track.path.startswith(inside) and not (inside == "" and track.path.startswith("/")):
                once.setdefault(track.id, track)
        return tuple(once.values())

    @functools.cached_property
    def approved(self) -> tuple[LibraryTrack, ...]:
        """What may be played and picked, each content once, by title."""
        once = {track.id: track for track in reversed(self.tracks) if track.approved}
        return tuple(
            sorted(once.values(), key=lambda track: (track.title.casefold(), track.artist.casefold(), track.id))
        )


def _plain(path: str) -> str:
    """A path without `./`, doubled and closing slashes, and `..` where it can be resolved by name."""
    root = "/" if path.startswith("/") else ""
    parts: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif not (part == ".." and root):
            parts.append(part)
    return root + "/".join(parts) or "."
