"""The timetable and the library in force, looked at again whenever their files change.

A timetable that fails leaves the last good one in force, also over a restart: a copy of each good file is kept. The
library is what the database holds; without it, or when it cannot be read, the one before stays.
"""

from __future__ import annotations

import logging
from pathlib import Path

from scheduler.errors import LibraryError
from scheduler.library_store import LibraryStore
from scheduler.media import MediaFile
from scheduler.reading import Reading, parse_timetable, read_timetable
from scheduler.timetable import Timetable
from scheduler.tracks import Library, LibraryTrack

_log = logging.getLogger(__name__)

_Stamp = tuple[int, ...]


class SchoolFiles:
    """What the files say, as of the last `look`; `timetable` is None until there was a good one.

    `library_known` is false while the library cannot be read and was not read before: it is not known what may play.
    """

    def __init__(self, config: Path, state: Path) -> None:
        self._config = config.absolute()
        self._file = self._config / "schedule.yaml"
        self._good_file = state / "schedule.good.yaml"
        self._store = LibraryStore(state / "library.sqlite")
        self._timetable_stamp: _Stamp | None = None
        self._library_stamp: _Stamp | None = None
        self._timetable_error: str | None = None
        self._library_error: str | None = None
        self._stale_error: str | None = None
        self._media: dict[str, tuple[MediaFile, ...]] = {}
        self.timetable: Timetable | None = None
        self.library = Library()
        self.library_known = False

    @property
    def error(self) -> str | None:
        """What is wrong with the files, in a sentence for staff."""
        return self._timetable_error or self._library_error or self._stale_error

    def changed(self) -> bool:
        """Whether a file is not as it was at the last look."""
        return _stamp(self._file) != self._timetable_stamp or self._store.stamp != self._library_stamp

    def look(self) -> None:
        """Read what changed."""
        self._look_at_timetable()
        self._look_at_library()
        self._stale_error = self._stale()

    def media(self, track_id: str) -> tuple[MediaFile, ...]:
        """The files of a content that may be given out: approved music, and the timetable's own bells and calls."""
        track = self.library.by_id(track_id)
        if track is None or not (track.approved or (track_id in self._sound_ids() and not track.explicit)):
            return ()
        return self._media.get(track_id, ())

    def pickable(self) -> tuple[LibraryTrack, ...]:
        """The approved tracks that a School DJ may pick, by title: the sounds of bells and calls are none of them."""
        sounds = self._sound_ids()
        return tuple(track for track in self.library.approved if track.id not in sounds)

    def _sound_ids(self) -> frozenset[str]:
        paths = self.timetable.sounds if self.timetable is not None else ()
        sounds = (self.library.by_path(path) for path in paths)
        return frozenset(sound.id for sound in sounds if sound is not None)

    def _look_at_timetable(self) -> None:
        stamp = _stamp(self._file)
        if stamp == self._timetable_stamp:
            return
        first = self._timetable_stamp is None
        content, reading = self._read()
        if _stamp(self._file) != stamp:
            return  # written to while it was read: the next look reads it whole
        self._timetable_stamp = stamp
        if reading.timetable is not None:
            self.timetable, self._timetable_error = reading.timetable, None
            self._keep_good(content)
            _log.info("%s: in force", self._file.name)
            return
        if first:
            self._load_good()
        more = f" (and {len(reading.problems) - 1} more)" if len(reading.problems) > 1 else ""
        kept = "the last good timetable stays in force" if self.timetable is not None else "there is no music"
        self._timetable_error = f"{reading.problems[0]}{more}; {kept}"
        _log.error("%s", self._timetable_error)

    def _read(self) -> tuple[bytes, Reading]:
        try:
            content = self._file.read_bytes()
        except OSError:
            return b"", read_timetable(self._file)
        return content, parse_timetable(content, file=self._file.name, folder=self._config)

    def _keep_good(self, content: bytes) -> None:
        try:
            self._good_file.parent.mkdir(parents=True, exist_ok=True)
            beside = self._good_file.with_suffix(".new")
            beside.write_bytes(content)
            beside.replace(self._good_file)
        except OSError as wrong:
            _log.warning("%s: the good timetable is not kept: %s", self._good_file.name, wrong.strerror)

    def _load_good(self) -> None:
        try:
            content = self._good_file.read_bytes()
        except OSError:
            return
        reading = parse_timetable(content, file=self._good_file.name, folder=self._config)
        if reading.timetable is None:
            _log.error("%s: the timetable kept as the last good one cannot be used any more", self._good_file.name)
        self.timetable = reading.timetable

    def _look_at_library(self) -> None:
        stamp = self._store.stamp
        if stamp == self._library_stamp:
            return
        self._library_stamp = stamp
        if self.library.tracks and not self._store.file.exists():
            self._library_error = f"{self._store.file}: the music library is gone; scan the music again"
            _log.error("%s", self._library_error)
            return
        try:
            rows = self._store.files()
            library = self._store.library(self._config)
        except LibraryError as wrong:
            self._library_error = str(wrong)
            _log.error("%s", wrong)
            return
        self._library_error = None
        media: dict[str, tuple[MediaFile, ...]] = {}
        for row in rows.values():
            if row.bad is None:
                file = MediaFile(self._config / row.path, row.size, row.mtime_ns)
                media[row.id] = (*media.get(row.id, ()), file)
        self.library, self._media, self.library_known = library, media, True
        _log.info("library: %d tracks, %d approved", len(library.tracks), len(library.approved))

    def _stale(self) -> str | None:
        """Which approved music is not as it was scanned; it stays in the programme, as speakers may have it already."""
        stale = [
            track.path
            for track in self.library.approved
            if not any(file.is_as_read() for file in self._media.get(track.id, ()))
        ]
        if not stale:
            return None
        more = f" and {len(stale) - 1} more" if len(stale) > 1 else ""
        return f"{stale[0]}{more}: changed or gone since the music was scanned; scan it again"


def _stamp(file: Path) -> _Stamp:
    try:
        status = file.stat()
    except OSError:
        return (0, 0, 0)
    return status.st_size, status.st_mtime_ns, status.st_ino
