"""The scan: finds the music files, reads those that are new or changed, and keeps what it found in the library.

Files are found in the folders and under the names that the timetable gives, and in any other folder asked for.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import hashlib
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

from scheduler.errors import UnplayableFile
from scheduler.library_store import FileRow, LibraryStore
from scheduler.probe import OTHER_AUDIO_SUFFIXES, SUFFIXES, ffmpeg_program, probe
from scheduler.tags import read_tags
from scheduler.timetable import Timetable
from scheduler.tracks import plain_path

_log = logging.getLogger(__name__)

WORKERS = 2
"""Files read at once: the machine also plays."""

Progress = Callable[[int, int, str], None]
"""Called with how many files are done, how many there are to read, and the path of the one just done."""


@dataclasses.dataclass(frozen=True)
class BadFile:
    """A file that cannot be played, and why."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclasses.dataclass(frozen=True)
class ScanReport:
    """What a scan found, each as paths in order; `bad` names every unplayable file there is, new or not."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    bad: tuple[BadFile, ...] = ()


def music_places(timetable: Timetable) -> tuple[str, ...]:
    """The folders and files that a timetable plays from: playlists' folders and tracks, and the sounds of bells."""
    places: dict[str, None] = {}
    for playlist in timetable.playlists.values():
        for place in (*([playlist.folder] if playlist.folder else ()), *playlist.tracks):
            places[place] = None
    for shape in timetable.days.values():
        for bell in shape.bells:
            places[bell.sound] = None
    return tuple(places)


def scan(
    store: LibraryStore,
    base: Path,
    places: Iterable[str],
    *,
    progress: Progress | None = None,
    forget_others: bool = True,
) -> ScanReport:
    """Brings the library up to date with the files at `places`, which are relative to `base` or absolute.

    Files of the same size and time as before are not read again. `forget_others` removes from the library what lies
    nowhere in these places, or is gone. An interrupted scan keeps what it has read. Raises FfmpegMissing, LibraryError.
    """
    ffmpeg_program()
    found, bad = _find(base, places)
    known = store.files()
    fresh = {path: status for path, status in found.items() if not _same(known.get(path), status)}
    read = dict(_read_all(base, fresh, store, progress))
    gone = [path for path in known if path not in found and (forget_others or not _file_of(base, path).exists())]
    store.forget(gone)
    rows = {path: read.get(path) or known[path] for path in found}
    bad += [BadFile(path, row.bad) for path, row in rows.items() if row.bad is not None]
    good = sorted(path for path, row in rows.items() if row.bad is None)
    return ScanReport(
        added=tuple(path for path in good if path not in known),
        changed=tuple(path for path in good if path in known and path in fresh),
        unchanged=tuple(path for path in good if path not in fresh),
        removed=tuple(sorted(gone)),
        bad=tuple(sorted(bad, key=lambda one: one.path)),
    )


def library_path(base: Path, file: Path) -> str:
    """How the library names a file: posix, relative to the timetable's folder where it lies in it, else absolute."""
    return plain_path(base.absolute().as_posix(), file.as_posix())


def _file_of(base: Path, path: str) -> Path:
    return base / PurePosixPath(path)


@dataclasses.dataclass(frozen=True)
class _Status:
    size: int
    mtime_ns: int


def _same(row: FileRow | None, status: _Status) -> bool:
    return row is not None and (row.size, row.mtime_ns) == (status.size, status.mtime_ns)


def _find(base: Path, places: Iterable[str]) -> tuple[dict[str, _Status], list[BadFile]]:
    """The music files at the places by library path, and what cannot even be looked at."""
    found: dict[str, _Status] = {}
    bad: dict[str, str] = {}
    for place in places:
        start = base / place
        for file in _files_under(start) if start.is_dir() else (start,):
            path = library_path(base, file)
            try:
                path.encode()
            except UnicodeEncodeError:
                bad[path.encode("utf-8", "backslashreplace").decode()] = "its name is not UTF-8: rename it"
                continue
            suffix = file.suffix.lower()
            if suffix not in SUFFIXES and file is not start and suffix not in OTHER_AUDIO_SUFFIXES:
                continue
            reason = _cannot_look(file)
            if reason is None and suffix not in SUFFIXES:
                reason = f"{suffix or 'a file without a suffix'} is not played: save it as MP3, Ogg, FLAC, M4A or WAV"
            if reason is not None:
                bad[path] = reason
                continue
            status = file.stat()
            found[path] = _Status(status.st_size, status.st_mtime_ns)
    return found, [BadFile(path, reason) for path, reason in bad.items()]


def _files_under(folder: Path) -> Iterator[Path]:
    """The files in a folder and the folders in it, in order; hidden ones are passed over, links are followed once."""
    seen: set[str] = set()
    for root, folders, files in os.walk(folder, followlinks=True, onerror=_cannot_list):
        real = os.path.realpath(root)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield Path(root) / name


def _cannot_list(wrong: OSError) -> None:
    _log.warning("music folder %s cannot be listed: %s", wrong.filename, wrong.strerror)


def _cannot_look(file: Path) -> str | None:
    """Why a file cannot be read at all, or None."""
    if file.is_symlink() and not file.exists():
        return "it is a link to a file that is not there"
    if not file.exists():
        return "there is no such file"
    if not file.is_file():
        return "it is not a file"
    if not os.access(file, os.R_OK):
        return "it cannot be read: its permissions forbid it"
    return None


def _read_all(
    base: Path, fresh: dict[str, _Status], store: LibraryStore, progress: Progress | None
) -> Iterator[tuple[str, FileRow]]:
    """Reads files two at a time and keeps each as soon as it is read."""
    with concurrent.futures.ThreadPoolExecutor(WORKERS, thread_name_prefix="scan") as pool:
        jobs = [pool.submit(_read, base, path, status) for path, status in sorted(fresh.items())]
        try:
            for done, job in enumerate(concurrent.futures.as_completed(jobs), start=1):
                row = job.result()
                store.put(row)
                if progress is not None:
                    progress(done, len(jobs), row.path)
                yield row.path, row
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _read(base: Path, path: str, status: _Status) -> FileRow:
    """Everything that the library keeps of one file, or why it cannot be played."""
    file = _file_of(base, path)
    row = FileRow(path, status.size, status.mtime_ns)
    try:
        sound = probe(file)
        tags = read_tags(file)
        track_id = content_id(file)
        now = file.stat()
    except UnplayableFile as wrong:
        return dataclasses.replace(row, bad=str(wrong))
    except OSError as wrong:
        return dataclasses.replace(row, bad=f"it cannot be read: {wrong.strerror or wrong}")
    if (now.st_size, now.st_mtime_ns) != (status.size, status.mtime_ns):
        return dataclasses.replace(row, bad="it changed while it was read: scan again when it is copied")
    return dataclasses.replace(
        row,
        id=track_id,
        title=tags.title,
        artist=tags.artist,
        explicit=tags.explicit,
        duration_s=sound.duration_s,
        gain_db=sound.gain_db,
    )


def content_id(file: Path) -> str:
    """The SHA-256 of a file's content in hex."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
