"""The music library on disk: one SQLite file with what is known of each file, and what staff said of each content.

SQLite because the scan's command and the running scheduler use it at the same moment. Only reading and writing rows is
here; `library_scan` fills it, `approvals` decides.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import sqlite3
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from scheduler.errors import LibraryError
from scheduler.tracks import Library, LibraryTrack, pictures_of
from wire.values import instant_of, instant_text

_VERSION = 1
_SCHEMA = """
CREATE TABLE files (
  path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, id TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '', artist TEXT NOT NULL DEFAULT '', duration_s REAL NOT NULL DEFAULT 0,
  gain_db REAL NOT NULL DEFAULT 0, explicit INTEGER NOT NULL DEFAULT 0, bad TEXT
);
CREATE INDEX files_id ON files (id);
CREATE TABLE verdicts (id TEXT PRIMARY KEY, verdict TEXT NOT NULL, by TEXT NOT NULL, at TEXT NOT NULL);
"""


class Verdict(StrEnum):
    """What an adult said of a content."""

    APPROVED = "approved"
    REFUSED = "refused"


@dataclasses.dataclass(frozen=True)
class Judged:
    """A verdict with who gave it and when."""

    verdict: Verdict
    by: str
    at: dt.datetime


@dataclasses.dataclass(frozen=True)
class FileRow:
    """One file as it was when it was read; `bad` is why it cannot be played, and then it has no id."""

    path: str
    size: int
    mtime_ns: int
    id: str = ""
    title: str = ""
    artist: str = ""
    duration_s: float = 0.0
    gain_db: float = 0.0
    explicit: bool = False
    bad: str | None = None


_COLUMNS = ", ".join(field.name for field in dataclasses.fields(FileRow))
_PLACES = ", ".join(f":{field.name}" for field in dataclasses.fields(FileRow))


class LibraryStore:
    """The library's database in one file, made by the first write; raises LibraryError when it cannot be used."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @property
    def stamp(self) -> tuple[int, ...]:
        """Changes whenever the database was written to; for watching it without opening it."""
        stamp: list[int] = []
        for file in (self.file, self.file.with_name(self.file.name + "-wal")):
            try:
                status = file.stat()
            except OSError:
                stamp += [0, 0]
            else:
                stamp += [status.st_size, status.st_mtime_ns]
        return tuple(stamp)

    def files(self) -> dict[str, FileRow]:
        """Every file of the last scans, bad ones too, by path."""
        if not self.file.exists():
            return {}
        with self._connected() as database:
            rows = database.execute(f"SELECT {_COLUMNS} FROM files ORDER BY path").fetchall()  # noqa: S608 our own names
        return {row.path: row for row in map(_file_row, rows)}

    def verdicts(self) -> dict[str, Judged]:
        """What was said of each content, by its hash."""
        if not self.file.exists():
            return {}
        with self._connected() as database:
            rows = database.execute("SELECT id, verdict, by, at FROM verdicts").fetchall()
        return {row[0]: Judged(Verdict(row[1]), row[2], dt.datetime.fromisoformat(row[3])) for row in rows}

    def library(self, base: Path) -> Library:
        """The playable files as the programme needs them, with whether they are approved; `base` is the timetable's."""
        verdicts = self.verdicts()
        good = [row for row in self.files().values() if row.bad is None]
        pictures = pictures_of(row.id for row in good)
        tracks = (
            LibraryTrack(
                id=row.id,
                path=row.path,
                title=row.title,
                artist=row.artist,
                duration_s=row.duration_s,
                gain_db=row.gain_db,
                explicit=row.explicit,
                approved=row.id in verdicts and verdicts[row.id].verdict is Verdict.APPROVED,
                picture=pictures[row.id],
            )
            for row in good
        )
        return Library.of(tracks, base.absolute().as_posix())

    def put(self, row: FileRow) -> None:
        """Keeps what is known of one file now."""
        with self._connected() as database:
            database.execute(
                f"INSERT OR REPLACE INTO files ({_COLUMNS}) VALUES ({_PLACES})",  # noqa: S608 our own names
                dataclasses.asdict(row),
            )

    def forget(self, paths: list[str]) -> None:
        """Removes files from the library; what was said of their contents stays."""
        if paths:
            with self._connected() as database:
                database.executemany("DELETE FROM files WHERE path = ?", [(path,) for path in paths])

    def judge(self, ids: list[str], verdict: Verdict, by: str, now_unix_s: float) -> None:
        """Keeps an adult's verdict on contents."""
        at = instant_text(instant_of(now_unix_s))
        if ids:
            with self._connected() as database:
                database.executemany(
                    "INSERT OR REPLACE INTO verdicts (id, verdict, by, at) VALUES (?, ?, ?, ?)",
                    [(track_id, verdict.value, by, at) for track_id in ids],
                )

    @contextlib.contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """A connection for one transaction: it commits at the end, or undoes all when something is raised."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(self.file, timeout=10.0)
        except (OSError, sqlite3.Error) as wrong:
            raise LibraryError(f"{self.file}: the music library cannot be opened: {wrong}") from wrong
        try:
            _prepare(database, self.file)
            with database:
                yield database
        except sqlite3.Error as wrong:
            raise LibraryError(f"{self.file}: the music library cannot be used: {_why(wrong)}") from wrong
        finally:
            database.close()


def _why(wrong: sqlite3.Error) -> str:
    """What is wrong in SQLite's words, and what would be right."""
    name = getattr(wrong, "sqlite_errorname", "")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return f"{wrong}; run this as the user that the school runs as"
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return f"{wrong}; move the file away and scan again"
    return str(wrong)


def _prepare(database: sqlite3.Connection, file: Path) -> None:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version == _VERSION:
        return
    if version > _VERSION:
        raise LibraryError(f"{file}: made by a newer version of this program (library version {version})")
    database.execute("PRAGMA journal_mode = WAL")
    with database:
        database.execute("BEGIN IMMEDIATE")
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version == 0:
            for statement in _SCHEMA.split(";"):
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {_VERSION}")


def _file_row(row: tuple[object, ...]) -> FileRow:
    path, size, mtime_ns, track_id, title, artist, duration_s, gain_db, explicit, bad = row
    return FileRow(
        path=str(path),
        size=int(str(size)),
        mtime_ns=int(str(mtime_ns)),
        id=str(track_id),
        title=str(title),
        artist=str(artist),
        duration_s=float(str(duration_s)),
        gain_db=float(str(gain_db)),
        explicit=bool(explicit),
        bad=None if bad is None else str(bad),
    )
