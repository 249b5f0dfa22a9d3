"""What the scheduler knows of each music file, and the library of them: values only, no disk.

The scan (`library_scan`) makes these from files, `approvals` says which may be played.
"""

from __future__ import annotations

import dataclasses
import functools
import posixpath
from collections.abc import Iterable

PICTURES = tuple(
    "🎵🌈🐬🚀🌻🦋🐢🎈🍓🌙🦊🐙🌊🍀🐝🎺🐘🌵🍉🐧🎪🚲🏰🐳🍋🌴🐸🎲🐞🍒🚂🌷🐌🍍🦆🎨🐨🍄🐴🎁🍪🐼🌟🥕🦉🍇🐫🎯🐠🌽🦀🍎🐯🎻🐑🍊🐹🥁🐊🍌🦁🎸🐷🌰"
)
"""One of these stands for a track on the pupils' screens: single wide code points that every terminal draws alike."""


def pictures_of(track_ids: Iterable[str]) -> dict[str, str]:
    """A picture for each track: by its content, and no two alike while there are pictures left.

    A child who cannot read yet knows a tune by its picture.
    """
    pictures: dict[str, str] = {}
    free = set(PICTURES)
    for track_id in sorted(set(track_ids)):
        free = free or set(PICTURES)
        start = int(track_id[:8], 16)
        tried = (PICTURES[(start + step) % len(PICTURES)] for step in range(len(PICTURES)))
        pictures[track_id] = next(picture for picture in tried if picture in free)
        free.remove(pictures[track_id])
    return pictures


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


def plain_path(base: str, path: str) -> str:
    """A path as the library keeps it, however it was spelt: relative to `base` where it lies in it, else absolute.

    By name alone: links are not followed, so that a linked folder stays where staff see it.
    """
    whole = posixpath.normpath(posixpath.join(base, path))
    if base and whole == posixpath.normpath(base):
        return "."
    return whole.removeprefix(posixpath.normpath(base).rstrip("/") + "/") if base else whole


@dataclasses.dataclass(frozen=True)
class Library:
    """Every playable file, approved or not, in the order of paths; `base` is the timetable's folder, absolute."""

    tracks: tuple[LibraryTrack, ...] = ()
    base: str = ""

    @classmethod
    def of(cls, tracks: Iterable[LibraryTrack], base: str = "") -> Library:
        """The library of these tracks in any order."""
        return cls(tuple(sorted(tracks, key=lambda track: track.path)), base)

    @functools.cached_property
    def _by_path(self) -> dict[str, LibraryTrack]:
        return {track.path: track for track in self.tracks}

    @functools.cached_property
    def _by_id(self) -> dict[str, LibraryTrack]:
        return {track.id: track for track in reversed(self.tracks)}

    def by_path(self, path: str) -> LibraryTrack | None:
        """The track of a file as the timetable names it, approved or not."""
        return self._by_path.get(plain_path(self.base, path))

    def by_id(self, track_id: str) -> LibraryTrack | None:
        """The track of this content, approved or not; the first by path of several files."""
        return self._by_id.get(track_id)

    def named_sound(self, path: str) -> LibraryTrack | None:
        """The sound of a bell or a call: its name in the timetable is staff's approval, but for one marked explicit."""
        sound = self.by_path(path)
        return None if sound is None or (sound.explicit and not sound.approved) else sound

    def in_folder(self, folder: str) -> tuple[LibraryTrack, ...]:
        """The approved tracks in a folder and the folders in it, by path, each content once."""
        plain = plain_path(self.base, folder)
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
