"""The outbox: every tap, on the disk before anything is shown, until the office has answered it.

SQLite with a write-ahead log and `synchronous=FULL`: a tap that `put` returned survives the power cut that follows.
An instant is kept as the steady clock's reading with the name of the boot, so that a tap made before the school's
time was known is dated rightly afterwards.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from kiosk.errors import OutboxError
from kiosk.school import By
from wire.clock import boot_id, steady_s

_log = logging.getLogger(__name__)

KEEP_ANSWERED_S = 2 * 86_400.0
_SCHEMA = """
create table if not exists taps (
  number integer primary key autoincrement,
  request_id text not null unique,
  pupil text not null,
  by text not null,
  boot text not null,
  steady_s real not null,
  wall_unix_s real not null,
  school_unix_s real,
  answered integer not null default 0
)
"""


@dataclasses.dataclass(frozen=True)
class Tap:
    """One tap: `steady_s` within `boot`; `school_unix_s` is None until the school's time is known."""

    request_id: str
    pupil: str
    by: By
    boot: str
    steady_s: float
    wall_unix_s: float
    school_unix_s: float | None

    def at_unix_s(self, at_steady: Callable[[float], float]) -> float:
        """When the tap was, in school time; `at_steady` dates a reading of this boot's steady clock.

        A tap of an earlier boot, made while the school's time was not known, has only the machine's own clock.
        """
        if self.school_unix_s is not None:
            return self.school_unix_s
        return at_steady(self.steady_s) if self.boot == boot_id() else self.wall_unix_s


class Outbox:
    """The taps of one kiosk in a file; a damaged file is put aside, never a reason to turn children away."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._base: sqlite3.Connection | None = None

    def put(self, request_id: str, pupil: str, by: By, school_unix_s: float | None) -> None:
        """Write a tap of this instant; it is on the disk when this returns. Raises OutboxError."""
        try:
            with self._open() as base:
                base.execute(
                    "insert into taps (request_id, pupil, by, boot, steady_s, wall_unix_s, school_unix_s) "
                    "values (?, ?, ?, ?, ?, ?, ?)",
                    (request_id, pupil, by, boot_id(), steady_s(), time.time(), school_unix_s),
                )
        except (sqlite3.Error, OSError) as wrong:
            raise OutboxError(f"{self._path}: the tap is not written: {wrong}") from wrong

    def waiting(self) -> list[Tap]:
        """The taps that are not answered, oldest first."""
        return self._taps("answered = 0")

    def kept(self) -> list[Tap]:
        """All taps that are still here, answered or not: of two days at least."""
        return self._taps("true")

    def date(self, request_id: str, school_unix_s: float) -> None:
        """Fix a tap's instant once the school's time is known, so that every sending says the same."""
        self._change("update taps set school_unix_s = ? where request_id = ?", school_unix_s, request_id)

    def answered(self, request_id: str) -> None:
        """Note that a tap was answered; it need not be sent again."""
        self._change("update taps set answered = 1 where request_id = ?", request_id)
        self._change("delete from taps where answered = 1 and wall_unix_s < ?", time.time() - KEEP_ANSWERED_S)

    def close(self) -> None:
        """Close the file."""
        if self._base is not None:
            self._base.close()
            self._base = None

    def _taps(self, condition: str) -> list[Tap]:
        columns = "request_id, pupil, by, boot, steady_s, wall_unix_s, school_unix_s"
        try:
            with self._open() as base:
                # The condition is one of the literals above.
                rows = base.execute(f"select {columns} from taps where {condition} order by number")  # noqa: S608
                return [Tap(row[0], row[1], cast(By, row[2]), *row[3:]) for row in rows]
        except (sqlite3.Error, OSError):
            _log.exception("%s: the taps cannot be read", self._path)
            return []

    def _change(self, statement: str, *values: object) -> None:
        try:
            with self._open() as base:
                base.execute(statement, values)
        except (sqlite3.Error, OSError):
            _log.exception("%s: the outbox cannot be changed; a tap may be sent twice, under its same id", self._path)

    def _open(self) -> sqlite3.Connection:
        if self._base is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._base = self._connected()
            except sqlite3.DatabaseError as wrong:
                if isinstance(wrong, sqlite3.OperationalError):
                    raise
                aside = self._path.with_suffix(f".damaged-{int(time.time())}")
                _log.error("%s: damaged (%s); put aside as %s", self._path, wrong, aside.name)
                for ending in ("-wal", "-shm"):
                    with contextlib.suppress(OSError):
                        self._path.with_name(self._path.name + ending).unlink()
                self._path.replace(aside)
                self._base = self._connected()
        return self._base

    def _connected(self) -> sqlite3.Connection:
        self._path.touch(mode=0o600)  # who came when: nobody else on the machine reads it
        base = sqlite3.connect(self._path, timeout=2.0)
        try:
            base.execute("pragma journal_mode = wal")
            base.execute("pragma synchronous = full")
            base.execute(_SCHEMA)
            base.commit()
        except sqlite3.Error:
            base.close()
            raise
        return base
