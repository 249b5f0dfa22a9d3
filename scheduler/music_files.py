"""Finding music files: in folders and by name, with those that cannot even be looked at named, and nothing read."""

from __future__ import annotations

import dataclasses
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from scheduler.probe import OTHER_AUDIO_SUFFIXES, SUFFIXES
from scheduler.tracks import plain_path


@dataclasses.dataclass(frozen=True)
class BadFile:
    """A file that cannot be played, and why."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclasses.dataclass(frozen=True)
class FileStamp:
    """What tells a file from the same file after a change."""

    size: int
    mtime_ns: int

    @classmethod
    def of(cls, file: Path) -> FileStamp:
        """The stamp of a file now; raises OSError."""
        status = file.stat()
        return cls(status.st_size, status.st_mtime_ns)


@dataclasses.dataclass(frozen=True)
class Found:
    """The music files by library path, and what is none though it was named or looks like it."""

    files: dict[str, FileStamp]
    bad: tuple[BadFile, ...]


def library_path(base: Path, file: Path) -> str:
    """How the library names a file: posix, relative to the timetable's folder where it lies in it, else absolute."""
    return plain_path(base.absolute().as_posix(), file.as_posix())


def find_music(base: Path, places: Iterable[str]) -> Found:
    """Every music file in these folders and under these names, which are relative to `base` or absolute."""
    files: dict[str, FileStamp] = {}
    bad: dict[str, str] = {}

    def unlisted(wrong: OSError) -> None:
        bad[library_path(base, Path(wrong.filename))] = f"this folder cannot be listed: {wrong.strerror}"

    for place in places:
        start = base / place
        for file in _files_under(start, unlisted) if os.path.isdir(start) else (start,):  # noqa: PTH112 - Path.is_dir raises where a folder above is closed
            named = file is start
            if not named and file.suffix.lower() not in SUFFIXES | OTHER_AUDIO_SUFFIXES:
                continue
            path = library_path(base, file)
            looked = _look(path, file)
            if isinstance(looked, FileStamp):
                files[path] = looked
            else:
                bad[path.encode("utf-8", "backslashreplace").decode()] = looked
    return Found(files, tuple(BadFile(path, reason) for path, reason in bad.items()))


def _files_under(folder: Path, unlisted: Callable[[OSError], None]) -> Iterator[Path]:
    """The files in a folder and the folders in it, in order; hidden ones are passed over, links are followed once."""
    seen: set[str] = set()
    for root, folders, files in os.walk(folder, followlinks=True, onerror=unlisted):
        real = os.path.realpath(root)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield Path(root) / name


def _look(path: str, file: Path) -> FileStamp | str:
    """A file's stamp, or why it cannot be played without a look inside."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8: rename it"
    try:
        status = file.stat()
    except FileNotFoundError:
        return "it is a link to a file that is not there" if file.is_symlink() else "there is no such file"
    except OSError as wrong:
        return f"it cannot be read: {wrong.strerror}"
    if not stat.S_ISREG(status.st_mode):
        return "it is not a file"
    if file.suffix.lower() not in SUFFIXES:
        return f"{file.suffix or 'a file without a suffix'} is not played: save it as MP3, Ogg, FLAC, M4A or WAV"
    if not os.access(file, os.R_OK):
        return "it cannot be read: its permissions forbid it"
    return FileStamp(status.st_size, status.st_mtime_ns)
