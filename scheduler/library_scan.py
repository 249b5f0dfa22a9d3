"""The scan: finds the music files, reads those that are new or changed, and keeps what it found in the library.

Files are found in the folders and under the names that the timetable gives, and in any other folder asked for.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from scheduler.errors import UnplayableFile
from scheduler.library_store import FileRow, LibraryStore
from scheduler.music_files import BadFile, FileStamp, find_music
from scheduler.probe import ffmpeg_program, probe
from scheduler.tags import read_tags
from scheduler.timetable import Timetable

WORKERS = 2
"""Files read at once: the machine also plays."""

Progress = Callable[[int, int, str], None]
"""Called with how many files are done, how many there are to read, and the path of the one just done."""


@dataclasses.dataclass(frozen=True)
class ScanReport:
    """What a scan found, each as paths in order; `bad` names every unplayable file there is, new or not."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    bad: tuple[BadFile, ...] = ()


def music_places(timetable: Timetable) -> tuple[str, ...]:
    """The folders and files that a timetable plays from: those of playlists, and the sounds of bells and calls."""
    places: dict[str, None] = {}
    for playlist in timetable.playlists.values():
        for place in (*([playlist.folder] if playlist.folder else ()), *playlist.tracks):
            places[place] = None
    places |= dict.fromkeys(timetable.sounds)
    return tuple(places)


def scan(
    store: LibraryStore,
    base: Path,
    places: Iterable[str],
    *,
    progress: Progress | None = None,
    forget_others: bool = False,
) -> ScanReport:
    """Brings the library up to date with the files at `places`, which are relative to `base` or absolute.

    What the library holds from elsewhere is looked at again too, unless `forget_others` takes it out. Files of the same
    size and time as before are not read again, files that are gone leave. An interrupted scan keeps what it has read.
    Raises FfmpegMissing, LibraryError.
    """
    ffmpeg_program()
    known = store.files()
    others = () if forget_others else (path for path in known if (base / path).exists())
    music = find_music(base, (*places, *others))
    found, bad = music.files, list(music.bad)
    fresh = {path: stamp for path, stamp in found.items() if not _same(known.get(path), stamp)}
    read = dict(_read_all(base, fresh, store, progress))
    gone = [path for path in known if path not in found]
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


def _same(row: FileRow | None, stamp: FileStamp) -> bool:
    return row is not None and FileStamp(row.size, row.mtime_ns) == stamp


def _read_all(
    base: Path, fresh: dict[str, FileStamp], store: LibraryStore, progress: Progress | None
) -> Iterator[tuple[str, FileRow]]:
    """Reads files two at a time and keeps each as soon as it is read."""
    with concurrent.futures.ThreadPoolExecutor(WORKERS, thread_name_prefix="scan") as pool:
        jobs = [pool.submit(_read, base / path, path, stamp) for path, stamp in sorted(fresh.items())]
        try:
            for done, job in enumerate(concurrent.futures.as_completed(jobs), start=1):
                row = job.result()
                store.put(row)
                if progress is not None:
                    progress(done, len(jobs), row.path)
                yield row.path, row
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _read(file: Path, path: str, stamp: FileStamp) -> FileRow:
    """Everything that the library keeps of one file, or why it cannot be played."""
    row = FileRow(path, stamp.size, stamp.mtime_ns)
    try:
        sound = probe(file)
        tags = read_tags(file)
        track_id = content_id(file)
        now = FileStamp.of(file)
    except UnplayableFile as wrong:
        return dataclasses.replace(row, bad=str(wrong))
    except OSError as wrong:
        return dataclasses.replace(row, bad=f"it cannot be read: {wrong.strerror or wrong}")
    if now != stamp:
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
